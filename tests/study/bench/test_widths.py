"""Widths at which cells are alike, held against the closed formulas of their sizes."""

from pathlib import Path

import pytest

from tests.study.memory.test_plan import CELL
from unroll.cells.source import find_cell
from unroll.errors import CellError
from unroll.study.bench.widths import Width, match_widths


def matched(match: str, *specs: str, hidden_size: int = 64) -> list[Width]:
    return list(match_widths([find_cell(spec) for spec in specs], hidden_size, match))


def rnn(H: int) -> int:
    return H * (10 + H + 1)


def test_every_cell_gets_the_width_nearest_in_parameters() -> None:
    lstm, vanilla, gru = matched("parameters", "lstm", "rnn", "gru")
    target = 4 * rnn(64)
    assert (lstm.hidden_size, lstm.parameters, lstm.state) == (64, target, 128)
    best = min(range(1, 400), key=lambda H: abs(rnn(H) - target))
    assert (vanilla.hidden_size, vanilla.parameters) == (best, rnn(best))
    best = min(range(1, 400), key=lambda H: abs(3 * rnn(H) + H - target))
    assert (gru.hidden_size, gru.parameters) == (best, 3 * rnn(best) + best)


def test_every_cell_carries_as_many_numbers_as_the_first() -> None:
    widths = matched("state", "gru", "lstm", "rnn", "bidirectional:lstm", hidden_size=30)
    assert [(w.hidden_size, w.state) for w in widths] == [(30, 30), (15, 30), (30, 30), (14, 28)]


def test_a_cell_of_two_halves_gets_an_even_width() -> None:
    first, wide = matched("parameters", "rnn", "bidirectional:rnn", hidden_size=31)
    even = min(range(2, 200, 2), key=lambda H: abs(2 * rnn(H // 2) - first.parameters))
    assert (wide.hidden_size, wide.parameters) == (even, 2 * rnn(even // 2))


def test_a_users_cell_is_matched_by_being_built(tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text(CELL)
    own, vanilla = matched("parameters", f"{tmp_path}/own.py:Leaky", "rnn", hidden_size=20)
    assert (own.parameters, own.state) == (20 * 30, 20)
    best = min(range(1, 100), key=lambda H: abs(rnn(H) - 600))
    assert vanilla.hidden_size == best


def test_a_cell_that_cannot_be_built_is_refused_with_its_reason(tmp_path: Path) -> None:
    broken = CELL.replace(
        "        self.hidden_size = hidden_size\n",
        "        self.hidden_size = hidden_size\n"
        "        if input_size == 10: raise MemoryError('out of units')\n",
    )
    (tmp_path / "own.py").write_text(broken)
    spec = f"{tmp_path}/own.py:Leaky"
    with pytest.raises(CellError) as raised:
        matched("parameters", spec, "rnn")
    assert str(raised.value) == (
        f"cell '{spec}': cannot be built with input_size=10, hidden_size=64; it raised "
        "MemoryError: out of units"
    )
    with pytest.raises(CellError) as raised:
        matched("parameters", "rnn", spec)
    assert str(raised.value).endswith("hidden_size=2; it raised MemoryError: out of units")
