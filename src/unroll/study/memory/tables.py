"""A memory study in tables, all filled from the records."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from unroll.report.section import Column, Scalar, Table
from unroll.study.memory.view import SOLVED_ACCURACY, MemoryView
from unroll.study.words import distance, figures, spread

Row: TypeAlias = tuple[Scalar, ...]


@dataclass(frozen=True, kw_only=True)
class MemoryTables:
    """The tables of one view."""

    view: MemoryView
    """What was measured."""
    labels: Mapping[str, str]
    """The short name of every cell in the report."""

    def results(self, cells: Sequence[str]) -> Table:
        """Return the accuracy of every seed, by cell and length."""
        rows: list[Row] = []
        for cell in cells:
            for length, trials in self.view.by_length(cell).items():
                final = [s.accuracy if (s := t.final.get(length)) else None for t in trials]
                solved = f"{sum(t.is_solved for t in trials)} of {len(trials)}"
                best = figures([t.accuracy for t in trials])
                rows.append((self.labels[cell], length, best, figures(final), solved))
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

    def cost(self, cells: Sequence[str]) -> Table:
        """Return what training took, and where another rule would have stopped it."""
        rows: list[Row] = []
        for cell in cells:
            for length, trials in self.view.by_length(cell).items():
                rows.append(
                    (
                        self.labels[cell],
                        length,
                        spread([t.record.steps for t in trials], "{:,.0f}"),
                        spread([t.record.seconds for t in trials], "{:.1f}"),
                        spread([t.record.plateau_step for t in trials], "{:,.0f}"),
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

    def rates(self) -> Table:
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

    def retained(self) -> Table:
        """Return how far networks trained at one length still answer at others."""
        rows: list[Row] = []
        for cell in self.view.cells:
            for length, horizon in self.view.retained(cell).items():
                trials = [t for t in self.view.of_cell(cell) if t.settings.length == length]
                tested = sorted({tested for t in trials for tested in t.best})
                scores = (
                    (at, spread([t.best[at].accuracy for t in trials if at in t.best], "{:.3f}"))
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
