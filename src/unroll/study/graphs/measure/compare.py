"""One contestant of an experiment, trained and tested."""

from typing import Any

from unroll.study.graphs.compare.registry import EXPERIMENTS
from unroll.study.running.measurement import MeasurementJob
from unroll.study.running.pool import send_progress


def measure_comparison(job: MeasurementJob) -> dict[str, Any]:
    """Train one contestant in one variant with one seed, and test it where it is to be tested."""
    asked = job.settings
    return EXPERIMENTS[asked["experiment"]].measure(
        asked["variant"],
        asked["contestant"],
        asked["seed"],
        asked["steps"],
        lambda step: send_progress(job.key, step),
    )
