"""A Step around a function of tensors."""

from collections.abc import Callable
from typing import Any, Generic, TypeVar

import torch
from torch import Tensor

from unroll.decoding.step import Integers, Scores
from unroll.errors import ConfigError

S = TypeVar("S")


class TensorStep(Generic[S]):
    """A Step around `function(tokens (B,), state) -> (scores (B, V), state)`, without gradients.

    The state is a tensor, or tuples and NamedTuples of tensors, however deep: all with B on
    `batch_axis` (0 for this package's cells, 1 for torch.nn.LSTM's state).

    Shapes: tokens (B,) int64, moved to `device` -> scores (B, V) float64, brought to the CPU.
    Raises: ConfigError when vocabulary_size is below 1.
    """

    def __init__(
        self,
        function: Callable[[Tensor, S], tuple[Tensor, S]],
        *,
        vocabulary_size: int,
        batch_axis: int = 0,
        device: torch.device | str = "cpu",
    ) -> None:
        if vocabulary_size < 1:
            raise ConfigError(
                f"TensorStep: vocabulary_size must be 1 or more, got {vocabulary_size}"
            )
        self.function = function
        self.vocabulary_size = vocabulary_size
        self.batch_axis = batch_axis
        self.device = torch.device(device)

    def __call__(self, tokens: Integers, state: S, /) -> tuple[Scores, S]:
        """Take one step."""
        with torch.no_grad():
            scores, state = self.function(torch.from_numpy(tokens).to(self.device), state)
            # NumPy has no bfloat16: widen before leaving torch.
            wide: Scores = scores.to("cpu", torch.float64).numpy()
        return wide, state

    def select(self, state: S, rows: Integers, /) -> S:
        """Return a state whose row n is a copy of `state`'s row `rows[n]`."""
        return select_rows(state, torch.from_numpy(rows), self.batch_axis)


def select_rows(state: S, rows: Tensor, batch_axis: int = 0) -> S:
    """Return the state whose row n is a copy of row `rows[n]`, along `batch_axis` of every tensor.

    Raises: ConfigError for a state with anything but tensors and tuples in it.

    >>> select_rows((torch.tensor([1, 2]),), torch.tensor([1, 0, 1]))
    (tensor([2, 1, 2]),)
    """
    return _select(state, rows, batch_axis)  # type: ignore[no-any-return]


def _select(part: Any, rows: Tensor, batch_axis: int) -> Any:
    if isinstance(part, Tensor):
        return part.detach().index_select(batch_axis, rows.to(part.device))
    if isinstance(part, tuple):
        parts = [_select(inner, rows, batch_axis) for inner in part]
        return type(part)(*parts) if hasattr(part, "_fields") else tuple(parts)
    raise ConfigError(
        f"select_rows: a state must be tensors and tuples of them, got {type(part).__name__}"
    )
