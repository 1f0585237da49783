"""Does it copy? How much of what is written stands in the book, beside two that never learnt it."""

import statistics
from collections.abc import Sequence
from typing import Any

from unroll.report.charts import Palette, copies_by_span, copies_by_stage
from unroll.report.markup import inert
from unroll.report.section import Block, Column, Command, Prose, Section, Table
from unroll.study.reproduction import with_commands
from unroll.study.text.commands.copies import PROSE
from unroll.study.text.figure_rows import (
    FIVE_GRAM,
    HELD_OUT_TEXT,
    baseline_name,
    copy_rows,
    share_of,
    stage_copy_rows,
)
from unroll.study.text.sections.learning_findings import PARTED
from unroll.study.text.sections.words import PART, TRAINED_UNDER, heading, study_commands
from unroll.study.text.view import Network, TextView, TrainingView
from unroll.study.words import in_cell, join, spread

TOLD_AT = 20
"""n of the figure by stage and of the verdict: shorter spans are every author's common property."""
SPANS_SHOWN = 5
STILL = 0.02
"""Training accuracy counts as standing still if it moves by no more between two stages."""


def copying_section(view: TextView, palette: Palette, suffix: str) -> Section | None:
    """Return the answer, or None while it is not measured."""
    measured = [training for training in view.trainings if training.looked("copies")]
    if not measured:
        return None
    stages = stage_copy_rows(measured, TOLD_AT)
    return Section(
        number="",
        title=heading("Does it copy?", view),
        part=PART,
        blocks=(
            Prose(
                role="asked",
                text="The author of a book said of a network trained on it that at a million steps "
                "he recognised whole sentences of his own, and at 50,000 none, with the same "
                "accuracy in training. How much of what is written stands in the book word for "
                "word, does it grow with training, and is it more than in texts that nobody "
                "learnt by heart?",
            ),
            Prose(role="ran", text=_ran(measured)),
            Prose(role="measured", text="\n\n".join(_end_sentence(t) for t in measured)),
            *with_commands(
                [
                    copies_by_span(
                        copy_rows(measured), palette=palette, figure_id=f"text-copies{suffix}"
                    ),
                    _shares_table(measured),
                    copies_by_stage(
                        stages, palette=palette, figure_id=f"text-copies-by-stage{suffix}"
                    ),
                    *_spans(measured),
                ],
                study_commands(view, TRAINED_UNDER),
            ),
            Command(
                text=f"unroll text copies {_most(measured).directory}",
                label="Measure a network of yours",
            ),
            Prose(role="follows", text="\n\n".join(_told(training) for training in measured)),
        ),
    )


def _ran(measured: Sequence[TrainingView]) -> str:
    copies = _copies(measured[0].looked("copies")[0])
    return (
        f"At each stage kept, every network writes {copies['characters']:,} characters at T = "
        f"{copies['temperature']:g}. Every span of them that stands in its training text word for "
        "word is looked up in a suffix array, and counted is the share of characters that lie in "
        "such spans of at least n. Two texts that cannot have been learnt by heart are measured "
        "alike: **held-out text** of the same book, which tells how often the author repeats "
        "himself, and what a **5-gram model** of the training text writes, which knows nothing "
        "but which character follows which four. Rows of blanks and ruled lines count like any "
        "other span: a network that has learnt little yet writes many."
    )


def _end_sentence(training: TrainingView) -> str:
    networks = training.looked("copies")
    shares = [100 * share_of(_copies(n)["stages"][-1], TOLD_AT) for n in networks]
    longest = [_copies(n)["stages"][-1]["longest"]["length"] for n in networks]
    held_out = [100 * share_of(_copies(n)["held_out"], TOLD_AT) for n in networks]
    grams = [100 * share_of(_copies(n)["five_gram"], TOLD_AT) for n in networks]
    return (
        f"**{inert(training.name)}**, at the end: {spread(shares, '{:.1f}')}% of the characters "
        f"lie in copied spans of {TOLD_AT} or more; of held-out text "
        f"{spread(held_out, '{:.1f}')}%, of the 5-gram model's {spread(grams, '{:.1f}')}%. The "
        f"longest span has {spread(longest, '{:.0f}')} characters."
    )


def _shares_table(measured: Sequence[TrainingView]) -> Table:
    lengths = _copies(measured[0].looked("copies")[0])["lengths"]
    rows: list[tuple[str, ...]] = []
    baselines: dict[str, tuple[str, ...]] = {}
    for training in measured:
        networks = training.looked("copies")
        last = [_copies(network)["stages"][-1] for network in networks]
        rows.append((training.name, *_row(last, lengths)))
        for name, key in ((HELD_OUT_TEXT, "held_out"), (FIVE_GRAM, "five_gram")):
            found = [_copies(network)[key] for network in networks]
            baselines.setdefault(
                baseline_name(name, training, measured),
                (baseline_name(name, training, measured), *_row(found, lengths)),
            )
    return Table(
        columns=(
            Column(title="text"),
            *(Column(title=f"≥\u00a0{n}", numeric=True) for n in lengths),
            Column(title="longest", numeric=True),
        ),
        rows=(*rows, *baselines.values()),
        caption="Share of characters in copied spans of n or more, in per cent, and the longest "
        "span in characters, at the end of training: median (lowest–highest) over seeds. Last: "
        "the two baselines.",
    )


def _row(texts: Sequence[dict[str, Any]], lengths: Sequence[int]) -> tuple[str, ...]:
    shares = (in_cell([100 * share_of(text, n) for text in texts], "{:.1f}") for n in lengths)
    return (*shares, in_cell([text["longest"]["length"] for text in texts], "{:.0f}"))


def _spans(measured: Sequence[TrainingView]) -> list[Block]:
    """Return the longest spans of the way of training that copies most."""
    most = _most(measured)
    network = most.looked("copies")[0]
    spans = _copies(network)["spans"]
    if not spans:
        return []
    return [
        Table(
            columns=(
                Column(title="characters", numeric=True),
                Column(title="place in the book", numeric=True),
                Column(title="copied", verbatim=True),
                Column(title="the book goes on", verbatim=True),
            ),
            rows=tuple(
                (
                    span["length"],
                    f"{span['book_start']:,}",
                    span["text"],
                    span.get("book_after"),
                )
                for span in spans[:SPANS_SHOWN]
            ),
            caption=f"The longest copied spans of prose of {inert(most.name)}, seed "
            f"{network.seed}, at the end of its training, and how the book goes on after them. "
            f"Prose: {PROSE:.0%} or more of a span are letters. Ruled lines and tables are counted "
            "above like any other text, but not shown here.",
        )
    ]


def _told(training: TrainingView) -> str:
    return f"**{inert(training.name)}.** {_verdict(training)} {_growth(training)}"


def _verdict(training: TrainingView) -> str:
    """Say whether a network copies more than the two that cannot have learnt by heart."""
    networks = training.looked("copies")
    more = [
        network.seed
        for network in networks
        if share_of(_copies(network)["stages"][-1], TOLD_AT)
        > max(share_of(_copies(network)[key], TOLD_AT) for key in ("held_out", "five_gram"))
    ]
    if not more:
        which = "it has no" if len(networks) == 1 else f"none of {len(networks)} seeds has"
        return (
            f"By this measure it does not copy: in spans of {TOLD_AT} or more, {which} "
            "more than the larger share of two that cannot have learnt by heart, held-out text and "
            "5-gram model."
        )
    every = "it" if len(networks) == 1 else "every seed"
    which = every if len(more) == len(networks) else f"seed {join(more)}"
    return (
        f"It copies: in spans of {TOLD_AT} or more {which} has more than both the held-out text "
        "and the 5-gram model, which cannot have learnt by heart."
    )


def _growth(training: TrainingView) -> str:
    """Say whether copying grows while accuracy stands still."""
    networks = training.looked("copies")
    stages = _copies(networks[0])["stages"]
    last = stages[-1]
    known = [stage for stage in stages if stage.get("training_accuracy") is not None]
    if len(known) < 2 or known[-1] != last:
        return "Too few stages have a training accuracy to tell how copying goes with it."
    still = next(
        stage
        for stage in known
        if abs(stage["training_accuracy"] - last["training_accuracy"]) <= STILL
    )
    if still is last:
        before, seed = known[-2], networks[0].seed
        return (
            f"From step {before['step']:,} to {last['step']:,} what is copied went from "
            f"{share_of(before, TOLD_AT):.1%} to {share_of(last, TOLD_AT):.1%}, while accuracy in "
            f"training was still moving, from {before['training_accuracy']:.1%} to "
            f"{last['training_accuracy']:.1%} (seed {seed}){_held_out_loss(networks[0])}: "
            "this run cannot tell whether copying grows where accuracy stands still."
        )
    change = share_of(last, TOLD_AT) - share_of(still, TOLD_AT)
    way = "grew" if change > 0 else "fell" if change < 0 else "stayed"
    verdict = (
        "as the author said: copying can grow where accuracy does not show it"
        if change > 0
        else "what the author saw is not seen here"
    )
    return (
        f"From step {still['step']:,} to {last['step']:,} accuracy in "
        f"training moved from {still['training_accuracy']:.1%} to {last['training_accuracy']:.1%}, "
        f"and what is copied {way} from {share_of(still, TOLD_AT):.1%} to "
        f"{share_of(last, TOLD_AT):.1%} (seed {networks[0].seed}){_held_out_loss(networks[0])}: "
        f"{verdict}."
    )


def _held_out_loss(network: Network) -> str:
    """Say how the held-out loss went, where it rose again: what is learnt then is the book."""
    looks = [p for p in network.curve if p["tuning_nats"] is not None]
    if not looks:
        return ""
    best, last = min(looks, key=lambda point: point["tuning_nats"]), looks[-1]
    if last["tuning_nats"] - best["tuning_nats"] <= PARTED:
        return ""
    return (
        f"; the loss on the tuning part, {best['tuning_nats']:.2f} nats at its best (step "
        f"{best['step']:,}), rose to {last['tuning_nats']:.2f}"
    )


def _most(measured: Sequence[TrainingView]) -> TrainingView:
    """Return the way of training that copies most at its end."""
    return max(
        measured,
        key=lambda training: statistics.median(
            share_of(_copies(network)["stages"][-1], TOLD_AT)
            for network in training.looked("copies")
        ),
    )


def _copies(network: Network) -> dict[str, Any]:
    return network.copies or {}
