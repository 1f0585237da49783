"""How far back a character model really looks: by what it loses, and by its gradients."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from unroll.errors import ConfigError
from unroll.models.character_model import CharacterModel
from unroll.text.split import Extent

DISTANCES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)
"""How many true characters a model is left, in `context_losses`."""
FULL = 2048
"""So many true characters before a target stand for all of the book before it."""

_ROWS = 16
_PIECE = 512
_NUMBERS = 2**21
"""So many activations of a layer at once: more would be no faster, and be told of later."""


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
    Raises: ConfigError when distances do not double, a number is too small or an extent is too
    short.
    Source: Khandelwal et al. 2018, "Sharp nearby, fuzzy far away", who dropped or shuffled what is
    beyond k and did not put foreign text there.
    """
    kept = tuple(distances)
    _check_distances(kept)
    if warm < 1 or foreign.characters < warm:
        raise ConfigError(
            f"context: warm must be 1 or more and at most the foreign text's "
            f"{foreign.characters:,} characters, got {warm:,}"
        )
    targets = _draw_targets(extent, positions, kept[-1], generator)
    places = foreign.characters - warm + 1
    begins = foreign.start + torch.randint(places, (len(targets),), generator=generator)
    book = torch.from_numpy(ids.astype(np.int64))
    rows = _rows(model, max(warm, kept[-1]))
    parts = []
    for chosen, begin in zip(torch.split(targets, rows), torch.split(begins, rows), strict=True):
        parts.append(_losses_of(model, book, chosen, begin, warm, kept))
        told(len(chosen))
    # (N, 1 + distances): first without any true character.
    warmed = torch.cat([part[0] for part in parts])
    gains = warmed[:, :-1] - warmed[:, 1:]
    return ContextLosses(
        distances=kept,
        loss_nats=_means(warmed[:, 1:]),
        standard_error=_standard_errors(warmed[:, 1:]),
        zero_state_nats=_means(torch.cat([part[1] for part in parts])),
        gain_nats=_means(gains),
        gain_standard_error=_standard_errors(gains),
        foreign_nats=float(warmed[:, 0].mean()),
        full_nats=float(_full_losses(model, book, targets).mean()),
        positions=len(targets),
        warm=warm,
    )


def context_horizon(
    losses: ContextLosses, *, least_nats: float = 0.01
) -> tuple[int | None, int | None]:
    """Return the largest k that still helps, and the next tested one: None where there is none.

    k helps when k true characters rather than k/2 lower the loss by at least `least_nats`, and by
    two standard errors of that difference at least, so that chance does not pass for memory.
    For `Reading.last_passed` and `first_failed` of a Horizon in characters.
    """
    last = None
    gains = zip(losses.gain_nats, losses.gain_standard_error, strict=True)
    for n, (gain, error) in enumerate(gains):
        if gain >= max(least_nats, 2 * error):
            last = n
    following = 0 if last is None else last + 1
    return (
        None if last is None else losses.distances[last],
        losses.distances[following] if following < len(losses.distances) else None,
    )


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
    targets = _draw_targets(extent, positions, length, generator)
    book = torch.from_numpy(ids.astype(np.int64))
    before = min(length, int(targets.min()) - length)
    rows = _rows(model, length)
    total = torch.zeros(length, dtype=torch.float64)
    for chosen in torch.split(targets, rows):
        state = None
        if before:
            with torch.no_grad():
                _, state = _read(model, _pieces(model, book, chosen - length - before, before))
        inputs = model.embed(_pieces(model, book, chosen - length, length)).detach()
        inputs.requires_grad_()
        outputs, _ = model.read_embedded(inputs, state)
        log_p = -_losses(model.score(outputs[:, -1]), book[chosen]).sum()
        (gradient,) = torch.autograd.grad(log_p, inputs)
        total += gradient.double().norm(dim=2).sum(0).cpu()
        told(len(chosen))
    return tuple((total.flip(0) / len(targets)).tolist())


def _losses_of(
    model: CharacterModel,
    book: Tensor,
    targets: Tensor,
    begins: Tensor,
    warm: int,
    distances: tuple[int, ...],
) -> tuple[Tensor, Tensor]:
    """Return each target's losses, (B, 1 + K) with foreign text and (B, K) from zero state."""
    wanted = book[targets]
    scores, state = _read(model, _pieces(model, book, begins, warm))
    warmed, cold = [_losses(scores, wanted)], []
    for k in distances:
        true = _pieces(model, book, targets - k, k)
        warmed.append(_losses(_read(model, true, state)[0], wanted))
        cold.append(_losses(_read(model, true)[0], wanted))
    return torch.stack(warmed, 1), torch.stack(cold, 1)


def _read(model: CharacterModel, ids: Tensor, state: Any = None) -> tuple[Tensor, Any]:
    """Return the scores after the last character alone, (B, V), and the state."""
    outputs, state = model.read_embedded(model.embed(ids), state)
    return model.score(outputs[:, -1]), state


def _rows(model: CharacterModel, length: int) -> int:
    """Return how many targets are read at once, with so many characters each."""
    enters = model.embedding_size or model.vocabulary_size
    return max(1, _NUMBERS // (length * max(enters, model.hidden_size)))


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
        scores, state = model(_pieces(model, book, starts + step, piece), state)
        following = _pieces(model, book, starts + step + 1, piece)
        parts.append(_losses(scores.flatten(0, 1), following.flatten()).view(following.shape))
    losses = torch.cat(parts, 1)
    row = (targets - first) // own
    # Step n of a row scores the character at its start + n + 1.
    return losses[row, targets - starts[row] - 1]


def _pieces(model: CharacterModel, book: Tensor, starts: Tensor, length: int) -> Tensor:
    """Return the characters from each start on: (B,) -> (B, length), where the model is."""
    return book[starts[:, None] + torch.arange(length)].to(model.weight_p.device)


def _losses(scores: Tensor, targets: Tensor) -> Tensor:
    """Return −log p of targets (N,) under scores (N, V), float64, on the CPU."""
    log_p = scores.double().log_softmax(-1)
    return -log_p.gather(1, targets.to(log_p.device)[:, None])[:, 0].cpu()


def _draw_targets(
    extent: Extent, positions: int, before: int, generator: torch.Generator
) -> Tensor:
    """Return places of different characters of `extent` that have `before` others before them."""
    first = max(extent.start, before)
    if positions < 2 or extent.stop - first < 2:
        raise ConfigError(
            f"context: positions must be 2 or more, got {positions}, and so must the characters "
            f"with {before:,} others before them: {max(0, extent.stop - first):,} here"
        )
    return first + torch.randperm(extent.stop - first, generator=generator)[:positions]


def _check_distances(distances: tuple[int, ...]) -> None:
    if not distances or distances[0] < 1 or distances[1:] != tuple(2 * k for k in distances[:-1]):
        raise ConfigError(
            f"context: distances must begin at 1 or more and double, as 1, 2, 4, got {distances}"
        )


def _means(values: Tensor) -> tuple[float, ...]:
    return tuple(values.mean(0).tolist())


def _standard_errors(values: Tensor) -> tuple[float, ...]:
    return tuple((values.std(0) / len(values) ** 0.5).tolist())
