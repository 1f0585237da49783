"""How well a model predicts a held-out part of a text: in one stream, and in windows.

The two differ by what is known at a window's beginning, and are never compared with each other.
Nothing is dropped, and nothing is rounded to bfloat16: the figures are of the weights as kept.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from unroll.models.character_model import CharacterModel
from unroll.text import Extent, evaluation_windows, whole_stream

_SCORES = 2**22
"""Scores computed at once, 16 MiB: enough for full speed, and little beside any model."""
_LONGEST = 4096
"""Characters read at once in a stream."""
_STREAMS = 8
"""Streams side by side: half as fast again as one; more are not faster on a CPU."""


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What came of reading a part of a text."""

    loss_nats: float
    """Mean cross-entropy of a prediction."""
    accuracy: float
    """Share of the predictions whose most probable character was right."""
    predictions: int
    """How many characters were predicted."""


class _Sums:
    """Adds up predictions."""

    def __init__(self) -> None:
        self.loss_nats, self.right, self.predictions = 0.0, 0, 0

    def add(self, scores: Tensor, targets: Tensor) -> None:
        """Take in scores (B, T, V) of targets (B, T)."""
        flat, wanted = scores.flatten(0, 1), targets.flatten()
        self.loss_nats += float(functional.cross_entropy(flat, wanted, reduction="sum"))
        self.right += int((flat.argmax(1) == wanted).sum())
        self.predictions += wanted.numel()

    def figures(self) -> Figures:
        return Figures(
            loss_nats=self.loss_nats / self.predictions,
            accuracy=self.right / self.predictions,
            predictions=self.predictions,
        )


@torch.no_grad()
def carried(
    model: CharacterModel, ids: NDArray[Any], extent: Extent, T: int | None = None
) -> Figures:
    """Read `extent` as one stream, its state carried from the first character to the last.

    T characters are read at a time, which changes nothing but the speed; None chooses.
    Raises: ConfigError when T is below 1, or there is nothing to predict.
    """
    sums, state, device = _Sums(), None, model.weight_p.device
    for piece in whole_stream(ids, extent, _length(model, 1) if T is None else T):
        scores, state = model(piece.inputs.to(device), state)
        sums.add(scores, piece.targets.to(device))
    return sums.figures()


@torch.no_grad()
def windowed(
    model: CharacterModel, ids: NDArray[Any], extent: Extent, T: int, B: int | None = None
) -> Figures:
    """Read `extent` in non-overlapping windows of T predictions, each from zero state.

    B windows are read at once; None chooses.
    Raises: ConfigError when B or T is below 1, or there is nothing to predict.
    """
    if B is None:
        B = max(1, _SCORES // (max(1, T) * model.vocabulary_size))
    sums, device = _Sums(), model.weight_p.device
    for inputs, targets in evaluation_windows(ids, extent, T, B):
        scores, _ = model(inputs.to(device))
        sums.add(scores, targets.to(device))
    return sums.figures()


@torch.no_grad()
def side_by_side(model: CharacterModel, ids: NDArray[Any], extent: Extent) -> Figures:
    """Read `extent` as a few streams at once, each from zero state: `carried`, but quicker.

    The beginnings of the streams make the loss a little higher. At most 7 characters at the end
    are not read.
    """
    B = max(1, min(_STREAMS, extent.characters // _LONGEST))
    if B == 1:
        return carried(model, ids, extent)
    sums, state, device = _Sums(), None, model.weight_p.device
    for rows in _rows(ids[extent.start : extent.stop], B, _length(model, B)):
        block = rows.to(device)
        scores, state = model(block[:, :-1].contiguous(), state)
        sums.add(scores, block[:, 1:])
    return sums.figures()


def _rows(text: NDArray[Any], B: int, T: int) -> Iterator[Tensor]:
    """Yield (B, T + 1) at a time, the last shorter: characters, and one more as the last target."""
    arc = (len(text) - 1) // B
    for first in range(0, arc, T):
        length = min(T, arc - first)
        places = first + arc * np.arange(B)[:, None] + np.arange(length + 1)
        yield torch.from_numpy(text[places].astype(np.int64))


def _length(model: CharacterModel, B: int) -> int:
    return max(1, min(_LONGEST, _SCORES // (B * model.vocabulary_size)))
