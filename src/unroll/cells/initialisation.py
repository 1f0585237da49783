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
    latch: bool = False
    """Whether each unit feeds itself so strongly that it stays where its first input put it."""
    slope: float | None = None
    """Slope of units that compare the input, one number, with thresholds; None sets none."""


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
    "latch": (
        lambda name, _: Initialisation(
            name=name, weight_x="xavier", weight_h="identity", gain=2.5, bias="zero", latch=True
        ),
        None,
        "memory before any training: RNN 2.5·I; LSTM uniform, but for g 5·I, f bias 4, o bias 3",
    ),
    "thresholds": (
        lambda name, slope: Initialisation(name=name, keep_bias=5.0, slope=slope),
        3.0,
        "units that compare a scalar digit with thresholds: all of g or n, half of an RNN's",
    ),
}

INITIALISATIONS = {name: form[2] for name, form in _FORMS.items()}
"""Each name and what it means; `orthogonal`, `identity`, `forget-bias` and `thresholds` take
`:NUMBER`."""

LATCH_GAIN, LATCH_KEEP, LATCH_OUT = 5.0, 4.0, 3.0
"""What `latch` sets in an LSTM: recurrent g as so many times I, biases of f and of o."""
THRESHOLDS = (-0.5, 9.5)
"""Between these, evenly, lie the thresholds that a scalar digit 0–9 is compared with."""
_CANDIDATES = ("g", "n")
"""Gates, by the letters of the built-in cells, that make what is written into the state."""


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


def check_initialisation(
    cell_class: type[Cell[Any]], initialisation: Initialisation, input_size: int | None = None
) -> None:
    """Raise ConfigError when `initialisation` sets what `cell_class` has not.

    With `input_size`, D, also where thresholds would meet anything but one number.
    """
    name, cell = f"initialisation '{initialisation.name}'", cell_class.__name__
    is_gated = cell_class.gates != ("h",)
    wants_gate = initialisation.keep_bias is not None and (is_gated or initialisation.slope is None)
    if (wants_gate or initialisation.bias == "chrono") and cell_class.keep_gate is None:
        raise ConfigError(
            f"{name} sets the gate that keeps the state, and {cell} has none: choose another, or "
            "leave that cell out"
        )
    if initialisation.latch and is_gated and not {"g", "f", "o"} <= {*cell_class.gates}:
        raise ConfigError(
            f"{name} is known for an RNN and for an LSTM's gates g, f and o, and {cell} is "
            "neither: choose another, or leave that cell out"
        )
    if initialisation.slope is None:
        return
    if is_gated and _candidate(cell_class) is None:
        raise ConfigError(
            f"{name} sets the gate that makes what is written, g or n, and {cell} has neither: "
            "choose another, or leave that cell out"
        )
    if input_size not in (None, 1):
        raise ConfigError(
            f"{name} compares a digit that enters as one number, and here it enters as "
            f"{input_size}: choose another, or a recipe with scalar digits"
        )


def _candidate(cell_class: type[Cell[Any]]) -> str | None:
    return next((gate for gate in _CANDIDATES if gate in cell_class.gates), None)


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
    Raises: ConfigError when the cell lacks a gate that the initialisation sets, `chrono` has no
    length, or `thresholds` would meet more than one number.
    """
    check_initialisation(type(cell), initialisation, cell.input_size)
    if initialisation.bias == "chrono" and length is None:
        raise ConfigError("initialisation 'chrono' needs the length T of the sequences")
    if initialisation.latch and cell.keep_gate is not None:
        _begin_latched(cell, generator)
        return
    if initialisation.slope is not None and cell.keep_gate is None:
        _begin_sensing(cell, initialisation.slope, generator)
        return
    _draw_all(cell, initialisation, generator)
    if cell.keep_gate is None:
        return
    keep = cell.bias[cell.gate_rows(cell.keep_gate)]
    if initialisation.keep_bias is not None:
        keep.fill_(initialisation.keep_bias)
    if initialisation.bias == "chrono" and length is not None:
        keep.uniform_(1, max(2, length - 1), generator=generator).log_()
        if cell.write_gate is not None:
            cell.bias[cell.gate_rows(cell.write_gate)] = -keep
    if initialisation.slope is not None and (gate := _candidate(type(cell))) is not None:
        _compare(cell, cell.gate_rows(gate), initialisation.slope)


def _draw_all(
    cell: Cell[Any], initialisation: Initialisation, generator: torch.Generator | None
) -> None:
    """Draw every gate's weights, then every bias."""
    H = cell.hidden_size
    bound = 1 / math.sqrt(H)
    for gate in cell.gates:
        rows = cell.gate_rows(gate)
        _draw(cell.weight_x[rows], initialisation.weight_x, initialisation, generator)
        _draw(cell.weight_h[rows], initialisation.weight_h, initialisation, generator)
    # A peephole LSTM's `weight_c` is one number a unit, as a bias is.
    biases = [p for name, p in cell.named_parameters() if name.startswith(("bias", "weight_c"))]
    for bias in biases:
        if initialisation.bias == "uniform":
            bias.uniform_(-bound, bound, generator=generator)
        else:
            bias.zero_()


def _begin_latched(cell: Cell[Any], generator: torch.Generator | None) -> None:
    """Begin a cell with an LSTM's gates so that each unit holds its first sign for ever."""
    _draw_all(cell, UNIFORM, generator)
    cell.weight_h[cell.gate_rows("g")] = LATCH_GAIN * torch.eye(cell.hidden_size)
    cell.bias[cell.gate_rows("f")] = LATCH_KEEP
    cell.bias[cell.gate_rows("o")] = LATCH_OUT


def _begin_sensing(cell: Cell[Any], slope: float, generator: torch.Generator | None) -> None:
    """Begin an RNN in two halves: units that sense the digit, and units that hear of it.

        first half     h_k ← tanh(slope · (x − u_k))          thresholds u_k, no recurrence
        second half    h ← tanh(h + V · first half)           no input; V as Glorot & Bengio 2010

    so that what carries the digit meets it as a code of ±1, one step later.
    """
    H = cell.hidden_size
    sensing = H // 2
    _draw_all(cell, parse_initialisation("identity"), generator)
    cell.weight_h[:sensing] = 0
    cell.weight_x[sensing:] = 0
    if sensing:
        torch.nn.init.xavier_uniform_(cell.weight_h[sensing:, :sensing], generator=generator)
        _compare(cell, slice(0, sensing), slope)


def _compare(cell: Cell[Any], rows: slice, slope: float) -> None:
    """Make these rows ask of the input x, one number: slope · (x − threshold)."""
    count = len(range(*rows.indices(len(cell.bias))))
    thresholds = torch.linspace(*THRESHOLDS, count)
    cell.weight_x[rows] = slope
    cell.bias[rows] = (-slope * thresholds).to(cell.bias)


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
