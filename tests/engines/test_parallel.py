"""The parallel scan of linear cells equals the plain loop: outputs, state and every gradient."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from tests.engines.cases import Case, assert_equal, make_case
from unroll.cells import LinearCell, LinearRecurrence, MinGRU, MinLSTM
from unroll.engines import run_scan
from unroll.engines.linear_scan import LOOP_STEPS, LinearScan
from unroll.engines.parallel import LEAST

# As in test_equality: double precision over some hundred steps, and no wrong term.
TOLERANCE = 1e-10


class Swinging(LinearCell):
    """A cell whose a is negative, 0 or above 1 now and then, as a user's may be."""

    def __init__(
        self, input_size: int, hidden_size: int, *, generator: torch.Generator | None = None
    ) -> None:
        super().__init__(input_size, hidden_size)
        self.weight_x = nn.Parameter(torch.empty(2 * hidden_size, input_size))
        with torch.no_grad():
            self.weight_x.uniform_(-1, 1, generator=generator)

    def coefficients(self, inputs: Tensor) -> tuple[Tensor, Tensor]:
        a, b = (inputs @ self.weight_x.T).chunk(2, dim=-1)
        return (1.2 * torch.tanh(a)).where(inputs[..., :1] > -0.5, 0), b


CELLS: list[type[LinearCell]] = [MinGRU, MinLSTM, LinearRecurrence, Swinging]
Sizes = tuple[int, int, int, int]

every_cell = pytest.mark.parametrize("cell_class", CELLS)
small_sizes = st.tuples(st.integers(1, 4), st.integers(1, 70), st.integers(1, 3), st.integers(1, 7))


def case_of(
    cell_class: type[LinearCell],
    sizes: Sizes,
    dtype: torch.dtype = torch.float64,
    *,
    with_state: bool = True,
) -> Case:
    return make_case(cell_class, sizes, dtype, with_state=with_state)  # type: ignore[arg-type]


@every_cell
@settings(max_examples=25)
@given(sizes=small_sizes, with_state=st.booleans(), data=st.data())
def test_random_shapes(
    cell_class: type[LinearCell], sizes: Sizes, with_state: bool, data: st.DataObject
) -> None:
    last = data.draw(st.integers(1, sizes[1]))
    case = case_of(cell_class, sizes, with_state=with_state)
    assert_equal(case.everything("plain", last), case.everything("parallel", last), TOLERANCE)


@every_cell
@pytest.mark.parametrize("T", [1, 2, LOOP_STEPS, LOOP_STEPS + 1, 257])
def test_lengths_where_the_way_changes(cell_class: type[LinearCell], T: int) -> None:
    case = case_of(cell_class, (2, T, 2, 5))
    assert_equal(case.everything("plain"), case.everything("parallel"), TOLERANCE)


@every_cell
def test_over_several_blocks(cell_class: type[LinearCell]) -> None:
    # Steps so wide that a block has the least number of them; the last block is shorter.
    case = case_of(cell_class, (48, 2 * LEAST + 5, 2, 512))
    assert_equal(case.everything("plain", 3), case.everything("parallel", 3), TOLERANCE)
    with torch.no_grad():
        for last in (1, LEAST + 2, 2 * LEAST + 5):
            values = case.values("parallel", last)
            assert values["outputs"].shape == (48, last, 512)
            assert_equal(case.values("plain", last), values, TOLERANCE)


@every_cell
def test_100_steps_in_float32(cell_class: type[LinearCell]) -> None:
    case = case_of(cell_class, (8, 100, 3, 32), torch.float32)
    assert_equal(case.everything("plain"), case.everything("parallel"), 1e-4)


def test_a_product_that_underflows_costs_nothing() -> None:
    # The product of 2,000 halves is 0 in float64, and a scan that divided by it would give NaN.
    a, b = torch.full((2000, 1, 1), 0.5).double(), torch.ones(2000, 1, 1).double()
    h = LinearScan.apply(a, b, torch.zeros(1, 1).double())  # type: ignore[no-untyped-call]
    wanted = 2 - 2 * 0.5 ** torch.arange(1, 2001, dtype=torch.float64)
    torch.testing.assert_close(h[:, 0, 0], wanted, rtol=0, atol=1e-12)


@pytest.mark.parametrize("T", [1, 5, LOOP_STEPS + 3])
def test_numeric_gradients_of_first_and_second_order(T: int) -> None:
    generator = torch.Generator().manual_seed(T)

    def draw(*shape: int) -> Tensor:
        return torch.randn(shape, generator=generator, dtype=torch.float64).requires_grad_()

    arguments = (draw(T, 1, 2), draw(T, 1, 2), draw(1, 2))
    assert torch.autograd.gradcheck(LinearScan.apply, arguments)
    assert torch.autograd.gradgradcheck(LinearScan.apply, arguments)


def test_second_derivatives_equal_those_of_the_plain_loop() -> None:
    case = case_of(MinGRU, (2, 20, 2, 3))
    found = []
    for engine in ("plain", "parallel"):
        outputs = case.values(engine)["outputs"]
        (once,) = torch.autograd.grad(outputs.square().sum(), case.inputs, create_graph=True)
        (twice,) = torch.autograd.grad(once.square().sum(), case.inputs)
        found.append(twice)
    torch.testing.assert_close(*found, rtol=TOLERANCE, atol=TOLERANCE)


@every_cell
@pytest.mark.parametrize("asked", ["inputs", "h(0)", "weight_x"])
def test_one_gradient_alone(cell_class: type[LinearCell], asked: str) -> None:
    case = case_of(cell_class, (2, 40, 3, 4))
    for name, tensor in case.asked.items():
        tensor.requires_grad_(name == asked)
    plain, parallel = (
        torch.autograd.grad(case.values(engine)["outputs"].sum(), case.asked[asked])[0]
        for engine in ("plain", "parallel")
    )
    torch.testing.assert_close(parallel, plain, rtol=0, atol=TOLERANCE)


@every_cell
def test_two_halves_equal_the_whole(cell_class: type[LinearCell]) -> None:
    case = case_of(cell_class, (2, 50, 2, 5))
    whole, final = run_scan(case.cell, case.inputs, case.state, "parallel")
    first, middle = run_scan(case.cell, case.inputs[:, :19], case.state, "parallel")
    second, end = run_scan(case.cell, case.inputs[:, 19:], middle, "parallel")
    torch.testing.assert_close(torch.cat([first, second], 1), whole, rtol=0, atol=TOLERANCE)
    torch.testing.assert_close(tuple(end), tuple(final), rtol=0, atol=TOLERANCE)


@every_cell
def test_inputs_and_state_are_left_as_they_were(cell_class: type[LinearCell]) -> None:
    case = case_of(cell_class, (3, 37, 1, 4))
    before = {name: tensor.detach().clone() for name, tensor in case.asked.items()}
    case.everything("parallel")
    with torch.no_grad():
        case.values("parallel")
    assert all(torch.equal(before[name], tensor) for name, tensor in case.asked.items())


def test_a_final_state_does_not_keep_the_sequence() -> None:
    case = case_of(MinGRU, (2, 50, 1, 4))
    _, state = run_scan(case.cell, case.inputs, engine="parallel")
    assert state.h.untyped_storage().nbytes() == 2 * 4 * 8
    with torch.no_grad():
        outputs, state = run_scan(case.cell, case.inputs, engine="parallel", last=3)
    assert outputs.untyped_storage().nbytes() == 3 * 2 * 4 * 8
    assert state.h.untyped_storage().nbytes() == 2 * 4 * 8
