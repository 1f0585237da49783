"""One network trained to carry a marked node's label over so many hops."""

import copy
from functools import partial
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from unroll.graphs import Propagation, a_hat
from unroll.models.graph_network import GraphNetwork
from unroll.probes.reach import influences
from unroll.seeding import make_generator
from unroll.study.graphs.settings.hops import HEADS
from unroll.study.running.measurement import MeasurementJob
from unroll.study.running.pool import send_progress
from unroll.tasks.recall import MarkedRecall, RecallBatch
from unroll.training.supervised import SupervisedSettings, fit_supervised

RATE = 5e-3
"""Adam's first rate, which falls to 0 as half a cosine."""
STOP_LOSS_NATS = 0.02
"""A mean loss below this has learned its distance: guessing costs ln 4 = 1.39."""
EVALUATED = 1_000
"""Graphs that accuracy is measured on."""
DIFFERENTIATED = 16
"""Graphs that influence is averaged over."""
_BATCH_NODES = 2_048
_TOGETHER = 100


def batch_size(nodes: int) -> int:
    """Return how many graphs of N nodes make a batch: 64, fewer where they are large, but 8.

    >>> batch_size(9), batch_size(127), batch_size(511)
    (64, 16, 8)
    """
    return max(8, min(64, _BATCH_NODES // nodes))


def measure_hops(job: MeasurementJob) -> dict[str, Any]:
    """Train a network with as many layers as hops; test it, and differentiate it."""
    asked = job.settings
    seed, distance = asked["seed"], asked["distance"]
    task = MarkedRecall(shape=asked["shape"], distance=distance)
    matrix = a_hat(task.graph())
    network = make_network(asked, task, layers=distance)
    seen = task.sample(DIFFERENTIATED, make_generator(seed, "influence"))
    untrained = mean_influence(network, seen, matrix)
    size = batch_size(task.nodes)
    together = matrix.repeated(size)

    def loss_of(batch: RecallBatch) -> Tensor:
        return functional.cross_entropy(answer(network, batch, together), batch.answers)

    fitted = fit_supervised(
        network,
        task.stream(size, make_generator(seed, "batches")),
        loss_of,
        SupervisedSettings(steps=asked["steps"], rate=RATE),
        on_progress=partial(send_progress, job.key),
        stop_loss=STOP_LOSS_NATS,
    )
    below = 0.0
    if distance > 1:
        below = mean_influence(make_network(asked, task, layers=distance - 1), seen, matrix)
    return {
        "accuracy": accuracy(network, task, matrix, seed),
        "chance": 1 / task.classes,
        "layers": distance,
        "nodes": task.nodes,
        "parameters": sum(p.numel() for p in network.parameters()),
        "influence": {"untrained": untrained, "trained": mean_influence(network, seen, matrix)},
        "below": {"layers": distance - 1, "influence": below},
        "batch_size": size,
        "status": fitted.status,
        "steps": fitted.steps,
        "curve": fitted.curve,
        "train_seconds": fitted.seconds,
    }


def make_network(asked: dict[str, Any], task: MarkedRecall, *, layers: int) -> GraphNetwork:
    """Return an untrained network for one set of settings."""
    return GraphNetwork(
        asked["model"],
        input_size=task.input_size,
        hidden_size=asked["hidden_size"],
        output_size=task.classes,
        layers=layers,
        residual=asked["residual"] == "residual",
        heads=HEADS,
        activation="tanh",
        generator=make_generator(asked["seed"], "weights"),
    )


def answer(network: GraphNetwork, batch: RecallBatch, matrix: Propagation) -> Tensor:
    """Return the readers' scores: (B, K)."""
    states = network.embed(batch.features, matrix)
    return functional.linear(states[batch.readers], network.weight_y, network.bias_y)


@torch.no_grad()
def accuracy(network: GraphNetwork, task: MarkedRecall, matrix: Propagation, seed: int) -> float:
    """Return the share of readers that answer right, on draws of their own."""
    generator, together = make_generator(seed, "evaluation"), matrix.repeated(_TOGETHER)
    right = 0
    for _ in range(EVALUATED // _TOGETHER):
        batch = task.sample(_TOGETHER, generator)
        right += int((answer(network, batch, together).argmax(1) == batch.answers).sum())
    return right / EVALUATED


def mean_influence(network: GraphNetwork, batch: RecallBatch, matrix: Propagation) -> float:
    """Return ‖∂h_reader/∂x_source‖ in float64, the mean over the graphs of a batch."""
    exact = copy.deepcopy(network).double()
    x = batch.features.double()
    together = matrix.repeated(len(batch.answers)).to(torch.float64)
    return float(influences(exact, x, together, batch.sources, batch.readers).mean())
