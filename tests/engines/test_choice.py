"""Which engine is chosen, and what is said when one cannot be."""

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from unroll.cells import (
    GRU,
    LSTM,
    RNN,
    LinearCell,
    LinearRecurrence,
    LinearState,
    LSTMState,
    MinGRU,
    MinLSTM,
    RecurrentCell,
    RNNState,
)
from unroll.engines import ENGINES, Processor, choose_engine, processor_of, run_scan
from unroll.errors import ConfigError, ShapeError

AVX2 = Processor(device="cpu", capability="AVX2", threads=1)
AVX512 = Processor(device="cpu", capability="AVX512", threads=1)
TWO_THREADS = Processor(device="cpu", capability="AVX2", threads=2)
CUDA = Processor(device="cuda", capability="AVX2", threads=1)
OTHER = Processor(device="mps", capability="DEFAULT", threads=1)

TABLE = [
    (RNN, torch.float32, 1, 16, AVX2, "closed-form"),
    (RNN, torch.float32, 128, 128, TWO_THREADS, "closed-form"),
    (RNN, torch.float32, 128, 128, AVX512, "closed-form"),
    (GRU, torch.float32, 128, 128, AVX2, "closed-form"),
    (GRU, torch.float64, 1, 16, AVX512, "closed-form"),
    (GRU, torch.bfloat16, 128, 128, AVX2, "torch"),
    (LSTM, torch.float32, 128, 128, AVX2, "closed-form"),
    (LSTM, torch.float32, 128, 127, AVX2, "torch"),
    (LSTM, torch.float32, 127, 1024, AVX2, "torch"),
    (LSTM, torch.float32, 128, 128, TWO_THREADS, "torch"),
    (LSTM, torch.float32, 128, 128, AVX512, "torch"),
    (LSTM, torch.float64, 1, 16, AVX512, "closed-form"),
    (RNN, torch.float32, 128, 128, CUDA, "torch"),
    (LSTM, torch.float64, 128, 128, CUDA, "torch"),
    (GRU, torch.float32, 128, 128, OTHER, "plain"),
]


class Doubled(LSTM):
    """An LSTM whose output is doubled: only a call of the cell knows that."""

    def forward(self, x: Tensor, state: LSTMState) -> tuple[Tensor, LSTMState]:
        y, state = super().forward(x, state)
        return 2 * y, state


class Doubling(MinGRU):
    """A linear cell whose output is doubled: its coefficients do not know that."""

    def forward(self, x: Tensor, state: LinearState) -> tuple[Tensor, LinearState]:
        y, state = super().forward(x, state)
        return 2 * y, state


class Counter(nn.Module):
    """A cell outside the built-in family: it counts steps, and has no parameters."""

    hidden_size = 3

    def initial_state(self, batch_size: int) -> RNNState:
        return RNNState(torch.zeros(batch_size, 3))

    def forward(self, x: Tensor, state: RNNState) -> tuple[Tensor, RNNState]:
        assert len(x) == len(state.h)
        return state.h + 1, RNNState(state.h + 1)


@pytest.mark.parametrize(("cell_class", "dtype", "B", "H", "processor", "engine"), TABLE)
def test_the_choice_is_a_table(
    cell_class: type[RNN | LSTM | GRU],
    dtype: torch.dtype,
    B: int,
    H: int,
    processor: Processor,
    engine: str,
) -> None:
    cell = cell_class(1, H).to(dtype)
    assert choose_engine(cell, B, processor=processor) == engine


@pytest.mark.parametrize("processor", [AVX2, AVX512, TWO_THREADS, CUDA, OTHER])
@pytest.mark.parametrize("cell_class", [MinGRU, MinLSTM, LinearRecurrence])
def test_linear_cells_run_in_parallel(cell_class: type[LinearCell], processor: Processor) -> None:
    assert choose_engine(cell_class(1, 128), 128, processor=processor) == "parallel"


def test_a_linear_cell_with_a_step_of_its_own_or_a_hook_runs_plain() -> None:
    assert choose_engine(Doubling(2, 4), 3) == "plain"
    cell = MinGRU(2, 4)
    handle = cell.register_forward_hook(lambda *_: None)
    assert choose_engine(cell, 3) == "plain"
    handle.remove()
    assert choose_engine(cell, 3) == "parallel"


@pytest.mark.parametrize("processor", [AVX2, AVX512, TWO_THREADS, CUDA, OTHER])
def test_cells_of_other_types_run_plain(processor: Processor) -> None:
    assert choose_engine(Doubled(1, 128), 128, processor=processor) == "plain"
    assert choose_engine(Counter(), 128, processor=processor) == "plain"


def test_the_processor_in_use_is_the_default() -> None:
    cell = LSTM(1, 128)
    processor = processor_of(cell)
    assert processor.device == "cpu"
    assert processor.capability == torch.backends.cpu.get_cpu_capability()
    assert processor.threads == torch.get_num_threads()
    assert choose_engine(cell, 128) == choose_engine(cell, 128, processor=processor)


def test_a_subclass_keeps_its_own_step() -> None:
    cell = Doubled(2, 4)
    outputs, state = run_scan(cell, torch.randn(3, 5, 2))
    torch.testing.assert_close(outputs[:, -1], 2 * state.h, rtol=0, atol=0)


def test_a_hook_sees_every_step() -> None:
    cell = RNN(2, 4)
    seen: list[object] = []
    handle = cell.register_forward_hook(lambda *call: seen.append(call))
    assert choose_engine(cell, 3) == "plain"
    run_scan(cell, torch.randn(3, 5, 2))
    assert len(seen) == 5
    handle.remove()
    assert choose_engine(cell, 3) != "plain"


@pytest.mark.parametrize(
    "register",
    [
        "register_forward_hook",
        "register_forward_pre_hook",
        "register_full_backward_hook",
        "register_full_backward_pre_hook",
    ],
)
def test_any_hook_makes_a_cell_run_plain(register: str) -> None:
    cell = GRU(2, 4)
    getattr(cell, register)(lambda *_: None)
    assert choose_engine(cell, 3) == "plain"


def test_a_reparametrised_cell_runs_plain() -> None:
    cell = RNN(2, 4)
    nn.utils.parametrizations.orthogonal(cell, "weight_h")
    assert choose_engine(cell, 3) == "plain"


def test_any_cell_runs() -> None:
    outputs, state = run_scan(Counter(), torch.zeros(2, 4, 1), last=2)
    assert outputs[0, :, 0].tolist() == [3.0, 4.0]
    assert state.h[0, 0] == 4


@pytest.mark.parametrize("engine", ENGINES)
def test_each_engine_goes_by_its_name(engine: str) -> None:
    assert ENGINES[engine].name == engine
    assert ENGINES[engine].supports(MinGRU(1, 2) if engine == "parallel" else RNN(1, 2))


@pytest.mark.parametrize(
    ("cell", "engine", "message"),
    [
        (
            RNN(1, 2),
            "torhc",
            "unknown engine 'torhc': expected one of auto, closed-form, parallel, plain, torch "
            "(nearest: torch)",
        ),
        (
            Doubled(1, 2),
            "closed-form",
            "engine 'closed-form' cannot run this Doubled: choose auto or plain",
        ),
        (Counter(), "torch", "engine 'torch' cannot run this Counter: choose auto or plain"),
        (
            RNN(1, 2).bfloat16(),
            "closed-form",
            "engine 'closed-form' cannot run this RNN: choose auto or plain or torch",
        ),
    ],
)
def test_what_is_said_of_an_engine_that_cannot_be_used(
    cell: RecurrentCell, engine: str, message: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        run_scan(cell, torch.zeros(2, 3, 1), engine=engine)
    assert str(caught.value) == message


@pytest.mark.parametrize("engine", ["auto", *ENGINES])
@pytest.mark.parametrize(
    ("inputs", "state", "error", "message"),
    [
        (
            torch.zeros(4, 2),
            None,
            ShapeError,
            "scan: inputs must be (B, T, D) with T ≥ 1, got (4, 2)",
        ),
        (
            torch.zeros(4, 3, 5),
            None,
            ShapeError,
            "scan: inputs must be (B, T, D=2), got (4, 3, 5): axis D differs",
        ),
        (
            torch.zeros(4, 3, 2),
            LSTMState(torch.zeros(4, 6), torch.zeros(1, 6)),
            ShapeError,
            "scan: state must be (B=4, H=6), got (1, 6): axis B differs",
        ),
        (
            torch.zeros(4, 3, 2, dtype=torch.float64),
            None,
            ConfigError,
            "scan: inputs must be float32 on cpu as the cell's parameters, got float64 on cpu: "
            "convert one of them",
        ),
    ],
)
def test_the_same_is_said_whatever_the_engine(
    engine: str,
    inputs: Tensor,
    state: Any,
    error: type[Exception],
    message: str,
) -> None:
    cell: RecurrentCell = LSTM(2, 6)
    if engine == "parallel":
        cell, state = MinGRU(2, 6), state and LinearState(state.c)
    with pytest.raises(error) as caught:
        run_scan(cell, inputs, state, engine)
    assert str(caught.value) == message


@pytest.mark.parametrize("last", [0, 4])
def test_last_must_lie_within_the_sequence(last: int) -> None:
    with pytest.raises(ConfigError) as caught:
        run_scan(RNN(1, 2), torch.zeros(2, 3, 1), last=last)
    assert str(caught.value) == f"scan: last must be in 1 … T=3, got {last}"
