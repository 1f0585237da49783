"""How long does a graph layer take, forward and backward, beside PyTorch Geometric and the floor?

    python -m benchmarks.graph_layers [--quick] [--repetitions N]

A random power-law graph of 200,000 nodes and 2 million edges, 64 → 64, x wanting its gradient as
inside a network; GAT with 8 heads and with one. Both sides in one process of one thread, in turn,
in CPU seconds; extra memory is the peak during one step above what was held before it (Linux). A
second table takes 20 thousand, 200 thousand and 2 million edges, ten a node.
"""

import ctypes
import statistics
from pathlib import Path

import torch

from benchmarks.graph_sides import (
    Side,
    best,
    cpu_seconds,
    in_turn,
    needs_huge_pages,
    our_side,
    peer_sides,
    power_law_graph,
    run_with_huge_pages,
)
from benchmarks.timing import Options, parse_options, print_table, spread
from unroll.graphs import Propagation, a_hat
from unroll.seeding import make_generator

SIZE = 64
EDGES = (20_000, 200_000, 2_000_000)
LAYERS = {"GCN": ("GCN", 1), "GAT, 8 heads of 8": ("GAT", 8), "GAT, 1 head of 64": ("GAT", 1)}
_MIB = 2**20
_STATUS, _CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")


def make_matrix(edges: int) -> Propagation:
    """Return Â of a power-law graph with ten edges a node."""
    return a_hat(power_law_graph(edges // 10, edges))


def make_inputs(matrix: Propagation) -> tuple[torch.Tensor, torch.Tensor]:
    """Return x, which wants a gradient, and the gradient that arrives: (N, 64) each."""
    generator = make_generator(0, "inputs")
    x, arriving = torch.randn(2, matrix.nodes, SIZE, generator=generator)
    return x.clone().requires_grad_(), arriving.clone()


def floor_seconds(kind: str, matrix: Propagation, heads: int, rates: tuple[float, float]) -> float:
    """Return the least time at these rates: every byte that must go, and three dense products.

    GCN gathers a row of x an entry, forward and backward. GAT does so three times (forward, for
    the gradient of x, for that of α) and needs α of each head every time. Rows are counted as
    fetched from memory for each entry; those still in the cache are cheaper.
    """
    bytes_per_second, flops_per_second = rates
    entries, rows = matrix.sources.numel(), 4 * matrix.nodes * SIZE
    gathers, weights = (2, 1) if kind == "GCN" else (3, heads)
    moved = gathers * (entries * 4 * (SIZE + 1 + weights) + rows) + 3 * 2 * rows
    return moved / bytes_per_second + 6 * matrix.nodes * SIZE**2 / flops_per_second


def measure_rates() -> tuple[float, float]:
    """Return bytes a second of copying (read + written) and FLOP a second of a product."""
    source = torch.ones(64 * _MIB)
    copied = torch.empty_like(source)
    small = torch.randn(128, 128)
    seconds = [cpu_seconds(lambda: copied.copy_(source)) for _ in range(5)]

    def products() -> None:
        for _ in range(200):
            torch.mm(small, small)

    per_product = statistics.median(cpu_seconds(products) for _ in range(5)) / 200
    return 2 * source.nbytes / statistics.median(seconds), 2 * 128**3 / per_product


def _from_status(field: str) -> int:
    """Return a figure that Linux keeps of this process, in bytes."""
    lines = _STATUS.read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{field}:")) * 1024


def extra_mib(side: Side, x: torch.Tensor, arriving: torch.Tensor) -> float:
    """Return what one step holds at its peak beyond what the process held before."""
    x.grad = None
    side.layer.zero_grad(set_to_none=True)
    # What the C library keeps of freed arrays would be used again without being counted.
    ctypes.CDLL(None).malloc_trim(0)
    # Linux takes 5 as: the peak starts anew from what is held now.
    _CLEAR.write_text("5")
    before = _from_status("VmRSS")
    side.step(x, arriving)
    return (_from_status("VmHWM") - before) / _MIB


def rows_of(label: str, matrix: Propagation, options: Options) -> list[list[str]]:
    """Return a line for ours and one for each of the peer's forms."""
    kind, heads = LAYERS[label]
    x, arriving = make_inputs(matrix)
    sides = [our_side(kind, matrix, SIZE, heads), *peer_sides(kind, matrix, SIZE, heads)]
    actions = [lambda side=side: side.step(x, arriving) for side in sides]
    times = in_turn(actions, options.repetitions)
    fastest = 1 + best(times[1:])
    floor = floor_seconds(kind, matrix, heads, measure_rates())
    rows = []
    for number, (side, taken) in enumerate(zip(sides, times, strict=True)):
        median = statistics.median(taken)
        ratios = [theirs / ours for theirs, ours in zip(taken, times[0], strict=True)]
        name = f"{side.name} (its best)" if number == fastest else side.name
        cells = [label, name, f"{median * 1e3:.0f}", spread(ratios) if number else ""]
        rows.append([*cells, f"{median / floor:.1f}", f"{extra_mib(side, x, arriving):.0f}"])
    rows.append([label, "floor", f"{floor * 1e3:.0f}", "", "1.0", ""])
    return rows


def growth(edges: int, repetitions: int) -> list[str]:
    """Return a line of the second table: our layers at one size of graph."""
    matrix = make_matrix(edges)
    x, arriving = make_inputs(matrix)
    cells = [f"{edges:,}", f"{matrix.nodes:,}"]
    calls = max(1, 400_000 // edges)
    for kind, heads in LAYERS.values():
        side: Side = our_side(kind, matrix, SIZE, heads)

        def steps(side: Side = side) -> None:
            for _ in range(calls):
                side.step(x, arriving)

        (taken,) = in_turn([steps], repetitions)
        seconds = statistics.median(taken) / calls
        cells += [f"{seconds * 1e3:.1f}", f"{seconds / edges * 1e9:.0f}"]
    return cells


def main(options: Options) -> None:
    """Measure and print, in a child process with huge pages."""
    if needs_huge_pages():
        run_with_huge_pages("benchmarks.graph_layers", options)
        return
    torch.set_num_threads(1)
    edges = EDGES[1] if options.quick else EDGES[2]
    matrix = make_matrix(edges)
    rows = [row for label in LAYERS for row in rows_of(label, matrix, options)]
    print_table(
        f"Graph layers, {matrix.nodes:,} nodes, {edges:,} edges, 64 → 64, forward + backward",
        ["layer", "form", "CPU ms", "ratio", "times floor", "extra MiB"],
        rows,
    )
    heads = [cell for label in LAYERS for cell in (f"{label} ms", "ns an edge")]
    sizes = EDGES[:2] if options.quick else EDGES
    table = [growth(edges, options.repetitions) for edges in sizes]
    print_table("Our layers by number of edges, CPU time", ["edges", "nodes", *heads], table)


if __name__ == "__main__":
    main(parse_options(__doc__))
