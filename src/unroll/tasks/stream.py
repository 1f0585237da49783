"""An endless stream of batches, drawn many at a time."""

from collections.abc import Iterator

import torch

from unroll.tasks.task import Batch, Split, Task

_BLOCK_BATCHES = 32
_BLOCK_DIGITS = 2**20


def stream_batches(
    task: Task,
    batch_size: int,
    generator: torch.Generator,
    split: Split = "training",
    most_per_block: int = _BLOCK_BATCHES,
) -> Iterator[Batch]:
    """Yield batches for ever.

    Batches are drawn in blocks of `most_per_block`, because a call on a small tensor costs more
    than its digits; a block is kept small for long sequences.
    """
    per_block = max(1, min(most_per_block, _BLOCK_DIGITS // (batch_size * task.length)))
    while True:
        block = task.encode(task.sample(per_block * batch_size, split, generator))
        parts = (torch.split(tensor, batch_size) for tensor in block)
        yield from map(Batch, *parts)
