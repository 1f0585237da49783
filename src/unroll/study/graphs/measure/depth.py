"""Train one stack of graph convolutions, or a readout of smoothed features, and look at it."""

from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from unroll.graphs import Graph, Propagation, a_hat
from unroll.models import SmoothedReadout
from unroll.models.graph_network import GraphNetwork
from unroll.models.node_classifier import drop_features
from unroll.probes.smoothing import dirichlet_energy, mean_cosine, smoothed
from unroll.seeding import make_generator
from unroll.study.graphs.measure.node_data import features_of, load_asked
from unroll.study.running.measurement import MeasurementJob
from unroll.study.running.pool import send_progress
from unroll.training.node_recipes import NodeRecipe
from unroll.training.nodes import Scores, accuracy_on, fit_nodes, training_nodes


def measure_depth(job: MeasurementJob) -> dict[str, Any]:
    """Train one variant at one depth, and measure how alike it makes the nodes.

    Energy and cosine are of h(L) behind the last layer, or of Âᵏ X; `dirichlet_start` is of X.
    """
    graph = load_asked(job)
    labels, _ = training_nodes(graph)
    matrix = a_hat(graph)
    stack = _build(job, graph, matrix)
    fit = fit_nodes(
        stack.model,
        stack.scores_of,
        graph,
        NodeRecipe(**job.settings["recipe"]),
        make_generator(job.settings["seed"], "dropout"),
        decayed=stack.decayed,
        on_progress=lambda epoch: send_progress(job.key, epoch),
    )
    with torch.no_grad():
        scores, made = stack.scores_of(None), stack.made()
    return {
        "accuracy": accuracy_on(scores, labels, graph.test),
        "validation_accuracy": accuracy_on(scores, labels, graph.validation),
        "dirichlet_energy": dirichlet_energy(matrix, made),
        "dirichlet_start": dirichlet_energy(matrix, smoothed(matrix, features_of(graph), 0)),
        "mean_cosine": mean_cosine(made),
        "parameters": sum(parameter.numel() for parameter in stack.model.parameters()),
        "epochs": fit.epochs,
    }


class _Stack(NamedTuple):
    model: nn.Module
    scores_of: Scores
    decayed: list[nn.Parameter]
    """What the L2 term falls on: the first layer's parameters, as Kipf & Welling have it."""
    made: Callable[[], Tensor]
    """What depth made of the features, (N, H) or (N, D)."""


def _build(job: MeasurementJob, graph: Graph, matrix: Propagation) -> _Stack:
    """Return a variant before training: plain or residual of L layers, or smoothing of k hops."""
    asked, x = job.settings, features_of(graph)
    depth, share = asked["depth"], asked["recipe"]["feature_dropout"]
    generator = make_generator(asked["seed"], "weights")
    if asked["variant"] == "smoothing":
        readout = SmoothedReadout(x.shape[1], graph.classes, hops=depth, generator=generator)
        return _Stack(
            model=readout,
            scores_of=lambda dropping: readout(drop_features(x, share, dropping), matrix),
            decayed=[readout.weight],
            made=lambda: smoothed(matrix, x, depth),
        )
    network = GraphNetwork(
        "gcn",
        input_size=x.shape[1],
        hidden_size=asked["recipe"]["hidden_size"],
        output_size=graph.classes,
        layers=depth,
        residual=asked["variant"] == "residual",
        generator=generator,
    )
    return _Stack(
        model=network,
        scores_of=lambda dropping: network(drop_features(x, share, dropping), matrix),
        decayed=list(network.layers[0].parameters()),
        made=lambda: network.embed(x, matrix),
    )
