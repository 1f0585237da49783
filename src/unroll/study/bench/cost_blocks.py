"""The cost of a step in a report: sentences, two figures, a table."""

import statistics
from collections.abc import Mapping, Sequence

from unroll.report.bench_rows import CostRow
from unroll.report.charts import Palette
from unroll.report.charts.cost_by_length import LEAST_MIB, cost_by_length, time
from unroll.report.markup import inert
from unroll.report.names import cell_name
from unroll.report.section import Block, Column, Figure, Notice, Prose, Table
from unroll.study.bench.cost import REFERENCE
from unroll.study.bench.cost_ratios import ratio_sentences
from unroll.study.bench.cost_view import CellCost, CostPoint, Mode, Quantity, ratio_to
from unroll.study.words import count, listed

_ALONE_SHARE = 0.9
"""A process that has a core for less of the time was not alone."""
_UNKNOWN = "too short to tell"


def cost_blocks(
    found: Sequence[CellCost],
    labels: Mapping[str, str],
    palette: Palette,
    *,
    suffix: str = "",
) -> list[Block]:
    """Return what a step costs against T; nothing where nothing is measured.

    `suffix` ends the figures' names, which are unique in a report.
    """
    measured = [cost for cost in found if cost.training or cost.evaluation]
    if not measured:
        return _notices(found, labels)
    rows = [row for cost in measured for row in _rows(cost, labels)]
    blocks: list[Block] = [
        Prose(text=_ran(measured)),
        Prose(text=" ".join(filter(None, _sentences(measured, labels)))),
        _figure(rows, "seconds", palette, suffix),
    ]
    if any(row.peak_mib >= LEAST_MIB for row in rows):
        blocks.append(_figure(rows, "mib", palette, suffix))
    return [*blocks, _table(measured, labels), *_notices(found, labels)]


def _figure(rows: Sequence[CostRow], quantity: Quantity, palette: Palette, suffix: str) -> Figure:
    name = f"bench-cost-{quantity}{suffix}"
    return cost_by_length(rows, quantity=quantity, palette=palette, figure_id=name)


def line_of(cost: CellCost, labels: Mapping[str, str]) -> str:
    """Return a cell's label, with the engine where it was asked for beside the usual one."""
    return f"{labels[cost.cell]}{_beside(cost)}"


def _named(cost: CellCost, labels: Mapping[str, str]) -> str:
    """Return the same as prose has it."""
    return inert(f"{cell_name(labels[cost.cell])}{_beside(cost)}")


def _beside(cost: CellCost) -> str:
    return "" if cost.asked_engine == "auto" else f" ({cost.engine} loop)"


def _rows(cost: CellCost, labels: Mapping[str, str]) -> list[CostRow]:
    modes: tuple[Mode, ...] = ("training", "evaluation")
    return [_row(cost, labels, mode, point) for mode in modes for point in cost.points(mode)]


def _row(cost: CellCost, labels: Mapping[str, str], mode: Mode, point: CostPoint) -> CostRow:
    return CostRow(
        line=line_of(cost, labels),
        cell=labels[cost.cell],
        engine=cost.engine,
        step=mode,
        length=point.length,
        least_seconds=min(point.seconds),
        median_seconds=statistics.median(point.seconds),
        greatest_seconds=max(point.seconds),
        repetitions=len(point.seconds),
        peak_mib=point.peak_mib,
    )


def _ran(found: Sequence[CellCost]) -> str:
    s = found[0].settings
    on_cpu = s["device"] == "cpu"
    clock = (
        "seconds are those of the processor on one thread, memory is what the process holds at "
        "its peak beyond what it held before"
        if on_cpu
        else "seconds are those of the clock, memory is what PyTorch allocated at its peak"
    )
    return (
        f"**Time and memory.** One step on {count(s['batch_size'], 'sequence')} of T one-hot "
        "symbols, read after the last: of training (forward, loss, backward), and of evaluation "
        f"without gradients; each cell in a process of its own on {s['device']}; {clock}. "
        "Exponents and ratios rest on the least of the repetitions: what runs beside only ever "
        "adds."
    )


def _sentences(found: Sequence[CellCost], labels: Mapping[str, str]) -> list[str]:
    return [
        _growth(found, labels, "seconds", "time"),
        _growth(found, labels, "mib", "memory"),
        ratio_sentences(found, labels),
        _engines(found, labels),
        _disturbance(found),
    ]


def _growth(
    found: Sequence[CellCost], labels: Mapping[str, str], quantity: Quantity, noun: str
) -> str:
    """Say of every cell how a cost of training grows with T."""
    by_verdict: dict[str, list[str]] = {}
    for cost in found:
        exponent = cost.exponent(quantity)
        if exponent is not None:
            name = _named(cost, labels)
            if exponent.is_steep:
                name += f" ($T^{{{exponent.value:.2f} ± {exponent.error:.2f}}}$)"
            by_verdict.setdefault(exponent.verdict, []).append(name)
    subjects = (f"The {noun} of a training step", *["It"] * len(by_verdict))
    return " ".join(
        f"{subject} grows {verdict} with T for {listed(names)}."
        for subject, (verdict, names) in zip(subjects, by_verdict.items(), strict=False)
    )


def _engines(found: Sequence[CellCost], labels: Mapping[str, str]) -> str:
    """Say what scanning in parallel gains over the plain loop."""
    told = []
    for beside in (cost for cost in found if cost.asked_engine != "auto"):
        usual = next((c for c in found if c.cell == beside.cell and c.asked_engine == "auto"), None)
        both = {p.length for p in beside.training} & (
            {p.length for p in usual.training} if usual else set()
        )
        if usual and both:
            at = max(both)
            one, other = beside.step_seconds(at), usual.step_seconds(at)
            if one and other:
                told.append(
                    f"{_named(usual, labels)} takes {time(other)} at T = {at:,} by engine "
                    f"{usual.engine} and {time(one)} by the {beside.engine} loop, "
                    f"{one / other:.2g} times as much"
                )
    return f"{'; '.join(told)}." if told else ""


def _disturbance(found: Sequence[CellCost]) -> str:
    """Say so where processes had to wait for a core."""
    if found[0].settings["device"] != "cpu":
        return ""
    shares = [point.share for cost in found for point in (*cost.training, *cost.evaluation)]
    if min(shares) >= _ALONE_SHARE:
        return ""
    loads = [cost.load for cost in found if cost.load is not None]
    beside = (
        f", with up to {max(loads):.1f} processes wanting one of {found[0].cores or '?'} cores"
        if loads
        else ""
    )
    return (
        f"Other work ran beside: a measured process had a core for as little as {min(shares):.0%} "
        f"of the time{beside}. Times of the processor leave the waiting out, but not what a shared "
        "cache costs."
    )


def _table(found: Sequence[CellCost], labels: Mapping[str, str]) -> Table:
    return Table(
        columns=(
            Column(title="cell"),
            Column(title="engine"),
            Column(title="longest T", numeric=True),
            Column(title="training step", numeric=True),
            Column(title=f"times {labels.get(REFERENCE, REFERENCE)}", numeric=True),
            Column(title="µs per T", numeric=True),
            Column(title="MiB", numeric=True),
            Column(title="time ∝ T to the", numeric=True),
            Column(title="memory ∝ T to the", numeric=True),
        ),
        rows=tuple(_cells(cost, found, labels) for cost in found),
        caption="A training step at the longest length measured: the least of the repetitions, "
        "and the exponents of the long half of the lengths ± their standard error; 1 is linear.",
    )


def _cells(
    cost: CellCost, found: Sequence[CellCost], labels: Mapping[str, str]
) -> tuple[str | None, ...]:
    last = cost.longest
    ratio = ratio_to(found, cost.cell, REFERENCE) if cost.asked_engine == "auto" else None
    per_step = cost.microseconds_per_step
    exponents = [cost.exponent("seconds"), cost.exponent("mib")]
    return (
        line_of(cost, labels),
        cost.engine,
        None if last is None else f"{last.length:,}",
        None if last is None else time(last.least_seconds),
        None if ratio is None else f"{ratio:.2f}",
        None if per_step is None else f"{per_step:.3g}",
        None if last is None else f"{last.peak_mib:,.3g}",
        *(_UNKNOWN if exponent is None else exponent.told for exponent in exponents),
    )


def _notices(found: Sequence[CellCost], labels: Mapping[str, str]) -> list[Block]:
    return [
        Notice(text=f"{_named(cost, labels)}: not measured: {inert(problem)}.")
        for cost in found
        for problem in cost.problems
    ]
