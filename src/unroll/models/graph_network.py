"""Graph layers, one upon another, with a readout at every node."""

import itertools
import math
from collections.abc import Callable

import torch
from torch import Tensor, nn

from unroll.errors import ConfigError, unknown_name
from unroll.graphs import GATLayer, GCNLayer, Propagation, SparseFeatures

KINDS = ("gcn", "gat")
ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {"relu": torch.relu, "tanh": torch.tanh}


class GraphNetwork(nn.Module):
    """L graph layers of one kind, and a linear readout at every node.

        h(0)   = x
        h(l+1) = σ(layer(h(l), Â))             plain, and where the widths differ
        h(l+1) = h(l) + σ(layer(h(l), Â))      residual
        y      = W_y h(L) + b_y

    The input enters the first layer as it is, and the readout looks at one node alone: what a
    node answers depends on the nodes within L hops and on no other. GAT layers concatenate their
    heads, H / heads wide each.

    Shapes: x (N, D), matrix N×N -> (N, K); `embed` gives (N, H).
    Source: Kipf & Welling 2017; Veličković et al. 2018; residuals as He et al. 2016. Both graph
    papers classify by their last layer; a readout of its own leaves the layers alike.
    Raises: ConfigError for an unknown kind or activation, fewer than one layer, or a hidden size
    that the heads do not divide.
    """

    def __init__(
        self,
        kind: str = "gcn",
        *,
        input_size: int,
        hidden_size: int,
        output_size: int,
        layers: int,
        residual: bool = False,
        heads: int = 4,
        activation: str = "relu",
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__()
        if kind not in KINDS:
            raise unknown_name("graph layer", kind, KINDS)
        if activation not in ACTIVATIONS:
            raise unknown_name("activation", activation, ACTIVATIONS)
        if layers < 1:
            raise ConfigError(f"graph network: layers must be 1 or more, got {layers}")
        if kind == "gat" and hidden_size % heads:
            raise ConfigError(
                f"graph network: hidden_size must be a multiple of its heads, {heads}, "
                f"got {hidden_size}"
            )
        self.residual = residual
        self.activation = activation
        widths = [input_size] + [hidden_size] * layers
        self.layers = nn.ModuleList(
            GCNLayer(D, H, generator=generator)
            if kind == "gcn"
            else GATLayer(D, H // heads, heads, generator=generator)
            for D, H in itertools.pairwise(widths)
        )
        bound = 1 / math.sqrt(hidden_size)
        self.weight_y = nn.Parameter(torch.empty(output_size, hidden_size))
        self.bias_y = nn.Parameter(torch.zeros(output_size))
        with torch.no_grad():
            self.weight_y.uniform_(-bound, bound, generator=generator)

    def hidden(self, x: Tensor | SparseFeatures, matrix: Propagation) -> list[Tensor]:
        """Return h(1) … h(L), (N, H) each."""
        states: list[Tensor] = []
        σ = ACTIVATIONS[self.activation]
        h: Tensor | SparseFeatures = x
        for layer in self.layers:
            news = σ(layer(h, matrix))
            if self.residual and isinstance(h, Tensor) and h.shape == news.shape:
                news = h + news
            h = news
            states.append(news)
        return states

    def embed(self, x: Tensor | SparseFeatures, matrix: Propagation) -> Tensor:
        """Return h(L), (N, H)."""
        return self.hidden(x, matrix)[-1]

    def forward(self, x: Tensor | SparseFeatures, matrix: Propagation) -> Tensor:
        """Return the scores of every node."""
        scores: Tensor = self.embed(x, matrix) @ self.weight_y.T + self.bias_y
        return scores
