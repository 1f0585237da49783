"""How strongly each character before a target moves its log probability."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from unroll.errors import ConfigError
from unroll.models.character_model import CharacterModel
from unroll.probes.context.targets import draw_targets, losses_of, pieces, read, rows_at_once
from unroll.text.split import Extent


def context_gradients(
    model: CharacterModel,
    ids: NDArray[Any],
    extent: Extent,
    *,
    generator: torch.Generator,
    positions: int = 200,
    length: int = 512,
    told: Callable[[int], None] = lambda _targets: None,
) -> tuple[float, ...]:
    """Return how strongly each character before a target moves its log probability.

        mean over t of ‖∂ log p(text[t]) / ∂ x(t − k)‖₂,      k = 1 … length

    x is what the first cell reads: the embedding, or the one-hot vector where there is none. The
    model has read `length` true characters more before x(t − length), or all that there are. At
    most `positions` targets of `extent` are taken; `told` hears of so many more that are done.

    Shapes: ids (characters,), the whole book -> length numbers, that of k = 1 first.
    Raises: ConfigError when a number is too small or the extent too short.
    """
    if length < 1:
        raise ConfigError(f"context: length must be 1 or more, got {length}")
    targets = draw_targets(extent, positions, length, generator)
    book = torch.from_numpy(ids.astype(np.int64))
    before = min(length, int(targets.min()) - length)
    total = torch.zeros(length, dtype=torch.float64)
    for chosen in torch.split(targets, rows_at_once(model, length)):
        total += _norms(model, book, chosen, length, before)
        told(len(chosen))
    return tuple((total.flip(0) / len(targets)).tolist())


def _norms(
    model: CharacterModel, book: Tensor, targets: Tensor, length: int, before: int
) -> Tensor:
    """Return the norms of targets (B,), added up: (length,), float64, that of k = 1 last."""
    state = None
    if before:
        with torch.no_grad():
            _, state = read(model, pieces(model, book, targets - length - before, before))
    inputs = model.embed(pieces(model, book, targets - length, length)).detach()
    inputs.requires_grad_()
    outputs, _ = model.read_embedded(inputs, state)
    log_p = -losses_of(model.score(outputs[:, -1]), book[targets]).sum()
    (gradient,) = torch.autograd.grad(log_p, inputs)
    norms: Tensor = gradient.double().norm(dim=2)
    return norms.sum(0).cpu()
