"""What the store knows of character models, put in order to be told."""

import re
import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from unroll.records import Horizon, MeasurementRecord, RequestRecord, Store
from unroll.records.horizon import Reading
from unroll.study.reproduction import covering
from unroll.study.running.requests import grouped_requests

KINDS = {
    "text-training": "trained",
    "text-writing": "read for what it writes",
    "text-copies": "measured for copying",
    "text-context": "measured for how far it looks",
}
"""What is recorded of each network, and what it is in words."""


def folder_name(training: str) -> str:
    """Return a name of a folder for a way of training.

    >>> folder_name("T = 100, 256 units")
    't-100-256-units'
    """
    return "-".join(re.findall(r"\w+", training.lower()))


@dataclass(frozen=True, kw_only=True)
class Network:
    """One network: one way of training, with one seed."""

    seed: int
    """The seed."""
    trained: dict[str, Any]
    """What came of its training: `result`, `stages`, `splits` and the rest."""
    writing: dict[str, Any] | None = None
    """What it writes; None until it is measured."""
    copies: dict[str, Any] | None = None
    """How much of that is copied."""
    context: dict[str, Any] | None = None
    """How far back it looks."""

    @property
    def result(self) -> dict[str, Any]:
        """What training came to."""
        found: dict[str, Any] = self.trained["result"]
        return found

    @property
    def curve(self) -> list[dict[str, Any]]:
        """The points of its training."""
        found: list[dict[str, Any]] = self.result["curve"]
        return found


@dataclass(frozen=True, kw_only=True)
class TrainingView:
    """One way of training, with all its seeds."""

    name: str
    """What figures and tables call it."""
    recipe: dict[str, Any]
    """How."""
    steps: int
    """Steps asked for."""
    characters: int
    """Characters of the text that it was given."""
    command: str
    """The command line that trains alike."""
    networks: tuple[Network, ...]
    """By seed."""

    @property
    def directory(self) -> str:
        """The run directory that its command trains in."""
        return f"runs/{folder_name(self.name)}"

    @property
    def window(self) -> int:
        """T."""
        window: int = self.recipe["window"]
        return window

    @property
    def characters_a_step(self) -> int:
        """B · T, predictions in a step."""
        return self.window * int(self.recipe["batch_size"])

    def figures(self, name: str) -> list[float]:
        """Return a figure of the validation split of every seed."""
        return [network.result["validation"][name] for network in self.networks]

    def median(self, name: str) -> float:
        """Return the median of a figure of the validation split."""
        return statistics.median(self.figures(name))

    def looked(self, kind: str) -> list[Network]:
        """Return the networks of which `writing`, `copies` or `context` is measured."""
        return [network for network in self.networks if getattr(network, kind) is not None]

    def horizon(self) -> Horizon:
        """Return how far back its networks look."""
        criteria = [
            network.context["horizon"]["criterion"]
            for network in self.networks
            if network.context is not None and "criterion" in network.context["horizon"]
        ]
        return Horizon(
            unit="characters",
            criterion=next(iter(criteria), "twice as much context saves 0.01 nats"),
            budget=f"{self.steps:,} steps",
            readings=tuple(
                Reading(
                    seed=network.seed,
                    last_passed=network.context["horizon"]["last_passed"],
                    first_failed=network.context["horizon"]["first_failed"],
                )
                for network in self.networks
                if network.context is not None
            ),
        )


@dataclass(frozen=True, kw_only=True)
class TextProblem:
    """Something that could not be measured."""

    label: str
    """What, in a few words."""
    error: str
    """Why, in one line."""


@dataclass(frozen=True, kw_only=True)
class TextView:
    """All that is known of networks trained on one book."""

    book: dict[str, Any]
    """Its `name`, `source`, `sha256` and `characters`."""
    trainings: tuple[TrainingView, ...]
    """Those of which something is recorded, in the order asked for."""
    problems: tuple[TextProblem, ...]
    """What failed."""
    missing: int
    """How many measurements of the last command are not recorded."""
    commands: tuple[str, ...]
    """The commands that ask for them."""
    is_named: bool = False
    """Whether sections name the book, because there are several."""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to tell."""
        return not (self.trainings or self.problems)

    @property
    def names(self) -> tuple[str, ...]:
        """The ways of training."""
        return tuple(training.name for training in self.trainings)

    def best(
        self, wanted: Callable[[TrainingView], bool] = lambda training: bool(training.networks)
    ) -> TrainingView | None:
        """Return the way of training of the lowest carried loss, among those that are wanted."""
        found = [training for training in self.of_most_text() if wanted(training)]
        found = found or [training for training in self.trainings if wanted(training)]
        return min(found, key=lambda training: training.median("carried_nats"), default=None)

    def of_most_text(self) -> tuple[TrainingView, ...]:
        """Return the ways of training on all that any was given: their held-out text is one."""
        most = max((training.characters for training in self.trainings), default=0)
        return tuple(training for training in self.trainings if training.characters == most)


def load_texts(store: Store) -> list[TextView]:
    """Return the store's character models, one view a book, the one asked for last in front."""
    groups = grouped_requests(store, ["text"], by=lambda asked: asked.settings["book"]["sha256"])
    return [view_text(store, group) for group in groups]


def view_text(store: Store, requests: Sequence[RequestRecord]) -> TextView:
    """Return what is known of the measurements of `requests`, which share one book.

    Of a way of training that was asked for twice under one name, the later is told, once there is
    something to tell of it.
    """
    found: dict[str, TrainingView] = {}
    problems: dict[str, list[TextProblem]] = {}
    for asked in (training for request in requests for training in request.settings["trainings"]):
        known = _records(store, asked["seeds"])
        training = _read_training(asked, known)
        failed = _problems(asked, known)
        if training.networks or failed:
            # A name that is asked for again moves to the end, as its settings may be others.
            found.pop(training.name, None)
            found[training.name] = training
            problems[training.name] = failed
    last = requests[-1]
    return TextView(
        book=last.settings["book"],
        trainings=tuple(training for training in found.values() if training.networks),
        problems=tuple(problem for several in problems.values() for problem in several),
        missing=sum(store.find_measurement(key) is None for key in last.measurements),
        commands=covering(requests),
    )


def _records(store: Store, seeds: Iterable[dict[str, str]]) -> dict[str, MeasurementRecord]:
    """Return what is recorded of these networks, by key."""
    keys = [key for by_kind in seeds for key in by_kind.values()]
    return {key: record for key in keys if (record := store.find_measurement(key)) is not None}


def _read_training(asked: dict[str, Any], known: dict[str, MeasurementRecord]) -> TrainingView:
    def values(by_kind: dict[str, str], kind: str) -> dict[str, Any] | None:
        record = known.get(by_kind.get(kind, ""))
        return None if record is None else record.values

    return TrainingView(
        name=asked["name"],
        recipe=asked["recipe"],
        steps=asked["steps"],
        characters=asked["characters"],
        command=asked["command"],
        networks=tuple(
            Network(
                seed=seed,
                trained=trained,
                writing=values(by_kind, "text-writing"),
                copies=values(by_kind, "text-copies"),
                context=values(by_kind, "text-context"),
            )
            for seed, by_kind in enumerate(asked["seeds"])
            if (trained := values(by_kind, "text-training")) is not None
        ),
    )


def _problems(asked: dict[str, Any], known: dict[str, MeasurementRecord]) -> list[TextProblem]:
    """Return what failed; a look that failed with its training is not told again."""
    told = []
    for seed, by_kind in enumerate(asked["seeds"]):
        for kind, words in KINDS.items():
            record = known.get(by_kind.get(kind, ""))
            if record is None or record.values is not None:
                continue
            label = f"{asked['name']}, seed {seed}, could not be {words}"
            told.append(TextProblem(label=label, error=record.error or "no reason is recorded"))
            if kind == "text-training":
                break
    return told
