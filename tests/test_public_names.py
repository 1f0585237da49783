"""The names that `import unroll` gives: few, documented, and imported when they are used."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

import unroll

ROOT = Path(__file__).parent.parent
MOST = 22
NAMES = [name for name in unroll.__all__ if name != "__version__"]


def test_there_are_few_of_them_in_order() -> None:
    assert len(unroll.__all__) <= MOST
    assert unroll.__all__ == sorted(unroll.__all__)
    assert set(unroll.__all__) <= set(dir(unroll))


@pytest.mark.parametrize("name", NAMES)
def test_each_is_there_and_says_what_it_is(name: str) -> None:
    found = getattr(unroll, name)
    assert found.__name__ == name
    assert len(found.__doc__.split()) > 4


def test_what_the_type_checker_sees_is_what_is_imported() -> None:
    tree = ast.parse(Path(unroll.__file__).read_text())
    (block,) = [node for node in tree.body if isinstance(node, ast.If)]
    seen = {
        alias.name: node.module
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert seen == {name: home for home, names in unroll._HOMES.items() for name in names}
    assert sorted(seen) == sorted(NAMES)


def test_the_reference_lists_each_and_no_other() -> None:
    reference = (ROOT / "docs/reference.md").read_text()
    assert sorted(re.findall(r"^::: unroll\.(\w+)$", reference, re.MULTILINE)) == sorted(NAMES)


def test_a_name_that_there_is_not_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match=r"^module 'unroll' has no attribute 'runn'$"):
        unroll.runn  # noqa: B018 - looking it up is the test


def test_import_brings_no_torch_and_no_settings_do() -> None:
    program = (
        "import sys, unroll\n"
        "settings = [getattr(unroll, n) for n in unroll.__all__ if n.endswith('Settings')]\n"
        "assert len(settings) == 15, settings\n"
        "sys.exit(sorted({'torch', 'altair', 'numpy'} & set(sys.modules)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
