"""Question 1.4: four optimisers on one task from the same weights, and down a ravine."""

from dataclasses import replace
from typing import Any

from unroll.probes import Descent, Ravine, best_descent, descend
from unroll.study.memory.plan import plan_memory
from unroll.study.optimisers.settings import OptimiserSettings
from unroll.study.running.measurement import MeasurementJob
from unroll.study.running.plan import Plan
from unroll.study.words import count, join

NEVER = 0.0
"""No mean loss is below it: every trial takes all its steps, so that final losses compare."""
CURVATURE = 50.0
"""How much steeper the ravine is across than along."""
ANGLES = (0.0, 45.0)
"""The ravine along the axes, and turned between them."""
START = (-10.0, 1.0)
"""Where every descent begins, along and across the floor."""
DESCENT_STEPS = 200
DESCENT_RATES = tuple(float(f"{10 ** (-2.5 + n / 6):.3g}") for n in range(13))
"""Six a decade, from 0.00316 to 0.316. There they end: RMSProp's first step is 10 η on every axis,
and with a larger η it leaps to the floor by luck."""
EQUAL_RATE = 0.0316
"""The rate at which all of them are walked too: where plain descent is near the largest it bears,
2 / 50."""


def plan_optimisers(settings: OptimiserSettings) -> Plan:
    """Return every optimiser at every rate and seed, and the two ravines.

    A seed gives all of them the same first weights and the same batches.

    Raises: ConfigError or CellError in one line.
    """
    memory = plan_memory(settings.as_memory())
    trials = tuple(
        replace(
            job,
            settings=replace(job.settings, optimiser=optimiser, rate=rate, stop_loss_nats=NEVER),
        )
        for optimiser in settings.optimisers
        for rate in settings.grid(optimiser)
        for job in memory.trials
    )
    own = ("optimiser", "rates", "stop_loss_nats", "curriculum", "by_cell")
    shared = {name: value for name, value in memory.protocol.items() if name not in own}
    initialisation = trials[0].settings.initialisation
    return Plan(
        kind="optimisers",
        settings=settings,
        protocol={
            **shared,
            "initialisation": initialisation,
            "cell": settings.cell,
            "length": settings.length,
        },
        trials=trials,
        measurements=tuple(_ravine_job(settings, angle) for angle in ANGLES),
        intention=_intention(settings),
    )


def measure_ravine(job: MeasurementJob) -> dict[str, Any]:
    """Walk every optimiser down one ravine: at the best of its rates, and all at one rate."""
    s = job.settings
    ravine = Ravine(curvature=s["curvature"], angle_degrees=s["angle_degrees"])
    along, across = s["start"]
    walks = []
    for optimiser in s["optimisers"]:
        best = best_descent(ravine, optimiser, s["rates"], steps=s["steps"], start=(along, across))
        equal = descend(ravine, optimiser, s["equal_rate"], steps=s["steps"], start=(along, across))
        walks.append(_describe(best, equal))
    return {"walks": walks}


def _describe(best: Descent, equal: Descent) -> dict[str, Any]:
    """Return the best path, as far as the goal if it came there, and the end of the other."""
    end = None if best.steps_to_goal is None else best.steps_to_goal + 1
    return {
        "optimiser": best.optimiser,
        "rate": best.rate,
        "steps_to_goal": best.steps_to_goal,
        "diverged": best.diverged,
        "points": [[_short(x), _short(y)] for x, y in best.points[:end]],
        "losses": [_short(loss) for loss in best.losses[:end]],
        "equal_steps_to_goal": equal.steps_to_goal,
        "equal_diverged": equal.diverged,
    }


def _short(value: float) -> float:
    return float(f"{value:.4g}")


def _ravine_job(settings: OptimiserSettings, angle: float) -> MeasurementJob:
    turned = f"turned by {angle:g}°" if angle else "along the axes"
    return MeasurementJob(
        kind="ravine",
        measure=measure_ravine,
        settings={
            "optimisers": list(settings.optimisers),
            "rates": list(DESCENT_RATES),
            "equal_rate": EQUAL_RATE,
            "steps": DESCENT_STEPS,
            "start": list(START),
            "curvature": CURVATURE,
            "angle_degrees": angle,
        },
        label=f"ravine {turned}",
    )


def _intention(settings: OptimiserSettings) -> tuple[str, ...]:
    """Say what will be trained."""
    rates = sum(len(settings.grid(optimiser)) for optimiser in settings.optimisers)
    return (
        f"optimisers: {join(settings.optimisers)} on {settings.cell} at T = {settings.length}; "
        f"{count(rates, 'rate')} in all, {count(settings.seeds, 'seed')} each; recipe "
        f"{settings.recipe}, {count(settings.max_steps, 'step')} a trial",
    )
