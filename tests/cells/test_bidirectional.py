import pytest
import torch
from torch import nn

from tests.cells.test_cell import assert_close
from unroll.cells import GRU, LSTM, Bidirectional, MinGRU, bidirectional, is_causal
from unroll.cells.bidirectional import stepping_cells, stepping_class
from unroll.engines import find_engine, run_scan
from unroll.errors import ConfigError


def make_pair() -> tuple[Bidirectional, nn.LSTM]:
    """Return ours and PyTorch's bidirectional LSTM, of the same weights."""
    torch.manual_seed(0)
    cell = bidirectional(LSTM)(3, 8).double()
    reference = nn.LSTM(3, 4, batch_first=True, bidirectional=True, dtype=torch.float64)
    with torch.no_grad():
        for half, suffix in ((cell.forwards, ""), (cell.backwards, "_reverse")):
            for ours, theirs in (("weight_x", "weight_ih"), ("weight_h", "weight_hh")):
                getattr(reference, f"{theirs}_l0{suffix}").copy_(getattr(half, ours))
            getattr(reference, f"bias_ih_l0{suffix}").copy_(half.bias)
            getattr(reference, f"bias_hh_l0{suffix}").zero_()
    return cell, reference


@pytest.mark.parametrize("engine", ["auto", "plain", "closed-form", "torch"])
@pytest.mark.parametrize("last", [1, 4, 9])
def test_equals_torch_with_copied_weights(engine: str, last: int) -> None:
    cell, reference = make_pair()
    inputs = torch.randn(5, 9, 3, dtype=torch.float64, requires_grad=True)
    outputs, state = run_scan(cell, inputs, engine=engine, last=last)  # type: ignore[arg-type]
    wanted = reference(inputs)[0][:, -last:]
    assert state is None
    assert_close(outputs, wanted)
    weights = torch.randn_like(wanted)
    (ours,) = torch.autograd.grad((outputs * weights).sum(), inputs)
    (theirs,) = torch.autograd.grad((wanted * weights).sum(), inputs)
    assert_close(ours, theirs)


def test_it_knows_later_steps_and_a_cell_does_not() -> None:
    cell, _ = make_pair()
    inputs = torch.randn(1, 6, 3, dtype=torch.float64)
    disturbed = inputs.clone()
    disturbed[:, -1] += 1
    before, after = (run_scan(cell, x)[0] for x in (inputs, disturbed))  # type: ignore[arg-type]
    assert (before[0, 0] != after[0, 0]).tolist() == [False] * 4 + [True] * 4
    assert not is_causal(type(cell))
    assert is_causal(LSTM)
    assert is_causal(MinGRU)


def test_the_classes_and_cells_that_step() -> None:
    cell, _ = make_pair()
    assert stepping_class(type(cell)) is LSTM
    assert stepping_class(GRU) is GRU
    assert stepping_cells(cell) == (cell.forwards, cell.backwards)
    gru = GRU(1, 2)
    assert stepping_cells(gru) == (gru,)


def test_its_engine_is_that_of_its_halves() -> None:
    cell = bidirectional(MinGRU)(1, 4)
    assert find_engine(cell, 3, "auto").name == "parallel"  # type: ignore[arg-type]


@pytest.mark.parametrize("H", [1, 7, 0])
def test_an_odd_size_is_refused(H: int) -> None:
    with pytest.raises(ConfigError) as caught:
        bidirectional(LSTM)(3, H)
    assert str(caught.value) == (
        f"bidirectional: hidden-size must be even, one half for each direction, got {H}"
    )


def test_a_passed_state_is_refused() -> None:
    cell, _ = make_pair()
    with pytest.raises(ConfigError) as caught:
        run_scan(cell, torch.zeros(1, 2, 3).double(), (1,))  # type: ignore[arg-type]
    assert str(caught.value) == (
        "scan: a bidirectional network begins at both ends and carries no state on: pass none"
    )


def test_it_is_not_taken_twice() -> None:
    with pytest.raises(ConfigError) as caught:
        bidirectional(bidirectional(LSTM))  # type: ignore[arg-type] # classes are hashable
    assert str(caught.value) == "bidirectional: Bidirectional[LSTM] reads from both ends already"
