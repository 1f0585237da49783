"""Functions of tensors as steps: our cells and torch.nn.LSTM, whose batch axes differ."""

from typing import NamedTuple

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from unroll.cells import LSTM
from unroll.cells.lstm import LSTMState
from unroll.decoding import TensorStep, score_tokens, select_rows
from unroll.errors import ConfigError

V, H = 7, 5


class Pair(NamedTuple):
    a: Tensor
    b: tuple[Tensor, ...]


def test_rows_are_chosen_in_every_tensor_of_a_state() -> None:
    state = Pair(torch.arange(6).reshape(3, 2), (torch.arange(3), ()))  # type: ignore[arg-type]
    chosen = select_rows(state, torch.tensor([2, 0, 2, 2]))
    assert type(chosen) is Pair
    assert chosen.a.tolist() == [[4, 5], [0, 1], [4, 5], [4, 5]]
    assert chosen.b[0].tolist() == [2, 0, 2, 2]
    assert chosen.b[1] == ()


def test_the_batch_may_be_on_another_axis() -> None:
    state = torch.arange(6).reshape(2, 3)
    assert select_rows(state, torch.tensor([2, 0]), 1).tolist() == [[2, 0], [5, 3]]


def test_chosen_rows_are_a_copy_without_gradients() -> None:
    state = torch.zeros(1, 2, requires_grad=True)
    chosen = select_rows(state, torch.tensor([0]))
    assert not chosen.requires_grad
    chosen.fill_(1)
    assert state.tolist() == [[0, 0]]


def test_what_is_neither_tensor_nor_tuple_is_refused() -> None:
    with pytest.raises(ConfigError) as caught:
        select_rows((torch.zeros(1), [torch.zeros(1)]), torch.tensor([0]))
    wanted = "select_rows: a state must be tensors and tuples of them, got list"
    assert str(caught.value) == wanted


def test_a_step_without_tokens_is_refused() -> None:
    with pytest.raises(ConfigError) as caught:
        TensorStep(lambda tokens, state: (tokens, state), vocabulary_size=0)
    assert str(caught.value) == "TensorStep: vocabulary_size must be 1 or more, got 0"


def test_stepping_a_cell_is_its_scan() -> None:
    """Scores by single steps are the log-likelihood of torch.nn.LSTM over the whole sequence."""
    torch.manual_seed(0)
    whole = nn.LSTM(V, H, batch_first=True, dtype=torch.float64)
    readout = nn.Linear(H, V, dtype=torch.float64)
    cell = LSTM(V, H).double()
    with torch.no_grad():
        weights = whole.state_dict()
        cell.weight_x.copy_(weights["weight_ih_l0"])
        cell.weight_h.copy_(weights["weight_hh_l0"])
        cell.bias.copy_(weights["bias_ih_l0"] + weights["bias_hh_l0"])

    def step_cell(tokens: Tensor, state: LSTMState) -> tuple[Tensor, LSTMState]:
        y, state = cell(nn.functional.one_hot(tokens, V).double(), state)
        return readout(y), state

    Layers = tuple[Tensor, Tensor]

    def step_layer(tokens: Tensor, state: Layers) -> tuple[Tensor, Layers]:
        y, state = whole(nn.functional.one_hot(tokens[:, None], V).double(), state)
        return readout(y[:, 0]), state

    text = torch.randint(V, (40,))
    inputs = nn.functional.one_hot(text[None, :-1], V).double()
    wanted = torch.log_softmax(readout(whole(inputs)[0])[0], dim=-1)[torch.arange(39), text[1:]]

    tokens = text.tolist()
    of_cell = score_tokens(
        TensorStep(step_cell, vocabulary_size=V), cell.initial_state(1), tokens[:1], tokens[1:]
    )
    zeros = torch.zeros(1, 1, H, dtype=torch.float64)
    of_layer = score_tokens(
        TensorStep(step_layer, vocabulary_size=V, batch_axis=1),
        (zeros, zeros),
        tokens[:1],
        tokens[1:],
    )
    # float64, and sums of at most 12 products, 40 steps long.
    assert of_cell.log_probabilities_nats == pytest.approx(wanted.tolist(), abs=1e-12)
    assert of_layer.log_probabilities_nats == pytest.approx(wanted.tolist(), abs=1e-12)


def test_a_step_leaves_torch_wide_and_without_gradients() -> None:
    weight = nn.Parameter(torch.ones(1, V, dtype=torch.bfloat16))

    def function(tokens: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        return weight * tokens[:, None], state + weight.sum()

    step = TensorStep(function, vocabulary_size=V)
    scores, state = step(np.array([3, 4]), torch.zeros(2))
    assert scores.dtype == np.float64
    assert scores.tolist() == [[3.0] * V, [4.0] * V]
    assert not state.requires_grad
