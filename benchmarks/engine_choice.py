"""Which engine is fastest where, and does `auto` choose it?

    python -m benchmarks.engine_choice [--quick] [--repetitions N]

One forward and backward pass of the scan alone, one thread, T = 20, scalar inputs, float32. The
ratio is the time of PyTorch's kernels over that of the closed form.
"""

from collections.abc import Callable

import torch
from torch import Tensor

from benchmarks.steps import CELLS
from benchmarks.timing import Options, compare, parse_options, print_table, spread
from unroll.cells import GRU, LSTM, RNN
from unroll.engines import choose_engine, run_scan

STEPS = 20
BATCH_SIZES = (1, 8, 32, 128, 512)
HIDDEN_SIZES = (16, 64, 128, 256, 512)
LARGEST = 128 * 512


def passes(cell: RNN | LSTM | GRU, inputs: Tensor, engine: str) -> Callable[[], object]:
    """Return a call that runs the scan forward and backward."""
    parameters = list(cell.parameters())
    gradient = torch.ones(inputs.shape[0], 1, cell.hidden_size)

    def run() -> object:
        outputs, _ = run_scan(cell, inputs, engine=engine, last=1)
        return torch.autograd.grad(outputs, parameters, gradient)

    return run


def row(name: str, B: int, H: int, options: Options) -> list[str]:
    """Return one line of the table."""
    cell, inputs = CELLS[name](1, H), torch.randn(B, STEPS, 1)
    closed, fused = passes(cell, inputs, "closed-form"), passes(cell, inputs, "torch")
    result = compare(closed, fused, options)
    return [
        name,
        str(B),
        str(H),
        f"{result.ours_ms:.2f}",
        f"{result.peer_ms:.2f}",
        spread(result.ratios),
        choose_engine(cell, B),
    ]


def main(options: Options) -> None:
    """Measure and print."""
    torch.set_num_threads(1)
    sizes = [(B, H) for B in BATCH_SIZES for H in HIDDEN_SIZES if B * H <= LARGEST]
    if options.quick:
        sizes = [(8, 64), (128, 128)]
    rows = [row(name, B, H, options) for name in CELLS for B, H in sizes]
    columns = ["cell", "B", "H", "closed-form ms", "torch ms", "ratio", "auto"]
    print_table("Engines by size, T = 20", columns, rows)


if __name__ == "__main__":
    main(parse_options(__doc__))
