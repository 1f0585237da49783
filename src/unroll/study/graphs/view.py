"""What the store knows of graphs, put in order to be told."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from unroll.records import RequestRecord, Store
from unroll.study.reproduction import covering
from unroll.study.running.requests import grouped_requests

KINDS = ("graph-reach", "graph-horizon", "graph-classify", "graph-depth", "graph-compare")
"""The kinds of requests that part 3 consists of."""


@dataclass(frozen=True, kw_only=True)
class Look:
    """One measurement."""

    settings: dict[str, Any]
    """All that decided its numbers."""
    values: dict[str, Any]
    """The numbers."""


@dataclass(frozen=True, kw_only=True)
class GraphView:
    """All measurements of one kind and protocol."""

    kind: str
    """One of KINDS."""
    protocol: dict[str, Any]
    """What they share."""
    commands: tuple[str, ...]
    """The command lines that ask for them."""
    looks: tuple[Look, ...]
    """What is measured, in the order of the request."""
    problems: tuple[str, ...] = ()
    """What could not be measured, and why."""
    missing: int = 0
    """How many measurements are not made yet."""

    def values(self, **chosen: Any) -> list[dict[str, Any]]:
        """Return the values of all looks whose settings have these entries."""
        return [
            look.values
            for look in self.looks
            if all(look.settings.get(name) == value for name, value in chosen.items())
        ]

    def options(self, name: str) -> list[Any]:
        """Return what a setting was, in order of first appearance."""
        return list(dict.fromkeys(look.settings[name] for look in self.looks))


def load_graphs(store: Store) -> tuple[GraphView, ...]:
    """Return one view for each kind and protocol in a store, the last asked for in front."""
    return tuple(view_graph(store, group) for group in grouped_requests(store, KINDS))


def view_graph(store: Store, requests: Sequence[RequestRecord]) -> GraphView:
    """Return what is known of the measurements of `requests`, of one kind and protocol."""
    last = requests[-1]
    keys = dict.fromkeys(key for request in requests for key in request.measurements)
    known = [record for key in keys if (record := store.find_measurement(key)) is not None]
    return GraphView(
        kind=last.kind,
        protocol=last.settings,
        commands=covering(requests),
        looks=tuple(
            Look(settings=record.settings, values=record.values)
            for record in known
            if record.values is not None
        ),
        problems=tuple(record.error for record in known if record.error is not None),
        missing=sum(store.find_measurement(key) is None for key in last.measurements),
    )
