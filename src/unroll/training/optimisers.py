"""Optimisers by name."""

from collections.abc import Iterable

import torch
from torch import nn

from unroll.errors import unknown_name

OPTIMISERS = ("sgd", "momentum", "rmsprop", "adam")


def make_optimiser(
    name: str, parameters: Iterable[nn.Parameter], rate: float
) -> torch.optim.Optimizer:
    """Return an optimiser with PyTorch's defaults but for the rate.

    sgd        θ ← θ − η g
    momentum   v ← 0.9 v + g,            θ ← θ − η v          (Polyak 1964)
    rmsprop    s ← 0.99 s + 0.01 g²,     θ ← θ − η g / (√s + 1e-8)   (Tieleman & Hinton 2012)
    adam       both moments, corrected for their start        (Kingma & Ba 2015)

    Raises: ConfigError for a name nobody knows.
    """
    if name == "sgd":
        return torch.optim.SGD(parameters, lr=rate)
    if name == "momentum":
        return torch.optim.SGD(parameters, lr=rate, momentum=0.9)
    if name == "rmsprop":
        return torch.optim.RMSprop(parameters, lr=rate)
    if name == "adam":
        return torch.optim.Adam(parameters, lr=rate)
    raise unknown_name("optimiser", name, OPTIMISERS)
