"""What was trained further, in tables: what was changed, how far it went, and how it got there."""

from collections.abc import Sequence
from typing import Any

from unroll.report.section import Column, Table
from unroll.study.memory.series import Series, tell_apart
from unroll.study.memory.view import TrialView
from unroll.study.running.trial import TrialSettings
from unroll.study.words import spread
from unroll.training.recipes import find_recipe


def changes_table(series: Sequence[Series]) -> Table:
    """Return what each way of training changes against the assignment's, one column a way."""
    ways: dict[tuple[str, tuple[str, ...]], Series] = {}
    for s in series:
        ways.setdefault((f"{s.cell}: {s.way}", tuple(_choices(s.settings).values())), s)
    titles = [title for title, _ in ways]
    added = tell_apart(titles, [s.settings for s in ways.values()])
    columns = [_choices(s.settings) for s in ways.values()]
    return Table(
        columns=(
            Column(title=""),
            Column(title="assignment"),
            *(Column(title=f"{t}{more}") for t, more in zip(titles, added, strict=True)),
        ),
        rows=tuple(
            (name, value, *(column[name] for column in columns))
            for name, value in _usual_choices().items()
        ),
        caption="What is changed; the equations and the width are not.",
    )


def reach_table(series: Sequence[Series]) -> Table:
    """Return the accuracy of each series at each length tested."""
    lengths = sorted({length for s in series for length in s.tested})
    rows = tuple(
        (
            s.cell,
            s.name,
            *(spread(s.accuracies(n), "{:.3f}") if s.accuracies(n) else None for n in lengths),
        )
        for s in series
    )
    counts = sorted({row.count for s in series for row in s.rows()})
    number = f"{sum(counts):,} palindromes"
    if len(counts) > 1:
        number = f"{counts[0]:,} to {counts[-1]:,} palindromes, the fewer the longer they are"
    tested = (
        f"Accuracy by length tested: median over seeds (least–greatest); {number}, held out for "
        "T ≥ 9. Chance is 0.100."
    )
    return Table(
        columns=(
            Column(title="cell"),
            Column(title="network"),
            *(Column(title=f"T = {n:,}", numeric=True) for n in lengths),
        ),
        rows=rows,
        caption=tested if counts else "No network could be tested: every trial failed.",
    )


def lessons_table(series: Sequence[Series]) -> Table:
    """Return how training came to the length that it led to."""
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


def _choices(settings: TrialSettings) -> dict[str, str]:
    """Return how a network was trained, by what is chosen."""
    return {
        "encoding of a digit": settings.encoding,
        "initialisation": settings.initialisation,
        "optimiser and rate": f"{settings.optimiser} {settings.rate:g}",
        "norm clipped at": f"{settings.clip_norm:g}",
        "stops at mean loss": f"{settings.stop_loss_nats:g} nats",
        "curriculum": _curriculum(settings.curriculum),
        "units, batch": f"{settings.hidden_size}, {settings.batch_size}",
    }


def _usual_choices() -> dict[str, str]:
    """Return the same of the assignment."""
    usual = find_recipe("assignment")
    return {
        "encoding of a digit": usual.encoding,
        "initialisation": usual.initialisation,
        "optimiser and rate": f"{usual.optimiser} {usual.rates[0]:g}",
        "norm clipped at": f"{usual.clip_norm:g}",
        "stops at mean loss": f"{usual.stop_loss_nats:g} nats",
        "curriculum": "none",
        "units, batch": f"{usual.hidden_size}, {usual.batch_size}",
    }


def _curriculum(curriculum: dict[str, Any] | None) -> str:
    if curriculum is None:
        return "none"
    return (
        f"from T = {curriculum['start']}, × {curriculum['factor']:g} when {curriculum['window']} "
        f"batches reach {curriculum['accuracy']:g}"
    )


def _arrival(trial: TrialView) -> int | None:
    """Return the step at which the length that training leads to began; None if it never did."""
    lessons = trial.record.lessons
    if not lessons or lessons[-1][1] != trial.settings.length:
        return None
    return lessons[-1][0]
