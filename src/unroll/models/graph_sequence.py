"""Networks that predict what every node of a graph does next: from its past, its neighbours, both.

They say by how much a node's numbers will change, and their weights are the same at every node,
so that they run on graphs of any size.
"""

import itertools
import math

import torch
from torch import Tensor, nn

from unroll.cells import LSTM
from unroll.engines import run_scan
from unroll.errors import ConfigError
from unroll.graphs import GCNLayer, Propagation, propagate
from unroll.shapes import check_shape


class GraphSequence(nn.Module):
    """A graph convolution inside an LSTM: past and neighbours.

        m_i(t) = Σ_j Â_ij x_j(t)                                 what i hears
        h_i(t), c_i(t) = LSTM([x_i(t), m_i(t)], h_i(t−1), c_i(t−1))
        ŷ_i(t) = x_i(t) + W_y h_i(t) + b_y

    One cell is shared by all nodes; its W_x takes the part of a graph convolution's W. With
    `hears=False` the LSTM reads x_i(t) alone: each node's own past, whatever the graph. The
    matrix has no weights, so that the messages of all steps are gathered at once. With
    D' = 2D, or D where nothing is heard: 4H(D' + H + 1) + D(H + 1) parameters, those of the
    readout drawn from U(−1/√H, 1/√H).

    Shapes: inputs (N, T, D), matrix (N, N) -> (N, T, D).
    Source: Seo et al. 2018, "Structured sequence modeling with graph convolutional recurrent
    networks", model 1, with one hop in place of Chebyshev polynomials and the node's own numbers
    beside it.
    Raises: ConfigError when a size is below 1; ShapeError when an axis differs.
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        *,
        hears: bool = True,
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__()
        _check_sizes(input_size=input_size, hidden_size=hidden_size)
        self.input_size = input_size
        self.hears = hears
        self.cell = LSTM((1 + hears) * input_size, hidden_size, generator=generator)
        self.readout = _Readout(input_size, hidden_size, generator)

    def forward(self, inputs: Tensor, matrix: Propagation) -> Tensor:
        """Return each node's next numbers, at every step."""
        _check_signal(inputs, matrix, self.input_size)
        read = inputs
        if self.hears:
            heard = propagate(matrix, inputs.flatten(1)).view_as(inputs)
            read = torch.cat([inputs, heard], dim=2)
        outputs, _ = run_scan(self.cell, read)
        following: Tensor = inputs + self.readout(outputs)
        return following


class GraphSnapshot(nn.Module):
    """Graph convolutions that see one moment: neighbours and no past.

        h(0) = x(t),   h(l+1) = tanh(Â h(l) W_l + h(l) S_l + b_l)
        ŷ(t) = x(t) + h(L) W_y + b_y

    S_l is a node's weight for itself; without it Â would give a node only its share in a mean,
    and no node could say what it alone does. Every step is a graph of its own: L layers of
    2 D F + F parameters, and the readout's D(H + 1).

    Shapes: inputs (N, T, D), matrix (N, N) -> (N, T, D).
    Source: Kipf & Welling 2017, with S_l as in Hamilton et al. 2017.
    Raises: ConfigError when a size is below 1; ShapeError when an axis differs.
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        *,
        layers: int = 2,
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__()
        _check_sizes(input_size=input_size, hidden_size=hidden_size, layers=layers)
        self.input_size = input_size
        widths = [input_size] + [hidden_size] * layers
        pairs = list(itertools.pairwise(widths))
        self.layers = nn.ModuleList(GCNLayer(D, F, generator=generator) for D, F in pairs)
        self.selves = nn.ParameterList(_uniform(D, F, D, generator) for D, F in pairs)
        self.readout = _Readout(input_size, hidden_size, generator)

    def forward(self, inputs: Tensor, matrix: Propagation) -> Tensor:
        """Return each node's next numbers, at every step."""
        _check_signal(inputs, matrix, self.input_size)
        N, T, D = inputs.shape
        moments = matrix.repeated(T)
        h = inputs.transpose(0, 1).reshape(T * N, D)
        for layer, own in zip(self.layers, self.selves, strict=True):
            h = torch.tanh(layer(h, moments) + h @ own)
        change: Tensor = self.readout(h)
        return inputs + change.view(T, N, D).transpose(0, 1)


class _Readout(nn.Module):
    """W_y h + b_y with `weight_y` (D, H) and `bias_y` (D,)."""

    def __init__(
        self, output_size: int, hidden_size: int, generator: torch.Generator | None
    ) -> None:
        super().__init__()
        self.weight_y = _uniform(output_size, hidden_size, hidden_size, generator)
        self.bias_y = nn.Parameter(torch.zeros(output_size))

    def forward(self, h: Tensor) -> Tensor:
        read: Tensor = h @ self.weight_y.T + self.bias_y
        return read


def _uniform(
    rows: int, columns: int, fan_in: int, generator: torch.Generator | None
) -> nn.Parameter:
    bound = 1 / math.sqrt(fan_in)
    return nn.Parameter(torch.empty(rows, columns).uniform_(-bound, bound, generator=generator))


def _check_sizes(**sizes: int) -> None:
    for name, size in sizes.items():
        if size < 1:
            raise ConfigError(f"graph sequence: {name} must be 1 or more, got {size}")


def _check_signal(inputs: Tensor, matrix: Propagation, input_size: int) -> None:
    check_shape("graph sequence", "inputs", inputs, "N T D", N=matrix.nodes, D=input_size)
