"""A signal that moves over a graph in time: where will every node be next?"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from unroll.errors import ConfigError, unknown_name
from unroll.graphs import Propagation, a_hat, propagate
from unroll.tasks.random_graphs import connected_graphs, union_graph

STEPS = 20
"""T, positions that are read of each signal."""
SCORED_FROM = 8
"""Predictions before this step (counted from 0) are not scored: there is no past yet."""
NOISE = 0.2
"""σ, standard deviation of the force on a node that nobody can foresee, drawn anew each step."""

_SETTLING_STEPS = 40


@dataclass(frozen=True, kw_only=True)
class Law:
    """How a node moves: coupled to its neighbours or not, with a velocity or without."""

    coupling: float
    """c, pull towards what the neighbours say."""
    spring: float
    """k, pull towards the node's own place, 0."""
    damping: float
    """γ, share of its velocity that a node loses in a step; 1 leaves no velocity."""


LAWS = {
    "wave": Law(coupling=1.5, spring=0.05, damping=0.05),
    "uncoupled": Law(coupling=0.0, spring=0.3, damping=0.05),
    "diffusion": Law(coupling=0.5, spring=0.05, damping=1.0),
}


class SignalBatch(NamedTuple):
    """Signals on some graphs side by side, N nodes in all.

    Shapes: matrix Â (N, N); positions (N, T, 1) as they are read, and following (N, T, 1) one
    step later, which is to be predicted.
    """

    matrix: Propagation
    positions: Tensor
    following: Tensor

    def error(self, predicted: Tensor) -> Tensor:
        """Return the mean squared error of scored steps in units of σ²: 1 is the floor."""
        missed = (predicted - self.following)[:, SCORED_FROM:]
        return missed.square().mean() / NOISE**2


@dataclass(frozen=True, kw_only=True)
class Signals:
    """Predict the next position of every node of a graph.

    Each node is a mass on a spring, joined to its neighbours; its position x is seen, its
    velocity v is not:

        v(t+1) = (1 − γ) v(t) − k x(t) − c (x(t) − Â x(t)) + σ ε(t),   ε ~ N(0, 1)
        x(t+1) = x(t) + v(t+1)

    I − Â is the graph's normalised Laplacian with loops, so that `wave` is x'' = −c L x − k x with
    damping. Since v(t) = x(t) − x(t−1), the best prediction is known: it needs the positions of
    the node and its neighbours now (Â x) and its own a step before. Its mean squared error is σ²
    exactly, on every graph: all but σ ε(t) is decided before. `uncoupled` has c = 0, so that the
    neighbours tell nothing. `diffusion` has γ = 1, so that the past tells nothing:

        x(t+1) = x(t) − k x(t) − c (x(t) − Â x(t)) + σ ε(t)

    Graphs are random and connected: a random tree of n nodes and n more edges, or all the edges
    there can be. Signals are read from the 41st step after rest. Graphs and signals are drawn
    anew, so that none is met twice.

    Raises: ConfigError when the law is unknown.
    """

    law: str = "wave"
    """`wave`, `uncoupled` or `diffusion`."""

    def __post_init__(self) -> None:
        if self.law not in LAWS:
            raise unknown_name("law", self.law, LAWS)

    def sample(
        self, nodes: int, graphs: int, generator: torch.Generator, *, signals: int = 1
    ) -> list[SignalBatch]:
        """Draw `graphs` graphs of `nodes` nodes each, and `signals` batches of signals on them.

        Raises: ConfigError for fewer than 2 nodes, a graph or a signal.
        """
        for name, number, least in (
            ("nodes", nodes, 2),
            ("graphs", graphs, 1),
            ("signals", signals, 1),
        ):
            if number < least:
                raise ConfigError(f"signals: {name} must be {least} or more, got {number}")
        extra = min(nodes, (nodes - 1) * (nodes - 2) // 2)
        matrix = a_hat(union_graph(connected_graphs(graphs, nodes, extra, generator)))
        positions = self._run(matrix, signals, generator)
        return [
            SignalBatch(matrix, signal[:, :-1], signal[:, 1:])
            for signal in positions.unsqueeze(-1).unbind(1)
        ]

    def best_prediction(self, batch: SignalBatch) -> Tensor:
        """Return where nodes go but for the noise, (N, T, 1); at step 0 as if they had rested."""
        x = batch.positions.squeeze(2)
        v = torch.diff(x, dim=1, prepend=x[:, :1])
        return (x + self._velocity(batch.matrix, x, v)).unsqueeze(2)

    def _velocity(self, matrix: Propagation, x: Tensor, v: Tensor) -> Tensor:
        """Return the next velocity but for the noise: x and v (N, R) for R signals."""
        law = LAWS[self.law]
        pull = law.spring * x + law.coupling * (x - propagate(matrix, x))
        return (1 - law.damping) * v - pull

    def _run(self, matrix: Propagation, signals: int, generator: torch.Generator) -> Tensor:
        """Return settled signals, (N, R, T + 1)."""
        x = v = torch.zeros(matrix.nodes, signals)
        seen = []
        for _ in range(_SETTLING_STEPS + STEPS + 1):
            noise = NOISE * torch.randn(x.shape, generator=generator)
            v = self._velocity(matrix, x, v) + noise
            x = x + v
            seen.append(x)
        return torch.stack(seen[_SETTLING_STEPS:], dim=2)


def stream_signals(
    task: Signals, nodes: int, graphs: int, generator: torch.Generator, *, signals: int = 16
) -> Iterator[SignalBatch]:
    """Yield batches for ever, `signals` of them on the same graphs and then on new ones."""
    while True:
        yield from task.sample(nodes, graphs, generator, signals=signals)
