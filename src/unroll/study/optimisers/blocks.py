"""A comparison of optimisers in rows for figures, a table, a check and what was run."""

from collections.abc import Sequence
from dataclasses import dataclass

from unroll.records.schema import CurvePoint
from unroll.report.markup import inert
from unroll.report.rows import DescentRow, PathRow, RateRow, RavineSurface
from unroll.report.section import Check, Column, Notice, Scalar, Table
from unroll.study.memory.failures import failure_notices
from unroll.study.memory.view import SOLVED_ACCURACY
from unroll.study.optimisers.ravine_sentences import surface_name
from unroll.study.optimisers.sentences import CHANCE_NATS, NAMES, usable_range
from unroll.study.optimisers.view import OptimiserView
from unroll.study.words import count, join, spread
from unroll.training.fit import CURVE_EVERY
from unroll.training.stopping import WINDOW

CURVE_POINTS = 60
"""Points of a curve that a figure can show."""


@dataclass(frozen=True, kw_only=True)
class OptimiserBlocks:
    """What a section can show of one view."""

    view: OptimiserView
    """What was measured."""

    def descent_rows(self) -> list[DescentRow]:
        """Return the training curves of each optimiser at its best rate, thinned out."""
        return [
            DescentRow(
                optimiser=name,
                rate=trial.settings.rate,
                seed=trial.settings.seed,
                step=point.step,
                loss_nats=point.loss_nats,
            )
            for name in self.view.optimisers
            for trial in self.view.best(name)
            for point in _thinned(trial.training)
        ]

    def rate_rows(self) -> list[RateRow]:
        """Return how every trial ended, by optimiser and rate."""
        return [
            RateRow(
                optimiser=name,
                rate=rate,
                seed=trial.settings.seed,
                final_loss_nats=trial.final_loss_nats,
                steps_to_solve=trial.steps_to_solve,
                status=trial.outcome,
            )
            for name in self.view.optimisers
            for rate in self.view.rates(name)
            for trial in self.view.at(name, rate)
        ]

    def path_rows(self) -> list[PathRow]:
        """Return where each optimiser stood in each ravine, step by step, at its best rate."""
        return [
            PathRow(
                surface=surface_name(walk.angle_degrees),
                optimiser=walk.optimiser,
                rate=walk.rate,
                step=step,
                x=x,
                y=y,
                loss=loss,
            )
            for walk in self.view.walks
            for step, ((x, y), loss) in enumerate(zip(walk.points, walk.losses, strict=True))
        ]

    def surfaces(self) -> list[RavineSurface]:
        """Return the ravines."""
        curvatures = {walk.angle_degrees: walk.curvature for walk in self.view.walks}
        return [
            RavineSurface(name=surface_name(angle), curvature=curvature, angle_degrees=angle)
            for angle, curvature in curvatures.items()
        ]

    def what_was_run(self) -> str:
        """Say how the networks were trained, and what is called solved and best."""
        view = self.view
        settings = view.trials[0].settings
        grids = "; ".join(
            f"{NAMES[name]} at {join(f'{rate:g}' for rate in view.rates(name))}"
            for name in view.optimisers
        )
        enters = "as one number 0–9" if settings.encoding == "scalar" else "one-hot"
        return (
            f"The task of the assignment at T = {settings.length}, cell `{inert(settings.cell)}`, "
            f"{count(len(view.seeds), 'seed')}. A seed gives every optimiser the same first "
            f"weights and the same batches. Rates: {grids}. They share, from recipe "
            f"`{view.protocol['recipe']}`: {settings.hidden_size} units, batches of "
            f"{settings.batch_size}, the digit enters {enters}, gradient norm clipped at "
            f"{settings.clip_norm:g}, initialisation `{inert(settings.initialisation)}`. Each "
            f"trial takes all its {view.max_steps:,} steps unless it diverges, so that final "
            f"losses compare: the final loss is the mean of the last {WINDOW} batches. The best "
            "rate is that of the lowest median final loss over seeds. *Solved* is the first step "
            f"at which the last {WINDOW} batches were answered with an accuracy of at least "
            f"{SOLVED_ACCURACY}, read off a curve with a point every {CURVE_EVERY} steps."
        )

    def results(self) -> Table:
        """Return each optimiser at its best rate, and how many rates would do."""
        view = self.view
        rows: list[tuple[Scalar, ...]] = []
        for name in view.optimisers:
            trials = view.best(name)
            rate = view.best_rate(name)
            solved = [trial.steps_to_solve for trial in trials]
            rows.append(
                (
                    NAMES[name],
                    "–" if rate is None else f"{rate:g}",
                    spread([trial.final_loss_nats for trial in trials], "{:.3g}"),
                    f"{sum(steps is not None for steps in solved)} of {len(solved)}",
                    spread(solved, "{:,.0f}"),
                    usable_range(view.usable(name)),
                )
            )
        return Table(
            columns=(
                Column(title="optimiser"),
                Column(title="best rate", numeric=True),
                Column(title="final loss, nats", numeric=True),
                Column(title="seeds solved", numeric=True),
                Column(title="steps to solve", numeric=True),
                Column(title="rates at which every seed solves"),
            ),
            rows=tuple(rows),
            caption="Each optimiser at its best rate: median (least–greatest) over "
            f"{count(len(view.seeds), 'seed')}; steps are those of the seeds that solved the task "
            f"within {view.max_steps:,}. Guessing costs {CHANCE_NATS:.3f} nats.",
        )

    def failures(self) -> list[Notice]:
        """Return why trials failed, if any did."""
        return failure_notices(
            (f"{NAMES[s.optimiser]} at rate {s.rate:g} with seed {s.seed}", trial.record)
            for trial in self.view.trials
            for s in (trial.settings,)
        )

    def same_start(self) -> list[Check]:
        """Return whether the trials of each seed began alike, read off the first validation.

        There is nothing to check where no seed has two trials.
        """
        starts = self.view.starts()
        if not any(len(points) > 1 for points in starts.values()):
            return []
        told = [
            f"seed {seed}: {_range(points)} nats in {count(len(points), 'trial')}"
            for seed, points in starts.items()
        ]
        return [
            Check(
                label="All optimisers began from the same weights",
                passed=all(
                    len({(point.loss_nats, point.accuracy) for point in points}) <= 1
                    for points in starts.values()
                ),
                detail="Validation before the first step, which must be the same for all trials "
                f"of a seed: {'; '.join(told)}",
            )
        ]


def _thinned(curve: Sequence[CurvePoint]) -> list[CurvePoint]:
    """Return at most 60 points of a curve at equal distances, the last among them."""
    size = -(-len(curve) // CURVE_POINTS) or 1
    return list(reversed(curve[::-1][::size]))


def _range(points: Sequence[CurvePoint]) -> str:
    """Return the losses of these points: one number where they are all the same."""
    losses = {point.loss_nats for point in points if point.loss_nats is not None}
    ends = sorted({min(losses), max(losses)}) if losses else []
    return "–".join(f"{loss:.6f}" for loss in ends) or "–"
