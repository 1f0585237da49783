"""Which units follow what a reader keeps track of: chosen on one half of a text, told of the other.

A network has hundreds of units. The one that correlates best with anything does so partly by
chance, more so the more there are to choose from. So the choice is made on the first half of a
text and the correlation told is that of the second, on which nothing was chosen.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from unroll.errors import ConfigError, ShapeError
from unroll.models.character_model import CharacterModel
from unroll.probes.features import TextFeature
from unroll.probes.units import unit_activity

TOP = 5
"""Units that are told of, for each feature."""
_PIECE = 500
_FLAT = 1e-6
"""A unit that moves by less, measured by its mean, is constant: float32 tells no more apart."""

Floats = NDArray[np.float64]


class Unit(NamedTuple):
    """One number that a network computes at each character; all counted from 0."""

    layer: int
    """Of which layer, the first one 0."""
    part: str
    """Gate or part of the state: i, f, g, o, c, h; r, z, n, h; h."""
    number: int
    """Which of its H units."""


@dataclass(frozen=True, kw_only=True)
class Follower:
    """A unit that follows a feature."""

    unit: Unit
    """Which."""
    chosen: float
    """Pearson's r on the first half, by whose size it was chosen."""
    told: float | None
    """Pearson's r on the second half; None where the unit is constant there."""


@dataclass(frozen=True, kw_only=True)
class Followed:
    """One feature, and the units that follow it."""

    feature: str
    """Its name."""
    lack: str | None
    """Why there is no correlation; None where there is."""
    followers: tuple[Follower, ...]
    """The best on the first half, in that order: never sorted by what is told."""


class Moments:
    """Means, spreads and common spreads of two groups of variables, from pieces.

        C = Σ (x − x̄)(y − ȳ)ᵀ,   r = C / √(Σ (x − x̄)² Σ (y − ȳ)²)

    Pieces are joined by their means, so that nothing is lost where a spread is small beside its
    mean.

    Source: Chan, Golub & LeVeque 1983, "Algorithms for computing the sample variance".
    """

    def __init__(self) -> None:
        self._n = 0
        self._mean_x = self._mean_y = self._spread_x = self._spread_y = np.zeros(0)
        self._common = np.zeros((0, 0))

    def add(self, x: Floats, y: Floats) -> None:
        """Take n more cases: x (n, U), y (n, F)."""
        n = len(x)
        mean_x, mean_y = x.mean(0), y.mean(0)
        from_x, from_y = x - mean_x, y - mean_y
        # Not by "@": threads of its own would wait for the cores that the network is using.
        spread_x, spread_y = (np.einsum("nu,nu->u", one, one) for one in (from_x, from_y))
        common = np.einsum("nf,nu->fu", from_y, from_x)
        if self._n == 0:
            self._n, self._mean_x, self._mean_y = n, mean_x, mean_y
            self._spread_x, self._spread_y, self._common = spread_x, spread_y, common
            return
        total = self._n + n
        shift_x, shift_y, share = mean_x - self._mean_x, mean_y - self._mean_y, self._n * n / total
        self._spread_x = self._spread_x + spread_x + share * shift_x**2
        self._spread_y = self._spread_y + spread_y + share * shift_y**2
        self._common = self._common + common + share * np.outer(shift_y, shift_x)
        self._mean_x = self._mean_x + shift_x * (n / total)
        self._mean_y = self._mean_y + shift_y * (n / total)
        self._n = total

    def correlations(self) -> Floats:
        """Return r (F, U); nan where a variable is constant, or holds what is not finite."""
        still_x = self._spread_x <= self._n * np.square(_FLAT * self._mean_x)
        still_y = self._spread_y <= self._n * np.square(_FLAT * self._mean_y)
        scale = np.sqrt(np.outer(self._spread_y, self._spread_x))
        scale[still_y[:, None] | still_x[None, :]] = np.nan
        r: Floats = np.clip(self._common / scale, -1, 1)
        return r


def follow(
    model: CharacterModel,
    ids: NDArray[Any],
    features: Sequence[TextFeature],
    *,
    top: int = TOP,
    told: Callable[[int], None] = lambda _characters: None,
) -> tuple[Followed, ...]:
    """Return, for each feature, the units that follow it best.

    The model reads the text from zero state to its end, as one stream. For every unit, gate and
    part of the state, Pearson's r with each feature is taken on the first half of the characters
    and on the second. The `top` of greatest |r| on the first half are returned, with their r on
    both: the sign is kept. `told` hears of so many more characters that are read, and may raise
    to end it.

    Shapes: ids (N,); every feature's values (N,), finite.
    Raises: ShapeError when a feature has another length; ConfigError when one is not finite, or
    there are fewer than two characters.
    Source: after Karpathy, Johnson & Fei-Fei 2016, "Visualizing and understanding recurrent
    networks", who looked at every cell and picked by eye; here a correlation picks.
    """
    _check(ids, features)
    wanted = np.stack([feature.values for feature in features], 1)
    half = len(ids) // 2
    units, halves = _correlations(model, ids, wanted, half, told)
    found = []
    for n, feature in enumerate(features):
        lack = feature.lack(0, half) or feature.lack(half, len(ids))
        chosen = () if lack else _best(units, halves[0][n], halves[1][n], top)
        found.append(Followed(feature=feature.name, lack=lack, followers=chosen))
    return tuple(found)


def _correlations(
    model: CharacterModel,
    ids: NDArray[Any],
    wanted: Floats,
    half: int,
    told: Callable[[int], None],
) -> tuple[list[Unit], list[Floats]]:
    """Return all units and their correlations (F, U) on both halves."""
    state, units, halves = None, list[Unit](), []
    # A diverged network's numbers overflow; its correlations come out nan and none is chosen.
    with np.errstate(all="ignore"):
        for start, stop in ((0, half), (half, len(ids))):
            moments = Moments()
            for first in range(start, stop, _PIECE):
                last = min(first + _PIECE, stop)
                piece = torch.from_numpy(ids[first:last].astype(np.int64)).to(model.weight_p.device)
                layers, state = unit_activity(model, piece, state)
                parts = [part for activity in layers for part in activity.values()]
                moments.add(torch.cat(parts, 1).double().cpu().numpy(), wanted[first:last])
                units = units or _units(layers)
                told(last - first)
            halves.append(moments.correlations())
    return units, halves


def _units(layers: Sequence[dict[str, torch.Tensor]]) -> list[Unit]:
    return [
        Unit(layer, name, number)
        for layer, activity in enumerate(layers)
        for name, part in activity.items()
        for number in range(part.shape[1])
    ]


def _best(units: list[Unit], first: Floats, second: Floats, top: int) -> tuple[Follower, ...]:
    """Return the units of greatest |r| on the first half; the earlier of two that are equal."""
    sizes = np.where(np.isfinite(first), np.abs(first), -1)
    order = [int(place) for place in np.argsort(-sizes, kind="stable")[:top]]
    return tuple(
        Follower(
            unit=units[place],
            chosen=float(first[place]),
            told=float(second[place]) if np.isfinite(second[place]) else None,
        )
        for place in order
        if sizes[place] >= 0
    )


def _check(ids: NDArray[Any], features: Sequence[TextFeature]) -> None:
    if len(ids) < 2:
        raise ConfigError(f"follow: a text needs two characters or more, got {len(ids)}")
    for feature in features:
        if feature.values.shape != ids.shape:
            raise ShapeError(
                f"follow: {feature.name} must have a value for each of {len(ids):,} characters, "
                f"got {len(feature.values):,}"
            )
        if not np.isfinite(feature.values).all():
            raise ConfigError(
                f"follow: {feature.name} must be finite, got nan or inf: leave the last character "
                "out, whose next one is not known"
            )
