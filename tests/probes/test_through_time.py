"""Backpropagation a step at a time against one graph of all steps, built here by hand."""

from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from tests.probes.cases import (
    BUILT_IN,
    Echo,
    EchoState,
    Sizes,
    Timer,
    is_untouched,
    make_batch,
    make_case,
    make_model,
)
from unroll.cells import LSTM, RNN
from unroll.errors import ConfigError
from unroll.models import SequenceClassifier
from unroll.probes import automatic_gradients, backpropagate, closed_form, largest_difference
from unroll.probes.norms import row_norms
from unroll.tasks import Batch

# As in test_closed_forms: numbers of the order of 1, and up to a dozen steps of float64.
TOLERANCE = 1e-12
SIZES: list[Sizes] = [(3, 7, 2, 4, 1), (2, 9, 1, 5, 4), (1, 1, 1, 1, 1), (4, 5, 3, 6, 5)]


def retained_norms(model: SequenceClassifier, batch: Batch) -> dict[str, Tensor]:
    """Return ‖∂ℓ_b/∂s_b(t)‖ (T, B) from `retain_grad` on the states of one graph of all steps."""
    cell: Any = model.cell
    (B, M), T = batch.targets.shape, batch.inputs.shape[1]
    state = cell.initial_state(B)
    states, scores = [], []
    for t in range(T):
        y, state = cell(batch.inputs[:, t], state)
        if isinstance(state, EchoState):
            # `past` is the h of the step before: a view has a gradient of its own to retain.
            state = EchoState(state.h, state.past.view_as(state.past))
        for part in state:
            part.retain_grad()
        states.append(state)
        scores.append(y @ model.weight_p.T + model.bias_p)
    losses = torch.zeros(B, dtype=torch.float64)
    for answer in range(M):
        read = scores[T - M + answer]
        losses += functional.cross_entropy(read, batch.targets[:, answer], reduction="none") / M
    # Rows are independent: the gradient of the sum at a row is that of its own loss.
    torch.autograd.backward(losses.sum(), inputs=[p for s in states for p in s])
    zero = torch.zeros_like(states[0][0])
    return {
        name: torch.stack(
            [(zero if (g := getattr(s, name).grad) is None else g).norm(dim=1) for s in states]
        )
        for name in states[0]._fields
    }


@pytest.mark.parametrize("cell_class", [*BUILT_IN, Echo])
@pytest.mark.parametrize("sizes", SIZES)
def test_messages_equal_what_a_full_graph_retains(cell_class: type[Any], sizes: Sizes) -> None:
    model, batch = make_case(cell_class, sizes)
    messages = backpropagate(model, batch).messages
    wanted = retained_norms(model, batch)
    assert {name: message.shape for name, message in messages.items()} == dict.fromkeys(
        wanted, (sizes[1], sizes[0])
    )
    assert largest_difference(messages, wanted) < TOLERANCE


@pytest.mark.parametrize("cell_class", [*BUILT_IN, Echo, Timer])
@pytest.mark.parametrize("sizes", SIZES)
def test_gradients_equal_automatic_ones(cell_class: type[Any], sizes: Sizes) -> None:
    B, T, D, H, M = sizes
    # Timer's state takes the input itself at times, so that D = H there.
    model, batch = make_case(cell_class, (B, T, H if cell_class is Timer else D, H, M))
    found = backpropagate(model, batch)
    automatic = automatic_gradients(model, batch)
    assert largest_difference(found.gradients, automatic) < TOLERANCE
    # The loss is one mean of logarithms in both.
    scores = model(batch.inputs, last=M).flatten(0, 1)
    loss_nats = functional.cross_entropy(scores, batch.targets.flatten()).item()
    assert found.loss_nats == pytest.approx(loss_nats, abs=TOLERANCE)


@pytest.mark.parametrize("sizes", SIZES)
def test_terms_are_those_of_the_sum_by_hand(sizes: Sizes) -> None:
    """For an RNN, step t's term of ∂L/∂W_hh is (∂L/∂a(t))ᵀ h(t−1), and ∂L/∂b's is ∂L/∂a(t)."""
    model, batch = make_case(RNN, sizes)
    B, T, _, H, _ = sizes
    cell: Any = model.cell
    # A copy of the weights for each step: the gradient at a copy is the term of that step.
    copies = {
        name: [p.detach().clone().requires_grad_() for _ in range(T)]
        for name, p in cell.named_parameters()
    }
    h, outputs = torch.zeros(B, H, dtype=torch.float64), []
    for t in range(T):
        W_x, W_h, b = (copies[name][t] for name in ("weight_x", "weight_h", "bias"))
        h = torch.tanh(batch.inputs[:, t] @ W_x.T + h @ W_h.T + b)
        outputs.append(h)
    M = batch.targets.shape[1]
    scores = torch.stack(outputs[-M:], 1) @ model.weight_p.T + model.bias_p
    loss = functional.cross_entropy(scores.flatten(0, 1), batch.targets.flatten())
    found = backpropagate(model, batch)
    for name, per_step in copies.items():
        terms = torch.autograd.grad(loss, per_step, retain_graph=True)
        norms = torch.stack([term.norm() for term in terms])
        assert found.terms[f"cell.{name}"].shape == (T,)
        assert largest_difference({"": found.terms[f"cell.{name}"]}, {"": norms}) < TOLERANCE
        summed = {"": torch.stack(terms).sum(0)}
        assert largest_difference({"": found.gradients[f"cell.{name}"]}, summed) < TOLERANCE


def test_saturation_leaves_exact_zeros_in_float32() -> None:
    model, batch = make_case(RNN, (2, 6, 1, 3, 1), torch.float32)
    cell: Any = model.cell
    with torch.no_grad():
        cell.weight_x.fill_(1.0)
    inputs = torch.full((2, 6, 1), 0.1)
    # At step 4 the tanh of 100 is 1 in float32, and 1 − h² is 0: nothing comes from further back.
    inputs[:, 3] = 100.0
    found = backpropagate(model, batch._replace(inputs=inputs))
    assert (found.messages["h"][3:] > 0).all()
    assert (found.messages["h"][:3] == 0).all()
    assert (found.terms["cell.weight_h"][:4] == 0).all()
    assert (found.terms["cell.weight_h"][4:] > 0).all()


def vanishing(dtype: torch.dtype, factor: float, T: int) -> tuple[SequenceClassifier, Batch]:
    """Return an RNN with h = 0 throughout, so that each step back multiplies by `factor`."""
    model = make_model(RNN, 1, 3, dtype)
    cell: Any = model.cell
    with torch.no_grad():
        cell.bias.zero_()
        cell.weight_h.copy_(factor * torch.eye(3))
    batch = make_batch(2, T, 1, 1, dtype)
    return model, batch._replace(inputs=torch.zeros_like(batch.inputs))


@pytest.mark.parametrize(
    ("dtype", "factor", "T"), [(torch.float64, 1e-30, 8), (torch.float32, 1e-5, 7)]
)
def test_a_norm_is_not_lost_where_its_square_is(dtype: torch.dtype, factor: float, T: int) -> None:
    model, batch = vanishing(dtype, factor, T)
    message = backpropagate(model, batch).messages["h"].double()
    expected = message[-1] * factor ** torch.arange(T - 1, -1, -1).double().unsqueeze(1)
    # 1e-30^7 = 1e-210 in float64 and 1e-5^6 = 1e-30 in float32: the squares of both are 0.
    assert (message.square().to(dtype)[0] == 0).all()
    # Each step back rounds once or twice, at 6e-8 in float32: under 1e-6 for the six here.
    assert (message / expected - 1).abs().max() < 1e-6


def test_what_underflows_in_training_is_zero() -> None:
    model, batch = vanishing(torch.float32, 1e-10, 7)
    message = backpropagate(model, batch).messages["h"]
    # 1e-40 of the last message is still a (subnormal) float32; 1e-50 is nothing.
    assert [bool((row > 0).all()) for row in message] == [
        False,
        False,
        True,
        True,
        True,
        True,
        True,
    ]
    assert (message[:2] == 0).all()


def test_the_lstm_carries_a_message_on_along_c() -> None:
    """With f = 1, o = 1 and W_h = 0, dc(t−1) = dc(t), however long the sequence."""
    model, batch = make_case(LSTM, (2, 30, 1, 3, 1))
    cell: Any = model.cell
    with torch.no_grad():
        cell.weight_h.zero_()
        cell.weight_x[cell.gate_rows("f")] = 0
        cell.bias[cell.gate_rows("f")] = 1e3
    messages = backpropagate(model, batch).messages
    # f is σ(1000), exactly 1, and from T − 1 on back no output is read: nothing changes at all.
    assert (messages["c"] == messages["c"][-1]).all()
    assert (messages["h"][:-1] == 0).all()


def test_counts_carry_no_message() -> None:
    model, batch = make_case(Timer, (2, 5, 3, 3, 2))
    assert list(backpropagate(model, batch).messages) == ["h"]


@pytest.mark.parametrize("cell_class", [*BUILT_IN, Echo])
def test_the_model_is_left_as_it_was(cell_class: type[Any]) -> None:
    model, batch = make_case(cell_class, (2, 5, 2, 3, 2))
    before = {name: p.detach().clone() for name, p in model.named_parameters()}
    with torch.no_grad():
        found = backpropagate(model, batch)
    assert is_untouched(model, before)
    tensors = [*found.messages.values(), *found.terms.values(), *found.gradients.values()]
    assert not any(tensor.requires_grad for tensor in tensors)


def test_frozen_parameters_are_left_out() -> None:
    model, batch = make_case(RNN, (2, 5, 2, 3, 2))
    whole = backpropagate(model, batch)
    model.cell.get_parameter("weight_h").requires_grad_(False)
    model.bias_p.requires_grad_(False)
    found = backpropagate(model, batch)
    assert set(found.gradients) == {"cell.weight_x", "cell.bias", "weight_p"}
    assert set(found.terms) == {"cell.weight_x", "cell.bias"}
    assert torch.equal(found.messages["h"], whole.messages["h"])


def test_it_agrees_with_the_gradients_by_hand() -> None:
    model, batch = make_case(LSTM, (3, 8, 2, 4, 2))
    by_hand, by_step = closed_form(model, batch), backpropagate(model, batch)
    assert largest_difference(by_hand.gradients, by_step.gradients) < TOLERANCE
    assert by_hand.loss_nats == by_step.loss_nats


def test_a_batch_that_does_not_fit_is_refused() -> None:
    model, batch = make_case(RNN, (2, 5, 2, 3, 2))
    with pytest.raises(ConfigError) as caught:
        backpropagate(model, batch._replace(inputs=batch.inputs.float()))
    assert str(caught.value) == (
        "backpropagate: inputs must be float64 as the model's parameters, got float32: "
        "convert one of them"
    )


def test_row_norms_of_what_is_not_finite() -> None:
    rows = torch.tensor([[torch.inf, 1.0], [torch.nan, 1.0], [-3.0, 4.0], [0.0, -0.0]])
    norms = row_norms(rows)
    assert norms[0] == torch.inf
    assert norms[1].isnan()
    # 3/4 and 1 squared and added are exact in binary, and so is the root of 25/16.
    assert norms[2:].tolist() == [5.0, 0.0]


def test_row_norms_at_the_ends_of_the_range() -> None:
    for size in (5e-324, 1e-200, 1e200, 1e308):
        rows = torch.full((1, 1, 1), size, dtype=torch.float64)
        assert row_norms(rows).tolist() == [size]
