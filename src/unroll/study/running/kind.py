"""What is known of one kind of measurement, whichever it is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from rich.table import Table

from unroll.records import RequestRecord, Store
from unroll.study.running.plan import Plan

V = TypeVar("V")


@dataclass(frozen=True, kw_only=True)
class Kind(Generic[V]):
    """One kind of measurement: how it is planned, read and told."""

    settings: type[Any]
    """What it is asked for with; its class stands for the kind."""
    plan: Callable[[Any], Plan]
    """Settings to plan."""
    view: Callable[[Store, Sequence[RequestRecord]], V]
    """What the store knows of requests of one protocol."""
    load: Callable[[Store], Sequence[V]]
    """All views of a store, the one asked for last in front."""
    is_told: Callable[[V], bool]
    """Whether a report has anything to tell of a view."""
    summarise: Callable[[V], dict[str, Any]]
    """A view as plain values."""
    tell: Callable[[V], list[str | Table]]
    """A view as lines and tables for a terminal."""
    succeeded: Callable[[V], bool]
    """Whether anything in a view did not fail."""

    def load_told(self, store: Store) -> tuple[V, ...]:
        """Return the views of a store that there is something to tell of."""
        return tuple(view for view in self.load(store) if self.is_told(view))
