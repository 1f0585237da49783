"""Small untrained networks for palindromes, of each built-in cell."""

import torch

from unroll.cells.source import find_cell
from unroll.models import SequenceClassifier
from unroll.study.running.network import build_network
from unroll.tasks import Task, make_task


def make_net(
    cell: str, length: int, encoding: str = "one-hot", hidden_size: int = 6
) -> tuple[SequenceClassifier, Task]:
    """Return a network with larger weights than at its beginning, and its task."""
    task = make_task("palindrome", length, encoding)
    model = build_network(
        find_cell(cell), task=task, initialisation="uniform", hidden_size=hidden_size, seed=3
    )
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(3)
    return model.eval(), task
