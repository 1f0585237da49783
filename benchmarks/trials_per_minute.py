"""How many trials does a machine of two cores finish in a minute?

    python -m benchmarks.trials_per_minute [--quick] [--repetitions N]

Ours: two processes of one thread, each running `unroll.training.fit` on the assignment's task,
validation included. The peer is the loop that a student writes: two matrix products a gate and
step, autograd, sequences made one by one by a loader with one worker, no validation. It runs once
as it is (one process, PyTorch's default threads) and once at its best (two processes of one
thread, a loader each). A trial is counted as its 10,000 steps; batch 128, 128 hidden units,
RMSProp, norm clipped at 10. Processes wait for each other before the clock starts.
"""

import multiprocessing
import statistics
import time
from collections.abc import Callable
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier

import torch
from torch import nn
from torch.nn import functional

from benchmarks.assignment_style import GateByGate, load_batches
from benchmarks.steps import CELLS, CLASSES, CLIP_NORM, RATE, batches_of, our_model
from benchmarks.timing import Options, parse_options, print_table, spread
from unroll.seeding import make_generator
from unroll.tasks import Palindrome
from unroll.training.fit import FitSettings, fit
from unroll.training.lessons import Lessons

BATCH_SIZE = 128
HIDDEN_SIZE = 128
TRIAL_STEPS = 10_000
LENGTHS = (10, 20, 40)
VALIDATION_COUNT = 1_000
VALIDATE_EVERY = 100

Ready = Callable[[], object]
"""Called between warm-up and measurement: waits for the other processes."""
Run = Callable[[str, int, float, Ready], float]
"""Runs a cell at T steps for about so many seconds; returns training steps a second."""


def run_ours(cell: str, T: int, seconds: float, ready: Ready) -> float:
    """Fit our model; the number of steps is set by a short fit before."""
    task = Palindrome(length=T + 1)
    validation = task.distinct(VALIDATION_COUNT, "validation", make_generator(0, "validation"))

    def fit_steps(steps: int) -> float:
        settings = FitSettings(
            optimiser="rmsprop",
            rate=RATE,
            clip_norm=CLIP_NORM,
            max_steps=steps,
            stop_loss_nats=0.0,
        )
        model = our_model(cell, HIDDEN_SIZE)
        start = time.monotonic()
        lessons = Lessons(lambda _: batches_of(T, BATCH_SIZE), end=T + 1)
        fit(model, lessons, settings, task=task, validation=validation)
        return steps / (time.monotonic() - start)

    fit_steps(20)
    rounds = max(1, round(fit_steps(VALIDATE_EVERY) * seconds / VALIDATE_EVERY))
    ready()
    return fit_steps(rounds * VALIDATE_EVERY)


def run_peer(cell: str, T: int, seconds: float, ready: Ready) -> float:
    """Train the student's loop for so many seconds."""
    model = GateByGate(cell, HIDDEN_SIZE, CLASSES)
    optimiser = torch.optim.RMSprop(model.parameters(), lr=RATE)
    batches = load_batches(T + 1, BATCH_SIZE)

    def step() -> tuple[float, float]:
        inputs, targets = next(batches)
        scores = model(inputs)
        loss = functional.cross_entropy(scores, targets)
        optimiser.zero_grad()
        torch.autograd.backward(loss)
        nn.utils.clip_grad_norm_(model.parameters(), CLIP_NORM)
        optimiser.step()
        return loss.item(), (scores.argmax(1) == targets).float().mean().item()

    for _ in range(3):
        step()
    ready()
    start, steps, elapsed = time.monotonic(), 0, 0.0
    while elapsed < seconds:
        step()
        steps, elapsed = steps + 1, time.monotonic() - start
    return steps / elapsed


def _work(
    run: Run,
    cell: str,
    T: int,
    seconds: float,
    threads: int | None,
    barrier: Barrier,
    results: "Queue[float]",
) -> None:
    """Be one worker process."""
    if threads is not None:
        torch.set_num_threads(threads)
    results.put(run(cell, T, seconds, barrier.wait))


def steps_per_minute(
    run: Run, cell: str, T: int, seconds: float, *, processes: int, threads: int | None
) -> float:
    """Return the training steps a minute of so many processes together."""
    context = multiprocessing.get_context("spawn")
    barrier, results = context.Barrier(processes), context.Queue()
    arguments = (run, cell, T, seconds, threads, barrier, results)
    workers = [context.Process(target=_work, args=arguments) for _ in range(processes)]
    for worker in workers:
        worker.start()
    total: float = sum(results.get() for _ in workers)
    for worker in workers:
        worker.join()
    return 60 * total


def row(cell: str, T: int, seconds: float, repetitions: int) -> list[str]:
    """Return one line of the table."""
    ours, as_it_is, at_best = [], [], []
    for _ in range(repetitions):
        ours.append(steps_per_minute(run_ours, cell, T, seconds, processes=2, threads=1))
        as_it_is.append(steps_per_minute(run_peer, cell, T, seconds, processes=1, threads=None))
        at_best.append(steps_per_minute(run_peer, cell, T, seconds, processes=2, threads=1))
    trials = [statistics.median(side) / TRIAL_STEPS for side in (ours, as_it_is, at_best)]
    return [
        cell,
        str(T),
        *(f"{value:.2f}" for value in trials),
        spread([a / b for a, b in zip(ours, as_it_is, strict=True)]),
        spread([a / b for a, b in zip(ours, at_best, strict=True)]),
    ]


def main(options: Options) -> None:
    """Measure and print."""
    torch.set_num_threads(1)
    lengths = LENGTHS[:1] if options.quick else LENGTHS
    seconds = 2.0 if options.quick else 3.0
    rows = [row(cell, T, seconds, options.repetitions) for cell in CELLS for T in lengths]
    columns = ["cell", "T", "ours", "peer", "peer at best", "ratio", "ratio to its best"]
    print_table("Trials of 10,000 steps finished in a minute, two cores", columns, rows)


if __name__ == "__main__":
    main(parse_options(__doc__))
