"""The gradient over time in a report: sentences, a figure, a table."""

from collections.abc import Mapping, Sequence

from unroll.report.charts import Palette, gradient_over_time
from unroll.report.markup import inert
from unroll.report.names import cell_name
from unroll.report.rows import MessageRow
from unroll.report.section import Block, Column, Notice, Prose, Table
from unroll.study.bench.gradient_view import CellGradient, Look
from unroll.study.gradients.view import power
from unroll.study.words import count, spread

_FIGURE = "bench-gradient"


def gradient_blocks(
    found: Sequence[CellGradient],
    labels: Mapping[str, str],
    palette: Palette,
    *,
    suffix: str = "",
) -> list[Block]:
    """Return how much gradient arrives at each step; nothing where nothing is measured.

    `suffix` ends the figure's name, which is unique in a report.
    """
    measured = [cell for cell in found if cell.untrained or cell.trained]
    notices: list[Block] = [
        Notice(text=f"{_named(cell, labels)}: {inert(reason)}.")
        for cell in found
        for reason in cell.failures
    ]
    if not measured:
        return notices
    rows = [
        row
        for trained in (False, True)
        for cell in measured
        for row in _rows(cell, labels, trained)
    ]
    return [
        Prose(text=_ran(measured)),
        Prose(text=" ".join(_sentences(measured, labels))),
        gradient_over_time(rows, palette=palette, figure_id=f"{_FIGURE}{suffix}"),
        _table(measured, labels),
        *notices,
    ]


def _named(cell: CellGradient, labels: Mapping[str, str]) -> str:
    """Return a cell's name as prose has it."""
    return inert(cell_name(labels[cell.cell]))


def _rows(cell: CellGradient, labels: Mapping[str, str], trained: bool) -> list[MessageRow]:
    return [
        MessageRow(
            cell=labels[cell.cell],
            condition=_condition(trained),
            part=part,
            seed=look.seed,
            step=t,
            norm=float(f"{norm:.4g}"),
        )
        for look in cell.looks(trained=trained)
        for part, norms in look.by_time.items()
        for t, norm in enumerate(norms, start=1)
    ]


def _condition(trained: bool) -> str:
    return "trained by this bench" if trained else "untrained"


def _ran(found: Sequence[CellGradient]) -> str:
    s = found[0].settings
    untrained = max(len(cell.untrained) for cell in found)
    trained = max(len(cell.trained) for cell in found)
    looked = f"{count(untrained, 'untrained network')} of each cell"
    if trained:
        looked += f", and up to {trained} that this bench trained on palindromes"
    return (
        f"**Gradient over time.** {looked}; {count(s['sequences'], 'palindrome')} of "
        f"{s['length']} digits, of which the last is asked for; the norm is that of one "
        "sequence's own gradient, averaged over the sequences, in float64."
    )


def _sentences(found: Sequence[CellGradient], labels: Mapping[str, str]) -> list[str]:
    """Say of both kinds of networks by which factor the gradient changes, and what is left."""
    told = []
    for trained, whom in ((False, "Before training"), (True, "After training")):
        parts = [
            f"{_named(cell, labels)} {spread(cell.factors(trained=trained), '{:.3f}')} "
            f"(arriving: {power(cell.shares(trained=trained))})"
            for cell in found
            if cell.looks(trained=trained)
        ]
        if parts:
            told.append(
                f"{whom} the gradient changes with each step back by a factor of "
                f"{'; '.join(parts)}."
            )
    last = found[0].settings["length"] - 1
    return [
        *told,
        f"Arriving is what of the norm at step {last} is left at step 1, median over seeds "
        "(least–greatest). A factor near 1 lets the loss speak to the first step; it does not say "
        "that the cell will learn.",
    ]


def _table(found: Sequence[CellGradient], labels: Mapping[str, str]) -> Table:
    rows = [
        row for trained in (False, True) for cell in found for row in _parts(cell, labels, trained)
    ]
    return Table(
        columns=(
            Column(title="cell"),
            Column(title="network"),
            Column(title="part of the state"),
            Column(title="factor a step back", numeric=True),
            Column(title="share that arrives", numeric=True),
            Column(title="norm at step 1", numeric=True),
        ),
        rows=tuple(rows),
        caption="The gradient that arrives at each part of the state: median over seeds "
        "(least–greatest).",
    )


def _parts(cell: CellGradient, labels: Mapping[str, str], trained: bool) -> list[tuple[str, ...]]:
    """Return a row of the table for each part of the cell's state."""
    looks = cell.looks(trained=trained)
    return [
        (
            labels[cell.cell],
            _condition(trained),
            part,
            spread([look.factors.get(part) for look in looks], "{:.3f}"),
            power(_arriving(looks, part)),
            power([look.by_time[part][0] for look in looks if part in look.by_time]),
        )
        for part in dict.fromkeys(part for look in looks for part in look.by_time)
    ]


def _arriving(looks: Sequence[Look], part: str) -> list[float]:
    shares = (look.shares.get(part) for look in looks)
    return [share for share in shares if share is not None]
