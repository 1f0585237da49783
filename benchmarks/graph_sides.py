"""The layers that are compared on graphs, ours and PyTorch Geometric's, and how they are timed."""

import os
import statistics
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch_geometric import EdgeIndex
from torch_geometric.nn import GATConv, GCNConv

from benchmarks.timing import Options
from unroll.graphs import GATLayer, GCNLayer, Graph, Propagation, graph_from_pairs
from unroll.seeding import make_generator

EXPONENT = 2.5
"""Of the nodes' degrees: the share of nodes with degree d falls as d^-2.5."""
_HUGE_PAGES = "THP_MEM_ALLOC_ENABLE"


@dataclass(frozen=True, kw_only=True)
class Side:
    """One way to compute a layer."""

    name: str
    """What the table calls it."""
    layer: nn.Module
    """The weights."""
    call: Callable[[Tensor], Tensor]
    """x (N, D) -> (N, F)."""

    def step(self, x: Tensor, arriving: Tensor) -> None:
        """Go forward and backward once, gradients of x and of the weights made anew."""
        x.grad = None
        self.layer.zero_grad(set_to_none=True)
        torch.autograd.backward(self.call(x), arriving)


def power_law_graph(nodes: int, entries: int, seed: int = 0) -> Graph:
    """Return an undirected graph of about `entries` edges, both directions counted.

    Ends are drawn with weights rank^(−1 / (EXPONENT − 1)); nodes in random order; an edge drawn
    twice, or from a node to itself, is left out.
    """
    generator = make_generator(seed, "power law")
    ranks = torch.randperm(nodes, generator=generator).double() + 10
    cumulated = ranks.pow(-1 / (EXPONENT - 1)).cumsum(0)
    drawn = torch.rand(2, int(0.6 * entries), dtype=torch.float64, generator=generator)
    ends = torch.searchsorted(cumulated, drawn * cumulated[-1]).clamp_(max=nodes - 1)
    ends = ends.sort(0).values
    keys = torch.unique(ends[0] * nodes + ends[1])
    keys = keys[keys // nodes != keys % nodes]
    keys = keys[torch.randperm(keys.numel(), generator=generator)[: entries // 2]]
    return graph_from_pairs(torch.stack([keys // nodes, keys % nodes], 1), nodes=nodes)


def edge_list(matrix: Propagation) -> Tensor:
    """Return the entries as torch_geometric's edge index (2, E') int64, sorted by target."""
    return torch.stack([matrix.sources.long(), matrix.targets.long()])


def csr_adjacency(matrix: Propagation) -> Tensor:
    """Return the matrix as PyTorch's own CSR tensor."""
    offsets, sources = matrix.offsets.long(), matrix.sources.long()
    with warnings.catch_warnings():
        # PyTorch says of every CSR tensor that its support is in beta.
        warnings.simplefilter("ignore", UserWarning)
        return torch.sparse_csr_tensor(
            offsets, sources, matrix.weights, (matrix.nodes,) * 2, check_invariants=False
        )


def our_side(kind: str, matrix: Propagation, size: int, heads: int) -> Side:
    """Return our GCN or GAT layer, size → size."""
    layer = GCNLayer(size, size) if kind == "GCN" else GATLayer(size, size // heads, heads)
    return Side(name="ours", layer=layer, call=lambda x: layer(x, matrix))


def peer_sides(kind: str, matrix: Propagation, size: int, heads: int) -> list[Side]:
    """Return torch_geometric's layer on every form of a graph that it takes without extensions.

    Â's weights are given (`normalize=False`), and entries are sorted by target, as in ours. The
    transposed layout (CSC) has its backward product by rows; `EdgeIndex` keeps its transpose.
    """
    edges, csr = edge_list(matrix), csr_adjacency(matrix)
    index = EdgeIndex(
        edges, sparse_size=(matrix.nodes,) * 2, sort_order="col", is_undirected=True
    ).fill_cache_()
    if kind == "GCN":
        layer = GCNConv(size, size, normalize=False)
        weights, csc = matrix.weights, csr.to_sparse_csc()
        calls = {
            "CSR": lambda x: layer(x, csr),
            "CSC": lambda x: layer(x, csc),
            "EdgeIndex": lambda x: layer(x, index, weights),
            "edge index": lambda x: layer(x, edges, weights),
        }
    else:
        layer = GATConv(size, size // heads, heads=heads, add_self_loops=False)
        calls = {
            "CSR": lambda x: layer(x, csr),
            "EdgeIndex": lambda x: layer(x, index),
            "edge index": lambda x: layer(x, edges),
        }
    return [Side(name=name, layer=layer, call=call) for name, call in calls.items()]


def cpu_seconds(action: Callable[[], object]) -> float:
    """Return the processor's time for one call, in which other processes' turns do not count."""
    start = time.process_time()
    action()
    return time.process_time() - start


def in_turn(actions: Sequence[Callable[[], object]], repetitions: int) -> list[list[float]]:
    """Return CPU seconds of each action, all called in turn, after a warm-up of each."""
    for action in actions:
        action()
    rounds = [[cpu_seconds(action) for action in actions] for _ in range(repetitions)]
    return [list(times) for times in zip(*rounds, strict=True)]


def best(times: Sequence[Sequence[float]]) -> int:
    """Return which of the sides has the least median."""
    return min(range(len(times)), key=lambda i: statistics.median(times[i]))


def needs_huge_pages() -> bool:
    """Return whether this process was started without them."""
    return os.environ.get(_HUGE_PAGES) != "1"


def run_with_huge_pages(module: str, options: Options, *arguments: str) -> None:
    """Run a benchmark in a child process of one thread whose large arrays lie in huge pages.

    Without, half of the time of both sides is page faults: PyTorch gives large arrays back to the
    system after each use. The setting is read when a process starts.
    """
    given = ["--repetitions", str(options.repetitions), *arguments]
    given += ["--quick"] if options.quick else []
    environment = os.environ | {_HUGE_PAGES: "1", "OMP_NUM_THREADS": "1"}
    subprocess.run([sys.executable, "-m", module, *given], check=True, env=environment)
