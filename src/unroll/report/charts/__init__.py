"""Charts of what was measured, each a figure with its caption and its rows."""

from unroll.report.charts.by_length import accuracy_by_length, loss_by_length
from unroll.report.charts.curves import accuracy_curves, loss_curves
from unroll.report.charts.memory import memory_horizon
from unroll.report.charts.palette import CellStyle, Palette

__all__ = [
    "CellStyle",
    "Palette",
    "accuracy_by_length",
    "accuracy_curves",
    "loss_by_length",
    "loss_curves",
    "memory_horizon",
]
