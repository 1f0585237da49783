"""A memory study in sentences and rows for figures, all filled from the records."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from unroll.records.schema import CurvePoint
from unroll.report.markup import inert
from unroll.report.rows import CurveRow, HorizonRow, TrialRow
from unroll.report.section import Check, Notice
from unroll.study.memory.contest import beside_rnn
from unroll.study.memory.failures import failure_notices
from unroll.study.memory.view import SOLVED_ACCURACY, MemoryView, TrialView
from unroll.study.words import by_seed, count, distance, join, spread

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
            f"{by_cell}; {seeds} seed{'s' * (seeds > 1)} each, recipe "
            f"`{self.view.protocol['recipe']}`: "
            f"{settings.hidden_size} units, batches of {settings.batch_size}, the digit enters "
            f"{enters}, {settings.optimiser} with {rate}, gradient norm clipped at "
            f"{settings.clip_norm:g}, at most {settings.max_steps:,} steps, stopped when the mean "
            f"loss of the last 100 batches is below {settings.stop_loss_nats:g} nats; "
            f"initialisation `{inert(settings.initialisation)}`. The parameters with the best "
            f"validation are tested.{held_out}{small}"
        )

    def horizon_sentence(self, cell: str) -> str:
        """Say how far a cell remembers, with every seed."""
        horizon = self.view.horizon(cell)
        number = len(horizon.readings)
        built = "; it is there by initialisation, not learned" if self.view.is_built(cell) else ""
        seeds = f"median of {number} seeds; {by_seed(horizon)}" if number > 1 else "1 seed"
        return (
            f"The memory horizon of {self.name(cell)} is **{distance(horizon)}** "
            f"({seeds}), with {horizon.budget}{built}."
        )

    def medians_sentence(self, cell: str) -> str:
        """Say how accuracy goes with the length, from the medians over seeds."""
        medians = [
            (length, statistics.median(known))
            for length, trials in self.view.by_length(cell).items()
            if (known := [t.accuracy for t in trials if t.accuracy is not None])
        ]
        if not medians:
            return f"{self.name(cell)} has no accuracy: no trial came to its test."
        return (
            f"Median accuracy of {self.name(cell)}: "
            + ", ".join(f"{accuracy:.3f} at T = {length}" for length, accuracy in medians)
            + "."
        )

    def cliff_sentence(self, cell: str) -> str:
        """Say what happens at the first length that is not solved by every seed."""
        for length, trials in self.view.by_length(cell).items():
            failed = [t for t in trials if not t.is_solved]
            if not failed:
                continue
            accuracies = [t.accuracy for t in failed if t.accuracy is not None]
            how = f"accuracy {spread(accuracies, '{:.3f}')}" if accuracies else "no result"
            return (
                f"At T = {length} it is not solved by {len(failed)} of "
                f"{count(len(trials), 'seed')} ({how}, chance 0.100)."
            )
        return "Every length tested is solved by every seed: the end of its memory lies further."

    def steps_sentence(self, cell: str) -> str:
        """Say how long training took at each length."""
        parts = []
        for length, trials in self.view.by_length(cell).items():
            steps = [t.record.steps for t in trials if t.record.status == "stopped"]
            after = f", after {spread(steps, '{:,.0f}')} steps" if steps else ""
            parts.append(f"at T = {length} in {len(steps)} of {count(len(trials), 'seed')}{after}")
        limit = max(trial.settings.max_steps for trial in self.view.of_cell(cell))
        has_range = any("(" in part for part in parts)
        return (
            f"The stopping rule was reached within {count(limit, 'step')}: {'; '.join(parts)}."
            + (" Steps: median (least–greatest)." if has_range else "")
        )

    def learned_sentence(self, cell: str) -> str:
        """Say which of the lengths trained at a cell learned."""
        parts = []
        for length, trials in self.view.by_length(cell).items():
            solved = sum(trial.is_solved for trial in trials)
            parts.append(f"T = {length} with {solved} of {count(len(trials), 'seed')}")
        does = "solves, by initialisation," if self.view.is_built(cell) else "learns"
        return (
            f"{self.name(cell)} {does} {join(parts)}: what counts is an accuracy of at least "
            f"{SOLVED_ACCURACY} on the test sequences."
        )

    def beside_sentence(self, cell: str) -> str:
        """Compare a cell with the RNN at each length that both were trained at."""
        contest = beside_rnn(self.view, cell)
        ahead: dict[str, list[int]] = {"rnn": [], cell: [], "": []}
        for length, leader in contest.leaders.items():
            ahead[leader].append(length)
        seeds = "with every seed" if contest.several else "on one seed"
        told = [
            f"at T = {join(lengths)} "
            + (f"{self.name(name)} is, {seeds}" if name else "neither is")
            for name, lengths in ahead.items()
            if lengths
        ]
        if not told:
            return ""
        return f"**RNN and {self.name(cell)}.** Which one is ahead: {'; '.join(told)}."

    def plateau_sentence(self, cells: Sequence[str]) -> str:
        """Say when one report's stopping rule would have fired on trials not yet solved."""
        trials = [t for cell in cells for t in self.view.of_cell(cell)]
        steps = [t.record.plateau_step for t in trials if t.record.plateau_step is not None]
        if not steps:
            return "The rule *mean loss moved by less than 1e-6* never fired in these runs."
        first, last = min(steps), max(steps)
        when = f"at step {first:,}" if first == last else f"at steps {first:,}–{last:,}"
        early = sum(
            t.record.plateau_step is not None and t.record.plateau_step < t.record.steps
            for t in trials
        )
        return (
            "The rule *stop when the mean loss moved by less than 1e-6* of report C would have "
            f"fired {when}, in {early} of {len(trials)} trials "
            "before training ended by itself; it is recorded here and not obeyed."
        )

    def failures(self, cells: Sequence[str]) -> list[Notice]:
        """Return why trials of these cells failed, if any did."""
        return failure_notices(
            (self._trial_name(trial), trial.record)
            for trial in self.view.trials
            if trial.settings.cell in cells
        )

    def _trial_name(self, trial: TrialView) -> str:
        s = trial.settings
        rate = f" at rate {s.rate:g}" if self.view.is_searched else ""
        return f"{self.name(s.cell)} at T = {s.length}{rate} with seed {s.seed}"

    def parameters_checks(self, cell: str, gates: int) -> list[Check]:
        """Return whether the formula for the number of parameters fits the real network."""
        built = [t for t in self.view.of_cell(cell) if t.record.parameters is not None]
        return [self._parameters_check(trial, gates) for trial in built[:1]]

    def _parameters_check(self, trial: TrialView, gates: int) -> Check:
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
