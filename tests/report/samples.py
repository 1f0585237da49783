"""Made-up measurements and a document of every kind of block; nothing here was ever trained."""

import functools
import math
from collections.abc import Iterable

from unroll.report.charts import (
    Palette,
    accuracy_by_length,
    accuracy_curves,
    loss_by_length,
    loss_curves,
    memory_horizon,
)
from unroll.report.rows import CurveRow, HorizonRow, TrialRow
from unroll.report.section import (
    Block,
    Check,
    Column,
    Command,
    Document,
    Equation,
    Fact,
    Figure,
    Notice,
    Part,
    Progress,
    Prose,
    Section,
    Setting,
    Table,
)

CELLS = ("rnn", "lstm", "gru")
THROUGH_TIME = Part(number="1", title="Through time")
LENGTHS = (5, 10, 20)
SEEDS = (0, 1, 2)
CLIFF = {"rnn": 15, "lstm": 8}


def trial_rows(
    cells: Iterable[str] = CELLS, lengths: Iterable[int] = LENGTHS, seeds: Iterable[int] = SEEDS
) -> list[TrialRow]:
    """One row per trial: solved below the cell's cliff, near chance beyond it."""
    return [
        TrialRow(
            cell=cell,
            length=length,
            seed=seed,
            accuracy=(0.99 if solved else 0.12) + seed / 1000,
            loss_nats=0.002 + seed / 1000 if solved else 2.25,
            held_out=length > 8,
            status="solved" if solved else "not solved within 10,000 steps",
        )
        for cell in cells
        for length in lengths
        for seed in seeds
        for solved in [length < CLIFF.get(cell, 25)]
    ]


def curve_rows(
    cells: Iterable[str] = CELLS,
    lengths: Iterable[int] = LENGTHS,
    seeds: Iterable[int] = SEEDS,
    points: int = 4,
) -> list[CurveRow]:
    """One falling curve per trial."""
    return [
        CurveRow(
            cell=cell,
            length=length,
            seed=seed,
            step=100 * point,
            loss_nats=2.3 * math.exp(-point / (1 + seed)),
            accuracy=1 - 0.9 * math.exp(-point / (1 + seed)),
        )
        for cell in cells
        for length in lengths
        for seed in seeds
        for point in range(1, points + 1)
    ]


HORIZON_ROWS = (
    HorizonRow(cell="rnn", seed=0, last_passed=10, first_failed=20),
    HorizonRow(cell="lstm", seed=0, last_passed=None, first_failed=5),
    HorizonRow(cell="lstm", seed=1, last_passed=None, first_failed=None),
    HorizonRow(cell="gru", seed=0, last_passed=20, first_failed=None),
)


@functools.cache
def figures(cells: tuple[str, ...] = CELLS) -> tuple[Figure, ...]:
    """Every kind of chart, of the same cells."""
    palette = Palette.of(cells)
    horizons = [HorizonRow(cell=cell, seed=0, last_passed=5, first_failed=10) for cell in cells]
    return (
        accuracy_by_length(trial_rows(cells), palette=palette),
        loss_by_length(trial_rows(cells), palette=palette),
        loss_curves(curve_rows(cells), palette=palette),
        accuracy_curves(curve_rows(cells), palette=palette),
        memory_horizon(horizons, palette=palette, criterion="an accuracy of at least 0.95"),
    )


def document(*blocks: Block, progress: Progress | None = None) -> Document:
    """A document of one section with these blocks."""
    return Document(
        title="What does a network remember?",
        question="How far does information travel?",
        sections=(
            Section(number="1.3", title="The vanilla RNN", blocks=blocks, part=THROUGH_TIME),
        ),
        progress=progress,
    )


@functools.cache
def full_document() -> Document:
    """A document with every kind of block."""
    drawn = figures()
    first = Section(
        number="1.3",
        title="How far does it remember?",
        part=THROUGH_TIME,
        blocks=(
            Prose(role="asked", text="How does accuracy fall with $T$?"),
            Prose(role="ran", text="Three seeds each."),
            Progress(done=9, total=27),
            Prose(role="measured", text="It falls.\n\nAnd stays there."),
            *drawn,
            Table(
                columns=(Column(title="cell"), Column(title="$T$", numeric=True)),
                rows=(("rnn", 10), ("lstm", None)),
                caption="Median of 3 seeds.",
                highlight=frozenset({0}),
            ),
            Notice(text="At $T$ ≤ 8 nothing is *held out*."),
            Command(text="unroll study memory --seeds 3"),
            Check(label="The RNN solves $T$ = 5", passed=True, detail="lowest 0.99"),
            Prose(role="follows", text="Gates cost memory here."),
        ),
    )
    second = Section(
        number="1.5",
        title="What a gate costs",
        part=THROUGH_TIME,
        blocks=(
            Equation(text="N = 4(n d + n^2 + n)", label="(1)"),
            Check(label="The count is right", passed=False, detail="expected 8, got 9"),
        ),
    )
    return Document(
        title="What does a network remember?",
        question="How far does information travel?",
        lead="A digit, **ten** steps.",
        sections=(first, second),
        facts=(Fact(label="Seeds", value="0, 1, 2"),),
        settings=(Setting(name="--hidden", value="128", reason="the *assignment's*"),),
        provenance=(Fact(label="PyTorch", value="2.9"),),
    )
