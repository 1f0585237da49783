"""The opening of the report: the cliff of the assignment and, beside it, the same RNN further."""

from collections.abc import Mapping, Sequence

from unroll.report.charts import accuracy_by_reach
from unroll.report.rows import ReachRow
from unroll.report.section import Block
from unroll.study.memory.series import Series, find_series, is_further
from unroll.study.memory.verdict import judge, stuck
from unroll.study.memory.view import MemoryView
from unroll.study.reproduction import with_command
from unroll.study.words import spread

RETAINED_FROM = 2
"""A series belongs into a figure if it was tested at so many lengths."""


def opening_blocks(views: Sequence[MemoryView], labels: Mapping[str, str]) -> tuple[Block, ...]:
    """Return the cliff and what goes past it, in one figure; nothing where one of them lacks."""
    cliff = _cliff(views)
    series = opening_series(views, labels)
    if cliff is None or not series:
        return ()
    rows = _cliff_rows(cliff, labels["rnn"])
    for found in series:
        rows += found.rows()
    figure = accuracy_by_reach(rows, longest_trained=series[0].trained_at)
    return (with_command(figure, [*cliff.commands_for(["rnn"]), *commands_of(series)]),)


def commands_of(series: Sequence[Series]) -> list[str]:
    """Return the recorded commands that ask for these networks."""
    return [
        command
        for s in series
        for command in s.view.commands_for([s.settings.cell], length=s.trained_at)
    ]


def opening_series(views: Sequence[MemoryView], labels: Mapping[str, str]) -> list[Series]:
    """Return the RNNs trained further up to the shortest length, and tested at others too."""
    series = [s for s in find_series(views, labels, "rnn") if len(s.tested) >= RETAINED_FROM]
    return [s for s in series if s.trained_at == series[0].trained_at]


def opening_sentence(views: Sequence[MemoryView], labels: Mapping[str, str]) -> str:
    """Say in a sentence or two how much further the same RNN goes; empty where it was not run."""
    series = opening_series(views, labels)
    learned = [s for s in series if not (s.is_frozen or s.is_built or s.begins_otherwise)]
    if not learned:
        return ""
    first = learned[0]
    seconds = spread([t.record.seconds for t in first.trials], "{:.1f}")
    sentences = [
        f"The same equations, trained by recipe `{first.view.protocol['recipe']}` for {seconds} s "
        f"on lengths up to {first.trained_at}, {_holds(first)}."
    ]
    frozen = [s for s in series if s.is_frozen and s.start == first.start]
    if frozen:
        length = first.last_solved or first.trained_at
        accuracies = frozen[0].accuracies(length) or frozen[0].accuracies(first.trained_at)
        sentences.append(
            f"With the recurrence frozen as it began, the same start reaches "
            f"{spread(accuracies, '{:.3f}')}{stuck(frozen[0])}: {judge(first, frozen[0])}."
        )
    return " ".join(sentences)


def _cliff(views: Sequence[MemoryView]) -> MemoryView | None:
    """Return the first view of the assignment's way that has the RNN in it."""
    return next((view for view in views if not is_further(view) and "rnn" in view.cells), None)


def _cliff_rows(view: MemoryView, label: str) -> list[ReachRow]:
    return [
        ReachRow(
            series=f"{view.protocol['recipe']}: trained at each T",
            cell=label,
            trained_at=f"T = {trial.settings.length}",
            length=trial.settings.length,
            seed=trial.settings.seed,
            accuracy=trial.accuracy,
            count=trial.score.count if trial.score else 0,
            held_out=trial.score.held_out if trial.score else True,
        )
        for trial in view.of_cell("rnn")
    ]


def _holds(series: Series) -> str:
    seeds = f"all {len(series.trials)} seeds" if len(series.trials) > 1 else "its one seed"
    if series.last_solved is None:
        return f"do not solve even T = {series.tested[0]} in {seeds}"
    end = series.last_solved
    open_end = ", the longest length tested" if end == series.tested[-1] else ""
    return f"answer lengths up to **T = {end:,}** in {seeds}{open_end}"
