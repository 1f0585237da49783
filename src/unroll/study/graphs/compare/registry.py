"""The experiments that there are, in the order of the report."""

from collections.abc import Mapping

from unroll.study.graphs.compare import before, distance, expressions, images, palindrome, signal
from unroll.study.graphs.compare.experiment import Experiment

EXPERIMENTS: Mapping[str, Experiment] = {
    module.EXPERIMENT.name: module.EXPERIMENT
    for module in (distance, before, palindrome, images, signal, expressions)
}
"""By name."""
