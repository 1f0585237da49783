"""What the closed forms share: projected inputs, blocks of steps, summed weight gradients.

Sequences here are (T, B, …): one step lies in one piece, so that each operation of a step reads
and writes memory that the processor's cache still holds.
"""

from collections.abc import Iterator

import torch
from torch import Tensor

from unroll.errors import ConfigError

# Work buffers hold as many steps as fit here: near a second-level cache, and the measured times
# differ by less than their noise from a quarter of this to eight times as much.
BLOCK_BYTES = 1 << 20


def block_steps(like: Tensor, width: int) -> int:
    """Return how many steps of (B, width) a work buffer holds, at least one.

    Shapes: like (B, H), any tensor of the batch in the dtype of the buffer.
    """
    step_bytes = like.shape[0] * width * like.element_size()
    return max(1, BLOCK_BYTES // max(1, step_bytes))


def blocks(steps: int, length: int) -> Iterator[slice]:
    """Yield slices of at most `length` that cover `steps`, in order.

    >>> list(blocks(5, 2))
    [slice(0, 2, None), slice(2, 4, None), slice(4, 5, None)]
    """
    for start in range(0, steps, length):
        yield slice(start, min(steps, start + length))


def project(x: Tensor, weight_x: Tensor, bias: Tensor, out: Tensor) -> None:
    """Write W x + b for all steps at once into `out`.

    Shapes: x (T, B, D), weight_x (G·H, D), bias (G·H,) -> out (T, B, G·H).
    """
    if x.shape[2] == 1:
        # An outer product: broadcasting takes half the time of a matrix product with D = 1.
        torch.addcmul(bias, x, weight_x.T, out=out)
    else:
        torch.addmm(bias, x.flatten(0, 1), weight_x.T, out=out.flatten(0, 1))


def doubled(tensor: Tensor, rows: slice) -> Tensor:
    """Return a copy with `rows` times two: the rows of a gate whose tanh becomes a sigmoid."""
    copy = tensor.clone()
    copy[rows] *= 2
    return copy


def tanh_from_sigmoid_(sigmoid: Tensor, minus_one: Tensor) -> None:
    """Replace σ(2a) by tanh(a) = 2σ(2a) − 1, in place.

    PyTorch's vectorised sigmoid takes a third of the time of its tanh (AVX2, float32). The
    error is absolute, not relative: up to 2 units in the last place of 1, 1.2e-7 in float32 and
    2.2e-16 in float64; a float32 h far below 1e-7 is lost. `minus_one` is a tensor, because
    only a tensor may stand first in torch.add.
    """
    torch.add(minus_one, sigmoid, alpha=2, out=sigmoid)


def first_gradient(incoming: Tensor | None, like: Tensor) -> Tensor:
    """Return the gradient that reaches the last step, as a new tensor to be worked on."""
    if incoming is None:
        return torch.zeros_like(like, memory_format=torch.contiguous_format)
    return incoming.clone(memory_format=torch.contiguous_format)


def last_outputs(hs: Tensor, last: int) -> Tensor:
    """Return the outputs of the last M steps: hs (T + 1, B, H) -> (B, M, H)."""
    return hs[hs.shape[0] - last :].transpose(0, 1)


def output_gradients(d_outputs: Tensor | None, steps: int) -> list[Tensor | None]:
    """Return ∂L/∂y(t) for each of `steps` steps, None where none comes.

    Shapes: d_outputs (B, M, H), of the last M steps -> T times (B, H).
    """
    given = () if d_outputs is None else d_outputs.unbind(1)
    return [None] * (steps - len(given)) + list(given)


def refuse_second_derivatives() -> None:
    """Raise ConfigError in a backward pass that is itself to be differentiated.

    PyTorch's `once_differentiable` would not do: it lets the gradient through as a constant
    wherever the incoming one is constant, as for any plain sum or mean.
    """
    if torch.is_grad_enabled():
        raise ConfigError(
            "engine 'closed-form' gives first derivatives only: for create_graph=True choose plain"
        )


class Gradients:
    """∂L/∂W and ∂L/∂x, summed or filled block by block, one large product a block.

        ∂L/∂W_x = Σ_t a(t)ᵀ x(t),   ∂L/∂W_h = Σ_t a(t)ᵀ h(t−1),   ∂L/∂b = Σ_t a(t)
        ∂L/∂x(t) = a(t) W_x

    with a(t) (B, G·H) the gradient of the loss at the input of the gates. The sums are kept
    transposed: with D small, xᵀ a is many times faster than aᵀ x.
    """

    def __init__(
        self, x: Tensor, hs: Tensor, weight_x: Tensor, *, inputs: bool, weights: bool
    ) -> None:
        """Begin at zero with x (T, B, D) and hs (T + 1, B, H), which starts with h(0).

        `inputs` and `weights` say which gradients are asked for; the others cost nothing.
        """
        self._x, self._hs, self._weight_x = x, hs, weight_x
        self._wants_weights = weights
        G, D = weight_x.shape
        self._d_weight_x = weight_x.new_zeros(D, G)
        self._d_weight_h = weight_x.new_zeros(hs.shape[2], G)
        self._d_bias = weight_x.new_zeros(G)
        self._d_x = torch.empty_like(x) if inputs else None

    def add(self, block: slice, at_input: Tensor, at_hidden: Tensor) -> None:
        """Add a block of n steps.

        Shapes: at_input and at_hidden (n, B, G·H), the gradients at W_x x + b and at W_h h,
        which are the same but for a GRU.
        """
        a = at_input.flatten(0, 1)
        if self._wants_weights:
            self._d_weight_x.addmm_(self._x[block].flatten(0, 1).T, a)
            self._d_weight_h.addmm_(self._hs[block].flatten(0, 1).T, at_hidden.flatten(0, 1))
            self._d_bias.add_(a.sum(0))
        if self._d_x is not None:
            torch.mm(a, self._weight_x, out=self._d_x[block].flatten(0, 1))

    def inputs(self) -> Tensor | None:
        """Return ∂L/∂inputs (B, T, D), if it was asked for."""
        return None if self._d_x is None else self._d_x.transpose(0, 1)

    def weights(self) -> tuple[Tensor, Tensor, Tensor]:
        """Return ∂L/∂W_x (G·H, D), ∂L/∂W_h (G·H, H) and ∂L/∂b (G·H,); zeros if not wanted."""
        return self._d_weight_x.T.contiguous(), self._d_weight_h.T.contiguous(), self._d_bias
