"""The bench in words: horizons, and what they say of which cell remembers furthest."""

from collections.abc import Iterable, Mapping, Sequence

from unroll.records import Horizon
from unroll.report.markup import inert
from unroll.report.names import cell_name
from unroll.study.bench.gaps import find_gap, gap_remarks
from unroll.study.bench.protocol import LADDER, RIGHT
from unroll.study.bench.rounds import reached
from unroll.study.bench.view import BenchView, TaskResult
from unroll.study.words import count, join
from unroll.tasks import default_encoding, make_task
from unroll.tasks.names import TASKS


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
    told = [
        _furthest(task, _finished(view, task), view.labels)
        for task in view.tasks
        if not any(r.is_pending for (_, name), r in view.results.items() if name == task)
    ]
    return [sentence for sentence in told if sentence]


def _finished(view: BenchView, task: str) -> dict[str, TaskResult]:
    found = {cell: view.result(cell, task) for cell in view.cells}
    return {cell: result for cell, result in found.items() if result and result.finished}


def _furthest(task: str, results: Mapping[str, TaskResult], labels: Mapping[str, str]) -> str:
    if not results:
        return ""
    horizons = {cell: result.learned for cell, result in results.items()}
    names = {cell: inert(cell_name(labels[cell])) for cell in horizons}
    leader = max(horizons, key=lambda cell: _rank(horizons[cell].median))
    best = horizons[leader]
    head = f"**{_spelt(task)}**: "
    if best.median is None:
        return f"{head}{_nothing_learned(results.values())}"
    far = f"T = {_in_prose(best)}"
    others = [cell for cell in horizons if cell != leader]
    if not others:
        return f"{head}{names[leader]} learns {far}."
    level = [cell for cell in others if _reaches(horizons[cell].range[1], best)]
    uneven = [cell for cell in others if cell not in level and _is_uneven(results[cell])]
    behind = [cell for cell in others if cell not in (*level, *uneven)]
    beaten = f"; {_told(behind, horizons, names)}" if behind else ""
    untold = _uneven_words([names[cell] for cell in uneven])
    if not level and uneven:
        return f"{head}{names[leader]} learns {far}{beaten and f'{beaten} behind'}{untold}."
    if not level:
        return (
            f"{head}{names[leader]} learns furthest, {far}{beaten}: no seed of the others comes as "
            "far as its worst."
        )
    return (
        f"{head}{_told([leader, *level], horizons, names)} overlap, and these seeds do not tell "
        f"which learns further{beaten and f'{beaten} behind'}{untold}."
    )


def _told(cells: Sequence[str], horizons: Mapping[str, Horizon], names: Mapping[str, str]) -> str:
    return join(f"{names[cell]} {_in_prose(horizons[cell])}" for cell in cells)


def _in_prose(horizon: Horizon) -> str:
    return horizon_words(horizon).replace("+", " or more")


def _nothing_learned(results: Iterable[TaskResult]) -> str:
    """Say that no cell learns the shortest length, or that none came to it."""
    if all(result.too_short is not None for result in results):
        return (
            "no cell came to the shortest length tested: the budget was too small to tell which "
            "learns further."
        )
    return "no cell learns the shortest length tested."


def _is_uneven(result: TaskResult) -> bool:
    """Return whether a network misses a length below one that it learned."""
    return any(find_gap(trial, reached(trial.record)) for trial in result.finished)


def _uneven_words(names: Sequence[str]) -> str:
    """Say of cells that their horizon hides what they pass beyond a missed length."""
    if not names:
        return ""
    does, its = (("misses", "passes"), "its") if len(names) == 1 else (("miss", "pass"), "their")
    return (
        f"; {join(names)} {does[0]} a shorter length and {does[1]} longer ones, so that {its} "
        "place is not told"
    )


def _reaches(furthest: int | None, best: Horizon) -> bool:
    """Return whether the best seed of one cell comes as far as the worst of another."""
    return _rank(furthest) >= _rank(best.range[0])


def _rank(length: int | None) -> int:
    return -1 if length is None else length


def _spelt(task: str) -> str:
    return task.replace("-", " ").capitalize()


def task_remarks(result: TaskResult) -> list[str]:
    """Return what there is to remark of one cell on one task, one sentence each."""
    told = []
    if result.diverged:
        told.append(f"training diverged in {count(result.diverged, 'trial')}")
    told += [f"failed: {problem}" for problem in result.problems]
    if (end := result.too_short) is not None:
        starts = {lessons[0][1] for trial in result.finished if (lessons := trial.record.lessons)}
        came = f"never left T = {end:,}" if starts == {end} else f"came no further than T = {end:,}"
        told.append(f"{came}: the budget was too small to tell")
    told += gap_remarks(result.finished)
    if result.is_pending:
        told.append("not finished")
    return told


def task_words(task: str) -> str:
    """Return what a task asks for, when an answer is right, and what chance comes to."""
    chance = make_task(task, LADDER[-1], default_encoding(task)).chance
    right = f"; {RIGHT[task]}" if task in RIGHT else ""
    name = task.replace("-", " ").capitalize()
    return f"**{name}**: {TASKS[task]}{right}. Chance is right {chance:.0%} of the time."


def rightness(view: BenchView) -> str:
    """Say in brackets when an answer is right, where that is not plain; or say nothing."""
    told = [f"{task}, {RIGHT[task]}" for task in view.tasks if task in RIGHT]
    return f" ({'; '.join(told)})" if told else ""


def known_by_heart(view: BenchView) -> list[str]:
    """Say at which lengths there are too few sequences to hold any back."""
    told = []
    for task in view.tasks:
        scores = (
            score
            for cell in view.cells
            if (result := view.result(cell, task)) is not None
            for trial in result.finished
            for score in trial.best.values()
        )
        if known := [score.length for score in scores if not score.held_out]:
            told.append(f"{task.replace('-', ' ')} up to T = {max(known):,}")
    if not told:
        return []
    return [
        f"Too short to hold any sequence back from training: {join(told)}. There a network may "
        "know the answers by heart; only longer sequences show that it understands."
    ]
