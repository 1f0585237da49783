"""What networks are called in the list: no two alike."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from unroll.app.networks.found import FoundNetwork
from unroll.app.networks.titles import titles_of
from unroll.study.memory.plan import plan_memory
from unroll.study.memory.settings import MemorySettings


def named(name: str, folder: str = "runs/one", **changes: Any) -> FoundNetwork:
    """Return a network of the assignment's recipe, or with other values."""
    (job,) = plan_memory(MemorySettings(cells=("rnn",), lengths=(10,), seeds=1)).trials
    return FoundNetwork(
        id=name,
        path=Path(folder) / "weights" / f"{name}.safetensors",
        settings=replace(job.settings, **changes),
        sha256="",
        accuracy=1.0,
    )


def test_what_is_alone_is_called_by_cell_length_and_recipe() -> None:
    alone, other = named("a"), named("b", initialisation="identity:2")

    assert titles_of([alone, other]) == {
        "a": "RNN, fixed T = 10",
        "b": "RNN, T = 10, identity:2 start",
    }


def test_of_two_studies_each_is_called_by_its_own() -> None:
    titles = titles_of([named("a", "runs/app/networks"), named("b", "runs/large")])

    assert titles == {
        "a": "RNN, fixed T = 10 · in app/networks",
        "b": "RNN, fixed T = 10 · in runs/large",
    }


def test_what_differs_in_values_is_called_by_them_and_no_more() -> None:
    start = {"initialisation": "identity:2"}
    titles = titles_of(
        [named("a", **start), named("b", hidden_size=64, **start), named("c", seed=3, **start)]
    )

    assert titles == {
        "a": "RNN, T = 10, identity:2 start · 128 units · seed 0",
        "b": "RNN, T = 10, identity:2 start · 64 units · seed 0",
        "c": "RNN, T = 10, identity:2 start · 128 units · seed 3",
    }


def test_whatever_else_differs_no_two_are_called_the_same() -> None:
    titles = titles_of([named("0123456789"), named("9876543210")])

    assert set(titles.values()) == {
        "RNN, fixed T = 10 · 01234567",
        "RNN, fixed T = 10 · 98765432",
    }
