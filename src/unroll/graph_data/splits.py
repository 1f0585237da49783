"""Which nodes are trained on, chosen upon and tested, where nobody has said so."""

import torch
from torch import Tensor

from unroll.seeding import make_generator

TRAIN_PER_CLASS = 20
"""Training nodes of a class, as in Planetoid, or half of a smaller class."""
VALIDATION = 500
"""Validation nodes, as in Planetoid, or a third of what is left where that is fewer."""


def draw_split(labels: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return who is for training, validation and testing, drawn by a seed that never varies.

    Nodes without a label (−1) are for nothing. A class has at least one training node.
    Shapes: labels (N,) -> three (N,) of truth values, no node in two of them.
    """
    order = torch.randperm(len(labels), generator=make_generator(0, "split of a graph"))
    train = torch.zeros(len(labels), dtype=torch.bool)
    for one in sorted(set(labels[labels >= 0].tolist())):
        members = order[labels[order] == one]
        train[members[: min(TRAIN_PER_CLASS, (len(members) + 1) // 2)]] = True
    left = order[(labels[order] >= 0) & ~train[order]]
    validation, test = torch.zeros_like(train), torch.zeros_like(train)
    count = min(VALIDATION, len(left) // 3)
    validation[left[:count]] = True
    test[left[count:]] = True
    return train, validation, test
