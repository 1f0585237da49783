"""How far back does it look? Loss by the true characters left, and influence by distance."""

import statistics
from collections.abc import Sequence
from itertools import combinations
from typing import Any

from unroll.report.charts import Palette, influence_by_distance, loss_by_context
from unroll.report.markup import inert
from unroll.report.section import Column, Command, Equation, Prose, Scalar, Section, Table
from unroll.study.reproduction import with_commands
from unroll.study.text.figure_rows import context_rows, influence_rows
from unroll.study.text.sections.words import PART, TRAINED_UNDER, heading, study_commands
from unroll.study.text.view import Network, TextView, TrainingView
from unroll.study.words import count, in_cell, join, spread

INFLUENCE_EQUATION = 'g_k = ‖ frac{∂ log p(x_{t+1})}{∂ e_{t-k+1}} ‖  "e: a character\'s embedding"'


KEPT = (1, 4, 16)
"""Distances told in the table, besides the furthest."""


def looking_back_section(view: TextView, palette: Palette, suffix: str) -> Section | None:
    """Return the answer, or None while it is not measured."""
    measured = [training for training in view.trainings if training.looked("context")]
    if not measured:
        return None
    return Section(
        number="",
        title=heading("How far back does it look?", view),
        part=PART,
        blocks=(
            Prose(
                role="asked",
                text="A recurrent network can in principle use everything that it has read. How "
                "far back does what it read still make its predictions better, and does that "
                "depend on T, on the units, and on how it was fed?",
            ),
            Equation(text=INFLUENCE_EQUATION),
            Prose(role="ran", text=_ran(measured)),
            Prose(role="measured", text=" ".join(_horizon_sentence(t) for t in measured)),
            *with_commands(
                [
                    loss_by_context(
                        context_rows(view), palette=palette, figure_id=f"text-context{suffix}"
                    ),
                    _table(measured),
                    influence_by_distance(
                        influence_rows(view), palette=palette, figure_id=f"text-influence{suffix}"
                    ),
                ],
                study_commands(view, TRAINED_UNDER),
            ),
            Command(
                text=f"unroll text context {measured[0].directory}",
                label="Look into a network of yours",
            ),
            Prose(role="follows", text="\n\n".join(_follows(measured))),
        ),
    )


def _ran(measured: Sequence[TrainingView]) -> str:
    context = _context(measured[0].looked("context")[0])
    places = f"at {context['positions']:,} places " if "positions" in context else ""
    return (
        f"Each network predicts the same held-out characters {places}several times: with all "
        f"that stands before them, and with only the last k = {join(context['distances'])}. In "
        "place of the rest it has read another passage of the same book "
        f"({context['warm']:,} characters), so that its state is of the kind it knows; beside "
        "that, from a zero state, which mixes in a cold start. Its "
        "**horizon** is the largest k that still helps beside k/2: "
        f"{inert(context['horizon'].get('criterion', 'twice as much saves 0.01 nats'))}."
    )


def _horizon_sentence(training: TrainingView) -> str:
    horizon = training.horizon()
    seeds = count(len(horizon.readings), "seed")
    if horizon.median is None:
        return f"**{inert(training.name)}** gains nothing from any k ({seeds})."
    more = " or more, the furthest that was tested" if horizon.is_open else ""
    return (
        f"**{inert(training.name)}**, trained through T = {training.window}, looks back "
        f"{_reach(training)} characters{more} ({seeds})."
    )


def _reach(training: TrainingView) -> str:
    """Return the median horizon, and the range where seeds differ."""
    horizon = training.horizon()
    words = ["none" if n is None else str(n) for n in (horizon.median, *horizon.range)]
    return words[0] if words[1] == words[2] else f"{words[0]} ({words[1]}–{words[2]})"


def _table(measured: Sequence[TrainingView]) -> Table:
    distances = _context(measured[0].looked("context")[0])["distances"]
    kept = [k for k in distances if k in KEPT or k == distances[-1]]
    rows: list[tuple[Scalar, ...]] = []
    for training in measured:
        contexts = [_context(network) for network in training.looked("context")]
        losses = [
            in_cell([c["loss_nats"][c["distances"].index(k)] for c in contexts], "{:.2f}")
            for k in kept
        ]
        full = in_cell([c["full_nats"] for c in contexts], "{:.2f}")
        rows.append((training.name, training.window, *losses, full, _reach(training)))
    return Table(
        columns=(
            Column(title="training"),
            Column(title="T", numeric=True),
            *(Column(title=f"k = {k}", numeric=True) for k in kept),
            Column(title="all", numeric=True),
            Column(title="horizon", numeric=True),
        ),
        rows=tuple(rows),
        caption="Held-out loss in nats with the last k characters true and foreign text before "
        "them, and the horizon in characters: median (lowest–highest) over seeds.",
    )


def _follows(measured: Sequence[TrainingView]) -> list[str]:
    told = [_beyond_window(training) for training in measured]
    told += [
        _compared(one, other, name, words)
        for name, words in (("window", "T"), ("hidden_size", "units"))
        for one, other in combinations(measured, 2)
        if _differ_in(one, other) == {name}
    ]
    told.append(" ".join(_cold_start(training) for training in measured))
    return told


def _differ_in(one: TrainingView, other: TrainingView) -> set[str]:
    """Return the settings in which two ways of training differ."""
    apart = {key for key in one.recipe if one.recipe[key] != other.recipe[key]}
    apart -= {"name", "summary"}
    if (one.steps, one.characters) != (other.steps, other.characters):
        apart.add("budget")
    return apart


def _compared(one: TrainingView, other: TrainingView, name: str, words: str) -> str:
    """Say what one setting alone changes."""
    near, far = (one.horizon().median or 0, other.horizon().median or 0)
    change = "further" if far > near else "less far" if far < near else "just as far"
    loss = other.median("carried_nats") - one.median("carried_nats")
    side = "higher" if loss > 0 else "lower"
    return (
        f"With {words} {other.recipe[name]} in place of {one.recipe[name]}, and all else alike, it "
        f"looks {change} ({far} characters against {near}), and its carried loss is "
        f"{abs(loss):.3f} nats {side}."
    )


def _beyond_window(training: TrainingView) -> str:
    """Say whether a network looks further back than gradients ever flowed."""
    median = training.horizon().median
    name = inert(training.name)
    if median is None:
        return f"**{name}** does not use what it has read before."
    if median > training.window:
        carried = (
            "its state was carried on in training, so that it met longer memories than gradients "
            "could teach it"
            if training.recipe["feeding"] == "stream"
            else "though in training every window began at zero"
        )
        return (
            f"**{name}** looks back {median} characters, further than the T = {training.window} "
            f"through which gradients flowed: {carried}."
        )
    return (
        f"**{name}** looks back {median} characters, no further than the T = {training.window} "
        "through which gradients flowed."
    )


def _cold_start(training: TrainingView) -> str:
    """Say what beginning at zero costs, beside foreign text."""
    networks = training.looked("context")
    k = _context(networks[0])["distances"][0]
    gaps = [
        _context(network)["loss_nats"][0] - _context(network)["zero_state_nats"][0]
        for network in networks
    ]
    middle = statistics.median(gaps)
    way = "more" if middle >= 0 else "less"
    characters = "the last character" if k == 1 else f"the last {k} characters"
    return (
        f"With {characters} alone, {inert(training.name)} loses "
        f"{spread([abs(gap) for gap in gaps], '{:.2f}')} nats {way} after foreign text than from a "
        f"zero state{': a wrong memory is worse than none' if middle > 0 else ''}."
    )


def _context(network: Network) -> dict[str, Any]:
    return network.context or {}
