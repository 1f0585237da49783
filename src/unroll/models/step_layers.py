"""The layers of a character model's step in NumPy: weights made ready, and rows that advance."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from unroll.cells import GRU, LSTM, RNN, Cell
from unroll.models.character_model import CharacterModel

Floats: TypeAlias = NDArray[np.float32]
"""An array of float32."""

# Arrays, because NumPy takes a quarter of a microsecond to make one of a number, at every call.
_ONE = np.array(1, dtype=np.float32)
_HALF = np.array(0.5, dtype=np.float32)
_LINE = 16
"""Numbers in a cache line."""


@dataclass(frozen=True, kw_only=True)
class StepLayer:
    """A layer's weights as its step wants them; what reads h is one matrix."""

    kind: type[Cell[Any]]
    """RNN, LSTM or GRU."""
    hidden_size: int
    """H."""
    matrix: Floats
    """(H, G·H + N and some zeros): W_hᵀ of this layer beside W_xᵀ of the one above, or W_phᵀ."""
    bias_above: Floats
    """(1, N) of the layer above, or of the readout."""
    bias_inside: Floats
    """(1, H) of a GRU's candidate, inside the reset product; (1, 0) otherwise."""


class Rows(Protocol):
    """B rows of one layer's state, with room to work in."""

    def advance(self, above: Floats, /) -> Floats:
        """Take W_x x + b (B, G·H), and return the same for the layer above: (B, N)."""
        ...

    def select(self, rows: NDArray[np.int64], /) -> "Rows":
        """Return copies of `rows`."""
        ...


class Products:
    """What all three share: the product of h, whose first part waits for the next step."""

    def __init__(self, layer: StepLayer, B: int) -> None:
        H = layer.hidden_size
        own = len(layer.kind.gates) * H
        self.layer = layer
        self.matrix, self.bias_above = layer.matrix, layer.bias_above
        self.h = _zeros(B, H)
        self.product = _zeros(B, layer.matrix.shape[1])
        self.from_h = self.product[:, :own]
        self.above = self.product[:, own : own + layer.bias_above.shape[1]]

    def multiply(self) -> Floats:
        """Fill the product from h, and return its part for the layer above."""
        np.dot(self.h, self.matrix, self.product)
        above = self.above
        np.add(above, self.bias_above, above)
        return above

    def select(self, rows: NDArray[np.int64], /) -> Any:
        """Return copies of `rows`."""
        chosen = type(self)(self.layer, len(rows))
        chosen.product[:] = self.product[rows]
        chosen.kept[:] = self.kept[rows]
        return chosen

    @property
    def kept(self) -> Floats:
        """What is carried over besides the product of h: nothing."""
        return self.h[:, :0]


class RNNRows(Products):
    """h = tanh(a)."""

    def advance(self, above: Floats, /) -> Floats:
        """Take W_x x + b, and return it for the layer above."""
        h = self.h
        np.add(self.from_h, above, h)
        np.tanh(h, h)
        return self.multiply()


class LSTMRows(Products):
    """Gates in the order i, f, o, g, then c, so that i and f stand across from g and c.

    The gates i, f, o come as 2σ, so h is twice what it should be, which `matrix` makes up for.
    """

    def __init__(self, layer: StepLayer, B: int) -> None:
        super().__init__(layer, B)
        H = layer.hidden_size
        both = _zeros(B, 5 * H)
        self.gates, self.c = both[:, : 4 * H], both[:, 4 * H :]
        self.i_f, self.i_f_o, self.g_c = both[:, : 2 * H], both[:, : 3 * H], both[:, 3 * H :]
        self.o = both[:, 2 * H : 3 * H]
        self.terms = _zeros(B, 2 * H)
        self.written, self.carried = self.terms[:, :H], self.terms[:, H:]

    def advance(self, above: Floats, /) -> Floats:
        """Take W_x x + b, and return it for the layer above."""
        gates, i_f_o, c, h = self.gates, self.i_f_o, self.c, self.h
        np.add(self.from_h, above, gates)
        np.tanh(gates, gates)
        np.add(i_f_o, _ONE, i_f_o)
        np.multiply(self.i_f, self.g_c, self.terms)
        np.add(self.written, self.carried, c)
        np.multiply(c, _HALF, c)
        np.tanh(c, h)
        np.multiply(h, self.o, h)
        return self.multiply()

    @property
    def kept(self) -> Floats:
        """The cell state c."""
        return self.c


class GRURows(Products):
    """r and z come as 2σ; half of W_nh h + b_nh makes up for r, and z is halved.

    h' = n + z ⊙ (h − n).
    """

    def __init__(self, layer: StepLayer, B: int) -> None:
        super().__init__(layer, B)
        H = layer.hidden_size
        self.r_z = _zeros(B, 2 * H)
        self.r, self.z = self.r_z[:, :H], self.r_z[:, H:]
        self.n = _zeros(B, H)
        self.from_h_r_z, self.from_h_n = self.from_h[:, : 2 * H], self.from_h[:, 2 * H :]

    def advance(self, above: Floats, /) -> Floats:
        """Take W_x x + b, and return it for the layer above."""
        H2, r_z, n, h = self.r_z.shape[1], self.r_z, self.n, self.h
        np.add(self.from_h_r_z, above[:, :H2], r_z)
        np.tanh(r_z, r_z)
        np.add(r_z, _ONE, r_z)
        np.add(self.from_h_n, self.layer.bias_inside, n)
        np.multiply(n, self.r, n)
        np.add(n, above[:, H2:], n)
        np.tanh(n, n)
        np.subtract(h, n, h)
        np.multiply(h, self.z, h)
        np.multiply(h, _HALF, h)
        np.add(h, n, h)
        return self.multiply()

    @property
    def kept(self) -> Floats:
        """The hidden state h."""
        return self.h


_ROWS: dict[type[Cell[Any]], Callable[[StepLayer, int], Rows]] = {
    RNN: RNNRows,
    LSTM: LSTMRows,
    GRU: GRURows,
}


def zero_rows(layer: StepLayer, B: int) -> Rows:
    """Return B rows of the state before the first step."""
    return _ROWS[layer.kind](layer, B)


def prepare(model: CharacterModel) -> tuple[Floats, Sequence[StepLayer]]:
    """Return the table W_x E[v] + b (V, G·H) of the first layer, and each layer's weights."""
    cells: Sequence[Any] = list(model.cells)
    tables = [(_scaled(cell, cell.weight_x), _scaled(cell, cell.bias)) for cell in cells]
    tables.append((model.weight_p, model.bias_p))
    every = torch.arange(model.vocabulary_size, device=model.weight_p.device)
    layers = []
    for cell, (weight_above, bias_above) in zip(cells, tables[1:], strict=True):
        matrix = torch.cat([_scaled(cell, cell.weight_h, inside=True), weight_above])
        layers.append(
            StepLayer(
                kind=type(cell),
                hidden_size=cell.hidden_size,
                matrix=_aligned(_array(matrix * (0.5 if isinstance(cell, LSTM) else 1)).T),
                bias_above=_array(bias_above[None]),
                bias_inside=_array(
                    (cell.bias_nh if isinstance(cell, GRU) else every[:0])[None] / 2
                ),
            )
        )
    weight_x, bias = tables[0]
    return _array(model.embed(every) @ weight_x.T + bias), layers


def _scaled(cell: Cell[Any], numbers: Tensor, *, inside: bool = False) -> Tensor:
    """Return a cell's rows in the order of its step, those of a sigmoid gate halved.

    `inside`: they are multiplied by r in a GRU, which comes doubled, in the candidate's rows.
    """
    rows = {gate: numbers[cell.gate_rows(gate)] for gate in cell.gates}
    if isinstance(cell, LSTM):
        return torch.cat([rows["i"] / 2, rows["f"] / 2, rows["o"] / 2, rows["g"]])
    if isinstance(cell, GRU):
        return torch.cat([rows["r"] / 2, rows["z"] / 2, rows["n"] / 2 if inside else rows["n"]])
    return numbers


def _array(numbers: Tensor) -> Floats:
    array: Floats = numbers.detach().cpu().contiguous().numpy().astype(np.float32)
    return array


def _aligned(matrix: Floats) -> Floats:
    """Return a copy in C order, each row on a cache line of its own: zeros are put to its end.

    Loads that cross two lines made the product a tenth slower.
    """
    K, N = matrix.shape
    copy = _zeros(K, -(-N // _LINE) * _LINE)
    copy[:, :N] = matrix
    return copy


def _zeros(rows: int, columns: int) -> Floats:
    """Return zeros that begin on a cache line."""
    numbers = np.zeros(rows * columns + _LINE, dtype=np.float32)
    start = -(numbers.ctypes.data // numbers.itemsize) % _LINE
    return numbers[start : start + rows * columns].reshape(rows, columns)
