"""What follows from how character models learnt, in sentences filled from the records."""

import statistics
from collections.abc import Sequence

from unroll.report.markup import inert
from unroll.study.text.view import Network, TextView, TrainingView
from unroll.study.words import count, join, spread

FIGURES = (
    ("carried", "carried_nats"),
    ("windows of 256", "w256_nats"),
    ("of 64", "w64_nats"),
    ("of 30", "w30_nats"),
)
PARTED = 0.02
"""By so many nats the tuning loss must have risen above its best to be told as a parting."""


def what_follows(view: TextView) -> list[str]:
    """Return what the figures say, a paragraph each."""
    told = [_kinds_differ(view)]
    if comparison := _comparison(view.of_most_text()):
        told.append(comparison)
    told.append(f"**Do training and held-out loss part?** {_partings(view.trainings)}")
    return told


def _kinds_differ(view: TextView) -> str:
    """Say by how much carried and windowed figures differ, and which way."""
    parts = []
    for training in view.trainings:
        gaps = [
            network.result["validation"]["w30_nats"] - network.result["validation"]["carried_nats"]
            for network in training.networks
        ]
        middle = statistics.median(gaps)
        way = "above" if middle >= 0 else "below"
        parts.append(
            f"{spread([abs(gap) for gap in gaps], '{:.3f}')} nats {way} it for "
            f"{inert(training.name)}"
        )
    return (
        "**Two kinds of figures.** Compared with the carried loss, that in windows of 30 lies "
        f"{join(parts)}. That is the price of a cold start: a network whose state was always "
        "carried on in training has hardly ever met one, one trained in windows at every step."
    )


def _comparison(trainings: Sequence[TrainingView]) -> str:
    """Say which way of training is ahead on each figure; empty with fewer than two."""
    if len(trainings) < 2:
        return ""
    told = []
    for title, name in (("carried", "carried_nats"), ("in windows of 30", "w30_nats")):
        ranked = sorted(trainings, key=lambda training: training.median(name))
        first, second = ranked[0], ranked[1]
        told.append(
            f"{title}, {inert(first.name)} is ahead with {first.median(name):.3f} nats, "
            f"{second.median(name) - first.median(name):.3f} before {inert(second.name)}"
            f"{_clearly(first, second, name)}"
        )
    seconds = join(
        f"{inert(t.name)} {statistics.median(n.result['cpu_seconds'] for n in t.networks):.1f}"
        for t in trainings
    )
    leaders = {min(trainings, key=lambda t: t.median(name)).name for _, name in FIGURES}
    verdict = (
        "The order is the same whichever figure is asked."
        if len(leaders) == 1
        else "Which one is ahead depends on the figure that is asked."
    )
    return (
        f"**Which is ahead.** {told[0][0].upper()}{told[0][1:]}; {told[1]}. {verdict} The budgets "
        f"are not the same: {seconds} core-seconds."
    )


def _clearly(first: TrainingView, second: TrainingView, name: str) -> str:
    apart = max(first.figures(name)) < min(second.figures(name))
    one_seed = len(first.networks) == len(second.networks) == 1
    if one_seed:
        return " (one seed each)"
    return ", every seed" if apart else ", though the seeds overlap"


def _partings(trainings: Sequence[TrainingView]) -> str:
    """Say where training and held-out loss part, and where not."""
    parted = [training for training in trainings if _rises(training)]
    together = [training for training in trainings if training not in parted]
    told = [_parting(training) for training in parted]
    if together:
        names = join(inert(training.name) for training in together)
        told.append(
            f"{'Not in' if not parted else 'They do not in'} {names}: the loss on the tuning part "
            f"did not rise above its best by more than {PARTED} nats before the end, which came "
            "too soon for the two to part."
        )
    gaps = join(f"{_gap(training):+.3f}".replace("-", "−") for training in trainings)
    names = "" if len(trainings) == 1 else ", in the order of the table"
    told.append(f"Held-out loss (carried) less that of training at the end: {gaps} nats{names}.")
    told += [_lower(training) for training in trainings if _gap(training) < 0]
    return " ".join(told)


def _lower(training: TrainingView) -> str:
    """Say where a held-out loss below that of training comes from, as far as it was measured."""
    networks = training.networks
    reasons = []
    ends = [n.curve[-1]["training_nats"] for n in networks if n.curve]
    own = statistics.median(n.result["training"]["loss_nats"] for n in networks)
    last = statistics.median([end for end in ends if end is not None] or [own])
    if last < own:
        reasons.append(
            f"that of training is a mean over the last tenth of the steps ({own:.3f}), in which "
            f"it still fell (last point: {last:.3f})"
        )
    windowed = f"w{training.window}_nats"
    if training.recipe["feeding"] == "windows" and windowed in networks[0].result["validation"]:
        cold = training.median(windowed) - training.median("carried_nats")
        reasons.append(
            f"it is of windows of {training.window}, each from zero state, which on held-out text "
            f"costs {cold:.3f} nats more than a carried state"
        )
    tuning = [best for network in networks if (best := _best_look(network)) is not None]
    if tuning and (easier := statistics.median(tuning) - training.median("carried_nats")) > 0:
        reasons.append(
            "the held-out part is the easier text: on the tuning part just before it the same "
            f"weights lose {easier:.3f} nats more"
        )
    told = f": {'; '.join(reasons)}" if reasons else "; why was not measured"
    return f"In {inert(training.name)} the held-out loss lies below that of training{told}."


def _best_look(network: Network) -> float | None:
    """Return the lowest loss on the tuning part, that of the weights kept."""
    looks = [p["tuning_nats"] for p in network.curve if p["tuning_nats"] is not None]
    return min(looks, default=None)


def _parting(training: TrainingView) -> str:
    rises = _rises(training)
    best = statistics.median_low([network.result["best_step"] for network in training.networks])
    seeds = f" in {len(rises)} of {count(len(training.networks), 'seed')}"
    return (
        f"They do in {inert(training.name)}: the loss on the tuning part is at its best at step "
        f"{best:,} and then rises again{seeds if len(training.networks) > 1 else ''}, in the end "
        f"by {spread(rises, '{:.3f}')} nats, while that of training goes on falling: from then on "
        "the network learns its book by heart. The weights kept are those of the best."
    )


def _rises(training: TrainingView) -> list[float]:
    """Return by how much the tuning loss rose, for each seed for which that is told."""
    ends = [_rise(network) for network in training.networks]
    return [end for end in ends if end is not None and end > PARTED]


def _gap(training: TrainingView) -> float:
    gap: float = statistics.median(
        network.result["validation"]["carried_nats"] - network.result["training"]["loss_nats"]
        for network in training.networks
    )
    return gap


def _rise(network: Network) -> float | None:
    """Return how far the tuning loss ended above its best; None without a look at it."""
    looks = [p["tuning_nats"] for p in network.curve if p["tuning_nats"] is not None]
    return looks[-1] - min(looks) if looks else None
