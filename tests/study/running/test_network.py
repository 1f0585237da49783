"""The untrained network of a trial: how its cell begins."""

import torch

from unroll.cells import LSTM, Bidirectional
from unroll.cells.source import find_cell
from unroll.models import SequenceClassifier
from unroll.study.running.network import build_network
from unroll.tasks import make_task


def build(cell: str, initialisation: str, seed: int = 0) -> SequenceClassifier:
    return build_network(
        find_cell(cell),
        task=make_task("palindrome", 5, "one-hot"),
        initialisation=initialisation,
        hidden_size=8,
        seed=seed,
    )


def test_an_initialisation_reaches_both_ends() -> None:
    cell = build("bidirectional:lstm", "forget-bias:5").cell
    assert isinstance(cell, Bidirectional)
    for half in (cell.forwards, cell.backwards):
        assert isinstance(half, LSTM)
        assert (half.bias[half.gate_rows("f")] == 5).all()
    assert not torch.equal(cell.forwards.weight_x, cell.backwards.weight_x)


def test_a_seed_decides_what_a_cells_own_constructor_draws() -> None:
    for name in ("min-gru", "min-lstm", "linear", "bidirectional:min-gru"):
        one, same, other = (build(name, "own", seed).state_dict() for seed in (0, 0, 1))
        assert all(torch.equal(part, same[key]) for key, part in one.items())
        assert not all(torch.equal(part, other[key]) for key, part in one.items())
