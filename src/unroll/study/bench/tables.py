"""The bench in a terminal: what was measured in rows, the cells in columns."""

from collections.abc import Callable, Sequence

from rich.table import Table

from unroll.report.markup import plain
from unroll.report.terminal import terminal_width
from unroll.study.bench.cost_view import CellCost
from unroll.study.bench.outcomes import (
    furthest_sentences,
    horizon_words,
    known_by_heart,
    rightness,
    task_remarks,
)
from unroll.study.bench.protocol import CRITERION
from unroll.study.bench.unfinished import unfinished_words
from unroll.study.bench.view import BenchView, TaskResult
from unroll.study.words import count, spread

_NAME_COLUMNS, _CELL_COLUMNS = 28, 17
"""Room for what is measured, and for one cell with the gap before it."""


def tell_bench(view: BenchView) -> list[str | Table]:
    """Return what is printed at the end."""
    if not view.is_told:
        return [_failures(view)]
    room = max(1, (terminal_width() - _NAME_COLUMNS) // _CELL_COLUMNS)
    groups = [view.cells[at : at + room] for at in range(0, len(view.cells), room)]
    parts: list[str | Table] = [f"{_above(view)}\n"]
    for cells in groups:
        parts += [bench_table(view, cells), ""]
    parts += ["", *(plain(sentence) for sentence in furthest_sentences(view))]
    parts += [plain(sentence) for sentence in known_by_heart(view)]
    parts += [line for cell in view.cells for line in _remarks(view, cell)]
    return [*parts, _failures(view), _missing(view)]


def _above(view: BenchView) -> str:
    seeds = {len(result.trials) for result in view.results.values() if result.trials}
    many = " or ".join(map(str, [*sorted(seeds)[:-1], count(max(seeds), "seed")])) if seeds else ""
    over = f", median of {many} (lowest–highest)" if seeds else ""
    lines = [
        f"Horizons in steps{over}; + where no end was seen.",
        "Learned: among the lengths that training came to; retained: at all, also beyond.",
        f"A length counts from {CRITERION} on{_edge_words(view)}.",
        rightness(view).strip(" ()"),
        f"At most {view.protocol['budget']:,} sequence-steps a training.",
    ]
    return "\n".join(filter(None, lines))


def _edge_words(view: BenchView) -> str:
    """Explain the mark of a rate, where one is marked."""
    choices = (result.choice for result in view.results.values())
    is_marked = any(choice is not None and choice.at_edge for choice in choices)
    return "; † a rate at the edge of the grid" if is_marked else ""


def bench_table(view: BenchView, cells: Sequence[str]) -> Table:
    """Return the cards of some cells side by side."""
    table = Table(box=None, pad_edge=False)
    table.add_column("")
    for cell in cells:
        table.add_column(view.labels[cell], justify="right", overflow="fold")
    sizes = {cell: view.sizes.get(cell) for cell in cells}
    for name, attribute in (
        ("units", "hidden_size"),
        ("parameters", "parameters"),
        ("numbers carried", "state"),
    ):
        table.add_row(
            name, *(f"{getattr(size, attribute):,}" if size else "–" for size in sizes.values())
        )
    for task in view.tasks:
        results = [view.result(cell, task) for cell in cells]
        table.add_section()
        table.add_row(task.replace("-", " "))
        for name, tell in _TOLD.items():
            table.add_row(f"  {name}", *(_of(result, tell) for result in results))
    _add_besides(table, view, cells)
    return table


def _of(result: TaskResult | None, tell: Callable[[TaskResult], str]) -> str:
    if result is None:
        return "–"
    return tell(result) if result.finished else ("–" if result.is_pending else "failed")


def rate_words(result: TaskResult) -> str:
    """Return the chosen rate, marked where it is at the edge of the grid."""
    choice = result.choice
    return "–" if choice is None else f"{choice.rate:g}{' †' if choice.at_edge else ''}"


def seconds_words(result: TaskResult) -> str:
    """Return the seconds of one training."""
    return spread([trial.record.seconds for trial in result.finished], "{:.0f}")


_TOLD: dict[str, Callable[[TaskResult], str]] = {
    "learned": lambda result: horizon_words(result.learned),
    "retained": lambda result: horizon_words(result.retained),
    "rate": rate_words,
}


def _add_besides(table: Table, view: BenchView, cells: Sequence[str]) -> None:
    if view.bits.cells:
        table.add_section()
        table.add_row("bits per character", *(bits_words(view, cell) for cell in cells))
    costs = [cost_of(view, cell) for cell in cells]
    if any(costs):
        table.add_section()
        table.add_row("µs a step of training", *(microseconds_words(cost) for cost in costs))
        table.add_row("MiB at the longest T", *(peak_words(cost) for cost in costs))


def bits_words(view: BenchView, cell: str) -> str:
    """Return a cell's bits per character."""
    found = [value for bits in view.bits.cells if bits.cell == cell for value in bits.bits]
    return spread(found, "{:.3f}")


def cost_of(view: BenchView, cell: str) -> CellCost | None:
    """Return what a cell costs by the engine that is chosen for it."""
    mine = (cost for cost in view.costs if cost.cell == cell and cost.asked_engine == "auto")
    return next(mine, None)


def microseconds_words(cost: CellCost | None) -> str:
    """Return the time of one step of training."""
    value = cost.microseconds_per_step if cost else None
    return "–" if value is None else f"{value:,.0f}"


def peak_words(cost: CellCost | None) -> str:
    """Return the memory of a training step at the longest T."""
    longest = cost.longest if cost else None
    return "–" if longest is None else f"{longest.peak_mib:,.0f} (T = {longest.length:,})"


def _remarks(view: BenchView, cell: str) -> list[str]:
    told = [
        f"{view.labels[cell]}, {task.replace('-', ' ')}: {remark}"
        for task in view.tasks
        if (result := view.result(cell, task)) is not None
        for remark in task_remarks(result)
    ]
    left_out = view.left_out(cell).items()
    told += [f"{view.labels[cell]}: no {_BESIDES.get(n, n)}: {why}" for n, why in left_out]
    return told


_BESIDES = {"bits": "bits per character", "gradient": "gradient over time"}


def _failures(view: BenchView) -> str:
    return "\n".join(f"failed: {line}" for line in dict.fromkeys(view.failures))


def _missing(view: BenchView) -> str:
    told = unfinished_words(view)
    return f"{told} not finished: run the command again" if told else ""
