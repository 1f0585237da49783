"""Widths at which cells have as many parameters, or carry as much, as the first of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from unroll.cells import is_causal
from unroll.cells.source import CellSource
from unroll.errors import CellError, ConfigError, UnrollError, in_one_line

INPUT_SIZE = 10
"""D at which parameters are counted: that of one-hot digits, which most tasks are near."""
MOST_UNITS = 1 << 14
"""No width above this is tried."""


@dataclass(frozen=True, kw_only=True)
class Width:
    """A cell at the width that is matched to the first cell."""

    source: CellSource
    """The cell."""
    hidden_size: int
    """H."""
    parameters: int
    """Of the cell alone, at D = 10."""
    state: int
    """Numbers that it carries from step to step, for one sequence."""

    def measure(self, match: str) -> int:
        """Return what is to be alike: `parameters` or `state`."""
        return self.parameters if match == "parameters" else self.state


def match_widths(sources: Sequence[CellSource], hidden_size: int, match: str) -> tuple[Width, ...]:
    """Return every cell at the width at which it is nearest to the first at `hidden_size`.

    A cell that can be built at some widths only, as one of two halves, gets the nearest of those.
    Raises: ConfigError or CellError in one line for a cell that cannot be built.
    """
    first = _at(sources[0], hidden_size)
    target = first.measure(match)
    return (first, *(_nearest(source, target, match) for source in sources[1:]))


def _nearest(source: CellSource, target: int, match: str) -> Width:
    """Bisect: both counts grow with H."""
    known: dict[int, Width | None] = {}

    def look(H: int) -> Width | None:
        if H not in known:
            known[H] = _at_or_none(source, H)
        return known[H]

    low, high = 1, 2
    while high < MOST_UNITS and _is_less(look, high, target, match):
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        if _is_less(look, middle, target, match):
            low = middle
        else:
            high = middle
    for H in (low - 1, low, high, high + 1):
        if H >= 1:
            look(H)
    found = [width for width in known.values() if width is not None]
    if not found:
        # Built once more, for the reason.
        return _at(source, 2)
    return min(found, key=lambda w: (abs(w.measure(match) - target), w.hidden_size))


def _is_less(look: Callable[[int], Width | None], H: int, target: int, match: str) -> bool:
    """Return whether the cell is too small at H units, or at one more where it cannot have H."""
    width = look(H) or look(H + 1)
    return width is None or width.measure(match) < target


def _at_or_none(source: CellSource, hidden_size: int) -> Width | None:
    try:
        return _at(source, hidden_size)
    except UnrollError:
        return None


def _at(source: CellSource, hidden_size: int) -> Width:
    """Build the cell at this width, and count."""
    cell = build(source, INPUT_SIZE, hidden_size)
    return Width(
        source=source,
        hidden_size=hidden_size,
        parameters=sum(parameter.numel() for parameter in cell.parameters()),
        state=state_size(source, cell),
    )


def build(source: CellSource, input_size: int, hidden_size: int) -> nn.Module:
    """Return the cell at these sizes; what it draws leaves no trace in the global generator.

    Raises: ConfigError or CellError in one line.
    """
    cell_class: Any = source.load()
    try:
        with torch.random.fork_rng(devices=[]):
            cell: nn.Module = cell_class(input_size, hidden_size)
    except UnrollError:
        raise
    except (Exception, SystemExit) as error:
        raise CellError(
            f"cell '{source.spec}': cannot be built with input_size={input_size}, "
            f"hidden_size={hidden_size}; it raised {in_one_line(error)}"
        ) from error
    return cell


def count_parameters(source: CellSource, input_size: int, hidden_size: int) -> int:
    """Return how many numbers a cell learns at these sizes.

    Raises: ConfigError or CellError in one line.
    """
    return sum(p.numel() for p in build(source, input_size, hidden_size).parameters())


def state_size(source: CellSource, cell: Any) -> int:
    """Return how many numbers a cell carries from step to step for one sequence."""
    halves = [cell] if is_causal(type(cell)) else [cell.forwards, cell.backwards]
    try:
        with torch.no_grad():
            return sum(tensor.numel() for half in halves for tensor in half.initial_state(1))
    except UnrollError:
        raise
    except (Exception, SystemExit) as error:
        raise CellError(
            f"cell '{source.spec}': initial_state(1) must work; it raised {in_one_line(error)}"
        ) from error


def check_budget(budget: int, batch_size: int, shortest: int) -> None:
    """Raise ConfigError where the budget does not suffice for a hundred steps."""
    least = 100 * batch_size * shortest
    if budget < least:
        raise ConfigError(
            f"budget must be {least:,} sequence-steps or more, a hundred steps on {batch_size} "
            f"sequences of T = {shortest}, got {budget:,}"
        )
