"""The bench as one JSON object."""

from typing import Any

from unroll.records import Horizon
from unroll.study.bench.cost_view import CellCost, ratio_to
from unroll.study.bench.rounds import reached
from unroll.study.bench.view import BenchView, TaskResult
from unroll.study.memory.view import TrialView


def summarise_bench(view: BenchView) -> dict[str, Any]:
    """Return every card under plain names."""
    return {
        "cards": {cell: _card(view, cell) for cell in view.cells},
        "missing": view.missing,
        "failures": list(view.failures),
    }


def _card(view: BenchView, cell: str) -> dict[str, Any]:
    size = view.sizes.get(cell)
    return {
        "hidden_size": size.hidden_size if size else None,
        "parameters": size.parameters if size else None,
        "state": size.state if size else None,
        "initialisation": size.initialisation if size else None,
        "left_out": size.left_out if size else {},
        "tasks": {
            task: _task(result)
            for task in view.tasks
            if (result := view.result(cell, task)) is not None
        },
        "gradient": [
            {
                "trained": is_trained,
                "factor_a_step_back": list(gradient.factors(trained=is_trained)),
                "share_at_first_step": list(gradient.shares(trained=is_trained)),
            }
            for gradient in view.gradients
            for is_trained in (False, True)
            if gradient.cell == cell and gradient.looks(trained=is_trained)
        ],
        "bits_per_character": [
            {"rate": bits.choice.rate if bits.choice else None, "by_seed": list(bits.bits)}
            for bits in view.bits.cells
            if bits.cell == cell
        ],
        "cost": [_cost(view, cost) for cost in view.costs if cost.cell == cell],
    }


def _task(result: TaskResult) -> dict[str, Any]:
    choice = result.choice
    return {
        "rate": choice.rate if choice else None,
        "rate_at_edge": choice.at_edge if choice else None,
        "learned": _horizon(result.learned),
        "retained": _horizon(result.retained),
        "budget_sequence_steps": result.budget,
        "trials": [_trial(trial) for trial in result.trials],
        "tuning": [_trial(trial) for trial in result.tuning],
        "problems": list(result.problems),
    }


def _trial(trial: TrialView) -> dict[str, Any]:
    settings, record = trial.settings, trial.record
    return {
        "seed": settings.seed,
        "rate": settings.rate,
        "status": record.status,
        "error": record.error,
        "trained_to": reached(record),
        "lessons": [list(lesson) for lesson in record.lessons],
        "steps": record.steps,
        "seconds": record.seconds,
        "parameters": record.parameters,
        "engine": record.engine,
        "validation_accuracy": max((p.accuracy for p in trial.validation), default=None),
        "tested": [
            {
                "length": score.length,
                "accuracy": score.accuracy,
                "loss_nats": score.loss_nats,
                "count": score.count,
                "held_out": score.held_out,
            }
            for score in trial.best.values()
        ],
    }


def _horizon(horizon: Horizon) -> dict[str, Any]:
    low, high = horizon.range
    return {
        "median": horizon.median,
        "lowest": low,
        "highest": high,
        "open": horizon.is_open,
        "by_seed": {str(r.seed): r.last_passed for r in horizon.readings},
        "unit": horizon.unit,
        "criterion": horizon.criterion,
        "budget": horizon.budget,
    }


def _cost(view: BenchView, cost: CellCost) -> dict[str, Any]:
    longest = cost.longest
    exponents = {name: cost.exponent(name) for name in ("seconds", "mib")}
    return {
        "engine": cost.engine,
        "asked_engine": cost.asked_engine,
        "microseconds_per_step": cost.microseconds_per_step,
        "longest": longest.length if longest else None,
        "mib_at_longest": longest.peak_mib if longest else None,
        "exponent": {name: found.value if found else None for name, found in exponents.items()},
        "seconds_over_lstm": ratio_to(view.costs, cost.cell),
        "points": [
            {"length": p.length, "seconds": list(p.seconds), "peak_mib": p.peak_mib}
            for p in cost.training
        ],
        "problems": list(cost.problems),
    }
