"""Characters of a text whose probability is asked for, and the text before them."""

from typing import Any

import torch
from torch import Tensor

from unroll.errors import ConfigError
from unroll.models.character_model import CharacterModel
from unroll.text.split import Extent

NUMBERS = 2**21
"""So many activations of a layer at once: more would be no faster, and be told of later."""


def draw_targets(extent: Extent, positions: int, before: int, generator: torch.Generator) -> Tensor:
    """Return places of different characters of `extent` that have `before` others before them."""
    first = max(extent.start, before)
    if positions < 2 or extent.stop - first < 2:
        raise ConfigError(
            f"context: positions must be 2 or more, got {positions}, and so must the characters "
            f"with {before:,} others before them: {max(0, extent.stop - first):,} here"
        )
    return first + torch.randperm(extent.stop - first, generator=generator)[:positions]


def rows_at_once(model: CharacterModel, length: int) -> int:
    """Return how many targets are read at once, with so many characters each."""
    enters = model.embedding_size or model.vocabulary_size
    return max(1, NUMBERS // (length * max(enters, model.hidden_size)))


def pieces(model: CharacterModel, book: Tensor, starts: Tensor, length: int) -> Tensor:
    """Return the characters from each start on: (B,) -> (B, length), where the model is."""
    return book[starts[:, None] + torch.arange(length)].to(model.weight_p.device)


def read(model: CharacterModel, ids: Tensor, state: Any = None) -> tuple[Tensor, Any]:
    """Return the scores after the last character alone, (B, V), and the state."""
    outputs, state = model.read_embedded(model.embed(ids), state)
    return model.score(outputs[:, -1]), state


def losses_of(scores: Tensor, targets: Tensor) -> Tensor:
    """Return −log p of targets (N,) under scores (N, V), float64, on the CPU."""
    log_p = scores.double().log_softmax(-1)
    return -log_p.gather(1, targets.to(log_p.device)[:, None])[:, 0].cpu()
