"""What an ablation teaches, in sentences computed from its records."""

from collections.abc import Sequence

from unroll.records import Horizon
from unroll.report.markup import inert
from unroll.report.names import cell_name
from unroll.study.ablation.rows import NAMES
from unroll.study.ablation.view import AblationView, Ladder
from unroll.study.memory.view import label_cells
from unroll.study.words import count, join


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

    Nothing is claimed of two ways whose ranges over seeds overlap. With one seed there is no
    range, and the last sentence says so. Empty while trials are missing: what is only half known
    teaches nothing yet.
    """
    if view.missing:
        return ""
    labels = label_cells(view.cells)
    ended = [cell for cell in view.cells if cell not in view.unfinished]
    told = [text for cell in ended if (text := _of_cell(view, cell, labels[cell]))]
    told += [
        f"{cell_name(labels[cell])} is not finished: run its command again."
        for cell in view.unfinished
    ]
    if told and not view.has_spread and any(_is_solved(view, cell) for cell in view.cells):
        told.append("All of it is of one seed: another may differ.")
    return " ".join(told)


def ablation_lead(views: Sequence[AblationView], *, is_running: bool) -> str:
    """Return what came out of the ablation that was asked for last."""
    if not views:
        return ""
    view = views[0]
    told = [
        "Between recipe `assignment` and recipe `learned` several things change at once. Which of "
        "them carries a digit further?",
        lessons(view),
    ]
    if view.missing and not is_running:
        told.append(
            f"**Not finished:** {count(view.missing, 'trial')} of the last command missing here; "
            "run it again to go on."
        )
    return " ".join(text for text in told if text)


def is_further(one: Ladder | None, other: Ladder | None) -> bool:
    """Whether the worst seed of one comes further than the best of the other."""
    if one is None or other is None:
        return False
    return (one.horizon().range[0] or 0) > (other.horizon().range[1] or 0)


def _of_cell(view: AblationView, cell: str, label: str) -> str:
    base, goal = view.find(cell, "assignment"), view.find(cell, "learned")
    if base is None or goal is None:
        return ""
    name = f"**{inert(cell_name(label))}.**"
    if not _is_solved(view, cell):
        shortest = min(view.protocol["lengths"])
        return f"{name} No row solves the shortest length, T = {shortest:,}: raise `--budget`."
    spread = view.has_spread
    known = goal.row.known
    alone = {n: view.find(cell, "alone", n) for n in known}
    without = {n: view.find(cell, "without", n) for n in known}
    ends = f"{told_horizon(base.horizon())} by `assignment`, {told_horizon(goal.horizon())} by "
    sentences = [f"{name} T = {ends}`learned`."]
    helps = [n for n in known if is_further(alone[n], base)]
    harms = [n for n in known if is_further(base, alone[n])]
    needed = [n for n in known if is_further(goal, without[n])]
    better = [n for n in known if is_further(without[n], goal)]
    sentences.append(_alone(helps, alone, spread=spread))
    if harms:
        sentences.append(f"Alone it does harm: {_listed(harms, alone)}.")
    sentences.append(_needed(needed, without, goal, goes_on=is_further(goal, base), spread=spread))
    if better:
        sentences.append(f"Without it training goes further: {_listed(better, without)}.")
    nothing = [n for n in known if n not in {*helps, *harms, *needed, *better}]
    if nothing:
        which = "What the spread over seeds covers" if spread else "Without effect"
        sentences.append(f"{which} both ways: {join(NAMES[n] for n in nothing)}.")
    return " ".join(sentences)


def _is_solved(view: AblationView, cell: str) -> bool:
    """Whether some seed of some row solves the shortest length."""
    return any(ladder.horizon().range[1] is not None for ladder in view.of_cell(cell))


def _alone(helps: list[str], alone: dict[str, Ladder | None], *, spread: bool) -> str:
    if not helps:
        more = " by more than the seeds differ" if spread else ""
        return f"No change alone moves the horizon{more}."
    return f"Alone it moves the horizon: {_listed(helps, alone)}."


def _needed(
    needed: list[str],
    without: dict[str, Ladder | None],
    goal: Ladder,
    *,
    goes_on: bool,
    spread: bool,
) -> str:
    if not goes_on:
        than = " than the seeds differ" if spread else ""
        return f"All changes together carry it no further{than}."
    if needed:
        return f"Not to be left out of `learned`: {_listed(needed, without)} without it."
    text = "None of the changes is indispensable: any one can be left out of `learned`"
    if goal.horizon().is_open:
        return f"{text} as far as was tested."
    return f"{text} within the spread over seeds." if spread else f"{text}."


def _listed(names: list[str], ladders: dict[str, Ladder | None]) -> str:
    return join(
        f"{NAMES[name]} (T = {told_horizon(found.horizon())})"
        for name in names
        if (found := ladders[name]) is not None
    )


def _said(length: int | None) -> str:
    return "none" if length is None else f"{length:,}"
