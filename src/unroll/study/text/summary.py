"""Part 2 in a few words: for the lead of the report, its facts, `--json` and the terminal."""

import shlex
import statistics
from collections.abc import Sequence
from typing import Any

from rich.table import Table

from unroll.records import Horizon
from unroll.report.charts.learning import BITS_PER_NAT
from unroll.report.markup import inert
from unroll.report.section import Fact
from unroll.study.text.figure_rows import share_of
from unroll.study.text.sections.copying import TOLD_AT
from unroll.study.text.view import TextView, TrainingView
from unroll.study.words import count, spread

_WHOLE_SECONDS = 10
"""From here on a tenth of a second says nothing."""


def text_lead(views: Sequence[TextView]) -> str:
    """Return a sentence or two for the top of the report; empty while nothing is trained."""
    if not views or (training := views[0].best()) is None:
        return ""
    book, recipe = views[0].book, training.recipe
    far = training.horizon() if training.looked("context") else None
    looks = "" if far is None or far.median is None else _looks_back(far)
    parts = [
        f"A character model of {recipe['layers']} × {recipe['hidden_size']} units that was trained "
        f"on `{inert(book['name'])}` for {_seconds(training)} core-seconds predicts held-out "
        f"text at **{_bits(training)} bits a character**{looks}."
    ]
    if training.looked("copies"):
        last, kept = _copied(training)
        parts.append(
            f"Of what it writes, {_per_cent(last)} stands in the book in spans of {TOLD_AT} "
            f"characters or more; of held-out text, which nobody learnt, {_per_cent(kept)}."
        )
        parts += [
            f"Another, **{inert(other.name)}** on {other.characters:,} characters, copies "
            f"{_per_cent(_copied(other)[0])} against {_per_cent(_copied(other)[1])}."
            for other in views[0].trainings
            if other.name != training.name
            and other.looked("copies")
            and min(_copied(other)[0]) > 2 * max(*last, *_copied(other)[1])
        ]
    return " ".join(parts)


def _looks_back(horizon: Horizon) -> str:
    more = " or more" if horizon.is_open else ""
    return f" and looks back **{horizon.median} characters{more}**"


def presets_asked(views: Sequence[TextView]) -> set[str]:
    """Return the presets of the study that asked for texts: their commands alone record it."""
    return {
        words[words.index("--preset") + 1]
        for view in views
        for command in view.commands
        if "--preset" in (words := shlex.split(command)) and words[1] == "study"
    }


def text_fact(view: TextView) -> Fact:
    """Return the book at a glance."""
    return Fact(label="Book", value=f"{view.book['name']}, {view.book['characters']:,} characters")


def text_headlines(views: Sequence[TextView]) -> list[str]:
    """Return the most important numbers, each in a line."""
    lines = []
    for view in views:
        for training in view.trainings:
            figures = (
                f"carried {spread(training.figures('carried_nats'), '{:.3f}')} nats, in windows of "
                f"30 {spread(training.figures('w30_nats'), '{:.3f}')}"
            )
            lines.append(
                f"{view.book['name']}, {training.name}: held-out loss {figures} "
                f"({count(len(training.networks), 'seed')})"
            )
    return lines


def summarise_text(view: TextView) -> dict[str, Any]:
    """Return a view as plain values."""
    return {
        "book": {name: view.book[name] for name in ("name", "source", "sha256", "characters")},
        "trainings": [
            {
                "name": training.name,
                "recipe": training.recipe,
                "steps": training.steps,
                "characters": training.characters,
                "seeds": [
                    {
                        "seed": network.seed,
                        **{k: v for k, v in network.result.items() if k != "curve"},
                        "copies": network.copies and _copies(network.copies),
                        "horizon": network.context and network.context["horizon"],
                    }
                    for network in training.networks
                ],
            }
            for training in view.trainings
        ],
        "failures": [f"{problem.label}: {problem.error}" for problem in view.problems],
    }


def text_overview(view: TextView) -> list[str | Table]:
    """Return a view as lines and a table for a terminal."""
    table = Table(box=None, pad_edge=False, header_style="")
    table.add_column("training")
    for title in ("seeds", "carried, nats", "in windows of 30", "bits"):
        table.add_column(title, justify="right")
    for training in view.trainings:
        table.add_row(
            training.name,
            str(len(training.networks)),
            spread(training.figures("carried_nats"), "{:.3f}"),
            spread(training.figures("w30_nats"), "{:.3f}"),
            _bits(training),
        )
    failures = [f"failed: {problem.label}: {problem.error}" for problem in view.problems]
    return [f"{view.book['name']}: {view.book['source']}\n", table, *failures]


def _copies(copies: dict[str, Any]) -> dict[str, Any]:
    return {
        "shares": copies["stages"][-1]["shares"],
        "longest": copies["stages"][-1]["longest"],
        "held_out": copies["held_out"],
        "five_gram": copies["five_gram"],
    }


def _copied(training: TrainingView) -> tuple[list[float], list[float]]:
    """Return what each seed copies, and how much of held-out text stands in the book."""
    copies = [network.copies or {} for network in training.looked("copies")]
    return (
        [share_of(one["stages"][-1], TOLD_AT) for one in copies],
        [share_of(one["held_out"], TOLD_AT) for one in copies],
    )


def _per_cent(shares: Sequence[float]) -> str:
    return f"{spread([100 * share for share in shares], '{:.1f}')}%"


def _bits(training: TrainingView) -> str:
    return spread([n * BITS_PER_NAT for n in training.figures("carried_nats")], "{:.2f}")


def _seconds(training: TrainingView) -> str:
    seconds: float = statistics.median(n.result["cpu_seconds"] for n in training.networks)
    return f"{seconds:.0f}" if seconds >= _WHOLE_SECONDS else f"{max(seconds, 0.1):.1f}"
