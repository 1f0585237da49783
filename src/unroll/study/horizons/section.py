"""The closing page: three horizons side by side, and what they say together."""

import statistics
from collections.abc import Sequence

from unroll.report.charts import Palette, horizons_by_unit, travel_curves
from unroll.report.markup import inert
from unroll.report.section import Block, Column, Prose, Section, Table
from unroll.report.travel_rows import UNITS, Unit
from unroll.study.horizons.characters import travels_in_characters
from unroll.study.horizons.curves import horizon_rows, legible, travel_rows
from unroll.study.horizons.findings import VERDICTS, comparison, share, stops, without_influence
from unroll.study.horizons.hops import travels_in_hops
from unroll.study.horizons.steps import travels_in_steps
from unroll.study.horizons.travel import Travel, at
from unroll.study.parts import TOGETHER
from unroll.study.reproduction import anew
from unroll.study.views import Views
from unroll.study.words import count, join

TITLE = "How far, and what stops it?"
LEAST_UNITS = 2
"""With fewer units measured nothing stands side by side, and there is no closing page."""
_KINDS = {"learned": "learned", "retained": "retained", "frozen": "by construction"}
_COMMANDS = 3


def closing_sections(views: Views) -> tuple[Section, ...]:
    """Return the page that puts the horizons side by side; nothing for fewer than two units."""
    travels = all_travels(views)
    units = units_of(travels)
    if len(units) < LEAST_UNITS:
        return ()
    palettes = _palettes(travels, views)
    command = _command(travels)
    horizons = horizon_rows(travels)
    shown = legible(travels)
    blocks: list[Block] = [
        Prose(role="asked", text=_ASKED),
        Prose(role="ran", text=_ran(units)),
        Prose(role="measured", text=_measured(travels)),
        travel_curves(travel_rows(shown), horizon_rows(shown), palettes=palettes, command=command),
        _table(travels),
        Prose(role="follows", text=_follows(travels)),
        horizons_by_unit(horizons, palettes=palettes, command=command),
    ]
    return (Section(number="", title=TITLE, part=TOGETHER, blocks=tuple(blocks)),)


def all_travels(views: Views) -> list[Travel]:
    """Return everything that is known of how far information travels, unit by unit."""
    return [
        *travels_in_steps(views),
        *travels_in_characters(views.texts),
        *travels_in_hops(views.graphs),
    ]


def units_of(travels: Sequence[Travel]) -> list[Unit]:
    """Return the units that something is known of, in the order of the report."""
    return [unit for unit in UNITS if any(travel.unit == unit for travel in travels)]


_ASKED = (
    "Through time information crosses steps, through text characters, across a graph hops. How "
    "far does it come, and what stops it? Two things are asked of each distance "
    "$d$: whether what lies there can move the answer at all (**influence**: how much gradient "
    "arrives), and whether the answer rests on it (**use**: what is lost when everything at $d$ "
    "and beyond is replaced)."
)

_RAN: dict[Unit, str] = {
    "steps": "**Steps.** A palindrome of T digits asks for the digit $d = T - 1$ steps back. "
    "Influence is ‖∂L/∂h(t)‖ at $d = T - t$ in the sequences of 1.7, which are as long whatever "
    "length a network was trained at; use is accuracy above chance, $(a - c)/(1 - c)$ with "
    "$c$ = 0.1, because there is nothing to know but that digit.",
    "characters": "**Characters.** Influence is ‖∂ log p/∂ embedding‖ of the character $d$ back; "
    "use is the share of what context gives that is lost when all from $d$ on is foreign text.",
    "hops": "**Hops.** A marked node lies $d$ hops from the reader, and a network of $d$ layers is "
    "trained for each $d$. Influence is ‖∂h(reader)/∂x(source)‖; use is accuracy above chance.",
}


def _ran(units: Sequence[Unit]) -> str:
    return (
        f"Nothing new: these are the measurements of the sections above.\n\n"
        f"{' '.join(_RAN[unit] for unit in units)}\n\n"
        "What is **learned** (trained at that distance) and what is **retained** (trained nearer) "
        "are two horizons. Where the recurrence was frozen as it began and only the readout was "
        "trained, what is remembered is there **by construction**, not learned.\n\n"
        f"{VERDICTS}"
    )


def _measured(travels: Sequence[Travel]) -> str:
    """Name the furthest horizon of each unit that was not there by construction."""
    told = []
    for unit in units_of(travels):
        mine = [t for t in travels if t.unit == unit and t.kind != "frozen"]
        best = max(mine, key=lambda t: t.horizon.median or 0, default=None)
        if best is None or best.horizon.median is None:
            told.append(f"no {unit[:-1]} that was tested")
            continue
        more = " or more" if best.horizon.is_open else ""
        far = count(best.horizon.median, unit[:-1])
        told.append(f"**{far}**{more} ({inert(best.network)}; {_KINDS[best.kind]})")
    several = any(len(travel.horizon.readings) > 1 for travel in travels)
    return f"The furthest, by use: {join(told)}.{' Medians over seeds.' if several else ''}"


def _palettes(travels: Sequence[Travel], views: Views) -> dict[Unit, Palette]:
    """Return the lines' colours: those of the sections above, where there are any."""
    names = {unit: [t.line for t in travels if t.unit == unit] for unit in UNITS}
    own = [name for view in views.texts[:1] for name in view.names]
    one_book = set(names["characters"]) <= set(own)
    return {
        "steps": Palette.of(views.labels.values()),
        "characters": Palette.of_series(own if one_book else names["characters"]),
        "hops": Palette.of(names["hops"]),
    }


def _command(travels: Sequence[Travel]) -> str:
    """Return the commands that measure it: the study that did, or one for each unit."""
    commands = dict.fromkeys(anew(travel.command) for travel in travels)
    study = [command for command in commands if command.startswith("unroll study")]
    if study:
        return study[0]
    first = {travel.unit: anew(travel.command) for travel in reversed(travels)}
    units = units_of(travels)
    return "\n".join(dict.fromkeys(first[unit] for unit in units[:_COMMANDS]))


def _table(travels: Sequence[Travel]) -> Table:
    return Table(
        columns=(
            Column(title="network"),
            Column(title="horizon"),
            Column(title="by use", numeric=True),
            Column(title="seeds", numeric=True),
            Column(title="influence there", numeric=True),
            Column(title="at the furthest", numeric=True),
            Column(title="budget"),
        ),
        rows=tuple(
            (
                travel.network,
                f"{travel.unit}, {_KINDS[travel.kind]}",
                in_words(travel),
                len(travel.horizon.readings),
                _arriving(travel, travel.horizon.median),
                _furthest(travel),
                travel.horizon.budget,
            )
            for travel in travels
        ),
        caption="The horizons: median (lowest–highest) over seeds; the influence at the horizon "
        "and at the furthest distance where it was measured, over that of the nearest, after "
        "training, in networks trained as those whose use was measured there; median "
        "(lowest–highest) over seeds. "
        f"A distance counts as passed by this criterion: {_criteria(travels)}.",
    )


def _criteria(travels: Sequence[Travel]) -> str:
    """Return when a distance counts as passed, unit by unit."""
    found = dict.fromkeys((travel.unit, travel.horizon.criterion) for travel in travels)
    return "; ".join(f"{unit}, {inert(criterion)}" for unit, criterion in found)


def in_words(travel: Travel) -> str:
    """Return a horizon's median and range."""
    low, high = ("none" if n is None else f"{n:,}" for n in travel.horizon.range)
    middle = travel.horizon.median
    if middle is None:
        return "none" if low == high else f"none ({low}–{high})"
    words = f"{middle:,}{' or more' if travel.horizon.is_open else ''}"
    return words if low == high else f"{words} ({low}–{high})"


def _arriving(travel: Travel, distance: int | None) -> str | None:
    found = at(travel.arriving, distance)
    if not found:
        return None
    middle, low, high = (share(value) for value in (statistics.median(found), *_ends(found)))
    return middle if low == high else f"{middle} ({low}–{high})"


def _ends(values: Sequence[float]) -> tuple[float, float]:
    return min(values), max(values)


def _furthest(travel: Travel) -> str | None:
    far = max((point.distance for point in travel.arriving), default=None)
    told = _arriving(travel, far)
    return None if told is None else f"{told} at d = {far:,}"


def _follows(travels: Sequence[Travel]) -> str:
    told = _answer(travels)
    told += [comparison(legible(travels), unit) for unit in units_of(travels)]
    told.append(without_influence(travels))
    return "\n\n".join(sentence for sentence in told if sentence)


def _answer(travels: Sequence[Travel]) -> list[str]:
    found = stops(travels)
    return [f"**What stops it?** {found[0]}", *found[1:]] if found else []
