"""The largest distance, in hops, at which networks with as many layers use what they are told."""

from collections.abc import Sequence

from unroll.records import Horizon, read_horizon
from unroll.study.graphs.view import Look
from unroll.study.words import count

PASSED_ACCURACY = 0.9
"""A distance counts as passed from this accuracy on; chance is 1/4."""


def hop_horizon(looks: Sequence[Look]) -> Horizon:
    """Return the learned horizon of one kind of network on one shape, seed by seed.

    `looks` are measurements of the hop horizon that differ in distance and seed alone.
    """
    by_seed: dict[int, dict[int, bool]] = {}
    for look in looks:
        passed = look.values["accuracy"] >= PASSED_ACCURACY
        by_seed.setdefault(look.settings["seed"], {})[look.settings["distance"]] = passed
    steps = max(look.settings["steps"] for look in looks)
    return Horizon(
        unit="hops",
        criterion=f"accuracy {PASSED_ACCURACY} or more, with as many layers as hops",
        budget=f"{count(steps, 'step')} at most",
        readings=tuple(read_horizon(seed, by_seed[seed]) for seed in sorted(by_seed)),
    )
