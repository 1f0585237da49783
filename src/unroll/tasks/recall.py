"""One marked node among many: say its label, so many hops away."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

import torch
from torch import Tensor

from unroll.errors import ConfigError, unknown_name
from unroll.graphs import Graph, graph_from_pairs

SHAPES = ("path", "tree")
LONGEST = {"path": 100, "tree": 10}
"""Hops; a tree of depth 10 has 2,047 nodes."""


class RecallBatch(NamedTuple):
    """B copies of one graph side by side, with labels of their own.

    Shapes: features (B·N, 2K); readers, sources and answers (B,), the first two node numbers.
    """

    features: Tensor
    readers: Tensor
    sources: Tensor
    answers: Tensor


@dataclass(frozen=True, kw_only=True)
class MarkedRecall:
    """Every node has a random label, one is marked, and the reader must say the marked one's.

        path, d = 3      reader – · – · – source
        tree, d = 2      the root reads; the source is a random one of the 4 leaves

                              reader
                             ╱      ╲
                            ·        ·
                           ╱ ╲      ╱ ╲
                          ·   ·  source ·

    The source is d hops from the reader. Of K labels a node's features are one of 2K: label and
    mark are one-hot *together*, so that a linear map tells the marked label from all others.
    With a mark in a channel of its own, the first layer would add labels and marks of all
    neighbours before anything could tell whose mark it is: a difficulty of its own, which
    distance has no part in. Chance is 1/K.

    Training and evaluation are separate streams of draws. There are K^(d + 1) different inputs on
    a path and 2^d · K^N on a tree: near ones are all met in training, and evaluation then
    measures what is learned by heart or by rule alike.

    Raises: ConfigError for an unknown shape, a distance out of range, or less than two classes.
    """

    shape: Literal["path", "tree"]
    """`path`: d + 1 nodes in a row; `tree`: complete and binary, of depth d, with 2^(d + 1) − 1."""
    distance: int
    """d, hops between reader and source."""
    classes: int = 4
    """K, how many labels there are."""

    def __post_init__(self) -> None:
        if self.shape not in SHAPES:
            raise unknown_name("shape", self.shape, SHAPES)
        longest = LONGEST[self.shape]
        if not 1 <= self.distance <= longest:
            raise ConfigError(
                f"recall: distance on a {self.shape} must be 1 to {longest} hops, "
                f"got {self.distance}"
            )
        if self.classes < 2:
            raise ConfigError(f"recall: classes must be 2 or more, got {self.classes}")

    @property
    def nodes(self) -> int:
        """N."""
        return self.distance + 1 if self.shape == "path" else 2 ** (self.distance + 1) - 1

    @property
    def input_size(self) -> int:
        """D, features a node has: 2K."""
        return 2 * self.classes

    @property
    def possible(self) -> int:
        """How many different inputs there are."""
        sources = 1 if self.shape == "path" else 2**self.distance
        return sources * int(self.classes**self.nodes)

    def graph(self) -> Graph:
        """Return the graph; node 0 reads, node i of a tree hangs from node ⌊(i − 1) / 2⌋."""
        if self.shape == "path":
            pairs = [(i - 1, i) for i in range(1, self.nodes)]
        else:
            pairs = [((i - 1) // 2, i) for i in range(1, self.nodes)]
        return graph_from_pairs(pairs, nodes=self.nodes, name=f"{self.shape} of {self.distance}")

    def sample(self, count: int, generator: torch.Generator) -> RecallBatch:
        """Draw labels, and on a tree the marked leaf, of `count` graphs."""
        N, K = self.nodes, self.classes
        labels = torch.randint(K, (count, N), generator=generator)
        ends = N - 1 if self.shape == "path" else 2**self.distance - 1
        marked = torch.randint(ends, N, (count, 1), generator=generator)
        readers = torch.arange(0, count * N, N)
        channels = (labels + K).scatter(1, marked, labels.gather(1, marked))
        return RecallBatch(
            features=torch.eye(2 * K)[channels.flatten()],
            readers=readers,
            sources=readers + marked.squeeze(1),
            answers=labels.gather(1, marked).squeeze(1),
        )

    def stream(self, count: int, generator: torch.Generator) -> Iterator[RecallBatch]:
        """Yield batches of `count` graphs for ever."""
        while True:
            yield self.sample(count, generator)
