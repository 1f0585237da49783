"""What the store knows of looks at gates, put in order to be told."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from unroll.probes import ParameterCount
from unroll.records import MeasurementRecord, RequestRecord, Store
from unroll.study.memory.view import SOLVED_ACCURACY
from unroll.study.reproduction import covering
from unroll.study.running.requests import grouped_requests
from unroll.study.running.trial import TrialSettings


@dataclass(frozen=True, kw_only=True)
class NetworkLook:
    """What the gates of one network do, before or after training."""

    accuracy: float
    """Share of the palindromes looked at that it answers right."""
    gates: dict[str, dict[str, Any]]
    """By gate: mean and mean size by step, the largest size, shares closed, open, negative."""
    keep: tuple[float, ...]
    """Mean of each unit's keep gate, from step 2 on."""
    time_constants: tuple[float | None, ...]
    """Of each unit, in steps; None where it never forgets."""
    kept: tuple[float, ...]
    """The share of what each unit held at step 1 that its keep gate leaves at step T − 1."""
    digit_share: tuple[float, ...]
    """The share of each unit's variance at step T − 1 that the first digit explains."""
    by_step: dict[str, list[float]]
    """Mean over units of shares explained: of the memory and of what is written."""
    silencings: tuple[dict[str, Any], ...]
    """Its accuracy when from some step on nothing is written, or nothing kept."""

    @property
    def median_constant(self) -> float:
        """The median time constant in steps; inf where it never forgets."""
        return statistics.median(self.constants)

    @property
    def constants(self) -> tuple[float, ...]:
        """The time constants in steps; inf for a unit that never forgets."""
        return tuple(math.inf if tau is None else tau for tau in self.time_constants)

    def silenced(self, silent: str, start: int) -> float:
        """Return its accuracy when from step `start` on nothing is `written`, or `kept`."""
        found = {(one["silent"], one["from"]): one["accuracy"] for one in self.silencings}
        accuracy: float = found[silent, start]
        return accuracy

    def lasting(self, steps: int) -> int:
        """Return how many units have a time constant of at least so many steps."""
        return sum(tau >= steps for tau in self.constants)


@dataclass(frozen=True, kw_only=True)
class GateLook:
    """One network, looked into before and after training."""

    settings: TrialSettings
    """The trial that trained it."""
    before: NetworkLook
    """As it began."""
    after: NetworkLook
    """With the parameters of its best validation."""
    count: int
    """Palindromes looked at."""
    held_out: bool
    """Whether none of them could occur in training."""
    palindrome: tuple[int, ...]
    """The T digits that are drawn; the network reads all but the last."""
    answer: int
    """What the trained network says comes last."""
    maps: dict[str, list[list[float]]]
    """By gate, of each unit at each step of that palindrome, after training."""

    @property
    def is_solved(self) -> bool:
        """Whether the trained network answers the palindromes that are looked at."""
        return self.after.accuracy >= SOLVED_ACCURACY

    @property
    def distance(self) -> int:
        """The steps that the digit has to be carried: T − 2."""
        return self.settings.length - 2


@dataclass(frozen=True, kw_only=True)
class GateProblem:
    """A network that could not be looked into."""

    label: str
    """Which one, in a few words."""
    error: str
    """Why, in one line."""


@dataclass(frozen=True, kw_only=True)
class GateView:
    """Looks into networks that differ in nothing but cell and seed."""

    looks: tuple[GateLook, ...]
    """All that succeeded, in the order asked for."""
    parameters: tuple[ParameterCount, ...]
    """The parameter formula beside what models have; empty until it is measured."""
    problems: tuple[GateProblem, ...]
    """What failed."""
    protocol: dict[str, Any]
    """What they share."""
    missing: int
    """How many measurements of the last command are not recorded."""
    commands: tuple[str, ...]
    """The commands that ask for them."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing is recorded yet."""
        return not (self.looks or self.parameters or self.problems)

    @property
    def cells(self) -> tuple[str, ...]:
        """The cells, in the order asked for."""
        return tuple(dict.fromkeys(look.settings.cell for look in self.looks))

    def of_cell(self, cell: str) -> tuple[GateLook, ...]:
        """Return the looks into networks of one cell, by seed."""
        mine = (look for look in self.looks if look.settings.cell == cell)
        return tuple(sorted(mine, key=lambda look: look.settings.seed))

    def drawn(self, cell: str) -> GateLook:
        """Return the network of a cell to draw: the first seed that is solved, or the first."""
        mine = self.of_cell(cell)
        return next((look for look in mine if look.is_solved), mine[0])


def load_gates(store: Store) -> list[GateView]:
    """Return the store's looks at gates, one view a protocol, the one asked for last in front."""
    return [view_gates(store, group) for group in grouped_requests(store, ["gates"])]


def view_gates(store: Store, requests: Sequence[RequestRecord]) -> GateView:
    """Return what is known of the measurements of `requests`, which share one protocol.

    Where a cell's equation was changed and it was asked for again, the newer takes the place of
    the older.
    """
    found: dict[tuple[str, int], MeasurementRecord] = {}
    parameters: tuple[ParameterCount, ...] = ()
    problems = []
    for key in dict.fromkeys(key for request in requests for key in request.measurements):
        if (record := store.find_measurement(key)) is None:
            continue
        if record.kind == "gates":
            trial = record.settings["trial"]
            found[trial["cell"], trial["seed"]] = record
        elif record.values is None:
            problems.append(GateProblem(label="The parameter count", error=_why(record)))
        else:
            parameters = tuple(ParameterCount(**row) for row in record.values["rows"])
    failed = [
        GateProblem(
            label=f"{cell.upper()}, seed {seed}", error=_why(record, _trial_error(store, record))
        )
        for (cell, seed), record in found.items()
        if record.values is None
    ]
    return GateView(
        looks=tuple(_read_look(r, r.values) for r in found.values() if r.values is not None),
        parameters=parameters,
        problems=(*failed, *problems),
        protocol=requests[-1].settings,
        missing=sum(store.find_measurement(key) is None for key in requests[-1].measurements),
        commands=covering(requests),
    )


def _trial_error(store: Store, record: MeasurementRecord) -> str | None:
    """Return why the trial failed whose network was to be looked into."""
    trial = store.find_trial(TrialSettings(**record.settings["trial"]).key)
    return trial.error if trial else None


def _why(record: MeasurementRecord, trial_error: str | None = None) -> str:
    return trial_error or record.error or "no reason is recorded"


def _read_look(record: MeasurementRecord, values: dict[str, Any]) -> GateLook:
    return GateLook(
        settings=TrialSettings(**record.settings["trial"]),
        before=_read_network(values["before"]),
        after=_read_network(values["after"]),
        count=values["count"],
        held_out=values["held_out"],
        palindrome=tuple(values["palindrome"]),
        answer=values["answer"],
        maps=values["maps"],
    )


def _read_network(values: dict[str, Any]) -> NetworkLook:
    return NetworkLook(
        accuracy=values["accuracy"],
        gates=values["gates"],
        keep=tuple(values["keep"]),
        time_constants=tuple(values["time_constants"]),
        kept=tuple(values["kept"]),
        digit_share=tuple(values["digit_share"]),
        by_step=values["by_step"],
        silencings=tuple(values["silenced"]),
    )
