"""How many updates news needs across one small graph, in every way there is to count them."""

from typing import Any

import torch

from unroll.graphs import Graph, Propagation, a_hat, a_tilde, graph_from_pairs
from unroll.models.graph_network import GraphNetwork
from unroll.probes.reach import (
    first_reached,
    hops,
    influence_map,
    power_columns,
    squared,
    twins,
    updates_by_powers,
)
from unroll.seeding import make_generator
from unroll.study.graphs.drawing import layout
from unroll.study.graphs.settings.reach import name_nodes
from unroll.study.running.measurement import MeasurementJob

HIDDEN_SIZE = 4
"""Numbers in a node's state in the stack whose derivatives are taken."""
SAME = 1e-12
"""Float64 states of size 1 that differ by less are equal but for rounding."""


def measure_reach(job: MeasurementJob) -> dict[str, Any]:
    """Follow the news of one node through powers of Â and through a real stack of layers."""
    asked = job.settings
    pairs = tuple((str(one), str(other)) for one, other in asked["edges"])
    graph = make_graph(pairs, directed=asked["directed"])
    names = graph.names or ()
    source, target = names.index(asked["source"]), names.index(asked["target"])
    # With Â normalised in float32, a weight would already be rounded where it is compared.
    matrix = a_hat(graph).to(torch.float64)
    by_hops = hops(graph, source)
    by_powers = updates_by_powers(matrix, source)
    # One update more than the furthest node needs: whoever is not reached by then never is.
    most = max(count for count in by_hops if count is not None) + 1
    powers, jacobians = power_columns(matrix, source, most), jacobian_rows(matrix, source, most)
    by_jacobian = first_reached(jacobians)
    two = squared(matrix)
    halved = (updates_by_powers(two, source), first_reached(jacobian_rows(two, source, most)))
    alike, difference = compare_twins(graph, matrix, most)
    return {
        **describe_graph(graph, matrix),
        "edges": [[names.index(one), names.index(other)] for one, other in pairs],
        "source": asked["source"],
        "target": asked["target"],
        "updates": by_powers[target],
        "updates_by_jacobian": by_jacobian[target],
        "hops": by_hops,
        "by_layer": [
            {"layers": k, "power": powers[k].tolist(), "jacobian": jacobians[k].tolist()}
            for k in range(most + 1)
        ],
        "squared": {"updates": halved[0][target], "updates_by_jacobian": halved[1][target]},
        "twins": [[names[u], names[v]] for u, v in alike],
        "twin_difference": difference,
        "checks": [
            _check_counts(by_hops, by_powers, by_jacobian),
            _check_zeros(by_hops, jacobians),
            _check_halves(by_hops, *halved),
            *([_check_twins(len(alike), difference)] if alike else []),
        ],
    }


def make_graph(pairs: tuple[tuple[str, str], ...], *, directed: bool) -> Graph:
    """Return the graph of these edges, its nodes in the order of their names."""
    names = name_nodes(pairs)
    numbers = {name: number for number, name in enumerate(names)}
    return graph_from_pairs(
        [(numbers[one], numbers[other]) for one, other in pairs],
        nodes=len(names),
        directed=directed,
        names=names,
    )


def describe_graph(graph: Graph, matrix: Propagation) -> dict[str, Any]:
    """Return the nodes, where they are drawn, and the matrices in full."""
    drawn, tilde = layout(graph, seed=0), a_tilde(graph)
    return {
        "names": list(graph.names or ()),
        "is_directed": graph.is_directed,
        "x": drawn.x,
        "y": drawn.y,
        "a_tilde": tilde.to_dense().tolist(),
        "a_hat": matrix.to_dense().tolist(),
        "degrees": tilde.row_sums().tolist(),
        "row_sums": matrix.row_sums().tolist(),
    }


def make_stack(layers: int) -> GraphNetwork:
    """Return GCN layers with weights at random, of one number a node, in float64.

    With tanh the derivative of a layer is nowhere 0, so that 0 means that nothing arrives.
    """
    return GraphNetwork(
        "gcn",
        input_size=1,
        hidden_size=HIDDEN_SIZE,
        output_size=1,
        layers=layers,
        activation="tanh",
        generator=make_generator(0, "weights"),
    ).double()


def make_features(nodes: int) -> torch.Tensor:
    """Return a number at random for each node: (N, 1), float64."""
    generator = make_generator(0, "features")
    return torch.randn(nodes, 1, generator=generator, dtype=torch.float64)


def jacobian_rows(matrix: Propagation, source: int, most: int) -> torch.Tensor:
    """Return ‖∂h_i(k)/∂x_source‖ for k = 0 … `most` layers: (most + 1, N); k = 0 is the input."""
    rows = influence_map(make_stack(most), make_features(matrix.nodes), matrix, source)
    start = torch.zeros(1, matrix.nodes, dtype=torch.float64)
    start[0, source] = 1.0
    return torch.cat([start, rows])


@torch.no_grad()
def compare_twins(
    graph: Graph, matrix: Propagation, layers: int
) -> tuple[list[tuple[int, int]], float]:
    """Return the pairs that hear the same, and how far their states differ at most.

    Twins are given equal features. Difference: the largest over pairs, layers and channels.
    """
    pairs = twins(a_tilde(graph))
    x = make_features(graph.nodes)
    for u, v in pairs:
        x[v] = x[u]
    states = torch.stack(make_stack(layers).hidden(x, matrix))
    return pairs, max(
        (float((states[:, u] - states[:, v]).abs().max()) for u, v in pairs), default=0.0
    )


def _check_counts(
    by_hops: list[int | None], by_powers: list[int | None], by_jacobian: list[int | None]
) -> dict[str, Any]:
    agree = sum(a == b == c for a, b, c in zip(by_hops, by_powers, by_jacobian, strict=True))
    return {
        "claim": "For every node a search through the graph, the powers of Â and the derivatives "
        "of a stack of layers give the same number of updates",
        "passed": agree == len(by_hops),
        "detail": f"the same for {agree} of {len(by_hops)} nodes",
    }


def _check_zeros(by_hops: list[int | None], jacobians: torch.Tensor) -> dict[str, Any]:
    """Hold every derivative against the hops: 0.0 below, something else from then on."""
    updates = torch.arange(len(jacobians)).unsqueeze(1)
    needed = torch.tensor([len(jacobians) if k is None else k for k in by_hops])
    is_early = updates < needed
    passed = bool(((jacobians == 0.0) == is_early).all())
    return {
        "claim": "As long as there are fewer layers than hops the derivative is exactly 0.0, and "
        "never from then on",
        "passed": passed,
        "detail": f"{int(is_early.sum())} pairs of node and number of layers below, "
        f"{int((~is_early).sum())} not below",
    }


def _check_halves(
    by_hops: list[int | None], by_powers: list[int | None], by_jacobian: list[int | None]
) -> dict[str, Any]:
    halves = [None if k is None else (k + 1) // 2 for k in by_hops]
    agree = sum(a == b == c for a, b, c in zip(halves, by_powers, by_jacobian, strict=True))
    return {
        "claim": "With Â² in the place of Â, d hops take ⌈d/2⌉ updates, by powers and by Jacobian",
        "passed": agree == len(halves),
        "detail": f"so for {agree} of {len(halves)} nodes",
    }


def _check_twins(pairs: int, difference: float) -> dict[str, Any]:
    return {
        "claim": "Nodes that hear the same neighbours have the same state if their features are "
        "equal",
        "passed": difference < SAME,
        "detail": f"largest difference over {pairs} such pairs, in float64: {difference:.1e}",
    }
