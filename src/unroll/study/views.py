"""Everything that a store knows, put in order to be told."""

from collections.abc import Iterator
from dataclasses import dataclass

from unroll.records import MeasurementRecord, Store, TrialRecord
from unroll.study.gates.view import GateView, load_gates
from unroll.study.gradients.view import GradientView, load_gradients
from unroll.study.graphs.view import GraphView, load_graphs
from unroll.study.memory.series import is_further
from unroll.study.memory.view import MemoryView, label_cells, load_views
from unroll.study.optimisers.view import OptimiserView, load_optimisers
from unroll.study.text.view import TextView, load_texts


@dataclass(frozen=True, kw_only=True)
class Views:
    """Everything that a store knows, put in order to be told."""

    memory: tuple[MemoryView, ...] = ()
    """Trials by length, one view a protocol."""
    gradients: tuple[GradientView, ...] = ()
    """Looks at gradients."""
    optimisers: tuple[OptimiserView, ...] = ()
    """Comparisons of optimisers."""
    gates: tuple[GateView, ...] = ()
    """Looks at gates."""
    texts: tuple[TextView, ...] = ()
    """Character models, one view a book."""
    graphs: tuple[GraphView, ...] = ()
    """What was measured of graphs, one view a kind and protocol."""
    trained: tuple[TrialRecord, ...] = ()
    """Every trial that they rest on."""
    measured: tuple[MeasurementRecord, ...] = ()
    """Every measurement that they rest on."""

    @classmethod
    def load(cls, store: Store) -> "Views":
        """Return what is finished in a store, the last asked for in front."""
        requests = store.requests()
        trials = dict.fromkeys(key for request in requests for key in request.trials)
        looks = dict.fromkeys(key for request in requests for key in request.measurements)
        return cls(
            memory=tuple(view for view in load_views(store) if view.trials),
            gradients=tuple(view for view in load_gradients(store) if view.probes),
            optimisers=tuple(view for view in load_optimisers(store) if view.trials),
            gates=tuple(view for view in load_gates(store) if view.looks or view.parameters),
            texts=tuple(view for view in load_texts(store) if view.trainings),
            graphs=tuple(view for view in load_graphs(store) if view.looks),
            trained=tuple(t for key in trials if (t := store.find_trial(key))),
            measured=tuple(m for key in looks if (m := store.find_measurement(key))),
        )

    @property
    def is_empty(self) -> bool:
        """Whether nothing is finished."""
        return not (self._through_time or self.texts or self.graphs)

    @property
    def _through_time(self) -> bool:
        return bool(self.memory or self.gradients or self.optimisers or self.gates)

    @property
    def are_texts(self) -> bool:
        """Whether nothing but character models is finished."""
        return bool(self.texts) and not (self._through_time or self.graphs)

    @property
    def are_graphs(self) -> bool:
        """Whether nothing but graphs is finished."""
        return bool(self.graphs) and not (self._through_time or self.texts)

    @property
    def plain(self) -> tuple[MemoryView, ...]:
        """The views that keep to the assignment's way."""
        return tuple(view for view in self.memory if not is_further(view))

    @property
    def labels(self) -> dict[str, str]:
        """A short name for every cell."""
        return label_cells(cell for cell, _, _ in self.networks())

    def networks(self) -> Iterator[tuple[str, int, int]]:
        """Yield cell, length and seed of every network that there is something to tell of."""
        settings = [t.settings for view in self.memory for t in view.trials]
        settings += [t.settings for view in self.optimisers for t in view.trials]
        settings += [look.settings for view in self.gates for look in view.looks]
        for chosen in settings:
            yield chosen.cell, chosen.length, chosen.seed
        for view in self.gradients:
            for probe in view.probes:
                yield probe.cell, view.length, probe.seed
