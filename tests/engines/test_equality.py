"""Each engine equals the plain scan: outputs, final state and every gradient."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engines.cases import CELLS, FAST, assert_equal, make_case
from unroll.cells import GRU, LSTM, RNN
from unroll.engines import run_scan
from unroll.engines.blocks import BLOCK_BYTES, blocks

BuiltIn = type[RNN | LSTM | GRU]
Sizes = tuple[int, int, int, int]

# A dozen steps of double precision leave 1e-15 to 1e-13; 1e-10 leaves room for other machines'
# order of summation, and none for a wrong term.
TOLERANCE = 1e-10

small_sizes = st.tuples(st.integers(1, 5), st.integers(1, 12), st.integers(1, 4), st.integers(1, 9))


@pytest.mark.parametrize("cell_class", CELLS)
@pytest.mark.parametrize("engine", FAST)
@settings(max_examples=30)
@given(sizes=small_sizes, with_state=st.booleans(), data=st.data())
def test_random_shapes(
    engine: str, cell_class: BuiltIn, sizes: Sizes, with_state: bool, data: st.DataObject
) -> None:
    last = data.draw(st.integers(1, sizes[1]))
    case = make_case(cell_class, sizes, with_state=with_state)
    assert_equal(case.everything("plain", last), case.everything(engine, last), TOLERANCE)


@pytest.mark.parametrize("cell_class", CELLS)
@pytest.mark.parametrize("engine", FAST)
@pytest.mark.parametrize("sizes", [(1, 1, 1, 1), (1, 20, 1, 16), (128, 11, 1, 128), (3, 9, 10, 7)])
def test_fixed_shapes(engine: str, cell_class: BuiltIn, sizes: Sizes) -> None:
    case = make_case(cell_class, sizes)
    assert_equal(case.everything("plain"), case.everything(engine), TOLERANCE)


@pytest.mark.parametrize("cell_class", CELLS)
@pytest.mark.parametrize("engine", FAST)
@pytest.mark.parametrize("D", [1, 10])
def test_100_steps_in_float32(engine: str, cell_class: BuiltIn, D: int) -> None:
    # Single precision rounds at 6e-8; 100 steps add up to some 1e-6 in the sums over time of the
    # weights' gradients. 1e-4 of the largest entry is what was asked of an engine.
    case = make_case(cell_class, (8, 100, D, 32), torch.float32)
    assert_equal(case.everything("plain"), case.everything(engine), 1e-4)


@pytest.mark.parametrize("cell_class", CELLS)
def test_gradients_over_several_blocks(cell_class: BuiltIn) -> None:
    B, T, H = 64, 23, 96
    assert T * B * H * 8 > BLOCK_BYTES
    case = make_case(cell_class, (B, T, 2, H))
    assert_equal(case.everything("plain"), case.everything("closed-form"), TOLERANCE)


@pytest.mark.parametrize("cell_class", CELLS)
@pytest.mark.parametrize("engine", FAST)
@pytest.mark.parametrize("last", [1, 3, 40])
@torch.no_grad()
def test_without_gradients(engine: str, cell_class: BuiltIn, last: int) -> None:
    # Sizes that take the closed forms through several blocks, the last one shorter.
    case = make_case(cell_class, (64, 40, 2, 96))
    values = case.values(engine, last)
    assert values["outputs"].shape == (64, last, 96)
    assert_equal(case.values("plain", last), values, TOLERANCE)


@pytest.mark.parametrize("cell_class", CELLS)
@pytest.mark.parametrize("engine", FAST)
def test_a_loss_on_one_value_alone(engine: str, cell_class: BuiltIn) -> None:
    case = make_case(cell_class, (2, 5, 1, 3))
    for name in case.values("plain"):
        plain, other = (
            torch.autograd.grad(case.values(e)[name].sum(), list(case.asked.values()))
            for e in ("plain", engine)
        )
        one, two = (dict(zip(case.asked, gradients, strict=True)) for gradients in (plain, other))
        assert_equal(one, two, TOLERANCE)


@pytest.mark.parametrize("cell_class", CELLS)
@pytest.mark.parametrize("engine", ["plain", *FAST])
def test_two_halves_equal_the_whole(engine: str, cell_class: BuiltIn) -> None:
    case = make_case(cell_class, (2, 9, 2, 5))
    whole, final = run_scan(case.cell, case.inputs, case.state, engine)
    first, middle = run_scan(case.cell, case.inputs[:, :4], case.state, engine)
    second, end = run_scan(case.cell, case.inputs[:, 4:], middle, engine)
    torch.testing.assert_close(torch.cat([first, second], 1), whole, rtol=0, atol=TOLERANCE)
    torch.testing.assert_close(tuple(end), tuple(final), rtol=0, atol=TOLERANCE)


@pytest.mark.parametrize("cell_class", CELLS)
@pytest.mark.parametrize("engine", FAST)
def test_inputs_and_state_are_left_as_they_were(engine: str, cell_class: BuiltIn) -> None:
    case = make_case(cell_class, (3, 7, 1, 4))
    before = {name: tensor.detach().clone() for name, tensor in case.asked.items()}
    case.everything(engine)
    with torch.no_grad():
        case.values(engine)
    assert all(torch.equal(before[name], tensor) for name, tensor in case.asked.items())


@given(steps=st.integers(1, 50), length=st.integers(1, 60))
def test_blocks_cover_every_step_once(steps: int, length: int) -> None:
    covered = [t for block in blocks(steps, length) for t in range(steps)[block]]
    assert covered == list(range(steps))
    assert all(block.stop - block.start <= length for block in blocks(steps, length))
