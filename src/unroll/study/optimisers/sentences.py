"""What follows from a comparison of optimisers, in sentences filled from the records.

Each says what was measured, whatever that is, and is empty where nothing was.
"""

import math
from collections.abc import Iterable, Sequence
from itertools import product

from unroll.study.optimisers.view import OptimiserView
from unroll.study.words import count, join, spread

NAMES = {"sgd": "SGD", "momentum": "momentum", "rmsprop": "RMSProp", "adam": "Adam"}
"""The optimisers as prose has them."""
CHANCE_NATS = math.log(10)
"""The loss of guessing one of ten digits."""
EARLY = 100
"""A step at which all of them are compared on the way."""
ALIKE = 1.1
"""Losses nearer than this factor are called about the same."""


def what_follows(view: OptimiserView) -> str:
    """Return all that can be said of the training, in paragraphs."""
    paragraphs = (
        steps_sentence(view),
        momentum_sentence(view),
        adaptive_sentence(view),
        f"{usable_sentence(view)} {large_rates_sentence(view)} {edge_sentence(view)}",
    )
    return "\n\n".join(told for text in paragraphs if (told := " ".join(text.split())))


def best_losses_sentence(view: OptimiserView) -> str:
    """Say where each optimiser ended at its best rate."""
    ends = [
        f"{NAMES[name]} {_loss_spread(view, name)} nats at {view.best_rate(name):g}"
        for name in _with_best(view)
    ]
    without = [NAMES[name] for name in view.optimisers if view.best_rate(name) is None]
    told = f"Final training loss at the best rate: {'; '.join(ends)}." if ends else ""
    lost = f" {join(without)} ended without a loss at every rate." if without else ""
    return f"{told}{lost} Guessing costs ln 10 = {CHANCE_NATS:.3f} nats.".strip()


def steps_sentence(view: OptimiserView) -> str:
    """Say who solved the task at its best rate, and in how many steps."""
    medians = {
        name: _median_steps(view, name)
        for name in _with_best(view)
        if view.is_solved(name, view.best_rate(name) or 0.0)
    }
    others = [name for name in view.optimisers if name not in medians]
    if not medians:
        return (
            "At its best rate, no optimiser solved the task with every seed within "
            f"{view.max_steps:,} steps."
        )
    told = [
        f"{NAMES[name]} {spread([t.steps_to_solve for t in view.best(name)], '{:,.0f}')}"
        for name in sorted(medians, key=lambda name: medians[name])
    ]
    fewest = [NAMES[name] for name in medians if medians[name] == min(medians.values())]
    first = f" The fewest: **{join(fewest)}**." if len(medians) > 1 else ""
    return (
        f"Steps until the task was solved, each at its best rate: {', '.join(told)}.{first}"
        + "".join(_unsolved(view, name) for name in others)
        + "".join(_sooner(view, name) for name in view.optimisers)
    )


def momentum_sentence(view: OptimiserView) -> str:
    """Say what momentum gained over plain descent, and whether a larger rate does the same."""
    if not {"sgd", "momentum"} <= set(_with_best(view)):
        return ""
    return (
        "**Momentum** adds 0.9 of its last step to each new one: where the gradients agree, it "
        "comes to go ten times as far as SGD at the same rate; where they change sign, they "
        f"partly cancel. Here {_compared(view, 'momentum', 'sgd')}, each at its best rate. "
        f"{_tenfold_sentence(view)}"
    )


def _tenfold_sentence(view: OptimiserView) -> str:
    """Hold momentum against SGD at ten times its rate, where both were tried."""
    pairs = [
        (slow, view.median_loss("sgd", fast), view.median_loss("momentum", slow))
        for slow, fast in product(view.rates("momentum"), view.rates("sgd"))
        if math.isclose(10 * slow, fast)
    ]
    if not pairs:
        return ""
    told = [f"{_told(sgd)} against {_told(own)} at {slow:g}" for slow, sgd, own in pairs]
    alike = [f"{slow:g}" for slow, sgd, own in pairs if _are_alike(sgd, own)]
    lower = [f"{slow:g}" for slow, sgd, own in pairs if own < sgd and not _are_alike(sgd, own)]
    higher = [f"{slow:g}" for slow, sgd, own in pairs if sgd < own and not _are_alike(sgd, own)]
    parts = (
        f"within a tenth of each other at {join(alike)}, where momentum does no more than a "
        "larger rate does"
        if alike
        else "",
        f"momentum lower at {join(lower)}" if lower else "",
        f"SGD lower at {join(higher)}" if higher else "",
    )
    return (
        "Where they agree, plain SGD at ten times the rate takes steps as long. Median final "
        f"losses of that SGD and of momentum, in nats, by momentum's rate: {', '.join(told)}; in "
        f"short, {'; '.join(part for part in parts if part) or 'no loss at any'}."
    )


def adaptive_sentence(view: OptimiserView) -> str:
    """Say what dividing by the gradient's size did."""
    scaled = [name for name in ("rmsprop", "adam") if name in _with_best(view)]
    plain = [name for name in ("sgd", "momentum") if name in _with_best(view)]
    if not scaled:
        return ""
    told = [
        f"**Adaptive rates.** {join(NAMES[name] for name in scaled)} divide"
        f"{'s' * (len(scaled) == 1)} each parameter's gradient by its running size, so that the "
        "rate says about how long a step is, whatever the size of the gradient."
    ]
    if plain:
        told.append(f"The best rates: {join(_at_best(view, name) for name in (*plain, *scaled))}.")
    early = [
        f"{NAMES[name]} {spread(losses, '{:.3g}')}"
        for name in (*plain, *scaled)
        if None not in (losses := [trial.loss_at(EARLY) for trial in view.best(name)])
    ]
    if early:
        told.append(f"Loss in nats at step {EARLY}, each at its best rate: {', '.join(early)}.")
    if len(scaled) == 2:
        told.append(
            "Adam has both, momentum and the division, with their start corrected: here "
            f"{_compared(view, 'adam', 'rmsprop')}."
        )
    return " ".join(told)


def usable_sentence(view: OptimiserView) -> str:
    """Say how wide the range of rates is in which every seed solves the task."""
    ranges = {name: rates for name in view.optimisers if (rates := view.usable(name))}
    if not ranges:
        return "**The U.** At none of the rates tried did every seed solve the task."
    told = [f"{NAMES[name]} {usable_range(rates)}" for name, rates in ranges.items()]
    none = [NAMES[name] for name in view.optimisers if name not in ranges]
    rest = f"; {join(none)} at none" if none else ""
    widths = {name: decades(rates) for name, rates in ranges.items()}
    widest = [NAMES[name] for name in widths if math.isclose(widths[name], max(widths.values()))]
    most = f" The widest: **{join(widest)}**." if len(view.optimisers) > 1 else ""
    return (
        f"**The U.** Rates at which every seed solved the task: {'; '.join(told)}{rest}, as far as "
        f"the grid can tell.{most}"
    )


def large_rates_sentence(view: OptimiserView) -> str:
    """Say which rates were too large: no better than guessing, or diverged."""
    too_large = {
        name: tuple(
            f"{rate:g}"
            for rate in view.rates(name)
            if rate > (view.best_rate(name) or 0.0)
            and CHANCE_NATS <= view.median_loss(name, rate) < math.inf
        )
        for name in view.optimisers
    }
    worse = [f"{NAMES[name]} at {join(rates)}" for name, rates in too_large.items() if rates]
    diverged = [
        f"{NAMES[name]} at {rate:g} ({lost} of {count(len(trials), 'seed')})"
        for name in view.optimisers
        for rate in view.rates(name)
        if (trials := view.at(name, rate))
        and (lost := sum(trial.record.status == "diverged" for trial in trials))
    ]
    clip = view.protocol["clip_norm"]
    told = (
        f"Too large, and no better than guessing at the end (median): {'; '.join(worse)}."
        if worse
        else "",
        f"Diverged: {'; '.join(diverged)}."
        if diverged
        else f"No trial diverged; the norm of every gradient is clipped at {clip:g}.",
    )
    return " ".join(told).strip()


def edge_sentence(view: OptimiserView) -> str:
    """Say whose U is seen on one side alone, or not at all."""
    several = [name for name in _with_best(view) if len(view.rates(name)) > 1]
    lowest = [NAMES[n] for n in several if view.best_rate(n) == view.rates(n)[0]]
    highest = [NAMES[n] for n in several if view.best_rate(n) == view.rates(n)[-1]]
    single = [NAMES[n] for n in view.optimisers if len(view.rates(n)) == 1]
    told = [
        f"The best rate of {join(names)} is the {which} tried: a better one may lie beyond."
        for names, which in ((lowest, "lowest"), (highest, "highest"))
        if names
    ]
    if single:
        told.append(f"One rate alone, which shows no U, was tried for {join(single)}.")
    return " ".join(told)


def usable_range(rates: Sequence[float]) -> str:
    """Return a range of rates with its width.

    >>> usable_range((0.003, 0.01, 0.03)), usable_range((0.1,)), usable_range(())
    ('0.003–0.03 (1.0 decades)', '0.1 alone', 'none')
    """
    if len(rates) < 2:
        return f"{rates[0]:g} alone" if rates else "none"
    return f"{rates[0]:g}–{rates[-1]:g} ({decades(rates):.1f} decades)"


def decades(rates: Sequence[float]) -> float:
    """Return how many powers of ten a range of rates spans, the lowest first."""
    return math.log10(rates[-1] / rates[0]) if rates else 0.0


def _with_best(view: OptimiserView) -> list[str]:
    return [name for name in view.optimisers if view.best_rate(name) is not None]


def _at_best(view: OptimiserView, name: str) -> str:
    return f"{NAMES[name]} {view.best_rate(name):g}"


def _median_steps(view: OptimiserView, name: str) -> float:
    return view.median_steps(name, view.best_rate(name) or 0.0)


def _unsolved(view: OptimiserView, name: str) -> str:
    """Say how far an optimiser came that did not solve the task with every seed."""
    trials = view.best(name)
    solved = sum(trial.steps_to_solve is not None for trial in trials)
    how = f"{solved} of {len(trials)} seeds" if solved else "no seed"
    return f" {NAMES[name]}: {how} within {view.max_steps:,} steps."


def _sooner(view: OptimiserView, name: str) -> str:
    """Say at which other rate an optimiser solved the task sooner with every seed."""
    fastest = view.fastest_rate(name)
    if fastest is None or view.median_steps(name, fastest) >= _median_steps(view, name):
        return ""
    steps = spread([trial.steps_to_solve for trial in view.at(name, fastest)], "{:,.0f}")
    return f" {NAMES[name]} was sooner at {fastest:g}, {steps}, but ended higher there."


def _loss_spread(view: OptimiserView, name: str) -> str:
    return spread((trial.final_loss_nats for trial in view.best(name)), "{:.3g}")


def _told(loss_nats: float) -> str:
    return f"{loss_nats:.3g}" if math.isfinite(loss_nats) else "no number"


def _compared(view: OptimiserView, one: str, other: str) -> str:
    """Compare the median final losses of two optimisers, each at its best rate."""
    here, there = (view.median_loss(name, view.best_rate(name) or 0.0) for name in (one, other))
    ends = f"{NAMES[one]} ended at {here:.3g} nats and {NAMES[other]} at {there:.3g}"
    if _are_alike(here, there):
        return f"{ends}, about the same"
    if min(here, there) <= 0:
        return ends
    factor = max(here, there) / min(here, there)
    return f"{ends}, {factor:.2g} times {'lower' if here < there else 'higher'}"


def _are_alike(one: float, other: float) -> bool:
    return math.isfinite(one) and max(one, other) <= ALIKE * min(one, other)


def told_steps(steps: Iterable[tuple[str, int | None]], most: int) -> str:
    """Return the steps that each took to the goal; the fewest first, then those that did not.

    >>> told_steps([("SGD", None), ("Adam", 55), ("momentum", 50)], 200)
    'momentum 50, Adam 55; not within 200 steps: SGD'
    """
    found = list(steps)
    there = sorted((taken, name) for name, taken in found if taken is not None)
    absent = [name for name, taken in found if taken is None]
    told = ", ".join(f"{name} {taken}" for taken, name in there)
    rest = f"not within {most} steps: {join(absent)}" if absent else ""
    return "; ".join(part for part in (told, rest) if part)
