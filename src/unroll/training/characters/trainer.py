"""The training itself: one step after the other, from numbers that can all be kept."""

import itertools
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from unroll.models.character_model import CharacterModel
from unroll.models.dropout import Dropout
from unroll.models.untrained import build_character_model
from unroll.seeding import make_generator
from unroll.text import Extent, FeedState, StreamFeed, StreamPiece, WindowFeed, Windows
from unroll.training.characters.optimisers import Optimiser
from unroll.training.characters.precision import Precision, forward, map_state
from unroll.training.characters.settings import TextRecipe


@dataclass(frozen=True, kw_only=True)
class Sums:
    """What the training batches came to since the last time it was asked."""

    loss_nats: float
    """Sum over predictions."""
    right: int
    """Predictions whose most probable character was right."""


def build_model(recipe: TextRecipe, vocabulary_size: int, seed: int) -> CharacterModel:
    """Return the untrained model of a recipe and a seed, in evaluation mode.

    Ours knows no modes; a user's cell may hold an `nn.Dropout`, which `Trainer.step` alone lets
    drop.
    """
    model = build_character_model(
        cell_source=recipe.cell,
        hidden_size=recipe.hidden_size,
        layers=recipe.layers,
        embedding_size=recipe.embedding_size,
        vocabulary_size=vocabulary_size,
        initialisation=recipe.initialisation,
        keep_bias=recipe.keep_bias,
        readout_gain=recipe.readout_gain,
        seed=seed,
    )
    return model.eval()


def make_feed(
    recipe: TextRecipe, ids: NDArray[Any], extent: Extent, generator: torch.Generator
) -> StreamFeed | WindowFeed:
    """Return the feed that a recipe asks for; ConfigError when `extent` is too short for it."""
    kind = StreamFeed if recipe.feeding == "stream" else WindowFeed
    return kind(ids, extent, recipe.batch_size, recipe.window, generator)


class Trainer:
    """A model in training, and everything that decides its next step.

    Two trainers of the same recipe and seed take the same steps, bit by bit, and so does one that
    is given the other's `tensors` and `position`: on the same machine, threads and versions.
    """

    def __init__(
        self,
        recipe: TextRecipe,
        *,
        ids: NDArray[Any],
        extent: Extent,
        vocabulary_size: int,
        seed: int,
        precision: Precision = "float32",
    ) -> None:
        self.recipe = recipe
        self.precision = precision
        self.feed = make_feed(recipe, ids, extent, make_generator(seed, "text batches"))
        self.model = build_model(recipe, vocabulary_size, seed)
        self.optimiser = Optimiser(self.model, recipe)
        self.dropout = Dropout(
            inputs=recipe.input_dropout,
            layers=recipe.dropout,
            recurrent=recipe.recurrent_dropout,
        )
        self._drops = make_generator(seed, "dropout")
        self._state = self.model.initial_state(recipe.batch_size)
        # Added up here and read now and then: reading a number stops for it at every step.
        self._loss_nats = torch.zeros((), dtype=torch.float64)
        self._right = torch.zeros((), dtype=torch.int64)

    def step(self, rate: float) -> None:
        """Train on the feed's next piece."""
        piece = self.feed.next()
        recipe, masks = self.recipe, None
        state = self._first_state(piece)
        if not self.dropout.is_off:
            masks = self.model.draw_masks(
                recipe.batch_size, recipe.window, self.dropout, self._drops
            )
        with self._drawing_of_its_own():
            scores, state = forward(self.model, piece.inputs, state, masks, self.precision)
        flat, targets = scores.flatten(0, 1), piece.targets.flatten()
        loss = functional.cross_entropy(flat, targets)
        loss.backward()  # type: ignore[no-untyped-call] # torch leaves it untyped
        self.optimiser.step(rate)
        if isinstance(piece, StreamPiece):
            self._state = map_state(torch.Tensor.detach, state)
        self._loss_nats += loss.detach() * targets.numel()
        self._right += (flat.detach().argmax(1) == targets).sum()

    def _first_state(self, piece: Windows | StreamPiece) -> Any:
        """Return the state that a piece is read from: zero, or carried but for some of the rows."""
        B, share = self.recipe.batch_size, self.recipe.reset_share
        if not isinstance(piece, StreamPiece) or piece.reset:
            return self.model.initial_state(B)
        if not share:
            return self._state
        anew = torch.rand(B, generator=self._drops).to(self.optimiser.weights.device) < share
        first = _tensors_of(self.model.initial_state(B))
        return map_state(
            lambda part: torch.where(anew.view(-1, *[1] * (part.dim() - 1)), next(first), part),
            self._state,
        )

    @contextmanager
    def _drawing_of_its_own(self) -> Iterator[None]:
        """Let a user's cell drop what it will, from a seed that a resumed run draws again."""
        if ":" not in self.recipe.cell:
            yield
            return
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(int(torch.randint(2**62, (), generator=self._drops)))
            self.model.train()
            try:
                yield
            finally:
                self.model.eval()

    def take_sums(self) -> Sums:
        """Return the sums since the last call, and begin anew."""
        sums = Sums(loss_nats=float(self._loss_nats), right=int(self._right))
        self._loss_nats.zero_()
        self._right.zero_()
        return sums

    def weights(self) -> dict[str, Tensor]:
        """Return the model's parameters, not copied."""
        return {name: tensor.detach() for name, tensor in self.model.state_dict().items()}

    def tensors(self) -> dict[str, Tensor]:
        """Return all numbers that decide the next step, not copied, but for `position`."""
        return {
            **{f"model.{name}": tensor for name, tensor in self.weights().items()},
            **{f"optimiser.{name}": tensor for name, tensor in self.optimiser.state().items()},
            **{f"state.{n}": tensor for n, tensor in enumerate(_tensors_of(self._state))},
            "feed.generator": self.feed.state().generator,
            "dropout.generator": self._drops.get_state(),
            "sums.loss_nats": self._loss_nats,
            "sums.right": self._right,
        }

    def position(self) -> dict[str, int | str]:
        """Return where the feed stands, as plain values."""
        return self.feed.state().position

    @torch.no_grad()
    def restore(self, tensors: Mapping[str, Tensor], position: Mapping[str, int | str]) -> None:
        """Go on from another trainer's `tensors`, of the same names and shapes, and `position`.

        Raises: ConfigError when the position is of another feed.
        """
        for name, tensor in self.tensors().items():
            if not name.endswith("generator") and not name.startswith("state."):
                tensor.copy_(tensors[name])
        # Not copied into: a cell may begin with one tensor of zeros for two parts of its state.
        kept = (tensors[f"state.{n}"].to(self.optimiser.weights.device) for n in itertools.count())
        self._state = map_state(lambda _: next(kept).clone(), self._state)
        self.feed.restore(FeedState(dict(position), tensors["feed.generator"].cpu()))
        self._drops.set_state(tensors["dropout.generator"].cpu())

    def characters(self, steps: int) -> int:
        """Return how many characters so many steps train on."""
        return steps * self.recipe.batch_size * self.recipe.window


def too_short_for(recipe: TextRecipe, extent: Extent) -> None:
    """Raise ConfigError when a training split cannot be fed as the recipe asks."""
    nothing = np.broadcast_to(np.zeros(1, dtype=np.uint8), (extent.stop,))
    make_feed(recipe, nothing, extent, torch.Generator())


def _tensors_of(state: Any) -> Iterator[Tensor]:
    if isinstance(state, Tensor):
        yield state
    else:
        for part in state:
            yield from _tensors_of(part)
