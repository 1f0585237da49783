"""The bench in words: horizons, and what they say of which cell remembers furthest."""

from collections.abc import Mapping, Sequence

from unroll.records import Horizon
from unroll.report.markup import inert
from unroll.study.bench.view import BenchView, TaskResult
from unroll.study.words import count, join


def horizon_words(horizon: Horizon) -> str:
    """Return a horizon's median and the range of its seeds.

    >>> from unroll.records import Reading
    >>> seeds = tuple(Reading(seed=0, last_passed=T, first_failed=70) for T in (30, 50, 30))
    >>> horizon_words(Horizon(unit="steps", criterion="", budget="", readings=seeds))
    '30 (30–50)'
    """
    if not horizon.readings:
        return "–"
    low, high = ("none" if n is None else f"{n:,}" for n in horizon.range)
    middle = "none" if horizon.median is None else f"{horizon.median:,}"
    more = "+" if horizon.is_open else ""
    return f"{middle}{more}" if low == high else f"{middle}{more} ({low}–{high})"


def furthest_sentences(view: BenchView) -> list[str]:
    """Return for each task which cell learns furthest, where the seeds tell the cells apart."""
    told = [_furthest(task, _learned(view, task), view.labels) for task in view.tasks]
    return [sentence for sentence in told if sentence]


def _learned(view: BenchView, task: str) -> dict[str, Horizon]:
    found = {cell: view.result(cell, task) for cell in view.cells}
    return {cell: result.learned for cell, result in found.items() if result and result.finished}


def _furthest(task: str, horizons: Mapping[str, Horizon], labels: Mapping[str, str]) -> str:
    if not horizons:
        return ""
    names = {cell: f"`{inert(labels[cell])}`" for cell in horizons}
    leader = max(horizons, key=lambda cell: _rank(horizons[cell].median))
    best = horizons[leader]
    head = f"**{_spelt(task)}**: "
    if best.median is None:
        return f"{head}no cell learns the shortest length tested."
    far = f"T = {horizon_words(best)}"
    others = [cell for cell in horizons if cell != leader]
    if not others:
        return f"{head}{names[leader]} learns {far}."
    level = [cell for cell in others if _reaches(horizons[cell], best)]
    behind = [cell for cell in others if cell not in level]
    beaten = f"; {_told(behind, horizons, names)}" if behind else ""
    if not level:
        return (
            f"{head}{names[leader]} learns furthest, {far}{beaten}: no seed of the others comes as "
            "far as its worst."
        )
    return (
        f"{head}{_told([leader, *level], horizons, names)} overlap, and these seeds do not tell "
        f"which learns further{beaten and f'{beaten} behind'}."
    )


def _told(cells: Sequence[str], horizons: Mapping[str, Horizon], names: Mapping[str, str]) -> str:
    return join(f"{names[cell]} {horizon_words(horizons[cell])}" for cell in cells)


def _reaches(other: Horizon, best: Horizon) -> bool:
    """Return whether the best seed of one comes as far as the worst of another."""
    return _rank(other.range[1]) >= _rank(best.range[0])


def _rank(length: int | None) -> int:
    return -1 if length is None else length


def _spelt(task: str) -> str:
    return task.replace("-", " ").capitalize()


def task_remarks(result: TaskResult) -> list[str]:
    """Return what there is to remark of one cell on one task, one sentence each."""
    told = []
    if result.choice is not None and result.choice.at_edge:
        told.append(
            f"the best rate, {result.choice.rate:g}, is at the edge of the grid: a better one may "
            "lie outside"
        )
    if result.diverged:
        told.append(f"training diverged in {count(result.diverged, 'trial')}")
    told += [f"failed: {problem}" for problem in result.problems]
    if result.choice is None and not result.problems:
        told.append("not finished")
    return told
