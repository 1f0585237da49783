"""The section that tells of the same equations further: what was changed, and how far it went."""

import statistics
from collections.abc import Mapping, Sequence

from unroll.report.charts import accuracy_by_reach
from unroll.report.markup import inert
from unroll.report.section import Block, Notice, Prose, Section
from unroll.study.memory.failures import failure_notices
from unroll.study.memory.further_tables import changes_table, lessons_table, reach_table
from unroll.study.memory.opening import (
    RETAINED_FROM,
    commands_of,
    opening_blocks,
    opening_series,
)
from unroll.study.memory.series import Series, find_series
from unroll.study.memory.verdict import CONSTRUCTED, judge, stuck
from unroll.study.memory.view import MemoryView
from unroll.study.parts import THROUGH_TIME
from unroll.study.reproduction import with_command, with_commands
from unroll.study.words import by_seed, count, distance, join, spread

TITLE = "The same equations further"


def further_section(views: Sequence[MemoryView], labels: Mapping[str, str]) -> Section | None:
    """Return the section that tells what was changed and how far it went; None if nothing was."""
    series = find_series(views, labels)
    if not series:
        return None
    opening = opening_series(views, labels) if opening_blocks(views, labels) else []
    shown = {(s.cell, s.name) for s in opening}
    unseen = [s for s in series if (s.cell, s.name) not in shown]
    blocks: list[Block] = [
        Prose(
            role="asked",
            text="How far do the very same equations remember, when only the way of training "
            "changes, never the equations or the width? And is what they remember learned, or "
            "was it there before training?",
        ),
        Prose(role="ran", text=_ran(series)),
        changes_table(series),
        Prose(role="measured", text=" ".join(_measured(s) for s in series if not s.is_frozen)),
        reach_table(series),
        lessons_table(series),
        *_failures(series),
        *with_commands(_reach_figures(unseen), commands_of(series)),
        Prose(role="follows", text=_follows(series)),
    ]
    return Section(number="", title=TITLE, part=THROUGH_TIME, blocks=tuple(blocks))


def _reach_figures(series: Sequence[Series]) -> list[Block]:
    """Return accuracy against length, a figure for each cell and length trained at."""
    groups: dict[tuple[str, int], list[Series]] = {}
    for s in series:
        groups.setdefault((s.cell, s.trained_at), []).append(s)
    return [
        with_command(
            accuracy_by_reach(
                [row for s in found for row in s.rows()],
                longest_trained=length,
                figure_id=f"reach-{number}",
                remark=f"{cell.upper()}, trained up to T = {length:,}.",
            ),
            commands_of(found),
        )
        for number, ((cell, length), found) in enumerate(groups.items())
        if max(len(s.tested) for s in found) >= RETAINED_FROM
    ]


def _failures(series: Sequence[Series]) -> list[Notice]:
    """Return why trials failed, if any did."""
    return failure_notices(
        (f"{s.cell.upper()} ({s.name}) with seed {trial.settings.seed}", trial.record)
        for s in series
        for trial in s.trials
    )


def _ran(series: Sequence[Series]) -> str:
    *fewer, most = sorted({len(s.trials) for s in series})
    seeds = join([*fewer, count(most, "seed")])
    beyond = {length % 2 for s in series for length in s.tested if length > s.trained_at}
    tested = "; then tested at lengths never trained on" if beyond else ""
    if len(beyond) > 1:
        tested += ", odd and even, because a network that oscillates passes one and fails the other"
    return (
        f"Trained to T = {join(sorted({s.trained_at for s in series}))}, {seeds}{tested}. What a "
        "cell **learns** when it is trained at T, and what a network trained at a short T "
        "**retains** at longer ones, are two horizons. The control freezes the recurrence as it "
        "began and trains the readout alone: where that does as well, nothing was learned about "
        "remembering."
    )


def _measured(series: Series) -> str:
    retained = series.view.retained(series.settings.cell).get(series.trained_at)
    solved = sum(trial.is_solved for trial in series.trials)
    text = (
        f"{series.cell.upper()}, {series.name}: T = {series.trained_at:,} solved by {solved} of "
        f"{count(len(series.trials), 'seed')}, in "
        f"{spread([t.record.seconds for t in series.trials], '{:.1f}')} s and "
        f"{spread([t.record.steps for t in series.trials], '{:,.0f}')} steps"
    )
    if retained is None:
        return f"{text}."
    built = ", by initialisation" if series.is_built else ""
    return f"{text}; it retains {distance(retained)} ({by_seed(retained)}){built}."


def _follows(series: Sequence[Series]) -> str:
    sentences = []
    for control in (s for s in series if s.is_frozen):
        at = control.accuracies(control.trained_at)
        told = f"{statistics.median(at):.3f} at T = {control.trained_at:,}" if at else "no result"
        trained = [s for s in series if not s.is_frozen and s.start == control.start]
        verdicts = [judge(s, control) for s in trained]
        if not trained and control.last_solved is not None:
            verdicts = [CONSTRUCTED]
        sentences.append(
            f"{control.cell.upper()} with `{inert(control.initialisation)}`, recurrence frozen as "
            f"it began: {told}{stuck(control)}"
            + "".join(f"; **{verdict}**" for verdict in dict.fromkeys(verdicts))
            + "."
        )
    if not sentences:
        built = "What began as a memory is not called learned. " if series[0].is_built else ""
        return f"{built}No control was run here: `--train readout` freezes the cell as it began."
    return " ".join(sentences)
