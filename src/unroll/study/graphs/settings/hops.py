"""What the hop horizon is asked to do."""

from collections.abc import Sequence
from dataclasses import dataclass

from unroll.errors import ConfigError, unknown_name
from unroll.field_types import check_types
from unroll.study.running.command_line import command_line

SHAPES = ("path", "tree")
MODELS = ("gcn", "gat")
RESIDUALS = ("plain", "residual")
FURTHEST = {"path": 32, "tree": 7}
"""Hops; a tree of depth 7 has 255 nodes."""
HEADS = 4
"""Heads of a GAT layer, which share its hidden units."""
MOST_SEEDS = 1_000
MOST_STEPS = 10**7
MOST_HIDDEN = 1_024


@dataclass(frozen=True, kw_only=True)
class HopSettings:
    """Carry a marked node's label over more and more hops, with as many layers."""

    shapes: tuple[str, ...] = SHAPES
    """path, tree (complete and binary, read at the root), or both."""
    models: tuple[str, ...] = MODELS
    """gcn, gat, or both."""
    residual: tuple[str, ...] = RESIDUALS
    """plain, residual (each layer adds to the state), or both."""
    distances: tuple[int, ...] = (1, 2, 3, 4, 6, 8)
    """Hops between the marked node and the reader; on a tree only those up to 7."""
    seeds: int = 3
    """Train with seeds 0 … N−1."""
    steps: int = 600
    """Training steps at most; a network that has learned it stops sooner."""
    hidden_size: int = 32
    """Numbers in a node's state."""

    def __post_init__(self) -> None:
        check_types(self)
        _check_names("shapes", "shape", self.shapes, SHAPES)
        _check_names("models", "model", self.models, MODELS)
        _check_names("residual", "kind of layers", self.residual, RESIDUALS)
        self._check_distances()
        for name, most in (
            ("seeds", MOST_SEEDS),
            ("steps", MOST_STEPS),
            ("hidden-size", MOST_HIDDEN),
        ):
            value = getattr(self, name.replace("-", "_"))
            if not 1 <= value <= most:
                raise ConfigError(f"{name} must be 1 to {most:,}, got {value}")
        if "gat" in self.models and self.hidden_size % HEADS:
            raise ConfigError(
                f"hidden-size must be a multiple of gat's {HEADS} heads, got {self.hidden_size}"
            )

    def distances_on(self, shape: str) -> tuple[int, ...]:
        """Return the distances asked for that a shape is not too large at, in ascending order."""
        return tuple(sorted(d for d in self.distances if d <= FURTHEST[shape]))

    def command(self, out: str) -> str:
        """Return the command line that asks for this, with only what is not the default."""
        return command_line("graph horizon", self, out)

    def _check_distances(self) -> None:
        if not self.distances:
            raise ConfigError("distances must name at least one number of hops, such as 4")
        furthest = max(FURTHEST[shape] for shape in self.shapes)
        for distance in self.distances:
            if not 1 <= distance <= furthest:
                raise ConfigError(
                    f"distances: on a {' or '.join(self.shapes)} a distance must be 1 to "
                    f"{furthest} hops, got {distance}"
                )
            if self.distances.count(distance) > 1:
                raise ConfigError(f"distances: {distance} is given twice")
        for shape in self.shapes:
            if not self.distances_on(shape):
                others = [other for other in self.shapes if self.distances_on(other)]
                instead = f", or leave the {shape} out: --shapes {others[0]}" if others else ""
                raise ConfigError(
                    f"distances: on a {shape} at least one must be {FURTHEST[shape]} hops or less, "
                    f"got {', '.join(map(str, self.distances))}: add one{instead}"
                )


def _check_names(name: str, kind: str, chosen: Sequence[str], known: Sequence[str]) -> None:
    if not chosen:
        raise ConfigError(f"{name} must name at least one of {', '.join(known)}")
    for choice in chosen:
        if choice not in known:
            raise ConfigError(f"{name}: {unknown_name(kind, choice, known)}")
        if chosen.count(choice) > 1:
            raise ConfigError(f"{name}: {choice} is given twice")
