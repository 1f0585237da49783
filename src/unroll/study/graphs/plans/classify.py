"""The classification of nodes as jobs: one a seed."""

from dataclasses import asdict

from torch import Tensor

from unroll.graph_data.loading import load_graph, remark_files
from unroll.graphs import Graph
from unroll.study.graphs.measure.classify import measure_classify
from unroll.study.graphs.measure.node_data import (
    check_learnable,
    features_of,
    graph_settings,
)
from unroll.study.graphs.plans.effort import call_work
from unroll.study.graphs.settings import ClassifySettings
from unroll.study.running.measurement import MeasurementJob
from unroll.study.running.plan import Plan
from unroll.study.words import count
from unroll.training.node_recipes import NodeRecipe

TYPICAL_EPOCHS = 700
"""After about so many epochs a rule without a near bound stops; for estimates of time."""


def plan_classify(settings: ClassifySettings) -> Plan:
    """Return one job for each seed; the graph is read, and fetched if it must be, beforehand.

    Raises: ConfigError, GraphDataError or StoreError in one line.
    """
    graph = load_graph(settings.data, settings.root)
    check_learnable(graph, settings.data)
    recipe = settings.resolve_recipe()
    known = graph_settings(settings.data, settings.root, graph)
    jobs = tuple(
        MeasurementJob(
            kind="graph-classify",
            measure=measure_classify,
            settings={**known, "model": settings.model, "seed": seed, "recipe": asdict(recipe)},
            label=f"{settings.model} on {graph.name}, seed {seed}",
            work=(
                call_work(2, settings.model)
                + graph_work(graph, hidden_size=recipe.hidden_size * recipe.heads)
            )
            * planned_epochs(recipe, graph),
            steps=planned_epochs(recipe, graph),
        )
        for seed in range(settings.seeds)
    )
    return Plan(
        kind="graph-classify",
        settings=settings,
        protocol={
            "data": known["data"],
            "graph_sha256": known["graph_sha256"],
            "model": settings.model,
            "recipe": asdict(recipe),
        },
        measurements=jobs,
        intention=(
            f"classify: {settings.model} on {graph.name}, {count(graph.nodes, 'node')}, "
            f"{count(graph.edge_count, 'edge')}; {count(settings.seeds, 'seed')}; "
            f"{recipe.summary}{_unwatched(recipe, graph)}",
            *remark_files(settings.data, settings.root),
        ),
    )


def graph_work(graph: Graph, *, hidden_size: int, layers: int = 2) -> float:
    """Return about how often an epoch uses a number, for estimates of time."""
    x = features_of(graph)
    entries = x if isinstance(x, Tensor) else x.values
    first = entries.numel() * hidden_size
    return float(first + layers * (graph.edges.shape[1] + graph.nodes) * hidden_size)


def planned_epochs(recipe: NodeRecipe, graph: Graph) -> int:
    """Return how many epochs a training is expected to take."""
    return min(recipe.epochs, TYPICAL_EPOCHS) if _is_watched(graph) else recipe.unwatched_epochs


def _is_watched(graph: Graph) -> bool:
    return graph.validation is not None and bool(graph.validation.any())


def _unwatched(recipe: NodeRecipe, graph: Graph) -> str:
    """Say, of a graph without validation nodes, what takes the place of the paper's rule."""
    if _is_watched(graph):
        return ""
    return f"; here no validation nodes: just {count(recipe.unwatched_epochs, 'epoch')}"
