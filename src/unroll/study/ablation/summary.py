"""An ablation as one JSON object, and as a table for the terminal."""

from textwrap import fill
from typing import Any

from rich.table import Table

from unroll.report.markup import plain
from unroll.study.ablation.findings import lessons, told_horizon
from unroll.study.ablation.rows import NAMES
from unroll.study.ablation.view import AblationView, Ladder
from unroll.study.memory.view import SOLVED_ACCURACY
from unroll.study.words import count

WIDTH = 79
"""Columns of what is told in the terminal."""


def summarise_ablation(view: AblationView) -> dict[str, Any]:
    """Return every row with its horizon, rates and trials under plain names."""
    return {"rows": [_describe(ladder) for ladder in view.ladders.values()]}


def ablation_table(view: AblationView) -> Table:
    """Return the horizon of each row, for 80 columns."""
    table = Table(box=None, pad_edge=False)
    for title in ("cell", "trained by"):
        table.add_column(title)
    for title in ("horizon T", "rate"):
        table.add_column(title, justify="right", overflow="fold")
    for ladder in view.ladders.values():
        table.add_row(
            ladder.row.cell, ladder.row.name, told_horizon(ladder.horizon()), told_rate(ladder)
        )
    return table


def ablation_notes(view: AblationView) -> tuple[str, str]:
    """Return what to print above and below the table."""
    seeds = {trial.settings.seed for trial in view.trials}
    over = f"median of {count(len(seeds), 'seed')} (range)" if view.has_spread else "1 seed"
    above = (
        f"last T up to which every one tried is solved (accuracy ≥ {SOLVED_ACCURACY}, held out\n"
        f"from T = 9 on): {over}; {view.protocol['budget']:,} sequence-steps a trial"
    )
    return above, fill(plain(lessons(view)), WIDTH, break_on_hyphens=False)


def ablation_failures(view: AblationView) -> str:
    """Say how many trials failed and why the first did; empty where none did."""
    failed = [trial for trial in view.trials if trial.record.status == "failed"]
    if not failed:
        return ""
    total = count(len(view.trials), "trial")
    return f"{len(failed)} of {total} failed: {failed[0].record.error}"


def told_rate(ladder: Ladder) -> str:
    """Return the rates chosen, from the shortest length to the longest tried."""
    rates = dict.fromkeys(f"{ladder.rate(length):g}" for length in ladder.lengths)
    return ", ".join(rates)


def _describe(ladder: Ladder) -> dict[str, Any]:
    horizon = ladder.horizon()
    return {
        "cell": ladder.row.cell,
        "row": ladder.row.name,
        "changed": [NAMES[name] for name in ladder.row.changes],
        "horizon": {
            "median": horizon.median,
            "range": list(horizon.range),
            "per_seed": list(horizon.per_seed),
            "is_open": horizon.is_open,
            "criterion": horizon.criterion,
            "budget": horizon.budget,
        },
        "lengths": [
            {
                "length": length,
                "rate": ladder.rate(length),
                "accuracy": [trial.accuracy for trial in ladder.rungs[length]],
                "steps": [trial.record.steps for trial in ladder.rungs[length]],
                "seconds": [trial.record.seconds for trial in ladder.rungs[length]],
            }
            for length in ladder.lengths
        ],
    }
