"""A gradient study as one JSON object, and as a table for the terminal."""

from typing import Any

from rich.table import Table

from unroll.study.gradients.differences import (
    closed_form_differences,
    largest,
    step_differences,
)
from unroll.study.gradients.view import GradientView, Probe, arriving, middle, outcome
from unroll.study.memory.view import label_cells
from unroll.study.words import spread


def summarise_gradients(view: GradientView) -> dict[str, Any]:
    """Return every network's gradients under plain names.

    Each way to a gradient has differences of its own from automatic differentiation, absolute and
    over the gradient's largest entry: `max_…` of the closed form, `steps_…` of the sum over steps.
    """
    closed, steps = closed_form_differences(view.probes), step_differences(view.probes)
    return {
        "max_abs_difference": largest(d.absolute for d in closed) if closed else None,
        "max_relative_difference": largest(d.relative for d in closed) if closed else None,
        "steps_difference": largest(d.absolute for d in steps) if steps else None,
        "steps_relative_difference": largest(d.relative for d in steps) if steps else None,
        "networks": [_describe(probe) for probe in view.probes],
        "failures": list(view.failures),
    }


def relative_difference(probe: Probe) -> float:
    """Return the largest difference between two ways to a gradient over its largest entry.

    The ways are the closed form, where there is one, and the sum over time steps, beside automatic
    differentiation.
    """
    found = [*closed_form_differences([probe]), *step_differences([probe])]
    return largest(difference.relative for difference in found)


def _describe(probe: Probe) -> dict[str, Any]:
    return {
        "cell": probe.cell,
        "condition": probe.settings["condition"],
        "initialisation": probe.initialisation,
        "trained_at": probe.trained_at,
        "accuracy": probe.accuracy,
        "seed": probe.seed,
        "length": probe.settings["length"],
        **probe.values,
    }


def gradient_table(view: GradientView) -> Table:
    """Return how much gradient arrives at the first step, for 80 columns."""
    labels = label_cells(view.cells)
    table = Table(box=None, pad_edge=False)
    table.add_column("cell", overflow="fold")
    table.add_column("network", overflow="fold")
    for part in view.parts:
        table.add_column(f"‖∂ℓ/∂{part}(1)‖", justify="right", overflow="fold")
    table.add_column("per step", justify="right", overflow="fold")
    for condition, probes in view.conditions().items():
        for cell in dict.fromkeys(probe.cell for probe in probes):
            mine = [probe for probe in probes if probe.cell == cell]
            told = f": {outcome(mine)}" if outcome(mine) else ""
            table.add_row(
                labels[cell],
                f"{condition}{told}",
                *(middle(arriving(mine, part)) for part in view.parts),
                spread([probe.decay for probe in mine], "{:.3f}"),
            )
    return table


def gradient_headline(view: GradientView) -> str:
    """Return what to print above the table."""
    return (
        f"Gradient arriving at the first of {view.length} digits, and its factor a step back;\n"
        "median over seeds (least–greatest)"
    )


def gradient_lines(view: GradientView) -> list[str]:
    """Say whether closed form and automatic differentiation agree, and what went wrong."""
    summary = summarise_gradients(view)
    lines = []
    if summary["max_abs_difference"] is not None:
        lines.append(
            "closed form against automatic differentiation, float64: largest difference\n  "
            f"{summary['max_abs_difference']:.1e}, relative to the largest entry "
            f"{summary['max_relative_difference']:.1e}"
        )
    if view.probes:
        lines.append(
            "sum over the time steps against automatic differentiation: largest difference\n  "
            f"{summary['steps_difference']:.1e}, relative to the largest entry "
            f"{summary['steps_relative_difference']:.1e}"
        )
    return lines + [f"failed: {failure}" for failure in dict.fromkeys(view.failures)]
