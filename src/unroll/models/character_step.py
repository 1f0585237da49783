"""One step of a character model in NumPy: what writing a text, character by character, runs on."""

from typing import TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray

from unroll.engines.engine import is_built_in
from unroll.errors import ConfigError
from unroll.models.character_model import CharacterModel
from unroll.models.step_layers import Floats, Rows, prepare, zero_rows

State: TypeAlias = tuple[Rows, ...]
"""Each layer's rows."""


class NumpyStep:
    """A step of a `CharacterModel` of built-in cells, for decoding: a `Step` as it asks for one.

        scores, state' = step(tokens, state)

    At batch 1 a step is bound by the bytes of the weights, and by the number of calls. So the
    first layer's product is looked up, W_x E[v] + b for every character v; each other matrix is
    read once; the two that take the same h, a layer's own recurrence and the input of the layer
    above, are one product; and everything is written in place. A sigmoid is taken as
    σ(a) = (1 + tanh(a / 2)) / 2, all gates in one call, with the halves in the weights, where a
    power of two costs no rounding.

    The weights are copied: a model trained further wants a new step. BLAS should have one thread
    (`OPENBLAS_NUM_THREADS=1`): two that wait for each other are slower than one.

    Shapes: tokens (B,) int64 -> scores (B, V) float32, overwritten by the next step.
    Raises: ConfigError for a model that it does not support.
    """

    def __init__(self, model: CharacterModel) -> None:
        if not self.supports(model):
            raise ConfigError(
                "NumpyStep: the model must be of built-in cells in float32: "
                "for others take TensorStep(model.step)"
            )
        self.vocabulary_size = model.vocabulary_size
        with torch.no_grad():
            self._table, self._layers = prepare(model)

    @staticmethod
    def supports(model: CharacterModel) -> bool:
        """Return whether the model is a stack of exactly RNN, LSTM and GRU, in float32."""
        return all(
            is_built_in(cell) and cell.weight_h.dtype == torch.float32  # type: ignore[arg-type]
            for cell in model.cells
        )

    def initial_state(self, rows: int = 1) -> State:
        """Return the state before the first character: zeros."""
        return tuple(zero_rows(layer, rows) for layer in self._layers)

    def __call__(self, tokens: NDArray[np.int64], state: State, /) -> tuple[Floats, State]:
        """Take one step; the state is worked on in place."""
        above: Floats = self._table.take(tokens, 0)
        for rows in state:
            above = rows.advance(above)
        return above, state

    def select(self, state: State, rows: NDArray[np.int64], /) -> State:
        """Return a state whose row n is a copy of `state`'s row `rows[n]`: rows may repeat."""
        return tuple(layer.select(rows) for layer in state)
