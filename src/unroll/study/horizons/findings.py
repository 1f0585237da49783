"""What follows of the horizons: whether influence ends where use ends, and what stops it."""

import statistics
from collections.abc import Sequence

from unroll.report.markup import inert
from unroll.report.travel_rows import Unit
from unroll.study.horizons.curves import reached
from unroll.study.horizons.travel import FAINT, Travel, at, medians, settled
from unroll.study.words import count, join

_PERCENT_FROM, _NEARLY_ALL, _TIMES_FROM = 0.001, 0.95, 10.0
_LEAST_PERCENT = 0.1
_CLEARLY = 2.0
"""Influence counts as faded before use where less than 1% over this factor is left there."""
_MUCH = 0.1
"""Use counts as ended with influence where no more than this share of it is left."""
_LOST = 1e-7
"""What is less, beside the nearest distance's gradient, is lost in the rounding of float32."""

VERDICTS = (
    f"Influence counts as ended where less than {FAINT:.0%} of the nearest distance's is left "
    "(median over seeds). Each network is judged at the first distance that it fails. Influence "
    f"*outlasts use* where it has not ended there; use *outlasts influence* where it has, and more "
    f"than {_MUCH:.0%} of use is left. Otherwise influence *fades before use* where already at the "
    f"horizon less than {FAINT / _CLEARLY:.1%} arrives, {FAINT:.0%} over a factor of "
    f"{_CLEARLY:g}, and *ends with use* where more does."
)
"""By which thresholds `comparison` judges."""

NAMES: dict[Unit, str] = {"steps": "Steps", "characters": "Characters", "hops": "Hops"}


def share(value: float) -> str:
    """Return a share of the nearest distance's influence in words.

    >>> share(0.25), share(0.0099), share(1.5), share(1.0), share(3e-7), share(0.0), share(2e5)
    ('25%', '0.99%', '150%', '100%', '3e-07', 'nothing', '2e+05 times')
    """
    if value <= 0:
        return "nothing"
    if value >= _TIMES_FROM:
        return f"{value:.3g} times"
    if value >= _NEARLY_ALL:
        return f"{100 * value:.0f}%"
    return f"{100 * value:.2g}%" if value >= _PERCENT_FROM else f"{value:.0e}"


def comparison(travels: Sequence[Travel], unit: Unit) -> str:
    """Say of the networks of one unit whether influence ends where use ends."""
    mine = [t for t in travels if t.unit == unit and t.kind != "frozen" and t.arriving]
    told = [sentence for travel in mine if (sentence := _compared(travel))]
    return f"**{NAMES[unit]}.** {' '.join(told)}" if told else ""


def _compared(travel: Travel) -> str:
    """Say what arrives from the last distance passed and from the first failed."""
    name, unit = inert(travel.network), travel.unit
    failed = travel.first_failed
    if failed is None:
        far = travel.horizon.median
        arrives = at(travel.arriving, far)
        told = f": {_arrives(arrives)} of the nearest distance's gradient arrives from there"
        told = told if arrives else ""
        return f"For {name}, no end of use was seen up to d = {far:,} {unit}{told}." if far else ""
    there = at(travel.arriving, failed)
    if not there:
        return ""
    middle = statistics.median(there)
    told = (
        f"of the nearest distance's gradient {_beside(travel)}{_arrives(there)} arrives from "
        f"d = {failed:,}{_used(travel, failed)}"
    )
    if middle >= FAINT:
        return (
            f"For {name}, influence outlasts use: {told}. News gets there, and not all of it is "
            "used."
        )
    if (_left(travel, failed) or 0.0) > _MUCH:
        return (
            f"For {name}, use outlasts influence: {told}. How much gradient arrives does not say "
            "there how much is used."
        )
    passed = at(travel.arriving, travel.horizon.median)
    is_faint = bool(passed) and statistics.median(passed) < FAINT / _CLEARLY
    verdict = "influence fades before use" if is_faint else "influence ends with use"
    return f"For {name}, {verdict}: {told}."


def _left(travel: Travel, distance: int) -> float | None:
    """Return what is lost by replacing all from a distance on, or all beyond it; median share."""
    found = at(travel.use, distance) or at(travel.use, distance + 1)
    return max(0.0, statistics.median(found)) if found else None


def _used(travel: Travel, distance: int) -> str:
    """Say how much of use is left at a distance."""
    left = _left(travel, distance)
    if left is None:
        return ""
    percent = 100 * left
    fallen = f"to {percent:.2g}%" if percent >= _LEAST_PERCENT else f"below {_LEAST_PERCENT:g}%"
    return f", where use has fallen {fallen}"


def _arrives(values: Sequence[float]) -> str:
    """Return the median share, and the range where seeds differ by much."""
    middle, low, high = statistics.median(values), min(values), max(values)
    spread = f" (by seed {share(low)} to {share(high)})" if high > 3 * low else ""
    return f"{share(middle)}{spread}"


def _beside(travel: Travel) -> str:
    """Say what arrives from the last distance passed, before what arrives from beyond."""
    last = travel.horizon.median
    arrives = at(travel.arriving, last)
    if not arrives or last is None:
        return ""
    return f"{_arrives(arrives)} arrives from d = {last:,}, its horizon, and "


def without_influence(travels: Sequence[Travel]) -> str:
    """Name the networks that use what no gradient reached before training; empty for none."""
    told, kinds = [], set()
    for travel in travels:
        before = travel.found("before training")
        if before is None or travel.horizon.median is None:
            continue
        known = medians(before.points)
        distances = [d for d in known if d <= travel.horizon.median]
        if distances and known[max(distances)] < _LOST:
            far = max(distances)
            kinds.add(travel.kind)
            told.append(
                f"{inert(travel.network)} ({share(known[far])} from d = {far:,}, used up to "
                f"d = {travel.horizon.median:,})"
            )
    if not told:
        return ""
    end = (
        "Nothing was learned there through time: what is used is there by construction."
        if kinds == {"frozen"}
        else "A gradient that has vanished at the start does not settle how far a network comes."
    )
    return (
        f"**Use without influence at the start.** Before training, less than {_LOST:.0e} of the "
        "nearest distance's gradient, too little to count in a sum of float32, arrives from "
        f"distances that are used in the end: {join(told)}. {end}"
    )


def stops(travels: Sequence[Travel]) -> list[str]:
    """Return one sentence for each unit on what stops information, as far as it was measured."""
    told = []
    for unit, sentence in (
        ("steps", _stops_steps),
        ("characters", _stops_characters),
        ("hops", _stops_hops),
    ):
        mine = [travel for travel in travels if travel.unit == unit]
        if mine and (words := sentence(mine)):
            told.append(words)
    return told


def _stops_steps(travels: Sequence[Travel]) -> str:
    """Compare what a cell learned at each distance with what it retained."""
    retained = max((t for t in travels if t.kind == "retained"), key=reached, default=None)
    cells = [t for t in travels if t.kind == "learned"]
    same = [t for t in cells if retained is not None and t.line == retained.line]
    learned = max(same or cells, key=reached, default=None)
    if learned is None or learned.horizon.is_open:
        return ""
    ends = f"ends at d = {reached(learned):,}" if reached(learned) else "solves none of those tried"
    end = f"In steps, training {learned.line.upper()} at each distance {ends}"
    if retained is None:
        return f"{end}; nothing was trained nearer and tested beyond: what stops it is left open."
    whose, hold = ("the same equations", "hold") if same else (retained.line.upper(), "holds")
    more = " or more" if retained.horizon.is_open else ""
    holds = f"{end}, and {whose}, trained nearer, {hold} to d = {reached(retained):,}{more}"
    if not same:
        return f"{holds}."
    if reached(retained) > (learned.first_failed or 0):
        return (
            f"{holds}: it is not the equations that stop the digit there, but how they were "
            "trained (recipe and encoding of digits)."
        )
    return f"{holds}: training otherwise did not carry the digit further here."


def _stops_characters(travels: Sequence[Travel]) -> str:
    """Compare the horizon with the window, and say within how many characters the use lies."""
    best = max(travels, key=reached)
    far, window = reached(best), best.trained_to or 0
    name = inert(best.network)
    if not far:
        return f"In characters, {name} uses nothing of what it has read before."
    if best.horizon.is_open:
        return f"In characters, {name} looks back d = {far:,} or more: no end was seen."
    most = settled(best.use)
    nearly = (
        f" (all but {FAINT:.0%} of what context gives lies within {most - 1:,})"
        if most is not None and most > 1
        else ""
    )
    end = best.first_failed
    if far > window:
        reason = (
            f"gradients flowed through T = {window:,} only: it looks further than it was ever "
            "taught to, and the window does not stop it"
        )
    elif end is not None and end <= window:
        reason = (
            f"gradients flowed through T = {window:,}, and already d = {end:,} saves less than the "
            "criterion asks: it is not the window that stops it"
        )
    else:
        reason = (
            f"gradients flowed through T = {window:,}, and the next distance tested lies beyond "
            "that: whether the window stops it is left open"
        )
    return f"In characters, {name} looks furthest, d = {far:,}{nearly}; {reason}."


def _stops_hops(travels: Sequence[Travel]) -> str:
    """Say whether layers that reach the source were enough, and whether its news arrived."""
    ended = [t for t in travels if not t.horizon.is_open]
    if not ended:
        return (
            "In hops, nothing stopped it within the distances tested: as many layers as hops were "
            "enough."
        )
    there = [values for t in ended if (values := at(t.arriving, t.first_failed))]
    told = (
        f"In hops, {len(ended)} of {count(len(travels), 'kind')} of networks "
        f"{'stops' if len(ended) == 1 else 'stop'} although their layers reach the source"
    )
    if not there:
        return f"{told}: what stops it is left open."
    least = min(statistics.median(values) for values in there)
    if least < FAINT:
        return f"{told}; of its influence, {share(least)} is left there in one of them."
    amount = "all" if least >= 1 else share(least)
    return (
        f"{told}, and although {amount} of the nearest distance's gradient arrives from there, or "
        "more: neither the number of layers nor a vanished gradient stops it. Training did not "
        f"come to use all of it within its budget ({inert(ended[0].horizon.budget)})."
    )
