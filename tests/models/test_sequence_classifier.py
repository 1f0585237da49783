import math
import random
from typing import Any

import pytest
import torch
from torch import nn

from tests.cells.oracle import slow_scan
from tests.cells.test_cell import CELLS, assert_close
from unroll.cells import GRU, LSTM, RNN, Cell
from unroll.errors import ConfigError, ShapeError
from unroll.models import SequenceClassifier


def make_model(kind: type[Cell[Any]], engine: str = "auto", seed: int = 0) -> SequenceClassifier:
    generator = torch.Generator().manual_seed(seed)
    torch.manual_seed(seed)
    return SequenceClassifier(kind(3, 6), 6, 10, engine=engine, generator=generator).double()


@pytest.mark.parametrize("kind", CELLS)
@pytest.mark.parametrize("engine", ["auto", "plain"])
@pytest.mark.parametrize("last", [1, 4, 7])
def test_scores_equal_the_slow_oracle(kind: type[Cell[Any]], engine: str, last: int) -> None:
    model = make_model(kind, engine)
    inputs = torch.randn(2, 7, 3, dtype=torch.float64)
    cell: Any = model.cell
    zeros = [torch.zeros(2, 6, dtype=torch.float64) for _ in cell.initial_state(2)]
    outputs, _ = slow_scan(cell, inputs, *zeros)
    wanted = torch.zeros(2, last, 10, dtype=torch.float64)
    weight, bias = model.weight_p.tolist(), model.bias_p.tolist()
    for row in range(2):
        for step in range(last):
            h = outputs[row, 7 - last + step].tolist()
            for k in range(10):
                product = sum(w * u for w, u in zip(weight[k], h, strict=True))
                wanted[row, step, k] = product + bias[k]
    assert_close(model(inputs, last=last), wanted)


def test_one_step_is_read_unless_more_are_asked_for() -> None:
    model = make_model(RNN)
    inputs = torch.randn(2, 7, 3, dtype=torch.float64)
    assert model(inputs).shape == (2, 1, 10)
    assert_close(model(inputs), model(inputs, last=7)[:, -1:])


def test_has_as_many_parameters_as_the_formula_says() -> None:
    draw = random.Random(0)
    for _ in range(25):
        n, d, K = draw.randint(1, 150), draw.randint(1, 40), draw.randint(2, 60)
        count = sum(p.numel() for p in SequenceClassifier(LSTM(d, n), n, K).parameters())
        assert count == 4 * (n * d + n * n + n) + K * (n + 1)


def test_the_readout_is_drawn_as_its_docstring_says() -> None:
    model = SequenceClassifier(RNN(1, 64), 64, 50, generator=torch.Generator().manual_seed(0))
    for numbers in (model.weight_p.detach(), model.bias_p.detach()):
        # Of 50 uniform numbers all stay below 0.8 of the bound with probability 0.8⁵⁰ = 1e-5.
        assert 0.8 / math.sqrt(64) < float(numbers.abs().max()) <= 1 / math.sqrt(64)
        assert float(numbers.min()) < 0 < float(numbers.max())


def test_a_seed_decides_the_readout() -> None:
    first, again, other = (make_model(RNN, seed=seed) for seed in (1, 1, 2))
    assert torch.equal(first.weight_p, again.weight_p)
    assert torch.equal(first.bias_p, again.bias_p)
    assert not torch.equal(first.weight_p, other.weight_p)


@pytest.mark.parametrize("kind", CELLS)
def test_gradients_reach_every_parameter(kind: type[Cell[Any]]) -> None:
    model = make_model(kind)
    model(torch.randn(2, 7, 3, dtype=torch.float64)).square().sum().backward()
    for parameter in model.parameters():
        assert parameter.grad is not None
        assert bool((parameter.grad != 0).any())


@pytest.mark.parametrize("last", [0, -1, 8])
def test_steps_that_are_not_there_are_told_in_full(last: int) -> None:
    with pytest.raises(ConfigError) as caught:
        make_model(RNN)(torch.zeros(2, 7, 3, dtype=torch.float64), last=last)
    assert str(caught.value) == f"scan: last must be in 1 … T=7, got {last}"


@pytest.mark.parametrize("shape", [(7,), (2, 7), (2, 0, 3), (1, 2, 7, 3)])
def test_a_wrong_shape_is_told_in_full(shape: tuple[int, ...]) -> None:
    with pytest.raises(ShapeError) as caught:
        make_model(RNN)(torch.zeros(shape, dtype=torch.float64))
    assert str(caught.value) == f"scan: inputs must be (B, T, D) with T ≥ 1, got {shape}"


def test_a_wrong_input_size_is_told_in_full() -> None:
    with pytest.raises(ShapeError) as caught:
        make_model(RNN)(torch.zeros(2, 7, 4, dtype=torch.float64))
    assert str(caught.value) == ("scan: inputs must be (B, T, D=3), got (2, 7, 4): axis D differs")


def test_an_unknown_engine_is_told() -> None:
    model = make_model(GRU, engine="plane")
    with pytest.raises(ConfigError) as caught:
        model(torch.zeros(2, 7, 3, dtype=torch.float64))
    assert str(caught.value).startswith("unknown engine 'plane': expected one of ")
    assert str(caught.value).endswith("(nearest: plain)")


def test_the_engine_that_will_run_can_be_asked_for() -> None:
    assert make_model(LSTM, engine="plain").engine_for(4) == "plain"

    class Mine(RNN):
        """Not exactly a built-in cell, so that only the plain scan may run it."""

    assert SequenceClassifier(Mine(3, 6), 6, 10).engine_for(4) == "plain"


def test_any_module_of_the_form_will_do() -> None:
    class Wrapped(nn.Module):
        def __init__(self, cell: RNN) -> None:
            super().__init__()
            self.inner = cell

        def initial_state(self, batch_size: int) -> Any:
            return self.inner.initial_state(batch_size)

        def forward(self, x: torch.Tensor, state: Any) -> Any:
            return self.inner(x, state)

    model = make_model(RNN, engine="plain")
    assert isinstance(model.cell, RNN)
    inputs = torch.randn(2, 7, 3, dtype=torch.float64)
    scores = model(inputs)
    model.cell = Wrapped(model.cell)
    assert torch.equal(model(inputs), scores)
