"""An experiment as jobs: every contestant in every variant that it takes part in, every seed."""

from unroll.study.graphs.compare.experiment import Experiment
from unroll.study.graphs.compare.registry import EXPERIMENTS
from unroll.study.graphs.measure.compare import measure_comparison
from unroll.study.graphs.settings.compare import CompareSettings
from unroll.study.running.measurement import MeasurementJob
from unroll.study.running.plan import Plan
from unroll.study.words import count, listed

POSITIONS = 10_000.0
"""Uses of a parameter in a step, about: a batch's nodes or elements; for estimates of time."""
PARAMETERS = 5_000.0
"""Of a network, about."""


def plan_compare(settings: CompareSettings) -> Plan:
    """Return one job for each contestant, variant and seed."""
    experiment = EXPERIMENTS[settings.experiment]
    steps = settings.steps or experiment.steps
    jobs = tuple(
        _job(experiment, variant, contestant, seed, steps)
        for seed in range(settings.seeds)
        for contestant, variants in experiment.contestants.items()
        for variant in variants
    )
    return Plan(
        kind="graph-compare",
        settings=settings,
        protocol={"experiment": experiment.name, "steps": steps},
        measurements=jobs,
        intention=(
            f"{experiment.title}: {listed(experiment.contestants)}; "
            f"{count(settings.seeds, 'seed')}, {count(steps, 'step')} each",
        ),
    )


def _job(
    experiment: Experiment, variant: str, contestant: str, seed: int, steps: int
) -> MeasurementJob:
    return MeasurementJob(
        kind="graph-compare",
        measure=measure_comparison,
        settings={
            "experiment": experiment.name,
            "variant": variant,
            "contestant": contestant,
            "seed": seed,
            "steps": steps,
        },
        label=f"{experiment.name}, {variant}: {contestant}, seed {seed}",
        work=POSITIONS * PARAMETERS * steps,
        steps=steps,
    )
