"""How much sooner does the parallel scan of a linear cell end than the plain loop?

    python -m benchmarks.parallel_scan [--quick] [--repetitions N]

One forward and backward pass of a minGRU with 64 units on one-hot digits, one thread, float32, the
last output read. The ratio is the time of the plain loop over that of the parallel scan. The floor
is the time of what must be computed and kept, at the rates of this machine.
"""

from collections.abc import Callable

import torch
from torch import Tensor

from benchmarks.floor import Machine, Work, measure_machine
from benchmarks.timing import Options, compare, parse_options, print_table, spread
from unroll.cells import MinGRU
from unroll.engines import run_scan

INPUT_SIZE, HIDDEN_SIZE = 10, 64
BATCH_SIZES = (1, 8, 64)
LENGTHS = (10, 100, 1_000, 10_000)
LARGEST = 8 * 10_000


def passes(cell: MinGRU, inputs: Tensor, engine: str) -> Callable[[], object]:
    """Return a call that runs the scan forward and backward."""
    parameters = list(cell.parameters())
    gradient = torch.ones(inputs.shape[0], 1, cell.hidden_size)

    def run() -> object:
        outputs, _ = run_scan(cell, inputs, engine=engine, last=1)
        return torch.autograd.grad(outputs, parameters, gradient)

    return run


def work_of(B: int, T: int, D: int, H: int) -> Work:
    """Count the work of B sequences of T steps.

    (B, D) times (D, 2H) forward and as much for the weights' gradient; σ(z) and σ(−z); kept are
    both of them, n and h.
    """
    return Work(
        flops=2 * T * 2 * B * D * 2 * H,
        nonlinearities=2 * T * B * H,
        kept_bytes=4 * T * B * H * 4,
    )


def row(B: int, T: int, machine: Machine, options: Options) -> list[str]:
    """Return one line of the table."""
    cell, inputs = MinGRU(INPUT_SIZE, HIDDEN_SIZE), torch.randn(B, T, INPUT_SIZE)
    result = compare(passes(cell, inputs, "parallel"), passes(cell, inputs, "plain"), options)
    floor_ms = work_of(B, T, INPUT_SIZE, HIDDEN_SIZE).seconds(machine) * 1e3
    return [
        str(B),
        f"{T:,}",
        f"{result.peer_ms:.2f}",
        f"{result.ours_ms:.2f}",
        spread(result.ratios),
        f"{floor_ms:.2f}",
        f"{result.ours_ms / floor_ms:.1f}",
    ]


def main(options: Options) -> None:
    """Measure and print."""
    torch.set_num_threads(1)
    sizes = [(B, T) for B in BATCH_SIZES for T in LENGTHS if B * T <= LARGEST]
    if options.quick:
        sizes = [(1, 100), (64, 100)]
    machine = measure_machine()
    rows = [row(B, T, machine, options) for B, T in sizes]
    columns = ["B", "T", "plain ms", "parallel ms", "ratio", "floor ms", "ours / floor"]
    print_table(f"Linear cells by T, minGRU, H = {HIDDEN_SIZE}", columns, rows)


if __name__ == "__main__":
    main(parse_options(__doc__))
