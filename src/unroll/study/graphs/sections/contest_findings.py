"""What follows from an experiment: who wins where, and whether the winner loses where it must."""

from collections.abc import Sequence

from unroll.report.markup import inert
from unroll.study.graphs.compare.experiment import Experiment
from unroll.study.graphs.sections.standings import Standing, usual_winner
from unroll.study.words import count, join, listed

CUT_OFF = "†"
"""Marks a case in a table whose trainings were cut off unfinished."""


def in_short(standing: Standing) -> str:
    """Return who is ahead in a case, in a cell of a table."""
    case = f"{standing.case.name}{CUT_OFF if standing.within else ''}"
    if all(standing.is_at_chance(name) for name in standing.values):
        return f"{case}: all at chance"
    if standing.leader is not None:
        best, second = standing.ranked[:2]
        return f"{case}: {best} ({standing.shown(best)}; {second} {standing.shown(second)})"
    front = standing.front
    if len(standing.values) == 1:
        return f"{case}: {front[0]} alone ({standing.shown(front[0])})"
    return f"{case}: {' = '.join(f'{name} ({standing.shown(name)})' for name in front)}"


def experiment_findings(experiment: Experiment, found: Sequence[Standing]) -> list[str]:
    """Return a paragraph for the cases as trained, one for those beyond, one for the lost."""
    winner = usual_winner(found)
    told = []
    for role in ("trained", "further", "losing"):
        mine = [standing for standing in found if standing.case.role == role]
        sentences = [
            _of_case(standing, winner) + _remark(experiment, standing) for standing in mine
        ]
        if sentences:
            told.append(" ".join(sentences))
    if any(standing.within for standing in found):
        told.append(
            "Trainings were cut off unfinished: why it came out so is told only where the reason "
            "holds however long one trains."
        )
    return told


def _remark(experiment: Experiment, standing: Standing) -> str:
    """Return why it is so, where it came out as the reason says."""
    remark = experiment.remarks.get(standing.case.name)
    if remark is None or not {remark.ahead, remark.behind} <= standing.values.keys():
        return ""
    if standing.case.role == "losing":
        as_said = not standing.is_ahead(remark.behind, remark.ahead)
    else:
        as_said = standing.is_ahead(remark.ahead, remark.behind)
    is_known = remark.is_by_construction or standing.within is None
    return f" {remark.text}" if as_said and is_known else ""


def _of_case(standing: Standing, winner: str | None) -> str:
    name = f"**{inert(standing.case.name)}{_within(standing)}.**"
    if len(standing.values) == 1:
        only = standing.ranked[0]
        why = "takes part" if standing.is_alone else "is measured so far"
        return f"{name} Only {inert(only)} {why}: {standing.shown(only)}."
    if standing.case.role == "losing" and winner is not None:
        return f"{name} {_where_it_must_lose(standing, winner)}"
    if standing.leader is None:
        return f"{name} {_undecided(standing)}"
    still = (
        "still ahead" if standing.case.role == "further" and standing.leader == winner else "ahead"
    )
    return f"{name} {_lead(standing, still)}"


def _within(standing: Standing) -> str:
    """Return the bound that holds for what unfinished trainings came to."""
    return f", within {count(standing.within, 'step')}" if standing.within else ""


def _lead(standing: Standing, ahead: str) -> str:
    """Say how far the leader is ahead of the next."""
    leader, second = standing.ranked[:2]
    every = "every seed better than every other's" if _has_seeds(standing) else "on one seed"
    return (
        f"{inert(leader)} is {ahead} with {standing.shown(leader)}, {_distance(standing)} "
        f"{inert(second)} ({standing.shown(second)}), {every}{_at_chance(standing)}."
    )


def _has_seeds(standing: Standing) -> bool:
    """Whether every contestant has more than one seed."""
    return min(map(len, standing.values.values())) > 1


def _distance(standing: Standing) -> str:
    first, second = (standing.median(name) for name in standing.ranked[:2])
    if not standing.less_is_better:
        # Of the two numbers as they are read, so that the reader finds the same.
        high, low = (float(standing.shown(name)[:-1]) for name in standing.ranked[:2])
        return f"{high - low:.1f} points before"
    return f"an error {second / first:.2g} times smaller than that of" if first > 0 else "before"


def _at_chance(standing: Standing) -> str:
    """Name those who are at chance."""
    lost = [name for name in standing.ranked[1:] if standing.is_at_chance(name)]
    if not lost:
        return ""
    verb = "is" if len(lost) == 1 else "are"
    return f"; {listed(map(inert, lost))} {verb} at chance"


def _undecided(standing: Standing) -> str:
    """Say who cannot be told apart."""
    front = standing.front
    if all(standing.is_at_chance(name) for name in front):
        return f"Nobody is better than chance: {_listed(standing, front)}."
    rest = [name for name in standing.ranked if name not in front]
    behind = f"; behind: {_listed(standing, rest)}" if rest else ""
    return f"Nobody is ahead by more than the seeds differ: {_listed(standing, front)}{behind}."


def _listed(standing: Standing, names: Sequence[str]) -> str:
    return listed(f"{inert(name)} {standing.shown(name)}" for name in names)


def _where_it_must_lose(standing: Standing, winner: str) -> str:
    """Say whether the usual winner loses in a case that was made for it to lose."""
    if winner not in standing.values:
        return f"{inert(winner)} has no part in it: {_listed(standing, standing.ranked)}."
    seeds = "with every seed" if _has_seeds(standing) else "on one seed"
    if standing.leader == winner:
        return (
            f"Made for {inert(winner)} to lose, and it does not: it is ahead {seeds}, "
            f"{_listed(standing, standing.ranked)}."
        )
    chance = ", at chance" if standing.is_at_chance(winner) else ""
    ahead = [name for name in standing.ranked if name != winner and standing.is_ahead(name, winner)]
    if ahead:
        return (
            f"Here {inert(winner)} loses: {standing.shown(winner)}{chance}, behind "
            f"{_listed(standing, ahead)} {seeds}."
        )
    return (
        f"Here {inert(winner)} is not ahead of all others{chance}: "
        f"{_listed(standing, standing.ranked)}."
    )


def overall_findings(found: Sequence[tuple[Experiment, list[Standing]]]) -> list[str]:
    """Return what all experiments of a question come to."""
    winners: dict[str, list[str]] = {}
    undecided: list[str] = []
    lost: list[Standing] = []
    kept: list[Standing] = []
    for experiment, mine in found:
        winner = usual_winner(mine)
        title = f"*{experiment.title}*{_bounds(mine)}"
        if winner is None:
            undecided.append(title)
            continue
        winners.setdefault(winner, []).append(title)
        for standing in mine:
            if standing.case.role == "losing" and winner in standing.values:
                (kept if standing.leader == winner else lost).append(standing)
    told = [
        f"**{inert(name)}** wins as trained in {join(titles)}." for name, titles in winners.items()
    ]
    if undecided:
        told.append(f"Undecided as trained: {join(undecided)}.")
    return [" ".join(told), *([_of_the_lost(lost, kept)] if lost or kept else [])]


def _bounds(found: Sequence[Standing]) -> str:
    """Return the bound of an experiment's cases as trained; empty where trainings finished."""
    trained = [s for s in found if s.case.role == "trained" and s.within]
    return _within(trained[0]) if trained else ""


def _of_the_lost(lost: Sequence[Standing], kept: Sequence[Standing]) -> str:
    """Say in how many of the cases made for it to lose the winner did, and what that comes to."""
    cases = count(len(lost) + len(kept), "case")
    text = f"Of {cases} made for the winner to lose, it loses its lead in {len(lost)}"
    text += f" and keeps it in {len(kept)}" if kept else ""
    if unfinished := sum(standing.within is not None for standing in [*lost, *kept]):
        return (
            f"{text}. In {unfinished} of these, trainings were cut off unfinished: who is ahead "
            "there after more steps is not known."
        )
    if len(lost) > len(kept):
        return (
            f"{text}: no network is the stronger one as such. Who is ahead depends on the data and "
            "on the form that they are given in."
        )
    return f"{text}."
