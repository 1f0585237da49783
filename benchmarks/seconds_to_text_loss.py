"""How much sooner does the preset `quick` come to the loss of the assignment's way of training?

    python -m benchmarks.seconds_to_text_loss [--quick] [--repetitions N] [--book FILE]

One thread, process CPU seconds, the same seeds. The assignment's way takes 2,400 steps, about two
minutes; its held-out loss is then the goal, once carried and once in windows of 30, each in its own
metric. `quick` is trained anew with 1.4 times more steps each time, for its rate falls to nothing
over the steps there are, until it comes below the goal. Its time is that of the training which did,
so that the ratio is known to within 1.4. Where it does not come there in the assignment's own time,
the ratio is told as below 1.
"""

import argparse
import statistics
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.timing import Options, print_table
from unroll.text import Book, default_book, read_book
from unroll.training.characters import TEXT_PRESETS, TextRecipe
from unroll.training.characters.fit import Unwatched, train

ASSIGNMENT_STEPS, FIRST_STEPS, GROWTH = 2_400, 700, 1.4
METRICS = ("carried_nats", "w30_nats")
MOST_SEEDS = 3
"""Each takes some five minutes."""


@dataclass(frozen=True, kw_only=True)
class Reached:
    """When one metric came to the assignment's figure."""

    goal_nats: float
    """What the assignment's way came to."""
    assignment_seconds: float
    """And in which time."""
    nats: float
    """What `quick` came to, in the first training that was good enough, or the last."""
    seconds: float | None
    """The CPU seconds of that training; None where none was good enough."""


def run(recipe: TextRecipe, book: Book, seed: int, steps: int) -> dict[str, Any]:
    """Train in a folder that is thrown away."""
    with tempfile.TemporaryDirectory() as folder:
        return train(
            Path(folder) / "run",
            book=book,
            recipe=recipe,
            seed=seed,
            steps=steps,
            threads=1,
            watcher=Unwatched(),
        )


def race(book: Book, seed: int, assignment_steps: int, first_steps: int) -> dict[str, Reached]:
    """Return when `quick` comes to the assignment's figures, by metric."""
    asked = run(TEXT_PRESETS["assignment"], book, seed, assignment_steps)
    reached: dict[str, Reached] = {}
    steps: float = first_steps
    while True:
        result = run(TEXT_PRESETS["quick"], book, seed, round(steps))
        for metric in METRICS:
            goal, came = asked["validation"][metric], result["validation"][metric]
            known = reached.get(metric)
            if known is None or known.seconds is None:
                reached[metric] = Reached(
                    goal_nats=goal,
                    assignment_seconds=asked["cpu_seconds"],
                    nats=came,
                    seconds=result["cpu_seconds"] if came <= goal else None,
                )
        if all(one.seconds is not None for one in reached.values()):
            return reached
        if result["cpu_seconds"] > asked["cpu_seconds"]:
            return reached
        steps *= GROWTH


def main(options: Options, book: Book | None = None) -> None:
    """Print one row for each metric."""
    book = book or default_book()
    sizes = (20, 20) if options.quick else (ASSIGNMENT_STEPS, FIRST_STEPS)
    races = [race(book, seed, *sizes) for seed in range(min(options.repetitions, MOST_SEEDS))]
    rows = []
    for metric in METRICS:
        found = [one[metric] for one in races]
        there = [(one.assignment_seconds, one.seconds) for one in found if one.seconds is not None]
        rows.append(
            [
                metric.removesuffix("_nats"),
                _spread([one.goal_nats for one in found], ".3f"),
                _spread([one.assignment_seconds for one in found], ".1f"),
                _spread([one.nats for one in found], ".3f"),
                _spread([seconds for _, seconds in there], ".1f") if there else "",
                f"{len(there)} of {len(found)}",
                _spread([theirs / ours for theirs, ours in there], ".1f") if there else "below 1",
            ]
        )
    print_table(
        f"Seconds to the assignment's loss, {book.name}: assignment over quick",
        ["metric", "goal nats", "assignment s", "quick nats", "quick s", "reached", "ratio"],
        rows,
    )


def _spread(values: Sequence[float], form: str) -> str:
    """Return the median and the range."""
    middle = format(statistics.median(values), form)
    if len(values) == 1:
        return middle
    return f"{middle} ({format(min(values), form)}–{format(max(values), form)})"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Seconds to the assignment's held-out loss.")
    parser.add_argument("--repetitions", type=int, default=3, help="seeds")
    parser.add_argument("--quick", action="store_true", help="show that everything runs")
    parser.add_argument("--book", type=Path, default=None, help="UTF-8 text; default: embedded")
    given = parser.parse_args()
    main(
        Options(repetitions=given.repetitions, quick=given.quick),
        None if given.book is None else read_book(given.book),
    )
