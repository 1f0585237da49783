"""A held-out part of a text, handed out whole and once: in windows, or as one stream.

The first character of the part has nothing before it to be predicted from, so that n characters
are n − 1 predictions, each made once.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from unroll.errors import ConfigError
from unroll.text.feeding import StreamPiece, Windows
from unroll.text.split import Extent


@dataclass(frozen=True, kw_only=True, eq=False)
class EvaluationWindows:
    """Non-overlapping windows, each to be read from a zero state, in batches of at most B.

    A last window may be shorter: it comes alone, at the end.
    """

    text: NDArray[Any]
    """The held-out characters, (n,)."""
    T: int
    """Predictions in a window."""
    B: int
    """Windows handed out together."""

    @property
    def predictions(self) -> int:
        """How many characters are predicted, each once: n − 1."""
        return len(self.text) - 1

    @property
    def whole(self) -> int:
        """Windows of T."""
        return self.predictions // self.T

    @property
    def last(self) -> int:
        """Predictions in the last, shorter window; 0 without one."""
        return self.predictions % self.T

    def describe(self) -> str:
        """Return what is handed out, as a sentence's part.

        >>> EvaluationWindows(text=np.zeros(100), T=30, B=8).describe()
        '3 windows of 30 characters and a last one of 9'
        """
        s = "" if self.whole == 1 else "s"
        said = f"{self.whole:,} window{s} of {self.T:,} characters"
        return f"{said} and a last one of {self.last:,}" if self.last else said

    def __iter__(self) -> Iterator[Windows]:
        for first in range(0, self.whole, self.B):
            until = min(first + self.B, self.whole)
            inputs, targets = _successors(self.text[first * self.T : until * self.T + 1])
            yield Windows(inputs.view(-1, self.T), targets.view(-1, self.T))
        if self.last:
            inputs, targets = _successors(self.text[self.whole * self.T :])
            yield Windows(inputs.unsqueeze(0), targets.unsqueeze(0))


def evaluation_windows(ids: NDArray[Any], extent: Extent, T: int, B: int = 64) -> EvaluationWindows:
    """Return the windows of T predictions that cover `extent` once, B at a time.

    Raises: ConfigError when B or T is below 1, or there is nothing to predict.
    """
    return EvaluationWindows(text=_held_out(ids, extent, B=B, T=T), T=T, B=B)


def whole_stream(ids: NDArray[Any], extent: Extent, T: int) -> Iterator[StreamPiece]:
    """Yield `extent` as one stream: (1, T) at a time, the last piece shorter; reset at the first.

    Raises: ConfigError when T is below 1, or there is nothing to predict.
    """
    text = _held_out(ids, extent, B=1, T=T)
    return _stream(text, T)


def _stream(text: NDArray[Any], T: int) -> Iterator[StreamPiece]:
    for first in range(0, len(text) - 1, T):
        inputs, targets = _successors(text[first : first + T + 1])
        yield StreamPiece(inputs.unsqueeze(0), targets.unsqueeze(0), first == 0)


def _successors(part: NDArray[Any]) -> tuple[Tensor, Tensor]:
    """Return characters (n,) and those that follow them, both (n − 1,)."""
    numbers = torch.from_numpy(part.astype(np.int64))
    return numbers[:-1], numbers[1:]


def _held_out(ids: NDArray[Any], extent: Extent, B: int, T: int) -> NDArray[Any]:
    if B < 1 or T < 1:
        raise ConfigError(f"evaluation: B and T must be 1 or more, got B={B}, T={T}")
    if not 0 <= extent.start <= extent.stop <= len(ids):
        raise ConfigError(
            f"evaluation: the extent must lie within the text's {len(ids):,} characters, got "
            f"{extent.start} to {extent.stop}"
        )
    if extent.characters < 2:
        raise ConfigError(
            "evaluation: at least 2 characters are needed, one to read and one to predict, got "
            f"{extent.characters}"
        )
    return ids[extent.start : extent.stop]
