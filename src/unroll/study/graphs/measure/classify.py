"""Train a paper's network on the nodes of a graph, and look at what it does."""

from typing import Any

import torch
from torch import Tensor

from unroll.graphs import Graph, Propagation, a_hat, attention
from unroll.models import GATClassifier, GCNClassifier
from unroll.seeding import make_generator
from unroll.study.graphs.drawing import layout
from unroll.study.graphs.measure.node_data import features_of, load_asked
from unroll.study.graphs.settings.classify import MOST_DRAWN
from unroll.study.running.measurement import MeasurementJob
from unroll.study.running.pool import send_progress
from unroll.training.node_recipes import NodeRecipe
from unroll.training.nodes import accuracy_on, fit_nodes, training_nodes

MOST_WEIGHTS = 400
"""Weights of attention that are recorded: all of a small graph, of some nodes of a large one."""
SAME = 1e-3
"""Scores of float32 that are this near are the same sum in another order."""
ROLES = ("train", "validation", "test")

Network = GCNClassifier | GATClassifier


def measure_classify(job: MeasurementJob) -> dict[str, Any]:
    """Train one network by its paper's rule, and return what the report says of it."""
    graph, seed = load_asked(job), job.settings["seed"]
    recipe = NodeRecipe(**job.settings["recipe"])
    labels, _ = training_nodes(graph)
    x, matrix = features_of(graph), a_hat(graph)
    network = build_classifier(recipe, graph, seed)
    decayed = network.first if recipe.l2_on == "first layer" else network
    fit = fit_nodes(
        network,
        lambda generator: network(x, matrix, generator),
        graph,
        recipe,
        make_generator(seed, "dropout"),
        decayed=decayed.parameters(),
        on_progress=lambda epoch: send_progress(job.key, epoch),
    )
    with torch.no_grad():
        scores = network(x, matrix)
    is_first = seed == 0
    return {
        "accuracy": {role: accuracy_on(scores, labels, getattr(graph, role)) for role in ROLES},
        "epochs": fit.epochs,
        "best_epoch": fit.best_epoch,
        "parameters": sum(parameter.numel() for parameter in network.parameters()),
        "epoch_seconds": fit.seconds / fit.epochs,
        "curve": fit.curve,
        "graph": _describe(graph, labels, matrix),
        "drawing": _draw(graph, labels, scores) if is_first and graph.nodes <= MOST_DRAWN else None,
        "attention": look_at_attention(network, graph, matrix)
        if is_first and isinstance(network, GATClassifier)
        else None,
        "checks": [_check_order(network, graph, scores)],
    }


def build_classifier(recipe: NodeRecipe, graph: Graph, seed: int) -> Network:
    """Return the network of a recipe before training."""
    generator = make_generator(seed, "weights")
    width = features_of(graph).shape[1]
    if recipe.model == "gcn":
        return GCNClassifier(
            width,
            recipe.hidden_size,
            graph.classes,
            dropout=recipe.feature_dropout,
            generator=generator,
        )
    return GATClassifier(
        width,
        recipe.hidden_size,
        graph.classes,
        heads=recipe.heads,
        output_heads=recipe.output_heads,
        dropout=recipe.feature_dropout,
        attention_dropout=recipe.attention_dropout,
        generator=generator,
    )


@torch.no_grad()
def look_at_attention(network: GATClassifier, graph: Graph, matrix: Propagation) -> dict[str, Any]:
    """Return the first layer's weights of attention, and how evenly they are spread.

    `edges`: [target, source, mean over the heads], a node's own loop included; `by_head` in the
    same order. `names`: of the nodes that these name, by number. `entropy`: −Σ_j α_ij log α_ij in
    nats, mean over heads and nodes with at least two neighbours, beside the log of how many each
    attends to, which an even spread would have.
    """
    weights = attention(network.first, features_of(graph), matrix)
    targets, sources = matrix.targets.long(), matrix.sources.long()
    counts = matrix.offsets.diff().long()
    surprise = torch.zeros(graph.nodes, weights.shape[1])
    surprise.index_add_(0, targets, -weights.xlogy(weights))
    is_wide = counts > 2
    chosen = _chosen_entries(counts, targets)
    shown = weights[chosen]
    edges = zip(
        targets[chosen].tolist(), sources[chosen].tolist(), shown.mean(1).tolist(), strict=True
    )
    return {
        "edges": [[target, source, round(weight, 4)] for target, source, weight in edges],
        "names": _names_of(graph, sources[chosen]),
        "by_head": [[round(weight, 4) for weight in row] for row in shown.tolist()],
        "entropy": {
            "measured": float(surprise[is_wide].mean()) if bool(is_wide.any()) else None,
            "uniform": float(counts[is_wide].double().log().mean())
            if bool(is_wide.any())
            else None,
        },
    }


def _chosen_entries(counts: Tensor, targets: Tensor) -> Tensor:
    """Return which entries are recorded: all, or those of nodes drawn until there are enough."""
    if len(targets) <= MOST_WEIGHTS:
        return torch.arange(len(targets))
    order = torch.randperm(
        len(counts), generator=make_generator(0, "nodes whose attention is drawn")
    )
    order = order[counts[order] > 2]
    taken = order[counts[order].cumsum(0) <= MOST_WEIGHTS]
    is_taken = torch.zeros(len(counts), dtype=torch.bool)
    is_taken[taken] = True
    return is_taken[targets].nonzero().squeeze(1)


def _names_of(graph: Graph, nodes: Tensor) -> dict[str, str]:
    """Return names by number; nodes without one are counted from 1."""
    return {
        str(node): str(node + 1) if graph.names is None else graph.names[node]
        for node in sorted(set(nodes.tolist()))
    }


def _describe(graph: Graph, labels: Tensor, matrix: Propagation) -> dict[str, Any]:
    sums = matrix.row_sums()
    return {
        "name": graph.name,
        "nodes": graph.nodes,
        "edges": graph.edge_count,
        "features": features_of(graph).shape[1],
        "classes": graph.classes,
        **{role: _size(getattr(graph, role)) for role in ROLES},
        "isolated": graph.isolated,
        "commonest": _commonest(labels, graph.test),
        "alike": _alike(graph, labels),
        "row_sums": [round(float(sums.min()), 4), round(float(sums.max()), 4)],
    }


def _commonest(labels: Tensor, test: Tensor | None) -> float | None:
    """Return the share of test nodes that are of the class that most of them are of."""
    if test is None or not bool(test.any()):
        return None
    return int(labels[test].bincount().max()) / int(test.sum())


def _alike(graph: Graph, labels: Tensor) -> float | None:
    """Return the share of edges, of those between nodes of known class, within one class."""
    one, other = labels[_edges_once(graph)]
    known = (one >= 0) & (other >= 0)
    return int((one == other)[known].sum()) / int(known.sum()) if bool(known.any()) else None


def _edges_once(graph: Graph) -> Tensor:
    """Return the edges, (2, E), those without direction in one of the two: i ≤ j."""
    return graph.edges if graph.is_directed else graph.edges[:, graph.edges[0] <= graph.edges[1]]


def _size(nodes: Tensor | None) -> int:
    return 0 if nodes is None else int(nodes.sum())


def _draw(graph: Graph, labels: Tensor, scores: Tensor) -> dict[str, Any]:
    places = layout(graph, seed=0)
    roles = ["none"] * graph.nodes
    for role in ROLES:
        nodes = getattr(graph, role)
        for node in [] if nodes is None else nodes.nonzero().squeeze(1).tolist():
            roles[node] = role
    return {
        "x": places.x,
        "y": places.y,
        "names": None if graph.names is None else list(graph.names),
        "label": labels.tolist(),
        "predicted": scores.argmax(1).tolist(),
        "role": roles,
        "edges": _edges_once(graph).T.tolist(),
        "class_names": None if graph.class_names is None else list(graph.class_names),
    }


@torch.no_grad()
def _check_order(network: Network, graph: Graph, scores: Tensor) -> dict[str, Any]:
    """Give the trained network the same graph with its nodes in another order."""
    order = torch.randperm(graph.nodes, generator=make_generator(0, "order of nodes"))
    other = graph.relabelled(order)
    again = network(features_of(other), a_hat(other))
    furthest = float((again - scores[order]).abs().max())
    return {
        "claim": "With the nodes in another order the network gives each node the same scores.",
        "passed": furthest <= SAME * max(1.0, float(scores.abs().max())),
        "detail": f"largest difference {furthest:.1e}, of scores up to {scores.abs().max():.1f}",
    }
