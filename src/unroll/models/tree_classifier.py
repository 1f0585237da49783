"""A Tree-LSTM with a linear readout at the root."""

import math

import torch
from torch import Tensor, nn

from unroll.cells import TreeLSTM
from unroll.errors import ConfigError
from unroll.scan import scan_tree
from unroll.shapes import check_shape


class TreeClassifier(nn.Module):
    """Read trees from their leaves up and classify at the roots.

        h = scan_tree(cell, x, children),   p = W_ph h_root + b_p,   ŷ = softmax(p)

    `weight_p` is W_ph (C, H) and `bias_p` is b_p (C,), as in `SequenceClassifier`: C·(H + 1)
    parameters, drawn from U(−1/√H, 1/√H). The scores p are returned, not their softmax.

    Shapes: inputs (B, M, D) for B trees of M nodes, node 0 the root; children (B, M, K) nodes of
    the same tree, −1 for none -> scores (B, C).
    Raises: ShapeError when an axis differs; ConfigError for fewer than one class, or for what
    `scan_tree` refuses.
    """

    def __init__(
        self, cell: TreeLSTM, classes: int, *, generator: torch.Generator | None = None
    ) -> None:
        super().__init__()
        if classes < 1:
            raise ConfigError(f"tree classifier: classes must be 1 or more, got {classes}")
        self.cell = cell
        bound = 1 / math.sqrt(cell.hidden_size)
        self.weight_p = nn.Parameter(torch.empty(classes, cell.hidden_size))
        self.bias_p = nn.Parameter(torch.empty(classes))
        with torch.no_grad():
            self.weight_p.uniform_(-bound, bound, generator=generator)
            self.bias_p.uniform_(-bound, bound, generator=generator)

    def forward(self, inputs: Tensor, children: Tensor) -> Tensor:
        """Return the scores at the roots."""
        check_shape("tree classifier", "inputs", inputs, "B M D", D=self.cell.input_size)
        B, M, _ = inputs.shape
        sizes = {"B": B, "M": M, "K": self.cell.children_each}
        check_shape("tree classifier", "children", children, "B M K", **sizes)
        first = torch.arange(B, device=children.device)[:, None, None] * M
        forest = torch.where(children < 0, -1, children + first)
        outputs, _ = scan_tree(self.cell, inputs.flatten(0, 1), forest.flatten(0, 1))
        scores: Tensor = outputs[::M] @ self.weight_p.T + self.bias_p
        return scores
