"""Bits per character in a report: sentences, a figure, a table."""

from collections.abc import Mapping

from unroll.report.bench_rows import BitsRow
from unroll.report.charts import Palette
from unroll.report.charts.bits_by_cell import bits_by_cell
from unroll.report.markup import inert
from unroll.report.names import cell_name
from unroll.report.section import Block, Column, Notice, Prose, Table
from unroll.study.bench.bits_view import BitsReading, CellBits
from unroll.study.words import count, join, spread

_SHOWN_ORDERS = (1, 2, 5)
"""The n-grams that are drawn; all stand in the table."""


def bits_blocks(
    reading: BitsReading, labels: Mapping[str, str], palette: Palette, *, suffix: str = ""
) -> list[Block]:
    """Return what each cell needs for a character; nothing where nothing is measured.

    `suffix` ends the figure's name, which is unique in a report.
    """
    told = [cell for cell in reading.cells if cell.bits]
    notices = _notices(reading, labels)
    if not any(cell.known for cell in told):
        return notices
    rows = [
        BitsRow(cell=labels[cell.cell], seed=seed, bits=float(f"{bits:.5g}"))
        for cell in told
        for seed, bits in enumerate(cell.bits)
        if bits is not None
    ]
    rules = {f"{n}-gram": reading.ngrams[n] for n in _SHOWN_ORDERS if n in reading.ngrams}
    return [
        Prose(text=_ran(reading, told[0])),
        Prose(text=_sentences(reading, told, labels)),
        bits_by_cell(rows, rules=rules, palette=palette, figure_id=f"bench-bits{suffix}"),
        _table(reading, told, labels),
        *notices,
    ]


def _ran(reading: BitsReading, cell: CellBits) -> str:
    s = cell.settings
    held_out = reading.baseline.get("validation_characters")
    judged = f" ({count(held_out, 'character')})" if held_out else ""
    return (
        f"**Bits per character.** {inert(s['book_name'])}, "
        f"{count(s['book_characters'], 'character')}; one layer of each cell between an "
        f"embedding of {s['embedding_size']} numbers and a readout; Adam, a budget of "
        f"{count(s['characters'], 'character')} for every cell, in windows of {s['window']} "
        f"from zero state, {s['batch_size']} at a time. The rate is chosen for each "
        f"cell{_grid(cell)} on a tuning split, with a seed that is not reported; the figures are "
        f"of the last tenth of the book{judged}, which nothing was trained on or chosen by, in "
        "windows of the same length."
    )


def _grid(cell: CellBits) -> str:
    """Return the rates that were chosen from."""
    return f" from {join(f'{rate:g}' for rate in cell.choice.by_rate)}" if cell.choice else ""


def _sentences(reading: BitsReading, told: list[CellBits], labels: Mapping[str, str]) -> str:
    ranked = sorted((c for c in told if c.known), key=lambda c: c.median or 0.0)
    values = [f"{inert(cell_name(labels[c.cell]))} {spread(c.known, '{:.3f}')}" for c in ranked]
    seeds = count(max(len(cell.bits) for cell in told), "seed")
    parts = [f"Bits per character, median of {seeds}: {'; '.join(values)}."]
    if len(ranked) > 1:
        first, *others = ranked
        overlapping = [c for c in others if min(c.known) <= max(first.known)]
        name = inert(cell_name(labels[first.cell]))
        if len(first.known) < 2:
            parts.append("One seed ranks nobody.")
        elif not overlapping:
            parts.append(f"{name} needs fewest, with every seed.")
        else:
            beside = join(inert(cell_name(labels[c.cell])) for c in overlapping)
            parts.append(f"The ranges of {name} and {beside} overlap: none of them is ahead.")
    if reading.ngrams:
        best = min(reading.ngrams, key=reading.ngrams.__getitem__)
        bits = reading.ngrams[best]
        better = [inert(cell_name(labels[c.cell])) for c in ranked if max(c.known) < bits]
        need = "needs" if len(better) == 1 else "need"
        parts.append(
            f"The best of the n-grams, n = {best}, needs {bits:.3f} after counting "
            f"{count(reading.baseline['training_characters'], 'character')} once; "
            + (
                f"{join(better)} {need} fewer, with every seed."
                if better
                else "no cell needs fewer with every seed."
            )
        )
    return " ".join([*parts, *_edges(told, labels)])


def _edges(told: list[CellBits], labels: Mapping[str, str]) -> list[str]:
    """Name the cells whose rate is the least or the greatest one tried."""
    at_edge = [c for c in told if c.choice is not None and c.choice.at_edge]
    if not at_edge:
        return []
    names = ", ".join(
        f"{inert(cell_name(labels[c.cell]))} ({c.choice.rate:g})" for c in at_edge if c.choice
    )
    return [f"At the edge of the grid, so that a rate beyond may be better: {names}."]


def _table(reading: BitsReading, told: list[CellBits], labels: Mapping[str, str]) -> Table:
    rows: list[tuple[str | None, ...]] = [
        (
            labels[cell.cell],
            spread(cell.known, "{:.3f}"),
            None if cell.choice is None else f"{cell.choice.rate:g}",
            None if cell.parameters is None else f"{cell.parameters:,}",
        )
        for cell in told
    ]
    rows += [(f"{n}-gram", f"{bits:.3f}", None, None) for n, bits in reading.ngrams.items()]
    if reading.uniform is not None:
        rows.append(("all characters alike", f"{reading.uniform:.3f}", None, None))
    return Table(
        columns=(
            Column(title="model"),
            Column(title="bits per character", numeric=True),
            Column(title="rate", numeric=True),
            Column(title="parameters", numeric=True),
        ),
        rows=tuple(rows),
        caption="Bits per character of held-out text: median over seeds (least–greatest); and the "
        "numbers of the whole model. n-grams count all of the training split, the cells read as "
        "many characters as their budget has; n-grams read the held-out text without windows.",
    )


def _notices(reading: BitsReading, labels: Mapping[str, str]) -> list[Block]:
    found: list[Block] = []
    for cell in reading.cells:
        name = inert(cell_name(labels[cell.cell]))
        lost = len(cell.bits) - len(cell.known)
        if lost:
            found.append(
                Notice(text=f"{name}: {lost} of {count(len(cell.bits), 'seed')} diverged.")
            )
        elif not cell.bits and cell.choice is None and not cell.failures:
            found.append(Notice(text=f"{name}: diverged at every rate."))
        found += [Notice(text=f"{name}: {inert(reason)}.") for reason in cell.failures]
    return found
