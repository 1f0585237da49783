"""Every example in a docstring is run, and gives what it says."""

import doctest
import importlib
from pathlib import Path

import unroll


def test_every_example_gives_what_it_says() -> None:
    # All modules import without the optional extras; one that does not is a fault of its own.
    root = Path(unroll.__path__[0])
    files = [path.relative_to(root.parent).with_suffix("") for path in root.rglob("*.py")]
    names = sorted(".".join(file.parts).removesuffix(".__init__") for file in files)
    results = {name: doctest.testmod(importlib.import_module(name)) for name in names}
    assert sum(result.attempted for result in results.values()) > 0
    assert {name: result.failed for name, result in results.items() if result.failed} == {}
