"""Experiments that were given fewer steps than they take by themselves."""

import math
from collections.abc import Mapping

from unroll.report.section import Notice
from unroll.study.graphs.compare.experiment import Experiment
from unroll.study.graphs.view import GraphView, Look
from unroll.study.words import count

UNFINISHED = 0.1
"""A training is not finished while its loss is a larger share of that of guessing."""


def steps_of(view: GraphView) -> int:
    """Return the steps of a training."""
    return int(max(view.options("steps")))


def short_training(view: GraphView, experiment: Experiment) -> list[Notice]:
    """Say how many trainings were cut off, where they are shorter than the experiment's own."""
    if steps_of(view) >= experiment.steps:
        return []
    text = (
        f"A short training: {count(steps_of(view), 'step')}, where `unroll graph compare "
        f"{experiment.name}` by itself takes {experiment.steps:,}."
    )
    chances = _chances(experiment)
    judged = [look for look in view.looks if look.settings["variant"] in chances]
    if unfinished := sum(_is_unfinished(look, chances) for look in judged):
        text += (
            f" In {unfinished} of {count(len(judged), 'training')} the loss at the end is more "
            f"than {UNFINISHED:.0%} of what guessing costs: what stands here of those networks "
            "is how far they came; more steps may bring them further."
        )
    return [Notice(text=text)]


def cut_off_variants(view: GraphView, experiment: Experiment) -> dict[str, int]:
    """Return the steps of each variant with a training that was cut off unfinished.

    An error has no cost of guessing to be judged by: there too few steps are enough.
    """
    if steps_of(view) >= experiment.steps:
        return {}
    chances = _chances(experiment)
    return {
        look.settings["variant"]: steps_of(view)
        for look in view.looks
        if look.settings["variant"] not in chances or _is_unfinished(look, chances)
    }


def _chances(experiment: Experiment) -> dict[str, float]:
    """Return what guessing gives, by variant."""
    return {case.variant: case.chance for case in experiment.cases if case.chance is not None}


def _is_unfinished(look: Look, chances: Mapping[str, float]) -> bool:
    """Return whether the loss at the end of a training is too large a share of that of guessing."""
    guessing = -math.log(chances[look.settings["variant"]])
    return bool(look.values["curve"][-1]["loss"] > UNFINISHED * guessing)
