"""Which engine runs a scan: a rule over facts, never a measurement at run time."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from unroll.cells import LSTM, Bidirectional, LinearCell, RecurrentCell
from unroll.cells.cell import Cell
from unroll.engines.closed_form import ClosedFormEngine
from unroll.engines.engine import Engine, PlainEngine, is_built_in
from unroll.engines.fused import TorchEngine
from unroll.engines.parallel import ParallelEngine
from unroll.errors import ConfigError, unknown_name
from unroll.scan import check_inputs
from unroll.shapes import check_shape

ENGINES: dict[str, Engine] = {
    engine.name: engine
    for engine in (PlainEngine(), TorchEngine(), ClosedFormEngine(), ParallelEngine())
}
"""Each engine by its name."""

AUTO = "auto"


@dataclass(frozen=True, kw_only=True)
class Processor:
    """What the choice depends on besides the cell and the batch."""

    device: str
    """`cpu`, `cuda`, …"""
    capability: str
    """The CPU's vector instructions as PyTorch names them: AVX2, AVX512, DEFAULT, …"""
    threads: int
    """How many threads one operation may use."""


def processor_of(cell: RecurrentCell) -> Processor:
    """Return the processor that `cell`'s parameters live on, as this process may use it."""
    parameter = next(cell.parameters(), None) if isinstance(cell, nn.Module) else None
    return Processor(
        device="cpu" if parameter is None else parameter.device.type,
        capability=torch.backends.cpu.get_cpu_capability(),
        threads=torch.get_num_threads(),
    )


def choose_engine(
    cell: RecurrentCell, batch_size: int, *, processor: Processor | None = None
) -> str:
    """Return the name of the engine that `auto` stands for, before anything is run.

    The same cell, batch size and processor (default: the one in use) give the same name:

    | cell                              | device         | engine      |
    |-----------------------------------|----------------|-------------|
    | LinearCell with the step it gives | any            | parallel    |
    | else not exactly RNN, LSTM or GRU | any            | plain       |
    | any of the three                  | cuda           | torch       |
    | RNN, GRU                          | cpu            | closed-form |
    | LSTM, float64                     | cpu            | closed-form |
    | LSTM, float32, B ≥ 128, B·H ≥ 2¹⁴ | cpu, AVX2, one thread | closed-form |
    | LSTM, float32, otherwise          | cpu            | torch       |
    | dtypes other than these two       | cpu            | torch       |
    | any of the three                  | any other      | plain       |

    Measured on one thread of an AVX2 CPU, forward and backward, T = 20, B 1–512, H 16–512:
    closed-form is 1.1–2.3 times as fast as PyTorch's RNN and GRU at every size. Its LSTM is
    0.95–1.5 times as fast as oneDNN's where the table names it, and slower on small batches (0.3
    at B = 1) or two threads (0.8); in float64, which oneDNN's LSTM lacks, 1.3–1.5 times as fast.
    Assumed, not measured: on AVX512, where oneDNN's matrix product gains more, its LSTM stays
    ahead; on CUDA, cuDNN does.
    """
    if ENGINES["parallel"].supports(cell):
        return "parallel"
    if not is_built_in(cell) or not isinstance(cell, Cell):
        return "plain"
    processor = processor or processor_of(cell)
    if processor.device == "cuda":
        return "torch"
    if processor.device != "cpu":
        return "plain"
    if not ENGINES["closed-form"].supports(cell):
        return "torch"
    if type(cell) is not LSTM or cell.weight_h.dtype == torch.float64:
        return "closed-form"
    large = batch_size >= 128 and batch_size * cell.hidden_size >= 2**14
    single = processor.capability == "AVX2" and processor.threads == 1
    return "closed-form" if large and single else "torch"


def run_scan(
    cell: RecurrentCell,
    inputs: Tensor,
    state: Any = None,
    engine: str = AUTO,
    *,
    last: int | None = None,
) -> tuple[Tensor, Any]:
    """Carry `cell` along a sequence, by the named engine or the one `choose_engine` names.

        y(t), s(t) = cell(x(t), s(t−1))   for t = 1 … T,   s(0) = state or the cell's own

    Where only the last M outputs are read, say `last=M`: the others' gradients are then not
    zeros to be added up but work left out.

    Shapes: inputs (B, T, D) -> outputs (B, M, H), all T by default; state after the last step.
    A `Bidirectional` runs both its halves, has no state to be given, and returns None for it.
    Raises: ShapeError when inputs or state have other axes; ConfigError for an unknown engine,
    one that cannot run this cell, a `last` outside 1 … T, inputs of another dtype or device
    than the cell's parameters, or a state for a cell that reads from both ends.
    """
    check_inputs(inputs)
    T = inputs.shape[1]
    last = T if last is None else last
    if not 1 <= last <= T:
        raise ConfigError(f"scan: last must be in 1 … T={T}, got {last}")
    if isinstance(cell, Bidirectional):
        return _run_both_ways(cell, inputs, state, engine, last), None
    chosen = find_engine(cell, inputs.shape[0], engine)
    if state is None:
        state = cell.initial_state(inputs.shape[0])
    if isinstance(cell, LinearCell) or (is_built_in(cell) and isinstance(cell, Cell)):
        _check_call(cell, inputs, state)
    return chosen.scan(cell, inputs, state, last)


def _run_both_ways(
    cell: Bidirectional, inputs: Tensor, state: Any, engine: str, last: int
) -> Tensor:
    """Return the outputs of both halves side by side: inputs (B, T, D) -> (B, M, H)."""
    if state is not None:
        raise ConfigError(
            "scan: a bidirectional network begins at both ends and carries no state on: pass none"
        )
    forwards, _ = run_scan(cell.forwards, inputs, None, engine, last=last)
    # What is said backwards at the last M steps has read those M and no others.
    backwards, _ = run_scan(cell.backwards, inputs[:, -last:].flip(1), None, engine)
    return torch.cat([forwards, backwards.flip(1)], dim=2)


def find_engine(cell: RecurrentCell, batch_size: int, name: str) -> Engine:
    """Return the engine called `name`, after making sure that it can run `cell`.

    For a `Bidirectional` it is the engine of its halves.
    """
    if isinstance(cell, Bidirectional):
        return find_engine(cell.forwards, batch_size, name)
    if name == AUTO:
        return ENGINES[choose_engine(cell, batch_size)]
    if name not in ENGINES:
        raise unknown_name("engine", name, [AUTO, *ENGINES])
    if not ENGINES[name].supports(cell):
        able = [other for other, engine in ENGINES.items() if engine.supports(cell)]
        raise ConfigError(
            f"engine '{name}' cannot run this {type(cell).__name__}: choose {AUTO} or "
            f"{' or '.join(able)}"
        )
    return ENGINES[name]


def _check_call(cell: Cell[Any] | LinearCell, inputs: Tensor, state: tuple[Tensor, ...]) -> None:
    """Raise unless inputs and state fit `cell`, with one message whatever the engine."""
    B, H = inputs.shape[0], cell.hidden_size
    check_shape("scan", "inputs", inputs, "B T D", D=cell.input_size)
    for tensor in state:
        check_shape("scan", "state", tensor, "B H", B=B, H=H)
    parameter = next(cell.parameters())
    for name, tensor in (("inputs", inputs), *(("state", part) for part in state)):
        if (tensor.dtype, tensor.device) != (parameter.dtype, parameter.device):
            raise ConfigError(
                f"scan: {name} must be {_kind(parameter)} as the cell's parameters, "
                f"got {_kind(tensor)}: convert one of them"
            )


def _kind(tensor: Tensor) -> str:
    return f"{str(tensor.dtype).removeprefix('torch.')} on {tensor.device}"
