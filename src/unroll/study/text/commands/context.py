"""`unroll text context`: how far back a trained model looks."""

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from unroll.models.character_model import CharacterModel
from unroll.probes.context import (
    ContextLosses,
    context_gradients,
    context_horizon,
    context_losses,
)
from unroll.records import Horizon, Reading
from unroll.report.terminal import standard_error
from unroll.seeding import make_generator
from unroll.study.result import Result
from unroll.study.text.commands.progress import Progress
from unroll.study.text.commands.threads import computing_threads
from unroll.study.text.settings import ContextSettings, read_stage
from unroll.study.words import count
from unroll.training.characters.run import Run, open_run

LEAST_NATS = 0.01
"""A distance is of use where it lowers the loss by so much."""


def run_context(run_dir: Path, settings: ContextSettings, *, quiet: bool) -> Result:
    """Carry out `unroll text context RUN`.

    Raises: UnrollError, in one line, where there is no run, or its book is too short.
    """
    run = open_run(run_dir)
    console = standard_error(quiet=quiet)
    for note in _notes(run, settings):
        console.print(f"note: {note}", markup=False, soft_wrap=True)
    with (
        computing_threads(run.threads),
        Progress("reading with less and less context", quiet=quiet) as progress,
    ):
        summary = measure_context(run, settings, progress.told)
    return Result(summary=summary, text=tell_context(summary))


def measure_context(
    run: Run,
    settings: ContextSettings,
    told: Callable[[int, int], None] = lambda _done, _total: None,
) -> dict[str, Any]:
    """Return the loss on held-out text by how much of it was read, and the gradient by distance.

    What stands in place of the text that is taken away is training text of the same book. Of the
    distances those are taken that the held-out text has room for; a note says what is left out.
    Raises: ConfigError when the book is too short; what loading a stage raises.
    """
    model = run.load_model(read_stage(settings.stage))
    distances = _within(run, settings)
    # Reading with every distance and a gradient take about as long, a place.
    counted = _Counted(settings.positions + settings.gradients, told)
    losses = context_losses(
        model,
        run.corpus.ids,
        run.splits.validation,
        foreign=run.splits.training,
        generator=make_generator(settings.seed, "context"),
        positions=settings.positions,
        warm=settings.warm,
        distances=distances,
        told=counted.add,
    )
    gradients = _gradients(run, model, settings, distances[-1], counted)
    return {
        "command": "text context",
        "run": str(run.path),
        "book": run.corpus.name,
        "stage": settings.stage,
        "seed": settings.seed,
        **{name: _plain(value) for name, value in asdict(losses).items()},
        "gradient": [{"k": k, "norm": norm} for k, norm in enumerate(gradients, start=1)],
        "horizon": _horizon(run, losses),
        "notes": _notes(run, settings),
    }


def tell_context(summary: dict[str, Any]) -> str:
    """Return a measurement as a table, and the horizon in words."""
    norms = {one["k"]: one["norm"] for one in summary["gradient"]}
    last = summary["horizon"]["last_passed"]
    found = count(last, "character") if last else "none, at no distance tested"
    beyond = "" if summary["horizon"]["first_failed"] else " or more, the furthest tested"
    lines = [
        f"context horizon: {found}{beyond}",
        f"  {summary['horizon']['criterion']}",
        f"  all before a character known: {summary['full_nats']:.3f} nats; nothing but foreign "
        f"text: {summary['foreign_nats']:.3f}",
        f"  measured at {summary['positions']:,} places of held-out text",
        "",
        "characters known   loss nats   gain nats        from zero state   gradient",
    ]
    columns = ("distances", "loss_nats", "gain_nats", "gain_standard_error", "zero_state_nats")
    for k, loss, gain, error, zero in zip(*(summary[name] for name in columns), strict=True):
        lines.append(
            # z: a gain that rounds to nothing is not told as a loss.
            f"{k:>16}   {loss:>9.3f}   {gain:>z7.3f} ± {error:.3f}   {zero:>15.3f}   {norms[k]:.2e}"
        )
    return "\n".join(lines)


def _gradients(
    run: Run, model: CharacterModel, settings: ContextSettings, length: int, counted: "_Counted"
) -> tuple[float, ...]:
    return context_gradients(
        model,
        run.corpus.ids,
        run.splits.validation,
        generator=make_generator(settings.seed, "context gradients"),
        positions=settings.gradients,
        length=length,
        told=counted.add,
    )


def _horizon(run: Run, losses: ContextLosses) -> dict[str, Any]:
    last_passed, first_failed = context_horizon(losses, least_nats=LEAST_NATS)
    horizon = Horizon(
        unit="characters",
        criterion=f"twice as much context still saves {LEAST_NATS} nats and two standard errors",
        budget=f"{run.steps:,} steps",
        readings=(Reading(seed=run.seed, last_passed=last_passed, first_failed=first_failed),),
    )
    return {
        "last_passed": last_passed,
        "first_failed": first_failed,
        "unit": horizon.unit,
        "criterion": horizon.criterion,
        "budget": horizon.budget,
    }


def _within(run: Run, settings: ContextSettings) -> tuple[int, ...]:
    """Return the distances that are no longer than the held-out text."""
    held_out = run.splits.validation.characters
    return tuple(k for k in settings.distances if k <= held_out)


def _notes(run: Run, settings: ContextSettings) -> list[str]:
    """Return what a reader should know."""
    asked, within = settings.distances, _within(run, settings)
    if within == asked:
        return []
    return [
        f"measured up to {count(within[-1], 'character')} instead of {asked[-1]:,}: the held-out "
        f"text has {run.splits.validation.characters:,}"
    ]


class _Counted:
    """Adds up places, and tells how many are done."""

    def __init__(self, total: int, told: Callable[[int, int], None]) -> None:
        self._done, self._total, self._told = 0, total, told
        told(0, total)

    def add(self, places: int) -> None:
        """Take in that so many more are done."""
        self._done += places
        self._told(self._done, self._total)


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
