"""What the bench may be asked, and what is refused in one line."""

from dataclasses import replace

import pytest

from unroll.errors import ConfigError
from unroll.study.bench.settings import BESIDES, TASKS, BenchSettings
from unroll.tasks.names import TASKS as KNOWN

LSTM = BenchSettings(cells=("lstm", "gru"))


def test_a_card_holds_every_task_there_is() -> None:
    assert set(TASKS) == set(KNOWN)
    assert LSTM.tasks == (*TASKS, *BESIDES)
    assert BenchSettings(cells=("rnn",), tasks=("parity", "cost", "palindrome")).trained == (
        "palindrome",
        "parity",
    )


def test_the_command_names_the_cells_first_and_nothing_that_is_the_default() -> None:
    asked = replace(LSTM, seeds=2, rates=(0.01, 0.003))
    assert (
        asked.command("runs/x") == "unroll bench lstm gru --seeds 2 --rates 0.01 0.003 --out runs/x"
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"cells": ()},
            "CELL is missing: name at least one, such as lstm, or your own as FILE.py:CLASS",
        ),
        ({"cells": ("lstm", "lstm")}, "cells: lstm is given twice"),
        ({"tasks": ()}, "tasks must name at least one"),
        (
            {"tasks": ("parities",)},
            "unknown task 'parities': expected one of adding, associative-recall, bits, cost, "
            "delayed-copying, gradient, palindrome, palindrome-half, parity (nearest: parity)",
        ),
        (
            {"match": "size"},
            "unknown match 'size': expected one of parameters, state",
        ),
        ({"seeds": 0}, "seeds must be 1 or more, got 0"),
        ({"seeds": 1001}, "seeds must be at most 1,000, got 1001"),
        ({"longest": 10**6}, "longest must be at most 100,000, got 1000000"),
        ({"rates": (0.1, 0.0)}, "rates: a rate must be above 0 and at most 1, got 0.0"),
        (
            {"book": "x.txt", "tasks": ("parity",)},
            "book: bits is not among --tasks: add it, or leave --book out",
        ),
    ],
)
def test_what_cannot_be_used_is_refused_in_one_line(
    change: dict[str, object], message: str
) -> None:
    with pytest.raises(ConfigError) as raised:
        BenchSettings(**{"cells": ("lstm",), **change})  # type: ignore[arg-type] # mistakes
    assert str(raised.value) == message
