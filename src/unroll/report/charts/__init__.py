"""Charts of what was measured, each a figure with its caption and its rows."""

from unroll.report.charts.attention import attention_drawing
from unroll.report.charts.attention_heads import attention_by_head
from unroll.report.charts.bench_horizons import bench_horizons
from unroll.report.charts.by_length import accuracy_by_length, loss_by_length
from unroll.report.charts.comparison import contest_dots
from unroll.report.charts.context import influence_by_distance, loss_by_context
from unroll.report.charts.copying import copies_by_span, copies_by_stage
from unroll.report.charts.curves import accuracy_curves, loss_curves
from unroll.report.charts.depth_curves import accuracy_by_depth, cosine_by_depth, energy_by_depth
from unroll.report.charts.descents import loss_by_optimiser
from unroll.report.charts.gate_map import gate_maps
from unroll.report.charts.graph_drawing import classified_graph
from unroll.report.charts.hop_curves import accuracy_by_hops, influence_by_hops
from unroll.report.charts.horizons import horizons_by_unit
from unroll.report.charts.learning import text_accuracy, text_loss
from unroll.report.charts.memory import memory_horizon
from unroll.report.charts.messages import gradient_over_time
from unroll.report.charts.palette import CellStyle, Palette
from unroll.report.charts.rates import best_rates, loss_by_rate
from unroll.report.charts.ravine import ravine_paths
from unroll.report.charts.reach import accuracy_by_reach
from unroll.report.charts.reach_map import reach_cells
from unroll.report.charts.regimes import gradient_regimes
from unroll.report.charts.spreading import spreading_news
from unroll.report.charts.time_constants import time_constants
from unroll.report.charts.travel import travel_curves
from unroll.report.charts.words_by_stage import known_words_by_stage

__all__ = [
    "CellStyle",
    "Palette",
    "accuracy_by_depth",
    "accuracy_by_hops",
    "accuracy_by_length",
    "accuracy_by_reach",
    "accuracy_curves",
    "attention_by_head",
    "attention_drawing",
    "bench_horizons",
    "best_rates",
    "classified_graph",
    "contest_dots",
    "copies_by_span",
    "copies_by_stage",
    "cosine_by_depth",
    "energy_by_depth",
    "gate_maps",
    "gradient_over_time",
    "gradient_regimes",
    "horizons_by_unit",
    "influence_by_distance",
    "influence_by_hops",
    "known_words_by_stage",
    "loss_by_context",
    "loss_by_length",
    "loss_by_optimiser",
    "loss_by_rate",
    "loss_curves",
    "memory_horizon",
    "ravine_paths",
    "reach_cells",
    "spreading_news",
    "text_accuracy",
    "text_loss",
    "time_constants",
    "travel_curves",
]
