"""An experiment with fewer steps than its own says so, and how many trainings were cut off."""

from dataclasses import replace

from tests.study.graphs.made_up import (
    DISTANCE,
    DISTANCE_VALUES,
    SIGNAL,
    SIGNAL_VALUES,
    compare_view,
)
from unroll.report.section import Notice
from unroll.study.graphs.compare.experiment import Experiment
from unroll.study.graphs.sections.contests import contest_sections
from unroll.study.graphs.view import GraphView


def notices(view: GraphView, experiment: Experiment) -> list[str]:
    sections = contest_sections([view], {experiment.name: experiment})
    return [b.text for section in sections for b in section.blocks if isinstance(b, Notice)]


def test_an_experiment_with_its_own_steps_has_nothing_to_say() -> None:
    assert notices(compare_view(DISTANCE, DISTANCE_VALUES), DISTANCE) == []


def test_trainings_that_were_cut_off_are_counted() -> None:
    view = compare_view(DISTANCE, DISTANCE_VALUES, seeds=1)
    # Guessing one of four costs 1.39 nats, one of two 0.69: the first training is below a tenth.
    losses = [0.06, *[0.17] * (len(view.looks) - 1)]
    looks = tuple(
        replace(look, values={**look.values, "curve": [{"step": 600, "loss": loss}]})
        for look, loss in zip(view.looks, losses, strict=True)
    )
    longer = replace(DISTANCE, steps=2 * DISTANCE.steps)
    assert notices(replace(view, looks=looks), longer) == [
        f"A short training: {DISTANCE.steps} steps, where `unroll graph compare distance` by "
        f"itself takes {longer.steps:,}. In {len(looks) - 1} of {len(looks)} trainings the loss at "
        "the end is more than 10% of what guessing costs: what stands here of those networks is "
        "how far they came; more steps may bring them further."
    ]


def test_an_error_has_no_cost_of_guessing() -> None:
    longer = replace(SIGNAL, steps=2 * SIGNAL.steps)
    assert notices(compare_view(SIGNAL, SIGNAL_VALUES), longer) == [
        f"A short training: {SIGNAL.steps} steps, where `unroll graph compare signal` by itself "
        f"takes {longer.steps:,}."
    ]
