"""The same equations further: the opening of the report, and the section that tells of it."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from unroll.report.charts import accuracy_by_reach
from unroll.report.markup import inert
from unroll.report.rows import ReachRow
from unroll.report.section import Block, Column, Command, Prose, Section, Table
from unroll.study.memory.view import SOLVED_ACCURACY, MemoryView, TrialView
from unroll.study.words import by_seed, count, distance, join, spread
from unroll.training.recipes import find_recipe

TITLE = "The same equations further"
_CONSTRUCTED = "remembered by construction, not learned"
RETAINED_FROM = 2
"""A series belongs into the opening figure if it was tested at so many lengths."""


def is_further(view: MemoryView) -> bool:
    """Whether a view goes past the assignment: a curriculum, a frozen cell, another encoding."""
    protocol = view.protocol
    return (
        protocol.get("curriculum") is not None
        or protocol.get("trained", "all") != "all"
        or protocol["recipe"] == "learned"
    )


@dataclass(frozen=True, kw_only=True)
class Series:
    """Networks of one cell that were trained in one way."""

    name: str
    """How the report calls them."""
    cell: str
    """The cell as the report names it."""
    view: MemoryView
    """Where they are from."""
    trials: tuple[TrialView, ...]
    """One for each seed."""
    trained_at: int
    """T that training led to."""

    @property
    def is_frozen(self) -> bool:
        """Whether only the readout was trained."""
        return self.trials[0].settings.trained == "readout"

    @property
    def initialisation(self) -> str:
        """How the parameters began."""
        return self.trials[0].settings.initialisation

    def accuracies(self, length: int) -> list[float]:
        """Return the accuracy of each seed at a length tested."""
        return [trial.best[length].accuracy for trial in self.trials if length in trial.best]

    @property
    def tested(self) -> list[int]:
        """The lengths tested."""
        return sorted({length for trial in self.trials for length in trial.best})

    @property
    def last_solved(self) -> int | None:
        """The longest length up to which every seed solves every length tested."""
        solved = None
        for length in self.tested:
            found = self.accuracies(length)
            if len(found) < len(self.trials) or min(found) < SOLVED_ACCURACY:
                return solved
            solved = length
        return solved


def find_series(
    views: Sequence[MemoryView], labels: Mapping[str, str], cell: str | None = None
) -> list[Series]:
    """Return what was trained further, one series a view, cell and length trained at."""
    series = []
    for view in views:
        if not is_further(view):
            continue
        for name in view.cells:
            if cell not in (None, name):
                continue
            for length, trials in view.by_length(name).items():
                series.append(
                    Series(
                        name=_name(trials[0], name, view),
                        cell=labels[name],
                        view=view,
                        trials=tuple(trials),
                        trained_at=length,
                    )
                )
    return sorted(series, key=lambda s: (s.trained_at, _own_way(s), s.initialisation, s.is_frozen))


def _own_way(series: Series) -> bool:
    """Whether the series does not begin as its recipe says: those come last."""
    recipe = find_recipe(series.view.protocol["recipe"])
    usual = recipe.for_cell(series.trials[0].settings.cell).initialisation
    return series.initialisation not in (usual, "own")


def _name(trial: TrialView, cell: str, view: MemoryView) -> str:
    settings = trial.settings
    recipe = find_recipe(view.protocol["recipe"])
    usual = recipe.for_cell(cell).initialisation
    start = "" if settings.initialisation in (usual, "own") else f", {settings.initialisation}"
    way = "up to " if settings.curriculum else "at "
    without = ", no curriculum" if recipe.curriculum and not settings.curriculum else ""
    frozen = ", recurrence frozen" if settings.trained == "readout" else ""
    return f"{recipe.name}{start}{without}: trained {way}T = {settings.length:,}{frozen}"


def opening_blocks(views: Sequence[MemoryView], labels: Mapping[str, str]) -> tuple[Block, ...]:
    """Return the cliff of the assignment and, beside it, the same RNN further."""
    rows = _cliff_rows(views, labels)
    series = _opening_series(views, labels)
    if not rows or not series:
        return ()
    for found in series:
        rows += _reach_rows(found)
    return (accuracy_by_reach(rows, longest_trained=series[0].trained_at),)


def _opening_series(views: Sequence[MemoryView], labels: Mapping[str, str]) -> list[Series]:
    """Return the RNNs trained further up to the shortest length, and tested at others too."""
    series = [s for s in find_series(views, labels, "rnn") if len(s.tested) >= RETAINED_FROM]
    return [s for s in series if s.trained_at == series[0].trained_at]


def _cliff_rows(views: Sequence[MemoryView], labels: Mapping[str, str]) -> list[ReachRow]:
    for view in views:
        if is_further(view) or "rnn" not in view.cells:
            continue
        return [
            ReachRow(
                series=f"{view.protocol['recipe']}: trained at each T",
                cell=labels["rnn"],
                trained_at=f"T = {trial.settings.length}",
                length=trial.settings.length,
                seed=trial.settings.seed,
                accuracy=trial.accuracy,
                count=trial.score.count if trial.score else 0,
                held_out=trial.score.held_out if trial.score else True,
            )
            for trial in view.of_cell("rnn")
        ]
    return []


def _reach_rows(series: Series) -> list[ReachRow]:
    return [
        ReachRow(
            series=series.name,
            cell=series.cell,
            trained_at=f"T ≤ {series.trained_at}",
            length=length,
            seed=trial.settings.seed,
            accuracy=score.accuracy,
            count=score.count,
            held_out=score.held_out,
        )
        for trial in series.trials
        for length, score in trial.best.items()
    ]


def opening_sentence(views: Sequence[MemoryView], labels: Mapping[str, str]) -> str:
    """Say in a sentence or two how much further the same RNN goes; empty where it was not run."""
    series = _opening_series(views, labels)
    learned = [s for s in series if not s.is_frozen and not _own_way(s)]
    if not learned:
        return ""
    first = learned[0]
    seconds = spread([t.record.seconds for t in first.trials], "{:.1f}")
    sentences = [
        f"The same equations, trained by recipe `{first.view.protocol['recipe']}` for {seconds} s "
        f"on lengths up to {first.trained_at}, {_holds(first)}."
    ]
    frozen = [s for s in series if s.is_frozen and s.initialisation == first.initialisation]
    if frozen:
        length = first.last_solved or first.trained_at
        accuracies = frozen[0].accuracies(length) or frozen[0].accuracies(first.trained_at)
        sentences.append(
            f"With the recurrence frozen as it began, the same start reaches "
            f"{spread(accuracies, '{:.3f}')}{_stuck(frozen[0])}: "
            f"{_verdict(first, frozen[0])}."
        )
    return " ".join(sentences)


def _holds(series: Series) -> str:
    seeds = f"all {len(series.trials)} seeds" if len(series.trials) > 1 else "its one seed"
    if series.last_solved is None:
        return f"do not solve even T = {series.tested[0]} in {seeds}"
    end = series.last_solved
    open_end = ", the longest length tested" if end == series.tested[-1] else ""
    return f"answer lengths up to **T = {end:,}** in {seeds}{open_end}"


def _verdict(trained: Series, frozen: Series) -> str:
    """Say whether training the recurrence did more than training the readout alone."""
    reach, control = trained.last_solved or 0, frozen.last_solved or 0
    if control and control >= reach:
        return _CONSTRUCTED
    if control:
        return f"by construction it remembers up to T = {control:,}; the rest is learned"
    return "what it remembers is learned"


def further_section(views: Sequence[MemoryView], labels: Mapping[str, str]) -> Section | None:
    """Return the section that tells what was changed and how far it went; None if nothing was."""
    series = find_series(views, labels)
    if not series:
        return None
    commands = dict.fromkeys(command for s in series for command in s.view.commands)
    opening = _opening_series(views, labels) if opening_blocks(views, labels) else []
    shown = {(s.cell, s.name) for s in opening}
    blocks: list[Block] = [
        Prose(
            role="asked",
            text="How far do the very same equations remember, when only the way of training "
            "changes, never the equations or the width? And is what they remember learned, or "
            "was it there before training?",
        ),
        Prose(role="ran", text=_ran(series)),
        _changes(series),
        Prose(role="measured", text=" ".join(_measured(s) for s in series if not s.is_frozen)),
        _reach_table(series),
        _lessons_table(series),
        *_reach_figures([s for s in series if (s.cell, s.name) not in shown]),
        *(Command(text=command) for command in commands),
        Prose(role="follows", text=_follows(series)),
    ]
    return Section(number="", title=TITLE, part="Through time", blocks=tuple(blocks))


def _reach_figures(series: Sequence[Series]) -> list[Block]:
    """Return accuracy against length, a figure for each cell and length trained at."""
    groups: dict[tuple[str, int], list[Series]] = {}
    for s in series:
        groups.setdefault((s.cell, s.trained_at), []).append(s)
    return [
        accuracy_by_reach(
            [row for s in found for row in _reach_rows(s)],
            longest_trained=length,
            figure_id=f"reach-{number}",
            remark=f"{cell.upper()}, trained up to T = {length:,}.",
        )
        for number, ((cell, length), found) in enumerate(groups.items())
        if max(len(s.tested) for s in found) >= RETAINED_FROM
    ]


def _ran(series: Sequence[Series]) -> str:
    seeds = sorted({len(s.trials) for s in series})
    return (
        f"Trained to T = {join(sorted({s.trained_at for s in series}))}, "
        f"{join(seeds)} seeds; then tested at lengths never trained on, odd and even, because a "
        "network that oscillates passes one and fails the other. What a cell **learns** when it "
        "is trained at T, and what a network trained at a short T **retains** at longer ones, are "
        "two horizons. The control freezes the recurrence as it began and trains the readout "
        "alone: where that does as well, nothing was learned about remembering."
    )


def _changes(series: Sequence[Series]) -> Table:
    """Return what each way of training changes against the assignment's."""
    usual = find_recipe("assignment")
    columns: dict[str, dict[str, str]] = {}
    for s in series:
        t = s.trials[0].settings
        columns.setdefault(
            f"{s.cell}: {s.name.partition(':')[0]}",
            {
                "encoding of a digit": t.encoding,
                "initialisation": t.initialisation,
                "optimiser and rate": f"{t.optimiser} {t.rate:g}",
                "norm clipped at": f"{t.clip_norm:g}",
                "stops at mean loss": f"{t.stop_loss_nats:g} nats",
                "curriculum": _curriculum(t.curriculum),
                "units, batch": f"{t.hidden_size}, {t.batch_size}",
            },
        )
    assignment = {
        "encoding of a digit": usual.encoding,
        "initialisation": usual.initialisation,
        "optimiser and rate": f"{usual.optimiser} {usual.rates[0]:g}",
        "norm clipped at": f"{usual.clip_norm:g}",
        "stops at mean loss": f"{usual.stop_loss_nats:g} nats",
        "curriculum": "none",
        "units, batch": f"{usual.hidden_size}, {usual.batch_size}",
    }
    return Table(
        columns=(Column(title=""), Column(title="assignment"), *map(_column, columns)),
        rows=tuple(
            (name, value, *(column[name] for column in columns.values()))
            for name, value in assignment.items()
        ),
        caption="What is changed; the equations and the width are not.",
    )


def _column(title: str) -> Column:
    return Column(title=title)


def _curriculum(curriculum: dict[str, Any] | None) -> str:
    if curriculum is None:
        return "none"
    return (
        f"from T = {curriculum['start']}, × {curriculum['factor']:g} when {curriculum['window']} "
        f"batches reach {curriculum['accuracy']:g}"
    )


def _measured(series: Series) -> str:
    retained = series.view.retained(series.trials[0].settings.cell).get(series.trained_at)
    solved = sum(trial.is_solved for trial in series.trials)
    text = (
        f"{series.cell.upper()}, {series.name}: T = {series.trained_at:,} solved by {solved} of "
        f"{count(len(series.trials), 'seed')}, in "
        f"{spread([t.record.seconds for t in series.trials], '{:.1f}')} s and "
        f"{spread([t.record.steps for t in series.trials], '{:,.0f}')} steps"
    )
    if retained is None:
        return f"{text}."
    return f"{text}; it retains {distance(retained)} ({by_seed(retained)})."


def _reach_table(series: Sequence[Series]) -> Table:
    lengths = sorted({length for s in series for length in s.tested})
    rows = tuple(
        (
            s.cell,
            s.name,
            *(spread(s.accuracies(n), "{:.3f}") if s.accuracies(n) else None for n in lengths),
        )
        for s in series
    )
    counts = sorted({t.best[n].count for s in series for t in s.trials for n in t.best})
    return Table(
        columns=(
            Column(title="cell"),
            Column(title="network"),
            *(Column(title=f"T = {n:,}", numeric=True) for n in lengths),
        ),
        rows=rows,
        caption=f"Accuracy by length tested: median over seeds (least–greatest); "
        f"{counts[0]:,} to {counts[-1]:,} palindromes, the fewer the longer they are, held out "
        "for T ≥ 9. Chance is 0.100.",
    )


def _lessons_table(series: Sequence[Series]) -> Table:
    rows = []
    for s in series:
        arrivals = [_arrival(trial) for trial in s.trials]
        reached = [trial.record.lessons[-1][1] for trial in s.trials if trial.record.lessons]
        rows.append(
            (
                s.cell,
                s.name,
                spread(reached, "{:,.0f}") if reached else None,
                spread(arrivals, "{:,.0f}"),
                spread([t.record.steps for t in s.trials], "{:,.0f}"),
                spread([t.record.seconds for t in s.trials], "{:.1f}"),
            )
        )
    return Table(
        columns=(
            Column(title="cell"),
            Column(title="network"),
            Column(title="longest T trained at", numeric=True),
            Column(title="steps until there", numeric=True),
            Column(title="steps in all", numeric=True),
            Column(title="seconds, one core", numeric=True),
        ),
        rows=tuple(rows),
        caption="How training went: median over seeds (least–greatest). A length is left when ten "
        "batches are answered nearly without mistakes; one that is never left is where the network "
        "got stuck.",
    )


def _arrival(trial: TrialView) -> int | None:
    """Return the step at which the length that training leads to began; None if it never did."""
    lessons = trial.record.lessons
    if not lessons or lessons[-1][1] != trial.settings.length:
        return None
    return lessons[-1][0]


def _follows(series: Sequence[Series]) -> str:
    sentences = []
    for control in (s for s in series if s.is_frozen):
        at = control.accuracies(control.trained_at)
        told = f"{statistics.median(at):.3f} at T = {control.trained_at:,}" if at else "no result"
        trained = [s for s in series if not s.is_frozen and _start(s) == _start(control)]
        verdicts = [_verdict(s, control) for s in trained]
        if not trained and control.last_solved is not None:
            verdicts = [_CONSTRUCTED]
        sentences.append(
            f"{control.cell.upper()} with `{inert(control.initialisation)}`, recurrence frozen as "
            f"it began: {told}{_stuck(control)}"
            + "".join(f"; **{verdict}**" for verdict in dict.fromkeys(verdicts))
            + "."
        )
    if not sentences:
        return "No control was run here: `--train readout` freezes the cell as it began."
    return " ".join(sentences)


def _start(series: Series) -> tuple[str, str, int]:
    """Return what a network and its control share."""
    return series.cell, series.initialisation, series.trained_at


def _stuck(series: Series) -> str:
    """Say at which length of its curriculum a network got stuck, if all seeds did."""
    reached = [trial.record.lessons[-1][1] for trial in series.trials if trial.record.lessons]
    if not reached or max(reached) == series.trained_at:
        return ""
    return f" (it never gets past T = {max(reached)} of its curriculum)"
