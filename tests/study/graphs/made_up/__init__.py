"""Made-up views of part 3: values of the shape that its measurements have, as one likes them."""

from tests.study.graphs.made_up.contests import (
    DISTANCE,
    DISTANCE_VALUES,
    SIGNAL,
    SIGNAL_VALUES,
    compare_view,
    experiment,
)
from tests.study.graphs.made_up.hops import hop_accuracy, hops_view
from tests.study.graphs.made_up.nodes import classify_view, depth_view, ring_attention, ring_drawing
from tests.study.graphs.made_up.reach import EDGES, HOPS, NAMES, PLACES, reach_values, reach_view
from tests.study.graphs.made_up.views import view

__all__ = [
    "DISTANCE",
    "DISTANCE_VALUES",
    "EDGES",
    "HOPS",
    "NAMES",
    "PLACES",
    "SIGNAL",
    "SIGNAL_VALUES",
    "classify_view",
    "compare_view",
    "depth_view",
    "experiment",
    "hop_accuracy",
    "hops_view",
    "reach_values",
    "reach_view",
    "ring_attention",
    "ring_drawing",
    "view",
]
