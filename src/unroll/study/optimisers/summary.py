"""A comparison of optimisers as one JSON object, and as a table for the terminal."""

from typing import Any

from rich.table import Table

from unroll.study.optimisers.ravine_sentences import surface_name
from unroll.study.optimisers.ravine_view import Walk
from unroll.study.optimisers.sentences import CHANCE_NATS, NAMES, told_steps, usable_range
from unroll.study.optimisers.view import OptimiserTrial, OptimiserView
from unroll.study.words import count, spread


def summarise_optimisers(view: OptimiserView) -> dict[str, Any]:
    """Return trials, best rates and descents under plain names."""
    return {
        "trials": [_describe(trial) for trial in view.trials],
        "optimisers": {name: _describe_best(view, name) for name in view.optimisers},
        "ravine": [_describe_walk(walk) for walk in view.walks],
    }


def optimiser_table(view: OptimiserView) -> Table:
    """Return each optimiser at its best rate, for 80 columns."""
    table = Table(box=None, pad_edge=False)
    table.add_column("optimiser")
    for title in ("rate", "final loss, nats", "steps to solve", "solved at"):
        table.add_column(title, justify="right", overflow="fold")
    for name in view.optimisers:
        trials, rate = view.best(name), view.best_rate(name)
        solved = [trial.steps_to_solve for trial in trials]
        share = f" in {sum(s is not None for s in solved)} of {len(solved)}"
        table.add_row(
            NAMES[name],
            "–" if rate is None else f"{rate:g}",
            spread([trial.final_loss_nats for trial in trials], "{:.2g}"),
            spread(solved, "{:.0f}") + (share if None in solved and any(solved) else ""),
            usable_range(view.usable(name)).partition(" (")[0],
        )
    return table


def optimiser_notes(view: OptimiserView) -> tuple[str, str]:
    """Return what to print above and below the table."""
    length = view.protocol["length"]
    above = (
        f"T = {length}, {count(view.max_steps, 'step')}: median of "
        f"{count(len(view.seeds), 'seed')} (least–greatest)\n"
        f"at each optimiser's best rate; guessing costs {CHANCE_NATS:.3f} nats"
    )
    return above, "\n".join(ravine_lines(view))


def ravine_lines(view: OptimiserView) -> list[str]:
    """Say how many steps each optimiser took down each ravine."""
    lines = []
    for angle in dict.fromkeys(walk.angle_degrees for walk in view.walks):
        walks = [walk for walk in view.walks if walk.angle_degrees == angle]
        steps = [(NAMES[walk.optimiser], walk.steps_to_goal) for walk in walks]
        lines.append(f"ravine {surface_name(angle)}, steps: {told_steps(steps, walks[0].steps)}")
    return lines


def optimiser_failures(view: OptimiserView) -> str:
    """Say how many trials failed and why the first did; empty where none did."""
    failed = [trial for trial in view.trials if trial.record.status == "failed"]
    if not failed:
        return ""
    total = count(len(view.trials), "trial")
    return f"{len(failed)} of {total} failed: {failed[0].record.error}"


def _describe(trial: OptimiserTrial) -> dict[str, Any]:
    settings, record = trial.settings, trial.record
    return {
        "optimiser": settings.optimiser,
        "rate": settings.rate,
        "seed": settings.seed,
        "final_loss_nats": trial.final_loss_nats,
        "steps_to_solve": trial.steps_to_solve,
        "outcome": trial.outcome,
        "status": record.status,
        "error": record.error,
        "steps": record.steps,
        "seconds": record.seconds,
        "first_validation_loss_nats": trial.start.loss_nats if trial.start else None,
    }


def _describe_best(view: OptimiserView, name: str) -> dict[str, Any]:
    return {
        "rates": list(view.rates(name)),
        "best_rate": view.best_rate(name),
        "final_loss_nats": [trial.final_loss_nats for trial in view.best(name)],
        "steps_to_solve": [trial.steps_to_solve for trial in view.best(name)],
        "rates_that_solve": list(view.usable(name)),
    }


def _describe_walk(walk: Walk) -> dict[str, Any]:
    return {
        "angle_degrees": walk.angle_degrees,
        "optimiser": walk.optimiser,
        "best_rate": walk.rate,
        "steps_to_goal": walk.steps_to_goal,
        "diverged": walk.diverged,
        "equal_rate": walk.equal_rate,
        "equal_steps_to_goal": walk.equal_steps_to_goal,
    }
