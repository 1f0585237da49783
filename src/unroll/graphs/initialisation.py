"""How the weights of graph layers start."""

import math

import torch
from torch import nn


def glorot(weight: nn.Parameter, generator: torch.Generator | None) -> None:
    """Fill `weight` uniformly within ±√(6 / (fan in + fan out)), its last two axes.

    Source: Glorot & Bengio 2010, eq. 16.
    """
    bound = math.sqrt(6 / (weight.shape[-2] + weight.shape[-1]))
    with torch.no_grad():
        weight.uniform_(-bound, bound, generator=generator)
