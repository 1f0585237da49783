"""Looks at gates as one JSON object, and as a table for the terminal."""

import statistics
from dataclasses import asdict
from typing import Any

from rich.table import Table

from unroll.study.gates.plan import MAPPED
from unroll.study.gates.tables import steps_text
from unroll.study.gates.view import GateLook, GateView, NetworkLook
from unroll.study.words import count


def summarise_gates(view: GateView) -> dict[str, Any]:
    """Return looks, the parameter check and what failed, under plain names."""
    return {
        "protocol": view.protocol,
        "networks": [_describe(look) for look in view.looks],
        "parameters": {
            "checked": len(view.parameters),
            "equal": sum(row.formula == row.model for row in view.parameters),
            "rows": [asdict(row) for row in view.parameters],
        },
        "problems": [asdict(problem) for problem in view.problems],
        "missing": view.missing,
    }


def gates_overview(view: GateView) -> Table:
    """Return each gate before and after training, and the time constants, for 80 columns."""
    table = Table(box=None, pad_edge=False)
    table.add_column("cell")
    table.add_column("seed", justify="right")
    table.add_column("gate")
    for title in ("untrained", "trained", "step 1", "last step"):
        table.add_column(title, justify="right")
    for look in view.looks:
        name = (look.settings.cell, str(look.settings.seed))
        for gate in MAPPED[look.settings.cell]:
            sizes = look.after.gates[gate]["size"]
            before = statistics.fmean(look.before.gates[gate]["size"])
            values = (before, statistics.fmean(sizes), sizes[0], sizes[-1])
            table.add_row(*name, gate, *(f"{value:.2f}" for value in values))
        taus = [steps_text(net.median_constant) for net in (look.before, look.after)]
        table.add_row(*name, "τ", *taus, "", "")
    return table


def overview_notes(view: GateView) -> tuple[str, str]:
    """Return what to print above and below the table."""
    above = "Gates, mean size over units and palindromes; τ, median time constant in steps"
    lines = [_look_line(look) for look in view.looks]
    if view.parameters:
        equal = sum(row.formula == row.model for row in view.parameters)
        total = count(len(view.parameters), "model")
        lines.append(f"parameter formula right for {equal} of {total}")
    lines += [f"{problem.label} failed: {problem.error}" for problem in view.problems]
    return above, "\n".join(lines)


def _look_line(look: GateLook) -> str:
    settings = look.settings
    solved = "" if look.is_solved else ", not solved"
    lasting = look.after.lasting(look.distance)
    return (
        f"{settings.cell} seed {settings.seed}: accuracy {look.after.accuracy:.3f}{solved}; "
        f"τ ≥ T − 2 = {look.distance} in {lasting} of {count(len(look.after.constants), 'unit')}"
    )


def _describe(look: GateLook) -> dict[str, Any]:
    return {
        "cell": look.settings.cell,
        "length": look.settings.length,
        "seed": look.settings.seed,
        "solved": look.is_solved,
        "evaluated": look.count,
        "held_out": look.held_out,
        "palindrome": "".join(map(str, look.palindrome)),
        "answer": look.answer,
        "untrained": _describe_network(look.before, look.distance),
        "trained": _describe_network(look.after, look.distance),
    }


def _describe_network(network: NetworkLook, distance: int) -> dict[str, Any]:
    shares = sorted(network.digit_share, reverse=True)
    return {
        "accuracy": network.accuracy,
        "gates": network.gates,
        "time_constant_steps": list(network.time_constants),
        "units_lasting": network.lasting(distance),
        "digit_share_sorted": shares,
        "silenced": list(network.silencings),
        "digit_share_by_step": network.by_step,
    }
