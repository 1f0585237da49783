"""What decides how a character model is trained, besides the book and the seed.

Imports no torch, so that --help is quick.
"""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from types import UnionType
from typing import Any, Literal, get_args, get_origin, get_type_hints

from unroll.errors import ConfigError, unknown_name

Feeding = Literal["windows", "stream"]
OptimiserName = Literal["rmsprop", "adamw"]
ScheduleName = Literal["constant", "step", "cosine"]
PrecisionName = Literal["auto", "float32", "bfloat16"]

_CHOICES: dict[str, tuple[str, ...]] = {
    "feeding": get_args(Feeding),
    "optimiser": get_args(OptimiserName),
    "schedule": get_args(ScheduleName),
    "precision": get_args(PrecisionName),
}
_AT_LEAST_ONE = (
    "hidden_size",
    "layers",
    "embedding_size",
    "batch_size",
    "window",
    "decay_every",
    "evaluations",
    "patience",
)
_ABOVE_ZERO = ("rate", "clip_norm", "decay_factor", "readout_gain")
_BELOW_ONE = ("dropout", "input_dropout", "recurrent_dropout", "reset_share", "warmup_share")


@dataclass(frozen=True, kw_only=True)
class TextRecipe:
    """A named way to train a character model.

    Raises: ConfigError, in one line, for a value that cannot be used.
    """

    name: str
    """The name it is chosen by."""
    summary: str
    """One line for the help and the report."""
    cell: str = "lstm"
    """A built-in cell, or where to find one: `FILE.py:CLASS` or `MODULE:CLASS`."""
    hidden_size: int = 128
    """H, units of each layer."""
    layers: int = 2
    """L, cells one above the other."""
    embedding_size: int | None = 64
    """D of the first layer, a learned vector for each character; None: one-hot, D = V."""
    dropout: float = 0.0
    """Share of every layer's outputs that is dropped, the last layer's too."""
    input_dropout: float = 0.0
    """Share of the embedding's entries that is dropped."""
    recurrent_dropout: float = 0.0
    """Share of W_hh's entries that is dropped, one mask for a piece of T steps."""
    initialisation: str = "orthogonal"
    """How a built-in cell's parameters begin."""
    keep_bias: float | None = 1.0
    """The bias that the gate which keeps the state begins with; None leaves it as drawn."""
    readout_gain: float = 1.0
    """Factor on the readout's first weights: from U(−g/√H, g/√H). A gain above 1 lets gradients
    reach the cells from the first step."""
    feeding: Feeding
    """`windows` at random places from zero state, or a `stream` whose state is carried along."""
    batch_size: int
    """B, windows or streams side by side."""
    window: int
    """T, characters through which gradients flow back."""
    reset_share: float = 0.0
    """Share of the streams, drawn anew at each piece, whose state begins at zero again: who never
    reads from a zero state does not learn to. Windows always begin there."""
    optimiser: OptimiserName
    """`rmsprop` or `adamw`."""
    rate: float
    """Learning rate at its highest."""
    weight_decay: float = 0.0
    """Share of a matrix's weights, times the rate, lost at a step (`adamw`); biases keep theirs."""
    betas: tuple[float, float] = (0.9, 0.99)
    """What is kept at a step of the mean gradient and of its square; `rmsprop` uses the second."""
    schedule: ScheduleName = "cosine"
    """How the rate falls: not at all, by `decay_factor` at steps, or as a cosine."""
    decay_factor: float = 0.96
    """`step`: the rate is multiplied by it …"""
    decay_every: int = 5000
    """… after so many steps each."""
    warmup_share: float = 0.05
    """`cosine`: share of all steps in which the rate rises in a line."""
    final_share: float = 0.01
    """`cosine`: share of the rate that is left at the last step."""
    clip_norm: float
    """Largest norm of the gradient of all parameters together."""
    evaluations: int = 40
    """Most looks at the tuning split in a run, evenly spaced."""
    patience: int | None = None
    """Training ends after so many looks without a better one; None never ends it early."""
    precision: PrecisionName = "auto"
    """`bfloat16` multiplies in half the bits; `auto` does where the processor does so natively
    and the cell is built in."""

    def __post_init__(self) -> None:
        for name, choices in _CHOICES.items():
            if getattr(self, name) not in choices:
                raise unknown_name(name, str(getattr(self, name)), choices)
        for name in _AT_LEAST_ONE:
            value = getattr(self, name)
            if value is not None and value < 1:
                raise ConfigError(f"{name}: must be 1 or more, got {value}")
        for name in _ABOVE_ZERO:
            self._check(name, "a number above 0", lambda value: 0 < value < math.inf)
        for name in _BELOW_ONE:
            self._check(name, "0 or more and below 1", lambda value: 0 <= value < 1)
        self._check("weight_decay", "a number of 0 or more", lambda value: 0 <= value < math.inf)
        self._check("final_share", "from 0 to 1", lambda value: 0 <= value <= 1)
        if self.keep_bias is not None:
            self._check("keep_bias", "a number", math.isfinite)
        betas: tuple[float, ...] = self.betas
        if len(betas) != 2 or not all(0 <= beta < 1 for beta in betas):
            raise ConfigError(f"betas: must be two numbers, 0 or more and below 1: {self.betas}")

    def _check(self, name: str, wanted: str, is_right: Any) -> None:
        value = getattr(self, name)
        if not is_right(value):
            raise ConfigError(f"{name}: must be {wanted}, got {value}")

    def as_dict(self) -> dict[str, Any]:
        """Return the recipe as plain values, which `read_recipe` takes back."""
        return {**asdict(self), "betas": list(self.betas)}


def read_recipe(values: Mapping[str, Any]) -> TextRecipe:
    """Return the recipe of `as_dict`'s values.

    Raises: ConfigError for a name nobody knows, one that is missing, or a value of another type.
    """
    hints = get_type_hints(TextRecipe)
    for name in values:
        if name not in hints:
            raise unknown_name("setting", name, hints)
    for name in hints:
        if name not in values:
            raise ConfigError(f"recipe: '{name}' is missing")
        if not _fits(values[name], hints[name]):
            raise ConfigError(f"recipe: '{name}' cannot be {values[name]!r}")
    given = {field.name: values[field.name] for field in fields(TextRecipe)}
    return TextRecipe(**{**given, "betas": tuple(given["betas"])})


def _fits(value: Any, hint: Any) -> bool:
    """Whether a value out of JSON is of a field's type; to `isinstance`, true is an int."""
    if isinstance(hint, UnionType):
        return any(_fits(value, one) for one in get_args(hint))
    if get_origin(hint) is Literal:
        return value in get_args(hint)
    if get_origin(hint) is tuple:
        return isinstance(value, list) and all(_fits(one, float) for one in value)
    return type(value) is hint or (hint is float and type(value) is int)
