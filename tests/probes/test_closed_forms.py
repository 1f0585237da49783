"""The gradients by hand against PyTorch's own, and against differences of the loss itself."""

import math
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.nn import functional

from tests.probes.cases import BUILT_IN, CLASSES, Echo, is_untouched, make_batch, make_case
from unroll.cells import LSTM, RNN
from unroll.errors import CellError, ConfigError, ShapeError
from unroll.models import SequenceClassifier
from unroll.probes import automatic_gradients, closed_form, has_closed_form, largest_difference
from unroll.tasks import Batch

# Gradients here are of the order of 1; a dozen steps of double precision leave 1e-16 to 1e-15.
# 1e-12 leaves room for another machine's order of summation, and none for a wrong term.
TOLERANCE = 1e-12

sizes_with_last = st.tuples(
    st.integers(1, 5), st.integers(1, 12), st.integers(1, 4), st.integers(1, 9)
).flatmap(lambda sizes: st.tuples(*map(st.just, sizes), st.integers(1, sizes[1])))


def plain_loss(model: SequenceClassifier, batch: Batch) -> Tensor:
    scores = model(batch.inputs, last=batch.targets.shape[1])
    return functional.cross_entropy(scores.flatten(0, 1), batch.targets.flatten())


@pytest.mark.parametrize("cell_class", BUILT_IN)
@settings(max_examples=25)
@given(sizes=sizes_with_last)
def test_by_hand_equals_automatic(cell_class: type[Any], sizes: Any) -> None:
    model, batch = make_case(cell_class, sizes)
    by_hand = closed_form(model, batch)
    assert set(by_hand.gradients) == {name for name, _ in model.named_parameters()}
    assert largest_difference(by_hand.gradients, automatic_gradients(model, batch)) < TOLERANCE
    assert by_hand.loss_nats == pytest.approx(plain_loss(model, batch).item(), abs=TOLERANCE)


@pytest.mark.parametrize("cell_class", BUILT_IN)
@pytest.mark.parametrize("M", [1, 3])
def test_by_hand_equals_differences_of_the_loss(cell_class: type[Any], M: int) -> None:
    model, batch = make_case(cell_class, (2, 4, 2, 3, M))
    by_hand = closed_form(model, batch)
    # Central differences err by step²/6 · f‴ ≈ 1e-11 and by rounding, 1e-16 / step ≈ 1e-11.
    step = 1e-5
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            flat, found = parameter.view(-1), by_hand.gradients[name].flatten()
            for index in range(len(flat)):
                value = flat[index].item()
                flat[index] = value + step
                above = plain_loss(model, batch).item()
                flat[index] = value - step
                below = plain_loss(model, batch).item()
                flat[index] = value
                assert found[index].item() == pytest.approx((above - below) / (2 * step), abs=1e-9)


@pytest.mark.parametrize("cell_class", BUILT_IN)
def test_100_steps_in_float32(cell_class: type[Any]) -> None:
    # Sums over 100 steps of numbers rounded at 6e-8 of themselves; gradients are below 1.
    model, batch = make_case(cell_class, (8, 100, 2, 16, 3), torch.float32)
    by_hand = closed_form(model, batch)
    assert {gradient.dtype for gradient in by_hand.gradients.values()} == {torch.float32}
    assert largest_difference(by_hand.gradients, automatic_gradients(model, batch)) < 1e-5


@pytest.mark.parametrize("cell_class", BUILT_IN)
def test_the_model_is_left_as_it_was(cell_class: type[Any]) -> None:
    model, batch = make_case(cell_class, (2, 5, 2, 3, 2))
    before = {name: p.detach().clone() for name, p in model.named_parameters()}
    closed_form(model, batch)
    with torch.no_grad():
        automatic = automatic_gradients(model, batch)
    assert is_untouched(model, before)
    assert not any(gradient.requires_grad for gradient in automatic.values())


def test_automatic_gradients_leave_out_frozen_parameters() -> None:
    model, batch = make_case(RNN, (2, 5, 2, 3, 2))
    model.weight_p.requires_grad_(False)
    found = automatic_gradients(model, batch)
    assert set(found) == {"cell.weight_x", "cell.weight_h", "cell.bias", "bias_p"}


def test_a_parameter_the_loss_does_not_reach_has_zeros() -> None:
    model, batch = make_case(RNN, (2, 1, 2, 3, 1))
    # One step from h(0) = 0: W_hh multiplies nothing.
    assert automatic_gradients(model, batch)["cell.weight_h"].abs().max() == 0
    model.register_parameter("spare", torch.nn.Parameter(torch.ones(2, dtype=torch.float64)))
    assert automatic_gradients(model, batch)["spare"].tolist() == [0, 0]


def test_which_cells_have_a_closed_form() -> None:
    class OwnLSTM(LSTM):
        pass

    assert [has_closed_form(cell_class(2, 3)) for cell_class in BUILT_IN] == [True] * 3
    assert not has_closed_form(OwnLSTM(2, 3))
    assert not has_closed_form(Echo(2, 3))


def test_a_cell_without_a_closed_form_is_refused() -> None:
    model, batch = make_case(Echo, (2, 5, 2, 3, 2))
    with pytest.raises(CellError) as caught:
        closed_form(model, batch)
    assert str(caught.value) == (
        "closed_form: the model's cell must be exactly RNN, LSTM or GRU, got Echo: its equations "
        "are not written out; use backpropagate, which takes any cell"
    )


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (
            {"inputs": torch.zeros(2, 5)},
            ShapeError,
            "{0}: inputs must be (B, T, D), got (2, 5): expected 3 axes, got 2",
        ),
        (
            {"targets": torch.zeros(3, 1, dtype=torch.int64)},
            ShapeError,
            "{0}: targets must be (B=2, M), got (3, 1): axis B differs",
        ),
        (
            {"targets": torch.zeros(2, 6, dtype=torch.int64)},
            ConfigError,
            "{0}: targets must be those of the last 1 … T=5 steps, got 6",
        ),
        (
            {"targets": torch.zeros(2, 0, dtype=torch.int64)},
            ConfigError,
            "{0}: targets must be those of the last 1 … T=5 steps, got 0",
        ),
        (
            {"inputs": torch.zeros(2, 5, 2)},
            ConfigError,
            "{0}: inputs must be float64 as the model's parameters, got float32: "
            "convert one of them",
        ),
    ],
)
@pytest.mark.parametrize("function", [closed_form, automatic_gradients])
def test_a_batch_that_does_not_fit_is_refused(
    function: Any, change: dict[str, Tensor], error: type[Exception], message: str
) -> None:
    model, _ = make_case(RNN, (2, 5, 2, 3, 2))
    batch = make_batch(2, 5, 2, 2)._replace(**change)
    with pytest.raises(error) as caught:
        function(model, batch)
    assert str(caught.value) == message.format(function.__name__)


def test_largest_difference_is_over_all_tensors() -> None:
    one = {"a": torch.zeros(2), "b": torch.zeros(2, 2)}
    other = {"b": torch.tensor([[0.0, -3.0], [0.0, 0.0]]), "a": torch.tensor([1.0, 2.0])}
    assert largest_difference(one, other) == 3
    assert largest_difference({}, {}) == 0
    other["a"][0] = torch.nan
    assert math.isnan(largest_difference(one, other))


def test_largest_difference_refuses_what_does_not_match() -> None:
    one = {"a": torch.zeros(2), "b": torch.zeros(2)}
    with pytest.raises(ConfigError) as caught:
        largest_difference(one, {"a": torch.zeros(2), "c": torch.zeros(2)})
    assert str(caught.value) == (
        "largest_difference: both must have the same names, but only one has b, c"
    )
    with pytest.raises(ShapeError) as caught_shape:
        largest_difference(one, one | {"b": torch.zeros(1)})
    assert str(caught_shape.value) == (
        "largest_difference: b must have one shape in both, got (2,) and (1,)"
    )


def test_every_class_is_asked_for_somewhere() -> None:
    # The cases above would say little of the readout's gradients with one class only.
    assert set(make_batch(40, 1, 1, 1).targets.flatten().tolist()) == set(range(CLASSES))
