"""The bench in the report: the answer first, then one card for each cell."""

from collections.abc import Mapping, Sequence

from unroll.report.bench_rows import BenchHorizonRow
from unroll.report.charts import Palette, bench_horizons
from unroll.report.markup import inert
from unroll.report.names import cell_name
from unroll.report.section import Block, Column, Prose, Section, Table
from unroll.study.bench.bits_blocks import bits_blocks
from unroll.study.bench.cost_blocks import cost_blocks
from unroll.study.bench.gaps import accuracies
from unroll.study.bench.gradient_blocks import gradient_blocks
from unroll.study.bench.outcomes import (
    furthest_sentences,
    horizon_words,
    known_by_heart,
    rightness,
    task_remarks,
    task_words,
)
from unroll.study.bench.protocol import CRITERION
from unroll.study.bench.rounds import reached
from unroll.study.bench.settings import FEWER_SEEDS, SLOW_SECONDS
from unroll.study.bench.sizes import CellSize
from unroll.study.bench.tables import (
    bits_words,
    cost_of,
    microseconds_words,
    peak_words,
    rate_words,
    seconds_words,
)
from unroll.study.bench.unfinished import unfinished_words
from unroll.study.bench.view import BenchView, TaskResult
from unroll.study.bench.words import MATCHED
from unroll.study.parts import BENCH
from unroll.study.reproduction import with_commands
from unroll.study.words import count

TITLE = "The bench: your cell beside others"


def bench_sections(
    views: Sequence[BenchView], *, labels: Mapping[str, str], palette: Palette
) -> tuple[Section, ...]:
    """Return a section for each bench, the one asked for last in front."""
    told = [view for view in views if view.is_told]
    return tuple(
        Section(
            number="",
            title=TITLE if not place else f"{TITLE}, as asked for before",
            part=BENCH,
            blocks=tuple(_blocks(view, labels, palette, f"-{place}" if place else "")),
        )
        for place, view in enumerate(told)
    )


def _blocks(
    view: BenchView, labels: Mapping[str, str], palette: Palette, suffix: str
) -> list[Block]:
    rows = horizon_rows(view, labels)
    figure = (
        [bench_horizons(rows, palette=palette, criterion=CRITERION, figure_id=f"bench{suffix}")]
        if rows
        else []
    )
    return [
        Prose(role="asked", text=_ASKED),
        Prose(role="ran", text=_ran(view)),
        Prose(role="measured", text=_measured(view)),
        *with_commands([*figure, _overview(view, labels)], view.commands),
        *(block for cell in view.cells for block in _card(view, cell, labels)),
        *gradient_blocks(view.gradients, labels, palette),
        *bits_blocks(view.bits, labels, palette),
        *cost_blocks(view.costs, labels, palette),
        Prose(role="follows", text=_follows(view)),
    ]


def horizon_rows(view: BenchView, labels: Mapping[str, str]) -> list[BenchHorizonRow]:
    """Return what the figure is drawn from: one row a training."""
    return [
        BenchHorizonRow(
            task=task.replace("-", " "),
            cell=labels[cell],
            seed=trial.settings.seed,
            trained_to=reached(trial.record),
            learned=learned.last_passed,
            learned_is_open=learned.first_failed is None,
            retained=retained.last_passed,
            retained_is_open=retained.first_failed is None,
            accuracies=accuracies(trial),
        )
        for task in view.tasks
        for cell in view.cells
        if (result := view.result(cell, task)) is not None
        for trial, learned, retained in zip(
            result.finished, result.learned.readings, result.retained.readings, strict=True
        )
    ]


_ASKED = (
    "What does each cell remember, for how long, and at what cost? The same tasks for all, widths "
    "and budgets alike, and for each training a learning rate of its own."
)


def _ran(view: BenchView) -> str:
    p = view.protocol
    tasks = "\n\n".join(task_words(task) for task in view.tasks)
    rates = ", ".join(f"{rate:g}" for rate in p["rates"])
    return (
        f"Widths are matched by {MATCHED[p['match']]} to those of the first cell. Each cell is "
        f"trained on each task once with each of the rates {rates}, with a seed that is not "
        "reported; the rate that comes to the longest T, and to it soonest, is then trained with "
        f"seeds of its own{_fewer(view)}. Adam, {p['batch_size']} sequences a batch, gradients "
        f"clipped at norm {p['clip_norm']:g}; T begins short and grows as it is learned, to "
        f"{p['longest']:,} at most, within {p['budget']:,} sequence-steps (one step of one "
        "sequence each).\n\n"
        f"{tasks}"
    )


def _fewer(view: BenchView) -> str:
    """Say so where the long trainings had fewer seeds than the others."""
    seeds = {len(result.trials) for result in view.results.values() if result.trials}
    if not seeds or max(seeds) <= FEWER_SEEDS:
        return ""
    return f", {FEWER_SEEDS} where one training takes over {SLOW_SECONDS:.0f} seconds"


def _measured(view: BenchView) -> str:
    told = furthest_sentences(view)
    return "\n\n".join(told) if told else "No training on a task is finished."


def _overview(view: BenchView, labels: Mapping[str, str]) -> Table:
    """Return all cells in one table: a column a cell."""
    cells = view.cells
    sizes = [_size_words(view.sizes.get(cell)) for cell in cells]
    rows: list[tuple[str | None, ...]] = [
        ("units", *(size[0] for size in sizes)),
        ("parameters", *(size[1] for size in sizes)),
        ("numbers carried", *(size[2] for size in sizes)),
        *(
            (task.replace("-", " "), *(_learned(view.result(cell, task)) for cell in cells))
            for task in view.tasks
        ),
    ]
    if view.bits.cells:
        rows.append(("bits a character", *(bits_words(view, cell) for cell in cells)))
    if view.costs:
        costs = [cost_of(view, cell) for cell in cells]
        rows.append(("µs a step", *map(microseconds_words, costs)))
        rows.append(("MiB", *map(peak_words, costs)))
    return Table(
        columns=(
            Column(title=""),
            *(Column(title=inert(labels[cell]), numeric=True) for cell in cells),
        ),
        rows=tuple(rows),
        caption="All cells. Beside each task the learned horizon in steps: median (lowest–highest) "
        f"over seeds; {CRITERION}{rightness(view)}; + where no end was seen. Time and memory are "
        "those of a training step.",
    )


def _size_words(size: CellSize | None) -> tuple[str | None, str | None, str | None]:
    if size is None:
        return None, None, None
    return f"{size.hidden_size:,}", f"{size.parameters:,}", f"{size.state:,}"


def _learned(result: TaskResult | None) -> str | None:
    if result is None:
        return None
    if result.finished:
        return horizon_words(result.learned)
    return "–" if result.is_pending else "failed"


def _card(view: BenchView, cell: str, labels: Mapping[str, str]) -> list[Block]:
    """Return one cell's card: who it is, and a row for each task."""
    results = [found for task in view.tasks if (found := view.result(cell, task)) is not None]
    if not results:
        return []
    names = ("learned", "retained", "rate", "seeds", "seconds")
    remarked = any(task_remarks(result) for result in results)
    remarks = (Column(title="remarks", wide=True),) if remarked else ()
    is_marked = any(result.choice is not None and result.choice.at_edge for result in results)
    edge = "; † a rate at the edge of the grid: a better one may lie outside" if is_marked else ""
    table = Table(
        columns=(
            Column(title="task"),
            *(Column(title=name, numeric=True) for name in names),
            *remarks,
        ),
        rows=tuple(_row(result)[: 6 + remarked] for result in results),
        caption=f"**{inert(cell_name(labels[cell]))}**{_described(view, cell)}. Horizons in steps, "
        f"median (lowest–highest) over seeds; + where no end was seen{edge}; seconds of one "
        "training.",
    )
    return [table]


def _row(result: TaskResult) -> tuple[str | int, ...]:
    remarks = "; ".join(task_remarks(result))
    name = result.task.replace("-", " ")
    if not result.finished:
        return (name, "–", "–", rate_words(result), 0, "–", remarks)
    return (
        name,
        horizon_words(result.learned),
        horizon_words(result.retained),
        rate_words(result),
        len(result.finished),
        seconds_words(result),
        remarks,
    )


def _described(view: BenchView, cell: str) -> str:
    size = view.sizes.get(cell)
    if size is None:
        return ""
    begins = (
        "begins as its constructor leaves it"
        if size.initialisation == "own"
        else f"begins as `{size.initialisation}`"
    )
    told = [
        f": {count(size.hidden_size, 'unit')}, {count(size.parameters, 'parameter')}, "
        f"{count(size.state, 'number')} carried; {begins}"
    ]
    told += [f"no {name}: {inert(reason)}" for name, reason in view.left_out(cell).items()]
    return "; ".join(told)


def _follows(view: BenchView) -> str:
    told = [
        "Which cell learns furthest is said only where no seed of another comes as far as its "
        "worst. A horizon is that of this budget: with more sequence-steps each may come further."
    ]
    told += known_by_heart(view)
    if view.missing:
        told.append(f"**Not finished:** {inert(unfinished_words(view))}; run the command again.")
    return "\n\n".join(told)
