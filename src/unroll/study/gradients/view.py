"""What the store knows of a gradient study, put in order to be told."""

import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from unroll.cells.source import BUILT_IN
from unroll.records import MeasurementRecord, RequestRecord, Store
from unroll.study.memory.view import SOLVED_ACCURACY
from unroll.study.reproduction import covering
from unroll.study.running.requests import grouped_requests

_SHOWN_OF_NAME = 7
"""Characters: enough to know one of a directory's weights again."""


@dataclass(frozen=True, kw_only=True)
class Probe:
    """The gradients of one network."""

    settings: dict[str, Any]
    """What was asked."""
    values: dict[str, Any]
    """What `measure_gradients` returned."""
    accuracy: float | None
    """Of a trained network at the length it was trained at."""

    @property
    def cell(self) -> str:
        """The cell as the user named it."""
        cell: str = self.settings["cell"]
        return cell

    @property
    def seed(self) -> int:
        """The seed of the network."""
        seed: int = self.settings["seed"]
        return seed

    @property
    def initialisation(self) -> str:
        """How its parameters began."""
        name: str = self.settings["initialisation"]
        return name

    @property
    def trained_at(self) -> int | None:
        """The length that it was trained at; None for an untrained network."""
        length: int | None = self.settings.get("trained_at")
        return length

    @property
    def by_time(self) -> dict[str, list[float]]:
        """‖∂ℓ/∂s(t)‖ for each part of the state, t = 1 … T − 1."""
        by_time: dict[str, list[float]] = self.values["by_time"]
        return by_time

    @property
    def message(self) -> str:
        """The part of the state that is told of first: `h`, or the first where none is called so.

        A cell's state may have any parts.
        """
        return "h" if "h" in self.by_time else next(iter(self.by_time))

    @property
    def received(self) -> float:
        """‖∂ℓ/∂s(1)‖ of that part: what arrives at the first step."""
        return self.by_time[self.message][0]

    @property
    def decay(self) -> float | None:
        """The factor by which that part's gradient changes with each step back."""
        factor: float | None = self.values["decay_per_step"][self.message]
        return factor

    @property
    def jacobian(self) -> dict[str, Any] | None:
        """Of the vanilla RNN; None for other cells."""
        jacobian: dict[str, Any] | None = self.values["jacobian"]
        return jacobian


@dataclass(frozen=True, kw_only=True)
class GradientView:
    """Networks looked at with the same sequences."""

    protocol: dict[str, Any]
    """What they share."""
    probes: tuple[Probe, ...]
    """All that are measured."""
    failures: tuple[str, ...]
    """Why some could not be, one line each."""
    missing: int
    """How many of the last command's are not measured yet."""
    commands: tuple[str, ...]
    """The commands that ask for them."""

    @property
    def cells(self) -> tuple[str, ...]:
        """The cells, in the order asked for."""
        return tuple(dict.fromkeys(probe.cell for probe in self.probes))

    @property
    def seeds(self) -> int:
        """How many seeds there are."""
        return len({probe.seed for probe in self.probes})

    @property
    def length(self) -> int:
        """T of the palindromes looked at."""
        length: int = self.protocol["length"]
        return length

    @property
    def parts(self) -> tuple[str, ...]:
        """Every part that a state has here, in the order of cells and states."""
        return tuple(dict.fromkeys(part for probe in self.probes for part in probe.by_time))

    def conditions(self) -> dict[str, list[Probe]]:
        """Return the networks by what they are, untrained ones first."""
        groups: dict[str, list[Probe]] = {}
        for probe in sorted(self.probes, key=lambda p: p.trained_at or 0):
            groups.setdefault(self._condition(probe), []).append(probe)
        return groups

    def untrained(self, cell: str) -> dict[str, list[Probe]]:
        """Return the untrained networks of a cell by initialisation."""
        groups: dict[str, list[Probe]] = {}
        for probe in self.probes:
            if probe.cell == cell and probe.trained_at is None:
                groups.setdefault(probe.initialisation, []).append(probe)
        return groups

    def _condition(self, probe: Probe) -> str:
        if probe.trained_at is None:
            return f"untrained, {probe.initialisation}"
        return f"{self._checkpoint(probe)}trained at T = {probe.trained_at}"

    def _checkpoint(self, probe: Probe) -> str:
        """Return the file that a network was read from, by its name as far as that is known."""
        digest = probe.settings.get("sha256")
        if digest is None:
            return ""
        name = probe.settings.get("checkpoint", digest)[:_SHOWN_OF_NAME]
        namesakes = {
            other.settings.get("sha256")
            for other in self.probes
            if other.settings.get("checkpoint", "")[:_SHOWN_OF_NAME] == name
        }
        content = f" (SHA-256 {digest[:_SHOWN_OF_NAME]})" if len(namesakes) > 1 else ""
        return f"checkpoint {name}{content}, "


def load_gradients(store: Store) -> list[GradientView]:
    """Return the store's looks at gradients, one view a protocol, the last asked for in front."""
    return [view_gradients(store, group) for group in grouped_requests(store, ["gradients"])]


def view_gradients(store: Store, requests: Sequence[RequestRecord]) -> GradientView:
    """Return what is known of the measurements of `requests`, which share one protocol.

    Where a cell's file was edited and it was looked at again, the newer look takes the place of
    the older.
    """
    records: dict[tuple[object, ...], MeasurementRecord] = {}
    spelling: dict[tuple[str, ...], str] = {}
    keys = [key for request in requests for key in request.measurements]
    known = {key: store.find_measurement(key) for key in dict.fromkeys(keys)}
    for key in keys:
        if (record := known[key]) is None:
            continue
        # One cell is one column, however its file was spelt in another command.
        asked = record.settings
        cell = spelling.setdefault(cell_identity(asked), asked["cell"])
        record = replace(record, settings={**asked, "cell": cell})
        records[_network(record.settings)] = record
    return GradientView(
        protocol=requests[-1].settings,
        probes=tuple(
            Probe(
                settings=record.settings,
                values=record.values,
                accuracy=_accuracy(store, record.settings),
            )
            for record in records.values()
            if record.values is not None
        ),
        failures=tuple(
            f"{record.settings['cell']}: {record.error}"
            for record in records.values()
            if record.values is None
        ),
        missing=sum(known[key] is None for key in requests[-1].measurements),
        commands=covering(requests),
    )


def cell_identity(settings: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what a cell is, however it is spelt: a built-in name, or a class and its file."""
    if settings["cell"] in BUILT_IN:
        return (settings["cell"],)
    return (settings["cell_sha256"], settings["cell_class"])


def _network(settings: Mapping[str, Any]) -> tuple[object, ...]:
    """Return what tells a network of a view from the others, whatever its cell's file holds."""
    names = ("cell", "initialisation", "seed", "condition", "trained_at", "sha256")
    return tuple(settings.get(name) for name in names)


def outcome(probes: Iterable[Probe]) -> str:
    """Say how many of these trained networks solved the length that they were trained at."""
    known = [probe.accuracy for probe in probes if probe.accuracy is not None]
    if not known:
        return ""
    solved = sum(accuracy >= SOLVED_ACCURACY for accuracy in known)
    return "solved" if solved == len(known) else f"{solved} of {len(known)} solved"


def arriving(probes: Iterable[Probe], part: str) -> list[float]:
    """Return ‖∂ℓ/∂s(1)‖ of every network that has this part of a state."""
    return [probe.by_time[part][0] for probe in probes if part in probe.by_time]


def power(values: Sequence[float]) -> str:
    """Return the median of norms and their range, as powers of ten where they are small.

    >>> power([1e-30, 3e-31, 2e-29]), power([0.0, 0.0]), power([0.5])
    ('1e-30 (3e-31–2e-29)', '0 (underflow)', '0.5')
    """
    if len(values) < 2 or not any(values):
        return middle(values)
    return f"{middle(values)} ({min(values):.2g}–{max(values):.2g})"


def middle(values: Sequence[float]) -> str:
    """Return the median of norms alone.

    >>> middle([]), middle([0.25, 0.75])
    ('–', '0.5')
    """
    if not values:
        return "–"
    return f"{statistics.median(values):.2g}" if any(values) else "0 (underflow)"


def _accuracy(store: Store, settings: dict[str, Any]) -> float | None:
    if settings.get("trial") is None:
        return None
    scores = {score.length: score.accuracy for score in store.evaluations(settings["trial"])}
    return scores.get(settings["trained_at"])
