"""Named initialisations: how a built-in cell's parameters begin.

An initialisation is a value chosen by configuration; a cell knows none of them.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from unroll.cells.cell import Cell
from unroll.errors import ConfigError, unknown_name


@dataclass(frozen=True, kw_only=True)
class Initialisation:
    """How the weights and biases of a cell are drawn, gate by gate."""

    name: str
    """The name it is chosen by."""
    weight_x: str = "uniform"
    """Input weights: `uniform` is U(−1/√H, 1/√H), `xavier` is U(±√(6 / (fan in + fan out)))."""
    weight_h: str = "uniform"
    """Recurrent weights: `uniform`, `xavier`, `orthogonal` or `identity`."""
    gain: float = 1.0
    """Factor on an orthogonal or identity recurrent matrix."""
    bias: str = "uniform"
    """`uniform` as the weights, `zero`, or `chrono` (zero but for the keep and write gates)."""
    keep_bias: float | None = None
    """Value set on the bias of the gate that keeps the state (LSTM f, GRU z)."""


UNIFORM = Initialisation(name="uniform")

_FORMS: dict[str, tuple[Callable[[str, float], Initialisation], float | None, str]] = {
    "uniform": (lambda name, _: Initialisation(name=name), None, "U(−1/√H, 1/√H), PyTorch's own"),
    "xavier": (
        lambda name, _: Initialisation(
            name=name, weight_x="xavier", weight_h="xavier", bias="zero"
        ),
        None,
        "Glorot & Bengio 2010, biases zero",
    ),
    "orthogonal": (
        lambda name, gain: Initialisation(
            name=name, weight_x="xavier", weight_h="orthogonal", gain=gain, bias="zero"
        ),
        1.0,
        "gain · orthogonal recurrent matrix (Saxe et al. 2014), biases zero",
    ),
    "identity": (
        lambda name, gain: Initialisation(
            name=name, weight_x="xavier", weight_h="identity", gain=gain, bias="zero"
        ),
        1.0,
        "gain · identity recurrent matrix (Le et al. 2015), biases zero",
    ),
    "forget-bias": (
        lambda name, value: Initialisation(name=name, keep_bias=value),
        1.0,
        "uniform, with this bias on the gate that keeps (Jozefowicz et al. 2015)",
    ),
    "chrono": (
        lambda name, _: Initialisation(name=name, bias="chrono"),
        None,
        "keep bias log U(1, T − 1), write bias its negative (Tallec & Ollivier 2018)",
    ),
}

INITIALISATIONS = {name: form[2] for name, form in _FORMS.items()}
"""Each name and what it means; `orthogonal`, `identity` and `forget-bias` take `:NUMBER`."""


def parse_initialisation(text: str) -> Initialisation:
    """Return the initialisation called `text`: NAME or NAME:NUMBER.

    >>> parse_initialisation("identity:2.5").gain
    2.5

    Raises: ConfigError for an unknown name, or a number where none fits.
    """
    name, colon, number = text.partition(":")
    if name not in _FORMS:
        raise unknown_name("initialisation", name, _FORMS)
    make, value, _ = _FORMS[name]
    if colon:
        if value is None:
            raise ConfigError(f"initialisation '{text}': {name} takes no number; write '{name}'")
        try:
            value = float(number)
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            raise ConfigError(
                f"initialisation '{text}': '{number}' is not a number after '{name}:'"
            )
    return make(text, value if value is not None else 0.0)


def check_initialisation(cell_class: type[Cell[Any]], initialisation: Initialisation) -> None:
    """Raise ConfigError when `initialisation` sets a gate that `cell_class` has not."""
    wants_gate = initialisation.keep_bias is not None or initialisation.bias == "chrono"
    if wants_gate and cell_class.keep_gate is None:
        raise ConfigError(
            f"initialisation '{initialisation.name}' sets the gate that keeps the state, and "
            f"{cell_class.__name__} has none: choose another, or leave that cell out"
        )


@torch.no_grad()
def initialise(
    cell: Cell[Any],
    initialisation: Initialisation,
    *,
    length: int | None = None,
    generator: torch.Generator | None = None,
) -> None:
    """Draw every parameter of `cell` anew.

    `length` is the longest dependency T in steps, which only `chrono` asks for.
    Raises: ConfigError when the cell lacks a gate that the initialisation sets, or `chrono` has
    no length.
    """
    check_initialisation(type(cell), initialisation)
    if initialisation.bias == "chrono" and length is None:
        raise ConfigError("initialisation 'chrono' needs the length T of the sequences")
    H = cell.hidden_size
    bound = 1 / math.sqrt(H)
    for gate in cell.gates:
        rows = cell.gate_rows(gate)
        _draw(cell.weight_x[rows], initialisation.weight_x, initialisation, generator)
        _draw(cell.weight_h[rows], initialisation.weight_h, initialisation, generator)
    biases = [p for name, p in cell.named_parameters() if name.startswith("bias")]
    for bias in biases:
        if initialisation.bias == "uniform":
            bias.uniform_(-bound, bound, generator=generator)
        else:
            bias.zero_()
    if cell.keep_gate is None:
        return
    keep = cell.bias[cell.gate_rows(cell.keep_gate)]
    if initialisation.keep_bias is not None:
        keep.fill_(initialisation.keep_bias)
    if initialisation.bias == "chrono" and length is not None:
        keep.uniform_(1, max(2, length - 1), generator=generator).log_()
        if cell.write_gate is not None:
            cell.bias[cell.gate_rows(cell.write_gate)] = -keep


def _draw(
    block: Tensor, kind: str, initialisation: Initialisation, generator: torch.Generator | None
) -> None:
    """Fill one gate's block of rows, (H, D) or (H, H), in place."""
    if kind == "uniform":
        bound = 1 / math.sqrt(block.shape[0])
        block.uniform_(-bound, bound, generator=generator)
    elif kind == "xavier":
        torch.nn.init.xavier_uniform_(block, generator=generator)
    elif kind == "orthogonal":
        torch.nn.init.orthogonal_(block, initialisation.gain, generator=generator)
    else:
        torch.nn.init.eye_(block).mul_(initialisation.gain)
