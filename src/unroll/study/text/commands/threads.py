"""How many threads compute."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def computing_threads(threads: int = 1) -> Iterator[None]:
    """Let torch compute with so many threads for a while.

    One reads a single text fastest: the products are small, and threads would wait for each other.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        yield
    finally:
        torch.set_num_threads(before)
