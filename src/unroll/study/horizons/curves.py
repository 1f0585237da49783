"""Travels as rows for figures, and which of them a figure has room for."""

from collections.abc import Sequence
from typing import Literal

from unroll.report.travel_rows import Condition, Kind, TravelHorizonRow, TravelRow
from unroll.study.horizons.travel import Measured, Travel

_USED: dict[Kind, Condition] = {
    "learned": "trained",
    "retained": "trained nearer",
    "frozen": "recurrence frozen",
}
_LINES = 3
"""Networks of a text that one panel can tell apart."""


def travel_rows(travels: Sequence[Travel]) -> list[TravelRow]:
    """Return influence and use of every network at every distance."""
    return [
        row
        for travel in travels
        for row in (
            *(
                row
                for influence in travel.influence
                for row in _rows(travel, "influence", influence.condition, influence.points)
            ),
            *_rows(travel, "use", condition_of(travel), travel.use),
        )
    ]


def horizon_rows(travels: Sequence[Travel]) -> list[TravelHorizonRow]:
    """Return how far every seed of every network came."""
    return [
        TravelHorizonRow(
            unit=travel.unit,
            line=travel.line,
            network=travel.network,
            kind=travel.kind,
            trained_to=travel.trained_to,
            seed=reading.seed,
            last_passed=reading.last_passed,
            first_failed=reading.first_failed,
        )
        for travel in travels
        for reading in travel.horizon.readings
    ]


def condition_of(travel: Travel) -> Condition:
    """Return what was done with the networks whose use was measured."""
    # A text network is trained at many distances at once, within its window and beyond.
    return "trained" if travel.unit == "characters" else _USED[travel.kind]


def legible(travels: Sequence[Travel]) -> list[Travel]:
    """Return the networks that the curves show: few enough to be told apart.

    Of steps, the cells trained at each distance, the first network tested beyond its training and
    its control; of characters, at most three ways of training, those that look least and furthest
    among them; of hops, on each shape the kind of network that carries furthest.
    """
    steps = [travel for travel in travels if travel.unit == "steps"]
    texts = [travel for travel in travels if travel.unit == "characters"]
    hops = [travel for travel in travels if travel.unit == "hops"]
    return [*_of_steps(steps), *_of_texts(texts), *_of_hops(hops)]


def _of_steps(travels: Sequence[Travel]) -> list[Travel]:
    learned = [travel for travel in travels if travel.kind == "learned"]
    retained = [travel for travel in travels if travel.kind == "retained"][:1]
    lines = [travel.line for travel in retained]
    frozen = [t for t in travels if t.kind == "frozen" and (not lines or t.line in lines)][:1]
    return [*learned, *retained, *frozen]


def _of_texts(travels: Sequence[Travel]) -> list[Travel]:
    if len(travels) <= _LINES:
        return list(travels)
    ends = (min(travels, key=reached), max(travels, key=reached))
    return [travel for travel in travels if travel in ends]


def _of_hops(travels: Sequence[Travel]) -> list[Travel]:
    shapes: dict[str, list[Travel]] = {}
    for travel in travels:
        shapes.setdefault(travel.line, []).append(travel)
    return [max(mine, key=reached) for mine in shapes.values()]


def reached(travel: Travel) -> int:
    """Return the median horizon, 0 for none."""
    return travel.horizon.median or 0


def _rows(
    travel: Travel,
    measure: Literal["influence", "use"],
    condition: Condition,
    points: Sequence[Measured],
) -> list[TravelRow]:
    return [
        TravelRow(
            unit=travel.unit,
            measure=measure,
            line=travel.line,
            network=travel.network,
            condition=condition,
            seed=point.seed,
            distance=point.distance,
            value=None if point.value is None else float(f"{point.value:.4g}"),
        )
        for point in points
    ]
