"""How many parameters a model has: the formula, and a count to hold against it."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from unroll.cells.bidirectional import PREFIX
from unroll.cells.source import BUILT_IN
from unroll.errors import ConfigError, unknown_name
from unroll.models import SequenceClassifier
from unroll.seeding import make_generator

LARGEST_N, LARGEST_D, LARGEST_K = 128, 64, 50
"""Sizes that `check_parameters` draws from 1 … these."""
ASSIGNMENT_CELLS = ("rnn", "lstm", "gru")
"""Cells that `check_parameters` builds, if no others are named."""


@dataclass(frozen=True, kw_only=True)
class ParameterCount:
    """One model's parameters, by formula and counted."""

    cell: str
    """The name of a built-in cell."""
    n: int
    """Hidden units, H elsewhere."""
    d: int
    """Inputs a step, D elsewhere."""
    K: int
    """Classes."""
    formula: int
    """What `parameter_formula` says."""
    model: int
    """Numbers in the parameters of the model that was built."""


def parameter_formula(cell_name: str, n: int, d: int, K: int) -> int:
    """Return the number of parameters of a cell with a linear readout.

        rnn        n d + n² + n              W_hx, W_hh, b_h
        lstm       4 (n d + n² + n)          one such set for each of i, f, g, o
        gru        3 (n d + n² + n) + n      r, z, n, and the candidate's second bias b_nh
        peephole   4 (n d + n² + n) + 3n     an LSTM's, and p_i, p_f, p_o
        min-gru    2 (n d + n)               z and n, which do not see the state
        min-lstm   3 (n d + n)               f, i and n, likewise
        linear     n d + 2n                  W_x, b, and a time constant a unit
        and        K (n + 1)                 W_ph, b_p, with each

    n hidden units, d inputs a step, K classes. `bidirectional:CELL` has two cells of n/2 units.

    Raises: ConfigError for a cell without a formula, a size below 1, or an odd n for two ends.

    >>> parameter_formula("lstm", 128, 1, 10)
    67850
    """
    half = cell_name.removeprefix(PREFIX)
    if half not in BUILT_IN:
        raise unknown_name("cell", cell_name, BUILT_IN)
    if min(n, d, K) < 1:
        raise ConfigError(
            f"parameter_formula: n, d and K must be 1 or more, got n={n}, d={d}, K={K}"
        )
    in_readout = K * (n + 1)
    if half == cell_name:
        return _in_cell(cell_name, n, d) + in_readout
    if n % 2:
        raise ConfigError(f"parameter_formula: n must be even for {cell_name}, got n={n}")
    return 2 * _in_cell(half, n // 2, d) + in_readout


def _in_cell(name: str, n: int, d: int) -> int:
    """Return the parameters of a built-in cell."""
    from_x, one_gate = n * d + n, n * d + n * n + n
    numbers = {
        "rnn": one_gate,
        "lstm": 4 * one_gate,
        "gru": 3 * one_gate + n,
        "peephole": 4 * one_gate + 3 * n,
        "min-gru": 2 * from_x,
        "min-lstm": 3 * from_x,
        "linear": from_x + n,
    }
    return numbers[name]


def check_parameters(
    *, count: int = 20, seed: int = 0, cells: Sequence[str] = ASSIGNMENT_CELLS
) -> tuple[ParameterCount, ...]:
    """Build `count` models of each cell, of random sizes, and count their parameters.

    All cells have the same sizes: n in 1 … 128, d in 1 … 64, K in 1 … 50. The answer holds
    len(cells) · `count` rows, the cells of one draw together.

    Raises: ConfigError when `count` is below 1, or a cell is not built in.
    """
    if count < 1:
        raise ConfigError(f"check_parameters: count must be 1 or more, got {count}")
    generator = make_generator(seed, "parameter sizes")
    rows = []
    for _ in range(count):
        n, d, K = (
            int(torch.randint(1, largest + 1, (), generator=generator))
            for largest in (LARGEST_N, LARGEST_D, LARGEST_K)
        )
        for name in cells:
            if name not in BUILT_IN:
                raise unknown_name("cell", name, BUILT_IN)
            cell = BUILT_IN[name](d, n, generator=generator)
            model = SequenceClassifier(cell, n, K, generator=generator)
            row = ParameterCount(
                cell=name,
                n=n,
                d=d,
                K=K,
                formula=parameter_formula(name, n, d, K),
                model=sum(parameter.numel() for parameter in model.parameters()),
            )
            rows.append(row)
    return tuple(rows)
