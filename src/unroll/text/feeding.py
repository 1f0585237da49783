"""Two ways to feed a text to a network in training: windows and streams.

Both hand out inputs and targets (B, T), int64, where a target is the character after its input,
and both go on from `state()` as if they had never stopped.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from unroll.errors import ConfigError
from unroll.text.split import Extent


class Windows(NamedTuple):
    """Characters and those that follow them, both (B, T), int64."""

    inputs: Tensor
    targets: Tensor


class StreamPiece(NamedTuple):
    """The next T characters of B streams, both tensors (B, T), int64."""

    inputs: Tensor
    targets: Tensor
    reset: bool
    """Whether the streams begin here, so that the state must be zero and not the last one."""


class FeedState(NamedTuple):
    """Where a feed stands: enough to go on bit-identically."""

    position: dict[str, int | str]
    """The feed's kind and sizes, and how far it is; plain numbers and names."""
    generator: Tensor
    """The generator's state, uint8."""


class WindowFeed:
    """Windows at random places of the training text, each to be read from a zero state.

        text      o n c e   u p o n   a   t i m e       T = 4
        inputs            e   u p
        targets             u p o

    Places are drawn with replacement, all equally likely, so that an epoch has no meaning here.
    Raises: ConfigError when B or T is below 1, or the extent holds no window and its last target.
    """

    kind = "windows"

    def __init__(
        self, ids: NDArray[Any], extent: Extent, B: int, T: int, generator: torch.Generator
    ) -> None:
        _check_sizes(ids, extent, B, T, needed=T + 1)
        self._text = ids[extent.start : extent.stop]
        self._generator = generator
        self._sizes: dict[str, int | str] = _sizes(self.kind, extent, B, T)
        self._B, self._T = B, T

    def next(self) -> Windows:
        """Return the next B windows."""
        places = torch.randint(len(self._text) - self._T, (self._B, 1), generator=self._generator)
        rows = self._text[places.numpy() + np.arange(self._T + 1)]  # (B, T + 1)
        return Windows(*_inputs_and_targets(rows))

    def state(self) -> FeedState:
        """Return where this feed stands."""
        return FeedState(dict(self._sizes), self._generator.get_state())

    def restore(self, state: FeedState) -> None:
        """Go on from `state`; ConfigError when it is another feed's."""
        _check_state(state.position, self._sizes, set())
        self._generator.set_state(state.generator)


class StreamFeed:
    """B streams that run side by side through the training text, for a state carried along.

    The text is taken as a ring and cut into B arcs of equal length, from a place drawn anew each
    epoch; an epoch hands out the arcs T characters at a time:

        arc 1     o n c e | u p o n | t h e r e …      first piece: reset, then carry on
        arc 2     w o l f | s a i d | t o   h i …

    What is left of an arc behind its last whole piece, at most T − 1 characters, is not read in
    that epoch; another place begins the next one. In one stream the text's end meets its
    beginning: one false neighbour an epoch.
    Raises: ConfigError when B or T is below 1, or the extent holds fewer than B·T characters.
    """

    kind = "stream"

    def __init__(
        self, ids: NDArray[Any], extent: Extent, B: int, T: int, generator: torch.Generator
    ) -> None:
        _check_sizes(ids, extent, B, T, needed=max(2, B * T))
        self._text = ids[extent.start : extent.stop]
        self._generator = generator
        self._sizes: dict[str, int | str] = _sizes(self.kind, extent, B, T)
        self._T = T
        arc = len(self._text) // B
        self._starts = arc * np.arange(B)[:, None]  # (B, 1)
        self.pieces_per_epoch = arc // T
        """Calls of `next` from one reset to the following."""
        self._epoch, self._piece, self._origin = 0, 0, 0

    def next(self) -> StreamPiece:
        """Return the next T characters of every stream."""
        reset = self._piece == 0
        if reset:
            drawn = torch.randint(len(self._text), (), generator=self._generator)
            self._origin = int(drawn)
        first = self._origin + self._T * self._piece
        places = first + self._starts + np.arange(self._T + 1)  # (B, T + 1)
        rows = self._text[places % len(self._text)]
        self._piece += 1
        if self._piece == self.pieces_per_epoch:
            self._epoch, self._piece = self._epoch + 1, 0
        return StreamPiece(*_inputs_and_targets(rows), reset)

    def state(self) -> FeedState:
        """Return where this feed stands."""
        return FeedState({**self._sizes, **self._place()}, self._generator.get_state())

    def restore(self, state: FeedState) -> None:
        """Go on from `state`; ConfigError when it is another feed's."""
        _check_state(state.position, self._sizes, set(self._place()))
        self._epoch = int(state.position["epoch"])
        self._piece = int(state.position["piece"])
        self._origin = int(state.position["origin"])
        self._generator.set_state(state.generator)

    def _place(self) -> dict[str, int]:
        return {"epoch": self._epoch, "piece": self._piece, "origin": self._origin}


def _inputs_and_targets(rows: NDArray[Any]) -> tuple[Tensor, Tensor]:
    """Split rows (B, T + 1) into characters and their successors, both (B, T)."""
    block = torch.from_numpy(rows.astype(np.int64))
    return block[:, :-1].contiguous(), block[:, 1:].contiguous()


def _sizes(kind: str, extent: Extent, B: int, T: int) -> dict[str, int | str]:
    return {"kind": kind, "start": extent.start, "stop": extent.stop, "B": B, "T": T}


def _check_sizes(ids: NDArray[Any], extent: Extent, B: int, T: int, needed: int) -> None:
    if B < 1 or T < 1:
        raise ConfigError(f"feed: B and T must be 1 or more, got B={B}, T={T}")
    if not 0 <= extent.start <= extent.stop <= len(ids):
        raise ConfigError(
            f"feed: the extent must lie within the text's {len(ids):,} characters, got "
            f"{extent.start} to {extent.stop}"
        )
    if extent.characters < needed:
        raise ConfigError(
            f"feed: B={B} and T={T} need {needed:,} characters to train on, got "
            f"{extent.characters:,}: make B or T smaller, or give a longer text"
        )


def _check_state(
    position: Mapping[str, int | str], sizes: Mapping[str, int | str], places: set[str]
) -> None:
    """Raise ConfigError unless a state is of a feed of the same kind and sizes."""
    for name, value in sizes.items():
        if position.get(name) != value:
            raise ConfigError(
                f"feed: the state is of another feed: {name} is {position.get(name)!r}, here "
                f"{value!r}"
            )
    if missing := places - position.keys():
        raise ConfigError(f"feed: the state lacks {', '.join(sorted(missing))}")
