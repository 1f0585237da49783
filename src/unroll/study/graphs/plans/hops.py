"""The hop horizon as jobs: every shape, network and distance with every seed."""

from unroll.study.graphs.measure.hops import EVALUATED, batch_size, measure_hops
from unroll.study.graphs.plans.effort import call_work
from unroll.study.graphs.settings.hops import HopSettings
from unroll.study.running.measurement import MeasurementJob
from unroll.study.running.plan import Plan
from unroll.study.words import count
from unroll.tasks.recall import MarkedRecall


def plan_hops(settings: HopSettings) -> Plan:
    """Return one training a shape, model, kind of layers, distance and seed.

    On trees, distances that make too large a graph are left out, and the plan says so.
    """
    jobs = [
        _job(settings, shape, model, residual, distance, seed)
        for shape in settings.shapes
        for model in settings.models
        for residual in settings.residual
        for distance in settings.distances_on(shape)
        for seed in range(settings.seeds)
    ]
    # The longest first, so that no worker is left with it at the end.
    jobs.sort(key=lambda job: -job.work)
    left_out = tuple(
        f"  on a {shape} not at {', '.join(map(str, missing))} hops: too many nodes"
        for shape in settings.shapes
        if (missing := sorted(set(settings.distances) - set(settings.distances_on(shape))))
    )
    return Plan(
        kind="graph-horizon",
        settings=settings,
        protocol={
            "steps": settings.steps,
            "hidden_size": settings.hidden_size,
            "evaluated": EVALUATED,
        },
        measurements=tuple(jobs),
        intention=(
            f"horizon: {', '.join(settings.models)} ({', '.join(settings.residual)}) on "
            f"{', '.join(settings.shapes)} at {', '.join(map(str, sorted(settings.distances)))} "
            f"hops; {count(settings.seeds, 'seed')}, at most {count(settings.steps, 'step')}",
            *left_out,
        ),
    )


def _job(
    settings: HopSettings, shape: str, model: str, residual: str, distance: int, seed: int
) -> MeasurementJob:
    H = settings.hidden_size
    nodes = MarkedRecall(shape=shape, distance=distance).nodes  # type: ignore[arg-type] # checked
    rows = batch_size(nodes) * nodes
    # A GAT layer works edge by edge, each with its heads; a tree has about as many edges as nodes.
    times = 4.0 if model == "gat" else 1.0
    return MeasurementJob(
        kind="graph-horizon",
        measure=measure_hops,
        settings={
            "shape": shape,
            "model": model,
            "residual": residual,
            "distance": distance,
            "seed": seed,
            "steps": settings.steps,
            "hidden_size": H,
        },
        label=f"horizon, {shape} of {distance}: {residual} {model}, seed {seed}",
        work=(call_work(distance + 1, model) + times * distance * (H + 8) * H * rows)
        * settings.steps,
        need_bytes=int(times * 4 * 16 * rows * H * distance),
        steps=settings.steps,
    )
