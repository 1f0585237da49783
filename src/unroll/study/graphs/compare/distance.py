"""The hops between two nodes: a graph network on the graph, an LSTM on the list of its edges."""

from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import Tensor

from unroll.cells import LSTM
from unroll.graphs import a_hat
from unroll.models import SequenceClassifier
from unroll.models.graph_network import GraphNetwork
from unroll.seeding import make_generator
from unroll.study.graphs.compare.contest import Contest
from unroll.study.graphs.compare.experiment import Case, Experiment, Remark
from unroll.tasks.distance import MarkedGraphs, PathDistance, RandomDistance, edge_sequence
from unroll.tasks.edge_orders import Order
from unroll.tasks.random_graphs import union_graph
from unroll.training.supervised import SupervisedSettings

TRAINED_NODES, FURTHER_NODES = 16, 32
LAYERS = FARTHEST = 5
PATH = PathDistance(nodes=24, nearest=LAYERS + 1, farthest=LAYERS + 5, margin=LAYERS)
IDS = 32
"""Different names that nodes can have in a list of edges."""
GCN_WIDTH, LSTM_WIDTH = 48, 26
"""As many parameters, within 3%."""
TESTED = 1000
RATE = 2e-2
"""The best of a few, for either."""
BATCH_SIZE = 64

GCN = "GCN"
DEPTH_FIRST, BREADTH_FIRST = "LSTM, depth-first", "LSTM, breadth-first"
ORDERS: dict[str, Order] = {DEPTH_FIRST: "depth-first", BREADTH_FIRST: "breadth-first"}
NEAR, FAR = "main", "far"
TRAINED, FURTHER = f"{TRAINED_NODES} nodes", f"{FURTHER_NODES} nodes"
BEYOND = "path, farther than the layers"

_SAME = 1e-9
"""Float64 scores that differ by less are equal but for rounding."""


class ToldGraphs(NamedTuple):
    """Graphs as lists of edges. Shapes: edges (B, E, 2·IDS + 4) float32; classes (B,)."""

    edges: Tensor
    classes: Tensor


def measure(
    variant: str, contestant: str, seed: int, steps: int, on_step: Callable[[int], object]
) -> dict[str, Any]:
    """Train one contestant on random graphs, or on paths, and test it."""
    if contestant == GCN:
        return _measure_gcn(variant, seed, steps, on_step)
    return _measure_lstm(variant, ORDERS[contestant], seed, steps, on_step)


def _measure_gcn(
    variant: str, seed: int, steps: int, on_step: Callable[[int], object]
) -> dict[str, Any]:
    network = _make_gcn(make_generator(seed, "weights"))
    cases = make_cases(variant, seed)
    contest = Contest(
        network=network,
        answer=answer_at_target(network),
        draw=_task(variant).sample,
        cases=cases,
        seed=seed,
        batch_size=BATCH_SIZE,
    )
    values = contest.run(SupervisedSettings(steps=steps, rate=RATE), on_step)
    checks = [check_blindness(network, cases[BEYOND])] if variant == FAR else []
    return values | {"checks": checks, "notes": {"rate": RATE, "batch_size": BATCH_SIZE}}


def _measure_lstm(
    variant: str, order: Order, seed: int, steps: int, on_step: Callable[[int], object]
) -> dict[str, Any]:
    weights = make_generator(seed, "weights")
    cell = LSTM(2 * IDS + 4, LSTM_WIDTH, generator=weights)
    network = SequenceClassifier(cell, LSTM_WIDTH, FARTHEST, generator=weights)
    # A random graph has no first node; a path is told from its end on.
    start = None if variant == NEAR else 0

    def tell(graphs: MarkedGraphs, generator: torch.Generator) -> ToldGraphs:
        edges = edge_sequence(graphs, order, IDS, generator, start=start)
        return ToldGraphs(edges, graphs.classes)

    def draw(count: int, generator: torch.Generator) -> ToldGraphs:
        return tell(_task(variant).sample(count, generator), generator)

    def answer(graphs: ToldGraphs) -> Tensor:
        scores: Tensor = network(graphs.edges)
        return scores[:, -1]

    names = make_generator(seed, "names of nodes to test on")
    cases = {name: tell(graphs, names) for name, graphs in make_cases(variant, seed).items()}
    contest = Contest(
        network=network, answer=answer, draw=draw, cases=cases, seed=seed, batch_size=BATCH_SIZE
    )
    values = contest.run(SupervisedSettings(steps=steps, rate=RATE), on_step)
    return values | {"checks": [], "notes": {"rate": RATE, "batch_size": BATCH_SIZE}}


def _task(variant: str) -> RandomDistance | PathDistance:
    return RandomDistance(nodes=TRAINED_NODES, farthest=FARTHEST) if variant == NEAR else PATH


def make_cases(variant: str, seed: int) -> dict[str, MarkedGraphs]:
    """Return what is tested on, by the case's name."""
    generator = make_generator(seed, "graphs to test on")
    if variant == FAR:
        return {BEYOND: PATH.sample(TESTED, generator)}
    return {
        name: RandomDistance(nodes=nodes, farthest=FARTHEST).sample(TESTED, generator)
        for name, nodes in ((TRAINED, TRAINED_NODES), (FURTHER, FURTHER_NODES))
    }


def answer_at_target(
    network: GraphNetwork, dtype: torch.dtype = torch.float32
) -> Callable[[MarkedGraphs], Tensor]:
    """Return how a graph network answers: by what it says at the second marked node."""

    def answer(graphs: MarkedGraphs) -> Tensor:
        B, N, _ = graphs.adjacency.shape
        matrix = a_hat(union_graph(graphs.adjacency)).to(dtype)
        scores: Tensor = network(graphs.flags.flatten(0, 1).to(dtype), matrix)
        return scores[torch.arange(B) * N + graphs.marks[:, 1]]

    return answer


@torch.no_grad()
def check_blindness(network: torch.nn.Module, graphs: MarkedGraphs) -> dict[str, Any]:
    """Hold the scores of paths, in float64, against each other: all must be the same."""
    exact = _make_gcn(None).double()
    exact.load_state_dict(network.state_dict())
    scores = answer_at_target(exact, torch.float64)(MarkedGraphs(*(t[:200] for t in graphs)))
    difference = float((scores - scores[0]).abs().max())
    return {
        "claim": f"Where the marks are farther apart than its {LAYERS} layers reach, the GCN's "
        "scores are the same whatever the distance",
        "passed": difference < _SAME,
        "detail": f"largest difference over {len(scores)} paths, in float64: {difference:.1e}",
    }


def _make_gcn(generator: torch.Generator | None) -> GraphNetwork:
    return GraphNetwork(
        "gcn",
        input_size=2,
        hidden_size=GCN_WIDTH,
        output_size=FARTHEST,
        layers=LAYERS,
        residual=True,
        generator=generator,
    )


EXPERIMENT = Experiment(
    name="distance",
    question="3.4a",
    title="The hops between two nodes",
    task=(
        "Two nodes of a random connected graph are marked: are they 1, 2, 3, 4 or 5 hops apart, "
        "each equally likely? The GCN is given the graph and the two marks, nothing that tells "
        "one node from another, and answers at the second mark. The LSTM reads the same edges one "
        "after another, in the order in which a depth-first or a breadth-first search from a "
        "random node walks along them: names of both ends, drawn anew from 32 for each graph, and "
        "their marks. Both are trained on 16 nodes alone. In the losing variant the graph is a "
        "path, told from end to end, and the marks are 6 to 10 hops apart, where the GCN has 5 "
        "layers."
    ),
    metric="accuracy",
    unit="share of graphs answered right",
    contestants={GCN: (NEAR, FAR), DEPTH_FIRST: (NEAR, FAR), BREADTH_FIRST: (NEAR,)},
    cases=(
        Case(name=TRAINED, chance=1 / FARTHEST),
        Case(name=FURTHER, role="further", chance=1 / FARTHEST),
        Case(name=BEYOND, variant=FAR, role="losing", chance=1 / PATH.classes),
    ),
    steps=600,
    measure=measure,
    remarks={
        FURTHER: Remark(
            ahead=GCN,
            behind=DEPTH_FIRST,
            text=(
                "A layer does the same at every node of any graph, so that more nodes are "
                "nothing new to it. For the LSTM the list of edges grows from 19 to 39."
            ),
        ),
        BEYOND: Remark(
            is_by_construction=True,
            ahead=DEPTH_FIRST,
            behind=GCN,
            text=(
                "What a node says after 5 layers depends on 5 hops round it, and there all "
                "these paths look alike. The LSTM has only to count the steps from one mark to "
                "the next."
            ),
        ),
    },
)
