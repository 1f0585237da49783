"""A memory study as one JSON object, and as a table for the terminal."""

import math
from typing import Any

from rich.table import Table

from unroll.records import Horizon
from unroll.study.memory.view import SOLVED_ACCURACY, MemoryView, TrialView, label_cells
from unroll.study.words import count, distance, spread


def summarise(view: MemoryView) -> dict[str, Any]:
    """Return trials, rate search and horizons under plain names."""
    return {
        "trials": [_describe(trial) for trial in view.chosen],
        "rate_search": _rate_search(view) if view.is_searched else [],
        "horizon": {cell: _describe_horizon(view.horizon(cell)) for cell in view.cells},
        "retained": {
            cell: {str(length): _describe_horizon(h) for length, h in horizons.items()}
            for cell in view.cells
            if (horizons := view.retained(cell))
        },
    }


def accuracy_table(view: MemoryView) -> Table:
    """Return accuracy by length and cell, and each cell's horizon, for 80 columns."""
    lengths = sorted({trial.settings.length for trial in view.chosen})
    table = Table(box=None, pad_edge=False)
    labels = label_cells(view.cells)
    table.add_column("T", justify="right")
    for cell in view.cells:
        table.add_column(labels[cell], justify="right", overflow="fold")
    for length in lengths:
        cells = []
        for cell in view.cells:
            mine = [t for t in view.of_cell(cell) if t.settings.length == length]
            mark = " †" * any(t.record.status == "diverged" for t in mine)
            cells.append(spread([t.accuracy for t in mine], "{:.3f}") + mark)
        held_out = any(
            t.score.held_out for t in view.chosen if t.score and t.settings.length == length
        )
        table.add_row(f"{length}{'' if held_out else ' *'}", *cells)
    table.add_section()
    table.add_row(
        "horizon",
        *(f"{distance(view.horizon(cell))}{_begun(view, cell)}" for cell in view.cells),
    )
    return table


def table_notes(view: MemoryView) -> tuple[str, list[str]]:
    """Return what to print above the table, and the lines below it."""
    seeds = len({trial.settings.seed for trial in view.chosen})
    above = f"Accuracy, median of {seeds} seed{'s' * (seeds > 1)} (least–greatest); chance is 0.10"
    below = [f"horizon: a length counts from accuracy {SOLVED_ACCURACY} on"]
    if any(view.is_built(cell) for cell in view.cells):
        below.append("by initialisation: it began as a memory, so this is not called learned")
    if any(t.score and not t.score.held_out for t in view.chosen):
        below.append("* tested on all palindromes of that length, which is not held out")
    if diverged := sum(t.record.status == "diverged" for t in view.chosen):
        below.append(f"† training diverged in {count(diverged, 'trial')}, scored at its best step")
    return above, below


def retained_lines(view: MemoryView) -> list[str]:
    """Say how far networks trained at one length still answer, where that was tested."""
    labels = label_cells(view.cells)
    return [
        f"{labels[cell]} trained at T = {length} retains {distance(horizon)}{_begun(view, cell)}"
        for cell in view.cells
        for length, horizon in view.retained(cell).items()
    ]


def failure_line(view: MemoryView) -> str:
    """Say how many trials failed and why the first did; empty where none did."""
    failed = [trial for trial in view.trials if trial.record.status == "failed"]
    if not failed:
        return ""
    total = count(len(view.trials), "trial")
    return f"{len(failed)} of {total} failed: {failed[0].record.error}"


def _begun(view: MemoryView, cell: str) -> str:
    return ", by initialisation" if view.is_built(cell) else ""


def _describe(trial: TrialView) -> dict[str, Any]:
    settings, record, score = trial.settings, trial.record, trial.score
    last = trial.final.get(settings.length)
    return {
        "cell": settings.cell,
        "length": settings.length,
        "seed": settings.seed,
        "rate": settings.rate,
        "accuracy": trial.accuracy,
        "loss_nats": score.loss_nats if score else None,
        "final_accuracy": last.accuracy if last else None,
        "solved": trial.is_solved,
        "status": record.status,
        "error": record.error,
        "steps": record.steps,
        "best_step": record.best_step,
        "plateau_step": record.plateau_step,
        "seconds": record.seconds,
        "validation_seconds": record.validation_seconds,
        "evaluation_seconds": sum(e.seconds for e in (*trial.best.values(), *trial.final.values())),
        "engine": record.engine,
        "parameters": record.parameters,
        "initialisation": settings.initialisation,
        "held_out": score.held_out if score else None,
        "evaluated": score.count if score else 0,
        "tested": [
            {
                "length": e.length,
                "accuracy": e.accuracy,
                "loss_nats": e.loss_nats,
                "count": e.count,
                "held_out": e.held_out,
            }
            for e in trial.best.values()
        ],
    }


def _rate_search(view: MemoryView) -> list[dict[str, Any]]:
    candidates = []
    for trial in view.trials:
        settings = trial.settings
        accuracy, negated_loss = trial.best_validation
        candidates.append(
            {
                "cell": settings.cell,
                "length": settings.length,
                "seed": settings.seed,
                "rate": settings.rate,
                "validation_accuracy": accuracy,
                "validation_loss_nats": -negated_loss if math.isfinite(negated_loss) else None,
                "steps": trial.record.steps,
                "seconds": trial.record.seconds,
                "chosen": view.rates[settings.cell, settings.length] == settings.rate,
            }
        )
    return candidates


def _describe_horizon(horizon: Horizon) -> dict[str, Any]:
    return {
        "unit": horizon.unit,
        "criterion": horizon.criterion,
        "budget": horizon.budget,
        "seeds": [reading.seed for reading in horizon.readings],
        "per_seed": list(horizon.per_seed),
        "first_failed": [reading.first_failed for reading in horizon.readings],
        "median": horizon.median,
        "range": list(horizon.range),
        "ends_at_longest_tested": horizon.is_open,
    }
