"""What an ablation teaches, in sentences computed from its records."""

from unroll.records import Horizon
from unroll.report.markup import inert
from unroll.study.ablation.rows import NAMES
from unroll.study.ablation.view import AblationView, Ladder
from unroll.study.words import join


def told_horizon(horizon: Horizon) -> str:
    """Return a horizon as median (range), in steps.

    >>> from unroll.records import read_horizon
    >>> seeds = tuple(read_horizon(s, {5: True, 10: s > 0}) for s in range(3))
    >>> told_horizon(Horizon(unit="steps", criterion="", budget="", readings=seeds))
    '10 or more (5–10)'
    """
    low, high = horizon.range
    middle = _said(horizon.median) + (" or more" if horizon.is_open else "")
    return middle if low == high else f"{middle} ({_said(low)}–{_said(high)})"


def lessons(view: AblationView) -> str:
    """Return one paragraph: what moves the horizon, what cannot be left out, and what does nothing.

    Nothing is claimed of two ways whose ranges over seeds overlap.
    """
    told = [_of_cell(view, cell) for cell in view.cells]
    return " ".join(text for text in told if text)


def is_further(one: Ladder | None, other: Ladder | None) -> bool:
    """Whether the worst seed of one comes further than the best of the other."""
    if one is None or other is None:
        return False
    return (one.horizon().range[0] or 0) > (other.horizon().range[1] or 0)


def _of_cell(view: AblationView, cell: str) -> str:
    base, goal = view.find(cell, "assignment"), view.find(cell, "learned")
    if base is None or goal is None:
        return ""
    name = f"**{inert(cell.rpartition(':')[2].upper())}.**"
    known = goal.row.known
    alone = {n: view.find(cell, "alone", n) for n in known}
    without = {n: view.find(cell, "without", n) for n in known}
    ends = f"{told_horizon(base.horizon())} by `assignment`, {told_horizon(goal.horizon())} by "
    sentences = [f"{name} T = {ends}`learned`."]
    helps = [n for n in known if is_further(alone[n], base)]
    harms = [n for n in known if is_further(base, alone[n])]
    needed = [n for n in known if is_further(goal, without[n])]
    better = [n for n in known if is_further(without[n], goal)]
    sentences.append(_alone(helps, alone))
    if harms:
        sentences.append(f"Alone it does harm: {_listed(harms, alone)}.")
    sentences.append(_needed(needed, without, goal, goes_on=is_further(goal, base)))
    if better:
        sentences.append(f"Without it training goes further: {_listed(better, without)}.")
    nothing = [n for n in known if n not in {*helps, *harms, *needed, *better}]
    if nothing:
        sentences.append(
            f"What the spread over seeds covers both ways: {join(NAMES[n] for n in nothing)}."
        )
    return " ".join(sentences)


def _alone(helps: list[str], alone: dict[str, Ladder | None]) -> str:
    if not helps:
        return "No change alone moves the horizon by more than the seeds differ."
    return f"Alone it moves the horizon: {_listed(helps, alone)}."


def _needed(
    needed: list[str], without: dict[str, Ladder | None], goal: Ladder, *, goes_on: bool
) -> str:
    if not goes_on:
        return "All changes together carry it no further than the seeds differ."
    if needed:
        return f"Not to be left out of `learned`: {_listed(needed, without)} without it."
    text = "None of the changes is indispensable: any one can be left out of `learned`"
    if goal.horizon().is_open:
        return f"{text} as far as was tested."
    return f"{text} within the spread over seeds."


def _listed(names: list[str], ladders: dict[str, Ladder | None]) -> str:
    return join(
        f"{NAMES[name]} (T = {told_horizon(found.horizon())})"
        for name in names
        if (found := ladders[name]) is not None
    )


def _said(length: int | None) -> str:
    return "none" if length is None else f"{length:,}"
