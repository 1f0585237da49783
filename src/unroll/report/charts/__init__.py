"""Charts of what was measured, each a figure with its caption and its rows."""

from unroll.report.charts.by_length import accuracy_by_length, loss_by_length
from unroll.report.charts.context import influence_by_distance, loss_by_context
from unroll.report.charts.copying import copies_by_span, copies_by_stage
from unroll.report.charts.curves import accuracy_curves, loss_curves
from unroll.report.charts.descents import loss_by_optimiser
from unroll.report.charts.gate_map import gate_maps
from unroll.report.charts.learning import text_accuracy, text_loss
from unroll.report.charts.memory import memory_horizon
from unroll.report.charts.messages import gradient_over_time
from unroll.report.charts.palette import CellStyle, Palette
from unroll.report.charts.rates import best_rates, loss_by_rate
from unroll.report.charts.ravine import ravine_paths
from unroll.report.charts.reach import accuracy_by_reach
from unroll.report.charts.regimes import gradient_regimes
from unroll.report.charts.time_constants import time_constants
from unroll.report.charts.words_by_stage import known_words_by_stage

__all__ = [
    "CellStyle",
    "Palette",
    "accuracy_by_length",
    "accuracy_by_reach",
    "accuracy_curves",
    "best_rates",
    "copies_by_span",
    "copies_by_stage",
    "gate_maps",
    "gradient_over_time",
    "gradient_regimes",
    "influence_by_distance",
    "known_words_by_stage",
    "loss_by_context",
    "loss_by_length",
    "loss_by_optimiser",
    "loss_by_rate",
    "loss_curves",
    "memory_horizon",
    "ravine_paths",
    "text_accuracy",
    "text_loss",
    "time_constants",
]
