"""How many parameters a model has: the formula, and a count to hold against it."""

from dataclasses import dataclass

import torch

from unroll.cells.source import BUILT_IN
from unroll.errors import ConfigError, unknown_name
from unroll.models import SequenceClassifier
from unroll.seeding import make_generator

LARGEST_N, LARGEST_D, LARGEST_K = 128, 64, 50
"""Sizes that `check_parameters` draws from 1 … these."""


@dataclass(frozen=True, kw_only=True)
class ParameterCount:
    """One model's parameters, by formula and counted."""

    cell: str
    """`rnn`, `lstm` or `gru`."""
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

        RNN    n d + n² + n              W_hx, W_hh, b_h
        LSTM   4 (n d + n² + n)          one such set for each of i, f, g, o
        GRU    3 (n d + n² + n) + n      r, z, n, and the candidate's second bias b_nh
        and    K (n + 1)                 W_ph, b_p, with each

    n hidden units, d inputs a step, K classes.

    Raises: ConfigError for a cell without a formula, or a size below 1.

    >>> parameter_formula("lstm", 128, 1, 10)
    67850
    """
    if cell_name not in BUILT_IN:
        raise unknown_name("cell", cell_name, BUILT_IN)
    if min(n, d, K) < 1:
        raise ConfigError(
            f"parameter_formula: n, d and K must be 1 or more, got n={n}, d={d}, K={K}"
        )
    one_gate = n * d + n * n + n
    in_cell = {"rnn": one_gate, "lstm": 4 * one_gate, "gru": 3 * one_gate + n}
    return in_cell[cell_name] + K * (n + 1)


def check_parameters(*, count: int = 20, seed: int = 0) -> tuple[ParameterCount, ...]:
    """Build `count` models of each cell, of random sizes, and count their parameters.

    The three cells have the same sizes: n in 1 … 128, d in 1 … 64, K in 1 … 50. The answer holds
    3 · `count` rows, the three cells of one draw together.

    Raises: ConfigError when `count` is below 1.
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
        for name, cell_class in BUILT_IN.items():
            cell = cell_class(d, n, generator=generator)
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
