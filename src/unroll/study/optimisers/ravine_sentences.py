"""What follows from the walks down a ravine, in sentences filled from the records."""

import math
from collections.abc import Sequence

from unroll.study.optimisers.ravine_view import Walk
from unroll.study.optimisers.sentences import NAMES, told_steps
from unroll.study.optimisers.view import OptimiserView
from unroll.study.words import join

_FOLLOWS_GRADIENT = {"sgd", "momentum"}
_SCALES_AXES = {"rmsprop", "adam"}


def surface_name(angle_degrees: float) -> str:
    """Return what a ravine is called in figures and sentences."""
    return f"turned by {angle_degrees:g}°" if angle_degrees else "along the axes"


def ravine_setup(view: OptimiserView) -> str:
    """Say what the ravine is and how it is walked down."""
    walk = view.walks[0]
    angles = dict.fromkeys(walk.angle_degrees for walk in view.walks)
    return (
        f"Then a ravine of two parameters, $½ (u^2 + {walk.curvature:g} v^2)$, its floor "
        f"{join(surface_name(angle) for angle in angles)}: every optimiser from the same point, at "
        f"the best of {len(walk.rates)} rates from {walk.rates[0]:g} to {walk.rates[-1]:g}, at "
        f"most {walk.steps} steps, until the height stays below a thousandth of the first."
    )


def ravine_sentence(view: OptimiserView) -> str:
    """Say how many steps each optimiser took, and what turning the ravine changed."""
    if not view.walks:
        return ""
    by_angle: dict[float, list[Walk]] = {}
    for walk in view.walks:
        by_angle.setdefault(walk.angle_degrees, []).append(walk)
    told = [_at_angle(angle, walks) for angle, walks in by_angle.items()]
    straight = by_angle.get(0.0, [])
    for angle, walks in by_angle.items():
        if angle and straight:
            told.append(_turned(straight, walks))
    if straight:
        told.append(_at_one_rate(straight))
    return " ".join(["**The ravine.**", *(text for text in told if text)])


def _at_angle(angle: float, walks: Sequence[Walk]) -> str:
    steps = [(f"{NAMES[w.optimiser]} (rate {w.rate:g}{_edge(w)})", w.steps_to_goal) for w in walks]
    return f"Steps to the goal {surface_name(angle)}: {told_steps(steps, walks[0].steps)}."


def _edge(walk: Walk) -> str:
    """Say where a better rate may lie beyond those tried."""
    if walk.rate == walk.rates[-1]:
        return ", the largest tried"
    return ", the smallest tried" if walk.rate == walk.rates[0] else ""


def _turned(straight: Sequence[Walk], turned: Sequence[Walk]) -> str:
    """Say what turning the ravine changed, and why where there is a reason."""
    before = {walk.optimiser: _steps(walk) for walk in straight}
    after = {walk.optimiser: _steps(walk) for walk in turned}
    both = [name for name in before if name in after]
    same = [name for name in both if before[name] == after[name]]
    more = [name for name in both if before[name] < after[name]]
    fewer = [name for name in both if before[name] > after[name]]
    told = []
    if same:
        why = ", whose step turns with the gradient" if set(same) <= _FOLLOWS_GRADIENT else ""
        told.append(f"Turning it made no difference to {_names(same)}{why}.")
    if more:
        why = (
            ": the division treats each axis on its own, and the turned floor lies along neither"
            if set(more) <= _SCALES_AXES
            else ""
        )
        told.append(f"Turned, it took {_names(more)} longer{why}.")
    if fewer:
        told.append(f"Turned, it took {_names(fewer)} fewer steps.")
    return " ".join(told)


def _at_one_rate(walks: Sequence[Walk]) -> str:
    steps = [(NAMES[walk.optimiser], walk.equal_steps_to_goal) for walk in walks]
    return (
        f"All at the same rate, {walks[0].equal_rate:g}, along the axes: "
        f"{told_steps(steps, walks[0].steps)}."
    )


def _steps(walk: Walk) -> float:
    return math.inf if walk.steps_to_goal is None else walk.steps_to_goal


def _names(optimisers: Sequence[str]) -> str:
    return join(NAMES[name] for name in optimisers)
