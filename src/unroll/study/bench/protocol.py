"""How the bench trains: the same for every cell, but for the rate."""

from dataclasses import asdict
from typing import Any

from unroll.cells import Cell
from unroll.cells.source import BUILT_IN, CellSource
from unroll.errors import ConfigError
from unroll.study.bench.settings import BATCH_SIZE, BenchSettings
from unroll.study.bench.widths import INPUT_SIZE, Width
from unroll.study.running.trial import TrialSettings
from unroll.tasks import check_task_takes, default_encoding, make_task
from unroll.tasks.adding import TOLERANCE
from unroll.training.curriculum import Curriculum
from unroll.training.recipes import find_recipe

OPTIMISER = "adam"
CLIP_NORM = 1.0
LADDER = (5, 7, 10, 15, 20, 30, 50, 70, 100, 150, 200, 300, 500, 700, 1_000, 1_500, 2_000, 3_000)
"""Lengths at which a trained network is tested, from the task's shortest on, which is one of them
itself; so is the longest that training may grow to."""
BEYOND = 4
"""A network is tested up to so many times the length that it was trained at, and, while it passes
all of that, up to so many times as far again."""
SOLVED_ACCURACY = 0.99
"""From this share of right answers on a length counts as passed."""
CRITERION = f"accuracy of at least {SOLVED_ACCURACY}"
RIGHT = {"adding": f"right: within {TOLERANCE} of the sum"}
"""When an answer is right, of the tasks that ask for a number."""
GROWTH_FACTOR = 1.3
"""How much longer the next length is."""
GROWTH_ACCURACY = {
    "palindrome": 0.998,
    "palindrome-half": 0.998,
    "delayed-copying": 0.995,
    "adding": 0.998,
    "associative-recall": 0.998,
    "parity": 0.998,
}
"""Training accuracy over ten batches that leads to the next length. With 0.99 an LSTM hurries to
T = 104 in the adding problem and is right 95% of the time at every length, short ones too; in
delayed copying, where every answer has five parts, 0.998 leaves it at T = 26 in 1.2 million
sequence-steps."""
START = {"palindrome": 4, "palindrome-half": 4}
"""T at which training begins, where that is not the shortest that a task has: a palindrome of two
digits has nothing between what is read and what is asked."""
REVISITED = 0.2
"""Share of the batches that have a length met before: without them a network is right at the
length it has come to, and no longer at shorter ones."""
STOP_LOSS_NATS = {
    "palindrome": 3e-3,
    "palindrome-half": 1e-2,
    "delayed-copying": 1e-2,
    "adding": 5e-4,
    "associative-recall": 1e-2,
    "parity": 3e-3,
}
"""Mean loss at which training ends at the longest T: low enough for 99% of the answers. A sum that
is off by √(2 · 5e-4) = 0.03 on average lies within 0.1 in 99.8% of cases."""


def criterion_of(task: str) -> str:
    """Return when a length of a task counts as passed.

    >>> criterion_of("parity"), criterion_of("adding")[26:]
    ('accuracy of at least 0.99', '(right: within 0.1 of the sum)')
    """
    return f"{CRITERION} ({RIGHT[task]})" if task in RIGHT else CRITERION


def initialisation_of(source: CellSource) -> str:
    """Return how the parameters of a cell begin: our own by name, others as they were built.

    Those of recipe `learned`, which keep what they have read: without, an LSTM comes to T = 11 in
    delayed copying at a budget that brings it to 118 with.
    """
    recipe = find_recipe("learned")
    chosen = recipe.by_cell.get(source.spec)
    is_ours = source.spec in BUILT_IN and issubclass(source.load(), Cell)
    return chosen.initialisation if chosen is not None and is_ours else "own"


def shortest_length(task: str, longest: int) -> int:
    """Return the T at which training on a task begins.

    Raises: ConfigError where that is above the longest.
    """
    start = START.get(task) or make_task(task, LADDER[-1], default_encoding(task)).shortest
    if longest < start:
        raise ConfigError(f"longest must be {start} or more for {task}, got {longest}")
    return start


def why_not_taken(task: str, cell_class: type) -> str:
    """Say why a cell cannot take a task; empty where it can."""
    try:
        check_task_takes(task, cell_class)
    except ConfigError as refusal:
        # What to do is for whoever asked for it by name.
        return str(refusal).removeprefix(f"{task}: ").removesuffix("; leave out one of them")
    return ""


def trial_settings(
    settings: BenchSettings, width: Width, task: str, rate: float, seed: int
) -> TrialSettings:
    """Return one training of the bench."""
    source = width.source
    start = shortest_length(task, settings.longest)
    growth = Curriculum(
        start=start, factor=GROWTH_FACTOR, accuracy=GROWTH_ACCURACY[task], revisited=REVISITED
    )
    return TrialSettings(
        cell=source.spec,
        cell_class=source.class_name,
        cell_sha256=source.sha256,
        task=task,
        length=settings.longest,
        seed=seed,
        encoding=default_encoding(task),
        initialisation=initialisation_of(source),
        hidden_size=width.hidden_size,
        batch_size=BATCH_SIZE,
        optimiser=OPTIMISER,
        rate=rate,
        clip_norm=CLIP_NORM,
        # No more steps than the budget buys at the first length.
        max_steps=max(1, settings.budget // (BATCH_SIZE * start)),
        stop_loss_nats=STOP_LOSS_NATS[task],
        engine="auto",
        device="cpu",
        curriculum=asdict(growth),
        sequence_steps=settings.budget,
        validated_at="lesson",
    )


def shared_protocol(settings: BenchSettings, target: int) -> dict[str, Any]:
    """Return what cells share that stand in one bench; `target` is what widths are matched to."""
    return {
        "match": settings.match,
        "target": target,
        "input_size": INPUT_SIZE,
        "rates": list(settings.rates),
        "budget": settings.budget,
        "longest": settings.longest,
        "batch_size": BATCH_SIZE,
        "optimiser": OPTIMISER,
        "clip_norm": CLIP_NORM,
        "criterion": CRITERION,
    }


def ladder(task: str, longest: int) -> tuple[int, ...]:
    """Return the lengths at which networks for a task are tested.

    >>> ladder("palindrome", 40)[:8]
    (5, 7, 10, 15, 20, 30, 40, 50)
    """
    least = max(LADDER[0], shortest_length(task, longest))
    return tuple(sorted(length for length in {least, *LADDER, longest} if length >= least))
