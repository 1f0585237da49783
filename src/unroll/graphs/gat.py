"""The graph attention layer of Veličković and others."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from unroll.errors import ConfigError
from unroll.graphs.attended import attended, is_factorable
from unroll.graphs.dropout import dropout_mask
from unroll.graphs.initialisation import glorot
from unroll.graphs.propagation import Propagation
from unroll.graphs.sparse_features import SparseFeatures
from unroll.shapes import check_shape


class GATLayer(nn.Module):
    """One layer of graph attention with K heads, without its non-linearity, which is the model's.

        s_j = a_sourceᵀ W x_j,   d_i = a_targetᵀ W x_i          a head
        α_ij = exp(LeakyReLU(s_j + d_i)) / Σ_l exp(LeakyReLU(s_l + d_i))     l over row i
        h_i = Σ_j α_ij W x_j, the heads side by side, or their mean; + b

    Which nodes i attends to is where row i of `matrix` has entries; their weights do not count.
    Give Ã or Â so that each node attends to itself as well; a row without entries gives b.

    Shapes: x (N, D), dense or SparseFeatures, matrix (N, N) -> (N, K F), or (N, F) if averaged.
    Parameters: weight (D, K F), source and target (K, F), bias (K F,) or (F,).
    Source: Veličković et al. 2018, eq. 1–6, with a bias as in the authors' code.
    Raises: ShapeError when an axis of x differs, ConfigError for a slope outside [0, 1].
    """

    def __init__(
        self,
        input_size: int,
        head_size: int,
        heads: int,
        *,
        concatenate: bool = True,
        negative_slope: float = 0.2,
        bias: bool = True,
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__()
        if not 0 <= negative_slope <= 1:
            raise ConfigError(
                f"GATLayer: negative_slope must lie in 0–1, got {negative_slope}: the paper has 0.2"
            )
        self.input_size = input_size
        self.head_size = head_size
        self.heads = heads
        self.concatenate = concatenate
        self.negative_slope = negative_slope
        self.weight = nn.Parameter(torch.empty(input_size, heads * head_size))
        self.source = nn.Parameter(torch.empty(heads, head_size))
        self.target = nn.Parameter(torch.empty(heads, head_size))
        size = heads * head_size if concatenate else head_size
        self.bias = nn.Parameter(torch.zeros(size)) if bias else None
        for weight in (self.weight, self.source, self.target):
            glorot(weight, generator)

    def forward(
        self,
        x: Tensor | SparseFeatures,
        matrix: Propagation,
        attention_dropout: float = 0.0,
        generator: torch.Generator | None = None,
    ) -> Tensor:
        """Return the attended sums; `attention_dropout` is the share of α set to zero."""
        h = _transformed(self, x, matrix)
        by_head = h.transpose(0, 1).contiguous()
        if not is_factorable(by_head.detach(), self.source.detach()):
            return gat_plain(self, x, matrix, attention_dropout, generator)
        kept = _kept(self, matrix, attention_dropout, generator, h)
        slope = self.negative_slope
        return _joined(self, attended(by_head, self.source, self.target, matrix, slope, kept))

    def extra_repr(self) -> str:
        """Return the sizes, for print(layer)."""
        return f"{self.input_size}, {self.head_size}, heads={self.heads}"


def gat_plain(
    layer: GATLayer,
    x: Tensor | SparseFeatures,
    matrix: Propagation,
    attention_dropout: float = 0.0,
    generator: torch.Generator | None = None,
) -> Tensor:
    """Return the layer's output edge by edge, as the equation says."""
    h = _transformed(layer, x, matrix)
    weights = _attention(layer, h, matrix)
    kept = _kept(layer, matrix, attention_dropout, generator, weights)
    if kept is not None:
        weights = weights * kept.T
    messages = weights.unsqueeze(2) * h[matrix.sources]
    return _joined(layer, torch.zeros_like(h).index_add(0, matrix.targets, messages))


def attention(layer: GATLayer, x: Tensor | SparseFeatures, matrix: Propagation) -> Tensor:
    """Return α of every entry of `matrix` and head, in the matrix's order: (E', K).

    Over the entries of one row each head's numbers sum to 1.
    """
    return _attention(layer, _transformed(layer, x, matrix), matrix)


def _transformed(layer: GATLayer, x: Tensor | SparseFeatures, matrix: Propagation) -> Tensor:
    """Return W x by heads, (N, K, F), after a look at x's axes."""
    if isinstance(x, Tensor):
        check_shape("GATLayer", "x", x, "N D", N=matrix.nodes, D=layer.input_size)
    return (x @ layer.weight).view(matrix.nodes, layer.heads, layer.head_size)


def _kept(
    layer: GATLayer,
    matrix: Propagation,
    rate: float,
    generator: torch.Generator | None,
    like: Tensor,
) -> Tensor | None:
    """Return what dropout at `rate` multiplies α by, 0 or 1 / (1 − rate): (K, E'), None at 0."""
    if rate == 0:
        return None
    shape = layer.heads, matrix.sources.numel()
    return dropout_mask("GATLayer: attention_dropout", like, shape, rate, generator)


def _joined(layer: GATLayer, heads: Tensor) -> Tensor:
    """Return the heads side by side or their mean, with the bias: (N, K, F) -> (N, output)."""
    out = heads.flatten(1) if layer.concatenate else heads.mean(1)
    return out if layer.bias is None else out + layer.bias


def _attention(layer: GATLayer, h: Tensor, matrix: Propagation) -> Tensor:
    """Return the softmax over each row, shifted by the row's largest score."""
    s = (h * layer.source).sum(2)
    d = (h * layer.target).sum(2)
    scores = functional.leaky_relu(s[matrix.sources] + d[matrix.targets], layer.negative_slope)
    places = matrix.targets.long().unsqueeze(1).expand_as(scores)
    largest = scores.new_full((matrix.nodes, layer.heads), -torch.inf)
    largest = largest.scatter_reduce(0, places, scores.detach(), "amax")
    grown = (scores - largest[matrix.targets]).exp()
    sums = torch.zeros_like(largest).index_add(0, matrix.targets, grown)
    return grown / sums[matrix.targets]
