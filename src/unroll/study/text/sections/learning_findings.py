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
    told += [_parting(training) for training in view.trainings]
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
        "**Two kinds of figures.** The loss in windows of 30 lies beside the carried one: "
        f"{join(parts)}. That is the price of a cold start, which no network escapes and which a "
        "network that was trained from a carried state has never met."
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


def _parting(training: TrainingView) -> str:
    """Say whether training and held-out loss part."""
    ends = [_rise(network) for network in training.networks]
    gap = statistics.median(
        network.result["validation"]["carried_nats"] - network.result["training"]["loss_nats"]
        for network in training.networks
    )
    parted = [end for end in ends if end is not None and end > PARTED]
    if parted:
        text = (
            f"in {len(parted)} of {count(len(ends), 'seed')} the loss on the tuning part rose "
            f"again, at last {spread(parted, '{:.3f}')} nats above its best, while training went "
            "on: from then on the network learns its book by heart. The weights kept are those "
            "from before"
        )
    else:
        text = (
            "the loss on the tuning part did not rise above its best by more than "
            f"{PARTED} nats before the end: this budget is too short for the two to part"
        )
    side = "above" if gap >= 0 else "below"
    return (
        f"**Do training and held-out loss part?** {inert(training.name)}: {text}. The carried "
        f"held-out loss ends {abs(gap):.3f} nats {side} that of training."
    )


def _rise(network: Network) -> float | None:
    """Return how far the tuning loss ended above its best; None without a look at it."""
    looks = [p["tuning_nats"] for p in network.curve if p["tuning_nats"] is not None]
    return looks[-1] - min(looks) if looks else None
