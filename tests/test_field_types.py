"""Settings of the wrong kind are one line before anything runs; what is plainly meant is taken."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import unroll
from unroll.app.settings import AppSettings
from unroll.errors import ConfigError
from unroll.study.kinds import KINDS

MISTAKES: list[tuple[Callable[..., object], dict[str, Any], str]] = [
    (
        unroll.MemorySettings,
        {"cells": "rnn"},
        "cells must be a tuple of strings, got 'rnn': write cells=('rnn',)",
    ),
    (
        unroll.MemorySettings,
        {"lengths": 5},
        "lengths must be a tuple of whole numbers, got 5: write lengths=(5,)",
    ),
    (
        unroll.MemorySettings,
        {"lengths": ("5", 10)},
        "lengths must be a tuple of whole numbers, got ('5', 10): write lengths=(5, 10)",
    ),
    (
        unroll.MemorySettings,
        {"test_lengths": 1.5},
        "test_lengths must be a tuple of whole numbers, got 1.5",
    ),
    (
        unroll.OptimiserSettings,
        {"rates": ["0.1"]},
        "rates must be a tuple of numbers, got ['0.1']: write rates=(0.1,)",
    ),
    (unroll.MemorySettings, {"seeds": "1"}, "seeds must be a whole number, got '1': write seeds=1"),
    (unroll.MemorySettings, {"seeds": [0, 1]}, "seeds must be a whole number, got [0, 1]"),
    (unroll.MemorySettings, {"seeds": 2.5}, "seeds must be a whole number, got 2.5"),
    (unroll.MemorySettings, {"seeds": 2.0}, "seeds must be a whole number, got 2.0: write seeds=2"),
    (unroll.MemorySettings, {"seeds": True}, "seeds must be a whole number, got True"),
    (unroll.MemorySettings, {"seeds": None}, "seeds must be a whole number, got None"),
    (unroll.MemorySettings, {"rate": "0.1"}, "rate must be a number, got '0.1': write rate=0.1"),
    (unroll.MemorySettings, {"rate": "high"}, "rate must be a number, got 'high'"),
    (
        unroll.MemorySettings,
        {"rate": 10**400},
        f"rate must be a number, got 1{'0' * 59}…",
    ),
    (AppSettings, {"runs": "a"}, "runs must be a tuple of paths, got 'a': write runs=('a',)"),
    (AppSettings, {"runs": [3]}, "runs must be a tuple of paths, got [3]"),
    (unroll.WriteSettings, {"stage": 30}, "stage must be a string, got 30: write stage='30'"),
    (unroll.ReachSettings, {"directed": "no"}, "directed must be True or False, got 'no'"),
    (
        unroll.TrainSettings,
        {"book": 3},
        "book must be a path, as a string or a Path, got 3",
    ),
]


@pytest.mark.parametrize(("make", "given", "message"), MISTAKES)
def test_a_value_of_the_wrong_kind_is_one_line(
    make: Callable[..., object], given: dict[str, Any], message: str
) -> None:
    with pytest.raises(ConfigError) as raised:
        make(**given)
    assert str(raised.value) == message


@pytest.mark.parametrize(
    "settings",
    [
        *(kind for kind in KINDS if kind.__name__.endswith("Settings")),
        unroll.TrainSettings,
        unroll.WriteSettings,
        unroll.CopiesSettings,
        unroll.ContextSettings,
    ],
)
def test_every_settings_class_checks_its_fields(settings: Callable[..., object]) -> None:
    name = "experiment" if settings is unroll.CompareSettings else None
    name = name or ("edges" if settings is unroll.ReachSettings else None)
    name = name or ("cells" if settings is unroll.BenchSettings else None)
    name = name or ("seeds" if hasattr(settings, "seeds") else "seed")
    with pytest.raises(ConfigError, match=rf"^{name} must be a .*, got \{{1: 2\}}$"):
        settings(**{name: {1: 2}})


def test_a_long_value_is_cut() -> None:
    with pytest.raises(ConfigError) as raised:
        unroll.MemorySettings(seeds=["palindrome"] * 1000)  # type: ignore[arg-type]
    shown = str(["palindrome"] * 1000)[:60]
    assert str(raised.value) == f"seeds must be a whole number, got {shown}…"


def test_what_is_plainly_meant_is_taken() -> None:
    typed: dict[str, Any] = {
        "cells": ["rnn"],
        "lengths": range(5, 11, 5),
        "test_lengths": [np.int64(20)],
        "seeds": np.int64(2),
        "rate": 1,
    }
    assert repr(unroll.MemorySettings(**typed)) == repr(
        unroll.MemorySettings(
            cells=("rnn",), lengths=(5, 10), test_lengths=(20,), seeds=2, rate=1.0
        )
    )
    book: Any = "king.txt"
    assert unroll.TrainSettings(book=book).book == Path("king.txt")


def test_directories_and_workers_are_checked_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    nothing: Any = None
    two: Any = "2"
    with pytest.raises(ConfigError) as raised:
        unroll.run(unroll.MemorySettings(), nothing)
    assert str(raised.value) == "out must be a path, as a string or a Path, got None"
    with pytest.raises(ConfigError) as raised:
        unroll.open_results(nothing)
    assert str(raised.value) == "directory must be a path, as a string or a Path, got None"
    with pytest.raises(ConfigError) as raised:
        unroll.run(unroll.MemorySettings(), "out", workers=two)
    assert str(raised.value) == "workers must be a whole number, got '2': write workers=2"
    assert list(tmp_path.iterdir()) == []


def test_a_book_that_is_not_there_is_told_by_its_name(tmp_path: Path) -> None:
    missing: Any = "nope.txt"
    with pytest.raises(unroll.UnrollError) as raised:
        unroll.run(unroll.TrainSettings(book=missing, steps=5), tmp_path / "t")
    assert str(raised.value) == (
        "nope.txt: no such file or folder; give a UTF-8 text file or a folder of .txt files"
    )
