"""What a character model loses when everything but the last characters is taken away."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from unroll.errors import ConfigError
from unroll.models.character_model import CharacterModel
from unroll.probes.context.targets import draw_targets, losses_of, pieces, read, rows_at_once
from unroll.text.split import Extent

DISTANCES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)
"""How many true characters a model is left, in `context_losses`."""
FULL = 2048
"""So many true characters before a target stand for all of the book before it."""

_ROWS = 16
_PIECE = 512


@dataclass(frozen=True, kw_only=True)
class ContextLosses:
    """Loss of the same targets, with more and more true characters before them."""

    distances: tuple[int, ...]
    """k, the true characters before a target; each twice the one before."""
    loss_nats: tuple[float, ...]
    """Mean loss with k true characters, and foreign ones before them."""
    standard_error: tuple[float, ...]
    """Of each mean; they rise and fall together, for the targets are the same."""
    zero_state_nats: tuple[float, ...]
    """Mean loss with k true characters and nothing before them: cold start is in it."""
    gain_nats: tuple[float, ...]
    """What k true characters save over k/2; for the first, over none but foreign ones."""
    gain_standard_error: tuple[float, ...]
    """Of each gain, from its targets' own differences."""
    foreign_nats: float
    """Mean loss when all characters before a target are foreign."""
    full_nats: float
    """Mean loss with at least 2,048 true characters, or all from the book's beginning."""
    positions: int
    """Targets, N."""
    warm: int
    """Foreign characters before the true ones."""


@torch.no_grad()
def context_losses(
    model: CharacterModel,
    ids: NDArray[Any],
    extent: Extent,
    *,
    foreign: Extent,
    generator: torch.Generator,
    positions: int = 1000,
    warm: int = 256,
    distances: Sequence[int] = DISTANCES,
    told: Callable[[int], None] = lambda _targets: None,
) -> ContextLosses:
    """Return the loss when everything beyond the last k characters is replaced by foreign text.

        foreign[a : a + warm]  text[t − k : t]  ->  log p(text[t]),      k = 1, 2, 4, …, 512

    Each target t, drawn from `extent`, has its own foreign text, drawn from `foreign`, and keeps
    it for every k, so that a difference between two k is one of context alone. Foreign text of
    the same book leaves the state where reading leaves it, which zeros do not. The true
    characters may begin before `extent`. At most `positions` targets are taken: fewer where there
    are fewer. `told` hears of so many more targets that are done.

    Shapes: ids (characters,), the whole book.
    Raises: ConfigError when distances do not double, or a number or an extent is too small.
    Source: Khandelwal et al. 2018, "Sharp nearby, fuzzy far away", who dropped or shuffled what is
    beyond k and did not put foreign text there.
    """
    kept = tuple(distances)
    _check(kept, warm, foreign)
    targets = draw_targets(extent, positions, kept[-1], generator)
    places = foreign.characters - warm + 1
    begins = foreign.start + torch.randint(places, (len(targets),), generator=generator)
    book = torch.from_numpy(ids.astype(np.int64))
    warmed, cold = _all_losses(model, book, targets, begins, warm, kept, told)
    return _summed_up(kept, warm, warmed, cold, _full_losses(model, book, targets))


def _all_losses(
    model: CharacterModel,
    book: Tensor,
    targets: Tensor,
    begins: Tensor,
    warm: int,
    distances: tuple[int, ...],
    told: Callable[[int], None],
) -> tuple[Tensor, Tensor]:
    """Return all targets' losses: (N, 1 + K) with foreign text and (N, K) from zero state."""
    rows = rows_at_once(model, max(warm, distances[-1]))
    parts = []
    for chosen, begin in zip(torch.split(targets, rows), torch.split(begins, rows), strict=True):
        parts.append(_losses_with(model, book, chosen, begin, warm, distances))
        told(len(chosen))
    warmed, cold = zip(*parts, strict=True)
    return torch.cat(warmed), torch.cat(cold)


def _losses_with(
    model: CharacterModel,
    book: Tensor,
    targets: Tensor,
    begins: Tensor,
    warm: int,
    distances: tuple[int, ...],
) -> tuple[Tensor, Tensor]:
    """Return each target's losses, (B, 1 + K) with foreign text and (B, K) from zero state."""
    wanted = book[targets]
    scores, state = read(model, pieces(model, book, begins, warm))
    warmed, cold = [losses_of(scores, wanted)], []
    for k in distances:
        true = pieces(model, book, targets - k, k)
        warmed.append(losses_of(read(model, true, state)[0], wanted))
        cold.append(losses_of(read(model, true)[0], wanted))
    return torch.stack(warmed, 1), torch.stack(cold, 1)


def _full_losses(model: CharacterModel, book: Tensor, targets: Tensor) -> Tensor:
    """Return the losses of targets (N,), read in rows that begin `FULL` characters early."""
    first, stop = int(targets.min()), int(targets.max()) + 1
    own = -(-(stop - first) // _ROWS)
    length = min(FULL + own - 1, len(book) - 1)
    begins = torch.arange(first, stop, own)
    starts = (begins - FULL).clamp(0, len(book) - 1 - length)
    parts, state = [], None
    for step in range(0, length, _PIECE):
        piece = min(_PIECE, length - step)
        scores, state = model(pieces(model, book, starts + step, piece), state)
        following = pieces(model, book, starts + step + 1, piece)
        parts.append(losses_of(scores.flatten(0, 1), following.flatten()).view(following.shape))
    losses = torch.cat(parts, 1)
    row = (targets - first) // own
    # Step n of a row scores the character at its start + n + 1.
    return losses[row, targets - starts[row] - 1]


def _summed_up(
    distances: tuple[int, ...], warm: int, warmed: Tensor, cold: Tensor, full: Tensor
) -> ContextLosses:
    """Return the means of losses (N, 1 + K), first without any true character, (N, K) and (N,)."""
    gains = warmed[:, :-1] - warmed[:, 1:]
    return ContextLosses(
        distances=distances,
        loss_nats=_means(warmed[:, 1:]),
        standard_error=_standard_errors(warmed[:, 1:]),
        zero_state_nats=_means(cold),
        gain_nats=_means(gains),
        gain_standard_error=_standard_errors(gains),
        foreign_nats=float(warmed[:, 0].mean()),
        full_nats=float(full.mean()),
        positions=len(warmed),
        warm=warm,
    )


def _check(distances: tuple[int, ...], warm: int, foreign: Extent) -> None:
    if not distances or distances[0] < 1 or distances[1:] != tuple(2 * k for k in distances[:-1]):
        raise ConfigError(
            f"context: distances must begin at 1 or more and double, as 1, 2, 4, got {distances}"
        )
    if warm < 1 or foreign.characters < warm:
        raise ConfigError(
            f"context: warm must be 1 or more and at most the foreign text's "
            f"{foreign.characters:,} characters, got {warm:,}"
        )


def _means(values: Tensor) -> tuple[float, ...]:
    return tuple(values.mean(0).tolist())


def _standard_errors(values: Tensor) -> tuple[float, ...]:
    return tuple((values.std(0) / len(values) ** 0.5).tolist())
