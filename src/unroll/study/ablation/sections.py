"""The report's section on which change of training moves the horizon."""

from collections.abc import Mapping, Sequence

from unroll.report.ablation_rows import AblationRow
from unroll.report.charts import Palette
from unroll.report.charts.ablation import horizons_by_change
from unroll.report.markup import inert
from unroll.report.names import cell_name
from unroll.report.section import Block, Column, Prose, Section, Table
from unroll.study.ablation.findings import lessons, told_horizon
from unroll.study.ablation.rows import FIELDS, NAMES, described
from unroll.study.ablation.summary import told_rate
from unroll.study.ablation.view import AblationView
from unroll.study.memory.failures import failure_notices
from unroll.study.memory.view import SOLVED_ACCURACY
from unroll.study.parts import THROUGH_TIME
from unroll.study.reproduction import with_commands
from unroll.study.words import count, join

TITLE = "Which change carries it further"


def ablation_section(
    views: Sequence[AblationView], *, labels: Mapping[str, str], palette: Palette
) -> Section | None:
    """Return the section on all ablations; None while nothing of one is recorded."""
    told = [view for view in views if view.ladders]
    if not told:
        return None
    blocks: list[Block] = [
        Prose(
            role="asked",
            text="Between recipe `assignment` and recipe `learned` several things change at once. "
            "Which of them carries the digit further by itself, and which cannot be left out?",
        )
    ]
    for index, view in enumerate(told):
        blocks += _tell(view, labels, palette, suffix=f"-{index}" if index else "")
    return Section(number="", title=TITLE, part=THROUGH_TIME, blocks=tuple(blocks))


def _tell(
    view: AblationView, labels: Mapping[str, str], palette: Palette, *, suffix: str
) -> list[Block]:
    learnt = lessons(view)
    figure = horizons_by_change(
        _rows(view, labels),
        lengths=view.protocol["lengths"],
        palette=palette,
        figure_id=f"ablation{suffix}",
    )
    return [
        Prose(role="ran", text=_ran(view, labels)),
        *failure_notices(
            (f"{t.settings.cell} at T = {t.settings.length} with seed {t.settings.seed}", t.record)
            for t in view.trials
        ),
        Prose(role="measured", text=_measured(view)),
        *with_commands([figure, _table(view, labels)], view.commands),
        *([Prose(role="follows", text=learnt)] if learnt else []),
    ]


def _rows(view: AblationView, labels: Mapping[str, str]) -> list[AblationRow]:
    return [
        AblationRow(
            cell=labels[row.cell],
            place=row.place,
            change=NAMES[row.change] if row.change else "",
            seed=reading.seed,
            last_passed=reading.last_passed,
            first_failed=reading.first_failed,
        )
        for row, ladder in view.ladders.items()
        for reading in ladder.horizon().readings
    ]


def _ran(view: AblationView, labels: Mapping[str, str]) -> str:
    protocol = view.protocol
    changes = " ".join(
        f"What changes for {inert(cell_name(labels[cell]))}: "
        f"{join(inert(described(name, cell)) for name in _known(view, cell))}."
        for cell in view.cells
    )
    seeds = {trial.settings.seed for trial in view.trials}
    optimiser = (
        " The optimiser is a change too, for it differs between the recipes."
        if any("optimiser" in _known(view, cell) for cell in view.cells)
        else ""
    )
    return (
        f"Every row is trained anew at each length: `assignment`, each change alone, `learned` "
        f"with each change left out, `learned`. {changes}{optimiser} Each "
        f"trial may use {protocol['budget']:,} sequence-steps (a step on a batch of B sequences "
        f"of T digits costs B·T; what a curriculum spends on shorter lengths counts) and ends "
        f"before that when the mean loss of 100 batches is below 0.003. At every row and length "
        f"the rate is chosen anew from {join(f'{rate:g}' for rate in protocol['rates'])}, by the "
        f"validation of {count(len(seeds), 'seed')}. Lengths: T = {join(protocol['lengths'])}; "
        "a length is tried where some seed solved every shorter one. "
        f"{protocol['hidden_size']} units, batches of {protocol['batch_size']}."
    )


def _measured(view: AblationView) -> str:
    trials = view.trials
    seconds = sum(trial.record.seconds for trial in trials)
    tested = max((score.count for trial in trials for score in trial.best.values()), default=0)
    return (
        f"{count(len(trials), 'trial')}, {seconds:,.0f} s of training. A length counts with an "
        f"accuracy of at least {SOLVED_ACCURACY} on {tested:,} held-out palindromes (T ≤ 8: on "
        "at most so many of all there are), for it and every shorter one."
    )


def _table(view: AblationView, labels: Mapping[str, str]) -> Table:
    over = "median (lowest–highest seed)" if view.has_spread else "1 seed"
    return Table(
        columns=(
            Column(title="cell"),
            Column(title="trained by"),
            Column(title="changed"),
            Column(title="horizon T", numeric=True),
            Column(title="rate", numeric=True),
        ),
        rows=tuple(
            (
                labels[row.cell],
                row.name,
                join(NAMES[name] for name in row.changes) if row.changes else "nothing",
                told_horizon(ladder.horizon()),
                told_rate(ladder),
            )
            for row, ladder in view.ladders.items()
        ),
        caption=f"Horizon of each way to train: {over}; *or more*: the "
        "longest length tried was solved. Rates: those chosen, from the shortest length to the "
        "longest tried.",
    )


def _known(view: AblationView, cell: str) -> list[str]:
    known = {name for ladder in view.of_cell(cell) for name in ladder.row.known}
    return [name for name in FIELDS if name in known]
