"""Horizons, lists and spreads in words, the same everywhere."""

import statistics
from collections.abc import Iterable, Sequence

from unroll.records import Horizon


def count(number: int, noun: str) -> str:
    """Return a number with its noun.

    >>> count(1, "seed"), count(2000, "step")
    ('1 seed', '2,000 steps')
    """
    return f"{number:,} {noun}{'s' * (number != 1)}"


def distance(horizon: Horizon) -> str:
    """Return a horizon's median in words."""
    return reading(horizon.median) + (" or more" if horizon.is_open else "")


def reading(length: int | None) -> str:
    """Return the last length passed in words."""
    return "none of the lengths tested" if length is None else f"T = {length:,}"


def by_seed(horizon: Horizon) -> str:
    """Return every seed's last length passed, in words."""
    if len(horizon.per_seed) == 1:
        return "1 seed"
    if len(set(horizon.per_seed)) == 1:
        return "the same for every seed"
    return f"by seed {join('none' if n is None else n for n in horizon.per_seed)}"


def join(words: Iterable[object]) -> str:
    """Return `a, b and c`."""
    *first, last = map(str, words)
    return f"{', '.join(first)} and {last}" if first else last


def listed(names: Iterable[object]) -> str:
    """Return names as `join` does, with semicolons where a name holds a comma itself.

    >>> listed(["GCN", "GAT"]), listed(["GCN", "LSTM, depth-first", "LSTM, breadth-first"])
    ('GCN and GAT', 'GCN; LSTM, depth-first; and LSTM, breadth-first')
    """
    words = [*map(str, names)]
    if len(words) < 2 or not any(", " in word for word in words):
        return join(words)
    return f"{'; '.join(words[:-1])}; and {words[-1]}"


def figures(values: Sequence[float | None]) -> str:
    """Return accuracies side by side, one a seed."""
    return "  ".join("–" if value is None else f"{value:.3f}" for value in values)


def in_cell(values: Iterable[float | None], form: str) -> str:
    """Return median and range as `spread` does, to be broken before the range and not within."""
    found = spread(values, form)
    return found if found == "–" else found.replace("–", "\u2060–\u2060")


def spread(values: Iterable[float | None], form: str) -> str:
    """Return the median and, where there are several values, the range.

    >>> spread([3.0, 1.0, 2.0], "{:.1f}")
    '2.0 (1.0–3.0)'
    >>> spread([-2.0, -1.0], "{:.0f}"), spread([0.99, 1.01], "{:.1f}")
    ('-2 (-2 to -1)', '1.0')
    """
    known = [value for value in values if value is not None]
    if not known:
        return "–"
    middle = form.format(statistics.median(known))
    least, greatest = form.format(min(known)), form.format(max(known))
    if least == greatest:
        return middle
    return f"{middle} ({least}{' to ' if min(known) < 0 else '–'}{greatest})"
