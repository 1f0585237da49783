"""Experiments that were given fewer steps than they take by themselves."""

import math

from unroll.report.section import Notice
from unroll.study.graphs.compare.experiment import Experiment
from unroll.study.graphs.view import GraphView
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
    chances = {case.variant: case.chance for case in experiment.cases if case.chance is not None}
    ends = [
        look.values["curve"][-1]["loss"] / -math.log(chances[look.settings["variant"]])
        for look in view.looks
        if look.settings["variant"] in chances
    ]
    if unfinished := sum(end > UNFINISHED for end in ends):
        text += (
            f" In {unfinished} of {count(len(ends), 'training')} the loss at the end is more than "
            f"{UNFINISHED:.0%} of what guessing costs: what stands here of those networks is how "
            "far they came; more steps may bring them further."
        )
    return [Notice(text=text)]
