"""A memory study in sentences, tables and rows for figures, all filled from the records."""

import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from unroll.records import Horizon
from unroll.records.schema import CurvePoint
from unroll.report.markup import inert
from unroll.report.rows import CurveRow, HorizonRow, TrialRow
from unroll.report.section import Check, Column, Scalar, Table
from unroll.study.memory_view import SOLVED_ACCURACY, MemoryView, TrialView

Row: TypeAlias = tuple[Scalar, ...]

CURVE_POINTS = 60
"""Points of a curve that a figure can show."""


@dataclass(frozen=True, kw_only=True)
class MemoryBlocks:
    """What a section can say of one view."""

    view: MemoryView
    """What was measured."""
    labels: Mapping[str, str]
    """The short name of every cell in the report."""

    def trial_rows(self, cells: Sequence[str]) -> list[TrialRow]:
        """Return the evaluation of every chosen trial of these cells."""
        return [
            TrialRow(
                cell=self.labels[cell],
                length=trial.settings.length,
                seed=trial.settings.seed,
                accuracy=trial.accuracy,
                loss_nats=trial.score.loss_nats if trial.score else None,
                held_out=trial.score.held_out if trial.score else True,
                status=trial.outcome,
            )
            for cell in cells
            for trial in self.view.of_cell(cell)
        ]

    def curve_rows(self, cells: Sequence[str]) -> list[CurveRow]:
        """Return the training curve of every chosen trial of these cells, thinned out."""
        rows = []
        for cell in cells:
            for trial in self.view.of_cell(cell):
                settings = trial.settings
                points = _thin(trial.training)
                rows += [
                    CurveRow(
                        cell=self.labels[cell],
                        length=settings.length,
                        seed=settings.seed,
                        step=point.step,
                        loss_nats=point.loss_nats,
                        accuracy=point.accuracy,
                    )
                    for point in points
                ]
        return rows

    def horizon_rows(self, cells: Sequence[str]) -> list[HorizonRow]:
        """Return how far every seed of these cells came."""
        return [
            HorizonRow(
                cell=self.labels[cell],
                seed=reading.seed,
                last_passed=reading.last_passed,
                first_failed=reading.first_failed,
            )
            for cell in cells
            for reading in self.view.horizon(cell).readings
        ]

    def what_was_run(self, cells: Sequence[str]) -> str:
        """Say how these cells were trained and tested."""
        trials = [trial for cell in cells for trial in self.view.of_cell(cell)]
        settings = trials[0].settings
        by_cell = "; ".join(
            f"{self.name(cell)} at T = {join(sorted({t.settings.length for t in mine}))}"
            for cell in cells
            if (mine := self.view.of_cell(cell))
        )
        rates = sorted({t.settings.rate for t in self.view.trials}, reverse=True)
        rate = f"rate {rates[0]:g}"
        if len(rates) > 1:
            rate = f"the rate out of {join(f'{r:g}' for r in rates)} that validation chose"
        enters = "as one number 0–9" if settings.encoding == "scalar" else "one-hot"
        counts = sorted({t.score.count for t in trials if t.score and t.score.held_out})
        held_out = f" For T ≥ 9 they are {counts[-1]:,} held-out palindromes." if counts else ""
        open_ones = any(t.score and not t.score.held_out for t in trials)
        small = (
            " For T ≤ 8 there are at most 10,000 palindromes: these networks are tested on all of "
            "them, which is *not held out*."
            if open_ones
            else ""
        )
        seeds = len({t.settings.seed for t in trials})
        return (
            f"{by_cell}; {seeds} seed{'s' * (seeds > 1)} each, recipe `{settings.recipe}`: "
            f"{settings.hidden_size} units, batches of {settings.batch_size}, the digit enters "
            f"{enters}, {settings.optimiser} with {rate}, gradient norm clipped at "
            f"{settings.clip_norm:g}, at most {settings.max_steps:,} steps, stopped when the mean "
            f"loss of the last 100 batches is below {settings.stop_loss_nats:g} nats; "
            f"initialisation `{inert(settings.initialisation)}`. The parameters with the best "
            f"validation are tested.{held_out}{small}"
        )

    def results_table(self, cells: Sequence[str]) -> Table:
        """Return the accuracy of every seed, by cell and length."""
        rows: list[Row] = []
        for cell in cells:
            for length, trials in self._by_length(cell).items():
                final = [s.accuracy if (s := t.final.get(length)) else None for t in trials]
                solved = f"{sum(t.is_solved for t in trials)} of {len(trials)}"
                best = _figures([t.accuracy for t in trials])
                rows.append((self.labels[cell], length, best, _figures(final), solved))
        return Table(
            columns=(
                Column(title="cell"),
                Column(title="T", numeric=True),
                Column(title="best validation", numeric=True),
                Column(title="after the last step", numeric=True),
                Column(title="seeds solved", numeric=True),
            ),
            rows=tuple(rows),
            caption="Accuracy on the test sequences, seed by seed: with the parameters of the best "
            f"validation, and with those after the last step. Solved: at least {SOLVED_ACCURACY}.",
        )

    def cost_table(self, cells: Sequence[str]) -> Table:
        """Return what training took, and where another rule would have stopped it."""
        rows: list[Row] = []
        for cell in cells:
            for length, trials in self._by_length(cell).items():
                rows.append(
                    (
                        self.labels[cell],
                        length,
                        _spread([t.record.steps for t in trials], "{:,.0f}"),
                        _spread([t.record.seconds for t in trials], "{:.1f}"),
                        _spread([t.record.plateau_step for t in trials], "{:,.0f}"),
                        ", ".join(sorted({t.record.engine or "none" for t in trials})),
                    )
                )
        return Table(
            columns=(
                Column(title="cell"),
                Column(title="T", numeric=True),
                Column(title="steps", numeric=True),
                Column(title="seconds, one core", numeric=True),
                Column(title="“moved by < 1e-6”, step", numeric=True),
                Column(title="engine"),
            ),
            rows=tuple(rows),
            caption="What training took, and the step at which the rule *mean loss moved by less "
            "than 1e-6* would have stopped it: median (least–greatest) over seeds.",
        )

    def horizon_sentence(self, cell: str) -> str:
        """Say how far a cell remembers, with every seed."""
        horizon = self.view.horizon(cell)
        return (
            f"The memory horizon of {self.name(cell)} is **{distance(horizon)}** (median of "
            f"{len(horizon.readings)} seeds; {by_seed(horizon)}), with {horizon.budget}."
        )

    def medians_sentence(self, cell: str) -> str:
        """Say how accuracy goes with the length, from the medians over seeds."""
        medians = [
            (length, statistics.median(t.accuracy or 0.0 for t in trials))
            for length, trials in self._by_length(cell).items()
        ]
        return (
            f"Median accuracy of {self.name(cell)}: "
            + ", ".join(f"{accuracy:.3f} at T = {length}" for length, accuracy in medians)
            + "."
        )

    def cliff_sentence(self, cell: str) -> str:
        """Say what happens at the first length that is not solved by every seed."""
        for length, trials in self._by_length(cell).items():
            failed = [t for t in trials if not t.is_solved]
            if not failed:
                continue
            accuracies = [t.accuracy for t in failed if t.accuracy is not None]
            how = f"accuracy {_spread(accuracies, '{:.3f}')}" if accuracies else "no result"
            return (
                f"At T = {length} it is not solved by {len(failed)} of {len(trials)} seeds "
                f"({how}, chance 0.100)."
            )
        return "Every length tested is solved by every seed: the end of its memory lies further."

    def steps_sentence(self, cell: str) -> str:
        """Say how long training took at each length."""
        parts = []
        for length, trials in self._by_length(cell).items():
            solved = [t.record.steps for t in trials if t.record.status == "stopped"]
            if len(solved) == len(trials):
                parts.append(f"T = {length} in {_spread(solved, '{:,.0f}')} steps")
            else:
                limit = trials[0].settings.max_steps
                parts.append(
                    f"T = {length} in {len(solved)} of {len(trials)} seeds within {limit:,} steps"
                )
        return f"The stopping rule was reached for {join(parts)} (median, least–greatest)."

    def rates_table(self) -> Table:
        """Return the mean validation accuracy of every rate, and which was chosen."""
        rates = sorted({t.settings.rate for t in self.view.trials}, reverse=True)
        rows: list[Row] = []
        for (cell, length), chosen in self.view.rates.items():
            scores = []
            for rate in rates:
                mine = [
                    t.best_validation[0]
                    for t in self.view.trials
                    if (t.settings.cell, t.settings.length, t.settings.rate) == (cell, length, rate)
                ]
                mark = " ✓" if rate == chosen else ""
                scores.append(f"{statistics.fmean(mine):.3f}{mark}" if mine else "–")
            rows.append((self.labels[cell], length, *scores))
        return Table(
            columns=(
                Column(title="cell"),
                Column(title="T", numeric=True),
                *(Column(title=f"rate {rate:g}", numeric=True) for rate in rates),
            ),
            rows=tuple(rows),
            caption="Best validation accuracy, mean over seeds, by learning rate; ✓ marks the rate "
            "chosen for that cell and length. The test sequences have no part in the choice.",
        )

    def retained_table(self) -> Table:
        """Return how far networks trained at one length still answer at others."""
        rows: list[Row] = []
        for cell in self.view.cells:
            for length, horizon in self.view.retained(cell).items():
                trials = [t for t in self.view.of_cell(cell) if t.settings.length == length]
                tested = sorted({tested for t in trials for tested in t.best})
                scores = (
                    (at, _spread([t.best[at].accuracy for t in trials if at in t.best], "{:.3f}"))
                    for at in tested
                )
                rows.append(
                    (
                        self.labels[cell],
                        length,
                        distance(horizon),
                        "; ".join(f"{at}: {score}" for at, score in scores),
                    )
                )
        return Table(
            columns=(
                Column(title="cell"),
                Column(title="trained at T", numeric=True),
                Column(title="retained up to"),
                Column(title="accuracy at each T tested"),
            ),
            rows=tuple(rows),
            caption="Retained: networks trained at one length and tested at others; accuracy as "
            "median (least–greatest) over seeds.",
        )

    def plateau_sentence(self, cells: Sequence[str]) -> str:
        """Say when one report's stopping rule would have fired on trials not yet solved."""
        trials = [t for cell in cells for t in self.view.of_cell(cell)]
        steps = [t.record.plateau_step for t in trials if t.record.plateau_step is not None]
        if not steps:
            return "The rule *mean loss moved by less than 1e-6* never fired in these runs."
        early = sum(
            t.record.plateau_step is not None and t.record.plateau_step < t.record.steps
            for t in trials
        )
        return (
            "The rule *stop when the mean loss moved by less than 1e-6* of report C would have "
            f"fired at steps {min(steps):,}–{max(steps):,}, in {early} of {len(trials)} trials "
            "before training ended by itself; it is recorded here and not obeyed."
        )

    def parameters_check(self, cell: str, gates: int) -> Check:
        """Return whether the formula for the number of parameters fits the real network."""
        trial = self.view.of_cell(cell)[0]
        n = trial.settings.hidden_size
        d = 1 if trial.settings.encoding == "scalar" else 10
        expected = gates * (n * d + n * n + n) + 10 * (n + 1)
        factor = "" if gates == 1 else f"{gates} "
        return Check(
            label=f"The network has {factor}(nd + n² + n) + K(n + 1) parameters",
            passed=trial.record.parameters == expected,
            detail=f"n = {n}, d = {d}, K = 10: formula {expected:,}, "
            f"network {trial.record.parameters or 0:,}",
        )

    def name(self, cell: str) -> str:
        """Return a cell's name as prose shows it."""
        label = self.labels[cell]
        return label.upper() if label == cell else f"`{inert(label)}`"

    def _by_length(self, cell: str) -> dict[int, list[TrialView]]:
        groups: dict[int, list[TrialView]] = {}
        for trial in self.view.of_cell(cell):
            groups.setdefault(trial.settings.length, []).append(trial)
        return groups


def distance(horizon: Horizon) -> str:
    """Return a horizon's median in words."""
    return reading(horizon.median) + (" or more" if horizon.is_open else "")


def reading(length: int | None) -> str:
    """Return the last length passed in words."""
    return "no length tested" if length is None else f"T = {length}"


def by_seed(horizon: Horizon) -> str:
    """Return every seed's last length passed, in words."""
    if len(set(horizon.per_seed)) == 1:
        return "the same for every seed"
    return f"by seed {join('none' if n is None else n for n in horizon.per_seed)}"


def join(words: Iterable[object]) -> str:
    """Return `a, b and c`."""
    *first, last = map(str, words)
    return f"{', '.join(first)} and {last}" if first else last


def _figures(values: Sequence[float | None]) -> str:
    return "  ".join("–" if value is None else f"{value:.3f}" for value in values)


def _spread(values: Iterable[float | None], form: str) -> str:
    """Return the median and, where there are several values, the range."""
    known = [value for value in values if value is not None]
    if not known:
        return "–"
    middle = form.format(statistics.median(known))
    if len(known) == 1:
        return middle
    return f"{middle} ({form.format(min(known))}–{form.format(max(known))})"


def _thin(curve: Sequence[CurvePoint]) -> list[CurvePoint]:
    """Return at most CURVE_POINTS points of a curve, each the mean of its neighbours."""
    size = -(-len(curve) // CURVE_POINTS)
    return [_mean_point(curve[i : i + size]) for i in range(0, len(curve), size or 1)]


def _mean_point(points: Sequence[CurvePoint]) -> CurvePoint:
    losses = [point.loss_nats for point in points if point.loss_nats is not None]
    return CurvePoint(
        step=points[-1].step,
        loss_nats=statistics.fmean(losses) if losses else None,
        accuracy=statistics.fmean(point.accuracy for point in points),
    )
