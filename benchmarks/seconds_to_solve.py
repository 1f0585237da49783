"""How many seconds of training does a length take, by each recipe?

    python -m benchmarks.seconds_to_solve [--quick] [--repetitions N]

One thread, recipes `assignment` and `learned`, the same seeds, in turn. A length counts as solved
at the first look, every 20 steps, at which the network answers at least 99% of 1,000 validation
palindromes; looking is not counted. The ratio is assignment over learned, seed by seed; a trial
that never gets there within 10,000 steps is told as such, and its ratio is a lower bound.
"""

import statistics
import time
from dataclasses import dataclass

import torch

from benchmarks.timing import Options, parse_options, print_table, spread
from unroll.seeding import make_generator
from unroll.study.memory.plan import plan_memory
from unroll.study.memory.settings import MemorySettings
from unroll.study.running.network import build_model
from unroll.study.running.trial_job import TrialJob
from unroll.study.running.worker import make_lessons
from unroll.tasks import make_task
from unroll.training.evaluate import evaluate
from unroll.training.fit import FitSettings, fit

CELLS = ("rnn", "lstm")
LENGTHS = (10, 20)
ACCURACY = 0.99
VALIDATION_COUNT = 1_000
MAX_STEPS = 10_000


@dataclass(frozen=True, kw_only=True)
class Solved:
    """How long it took."""

    seconds: float
    """Training time until solved, or until the budget was used up."""
    steps: int
    """Steps until then."""
    is_solved: bool
    """Whether it was solved."""


class _Enough(Exception):  # noqa: N818 - not an error: training has reached its goal
    """The length is solved."""


def train(job: TrialJob) -> Solved:
    """Train until the length is solved."""
    settings = job.settings
    task = make_task(settings.task, settings.length, settings.encoding)
    validation = task.distinct(VALIDATION_COUNT, "validation", make_generator(0, "validation"))
    model = build_model(settings, job.source)
    looking, steps = 0.0, 0
    start = time.perf_counter()

    def look(step: int) -> None:
        nonlocal looking, steps
        steps = step
        before = time.perf_counter()
        accuracy = evaluate(model, task, validation).accuracy
        looking += time.perf_counter() - before
        if accuracy >= ACCURACY:
            raise _Enough

    fit_settings = FitSettings(
        optimiser=settings.optimiser,
        rate=settings.rate,
        clip_norm=settings.clip_norm,
        max_steps=settings.max_steps,
        stop_loss_nats=0.0,
    )
    is_solved = False
    try:
        # Its own validation is on one sequence, so that it costs nothing.
        fit(
            model,
            make_lessons(settings),
            fit_settings,
            task=task,
            validation=validation[:1],
            on_progress=look,
        )
    except _Enough:
        is_solved = True
    return Solved(seconds=time.perf_counter() - start - looking, steps=steps, is_solved=is_solved)


def main(options: Options) -> None:
    """Print one row for each cell and length."""
    torch.set_num_threads(1)
    max_steps = 200 if options.quick else MAX_STEPS
    rows = []
    for cell in CELLS[:1] if options.quick else CELLS:
        for length in LENGTHS[:1] if options.quick else LENGTHS:
            found: dict[str, list[Solved]] = {"assignment": [], "learned": []}
            for seed in range(options.repetitions):
                for recipe, solved in found.items():
                    settings = MemorySettings(
                        cells=(cell,),
                        lengths=(length,),
                        seeds=seed + 1,
                        recipe=recipe,
                        max_steps=max_steps,
                    )
                    solved.append(train(plan_memory(settings).trials[seed]))
            rows.append([cell, str(length), *_describe(found)])
    print_table(
        "Seconds to solve: assignment over learned",
        ["cell", "T", "assignment s", "solved", "learned s", "solved", "ratio"],
        rows,
    )


def _describe(found: dict[str, list[Solved]]) -> list[str]:
    cells = []
    for solved in found.values():
        cells.append(f"{statistics.median(s.seconds for s in solved):.2f}")
        cells.append(f"{sum(s.is_solved for s in solved)} of {len(solved)}")
    ratios = [
        a.seconds / b.seconds for a, b in zip(found["assignment"], found["learned"], strict=True)
    ]
    bound = "≥ " if not all(s.is_solved for s in found["assignment"]) else ""
    return [*cells, f"{bound}{spread(ratios)}"]


if __name__ == "__main__":
    main(parse_options("Seconds to solve a length, by recipe."))
