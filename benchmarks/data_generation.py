"""What share of a training step goes into making its batch?

    python -m benchmarks.data_generation [--quick] [--repetitions N]

Batches of 128 palindromes come from the stream that training reads; the share is the median time
of a batch over the median time of a whole step on one thread, batch included.
"""

import statistics

import torch

from benchmarks.steps import CELLS, TrainingStep, batches_of, our_model
from benchmarks.timing import Options, parse_options, print_table, seconds_of

BATCH_SIZE = 128
HIDDEN_SIZE = 128
LENGTHS = (10, 20, 40)


def row(cell: str, T: int, options: Options) -> list[str]:
    """Return one line of the table."""
    batches = batches_of(T, BATCH_SIZE)
    step = TrainingStep(our_model(cell, HIDDEN_SIZE), batches_of(T, BATCH_SIZE))
    batch_seconds, step_seconds = [], []
    seconds_of(step, 10)
    for _ in range(options.repetitions):
        # Whole blocks of the stream, so that none is drawn in one timing and used in another.
        batch_seconds.append(seconds_of(lambda: next(batches), 320))
        step_seconds.append(seconds_of(step, 32))
    batch, whole = statistics.median(batch_seconds), statistics.median(step_seconds)
    return [cell, str(T), f"{batch * 1e6:.1f}", f"{whole * 1e3:.2f}", f"{batch / whole:.2%}"]


def main(options: Options) -> None:
    """Measure and print."""
    torch.set_num_threads(1)
    lengths = LENGTHS[:1] if options.quick else LENGTHS
    rows = [row(cell, T, options) for cell in CELLS for T in lengths]
    print_table("Making a batch", ["cell", "T", "batch µs", "step ms", "share"], rows)


if __name__ == "__main__":
    main(parse_options(__doc__))
