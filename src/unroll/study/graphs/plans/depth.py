"""The study of depth as jobs: one a variant, depth and seed."""

from dataclasses import asdict

from unroll.graph_data.loading import load_graph, remark_files
from unroll.study.graphs.measure.depth import measure_depth
from unroll.study.graphs.measure.node_data import check_learnable, graph_settings
from unroll.study.graphs.plans.classify import graph_work, planned_epochs
from unroll.study.graphs.plans.effort import call_work
from unroll.study.graphs.settings import DepthSettings
from unroll.study.running.measurement import MeasurementJob
from unroll.study.running.plan import Plan
from unroll.study.words import count
from unroll.training.node_recipes import SMOOTHING, STACK

VARIANTS = {"plain": STACK, "residual": STACK, "smoothing": SMOOTHING}
"""What is made ever deeper, and how it is trained."""


def plan_depth(settings: DepthSettings) -> Plan:
    """Return one job for each variant, depth and seed; the graph is read beforehand.

    Raises: ConfigError, GraphDataError or StoreError in one line.
    """
    graph = load_graph(settings.data, settings.root)
    check_learnable(graph, settings.data)
    known = graph_settings(settings.data, settings.root, graph)
    recipes = {name: recipe.with_epochs(settings.epochs) for name, recipe in VARIANTS.items()}
    jobs = tuple(
        MeasurementJob(
            kind="graph-depth",
            measure=measure_depth,
            settings={
                **known,
                "variant": variant,
                "depth": depth,
                "seed": seed,
                "recipe": asdict(recipe),
            },
            label=f"{variant} at depth {depth} on {graph.name}, seed {seed}",
            work=(
                call_work(depth) + graph_work(graph, hidden_size=recipe.hidden_size, layers=depth)
            )
            * planned_epochs(recipe, graph),
            steps=planned_epochs(recipe, graph),
        )
        for depth in settings.depths
        for variant, recipe in recipes.items()
        for seed in range(settings.seeds)
    )
    return Plan(
        kind="graph-depth",
        settings=settings,
        protocol={
            "data": known["data"],
            "graph_sha256": known["graph_sha256"],
            "epochs": settings.epochs,
        },
        measurements=jobs,
        intention=(
            f"depth: {', '.join(map(str, settings.depths))} layers on {graph.name}, "
            f"{', '.join(recipes)}; {count(settings.seeds, 'seed')}, "
            f"{_epochs({planned_epochs(recipe, graph) for recipe in recipes.values()})}",
            *remark_files(settings.data, settings.root),
        ),
    )


def _epochs(planned: set[int]) -> str:
    """Return how long trainings are: networks the longest, readouts the shortest."""
    longest = count(max(planned), "epoch")
    return longest if len(planned) == 1 else f"{min(planned):,} to {longest}"
