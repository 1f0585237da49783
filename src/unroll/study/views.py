"""Everything that a store knows, put in order to be told."""

from collections.abc import Iterator
from dataclasses import dataclass

from unroll.records import MeasurementRecord, Store, TrialRecord
from unroll.study.ablation.kind import ABLATION
from unroll.study.ablation.view import AblationView
from unroll.study.bench.kind import BENCH
from unroll.study.bench.view import BenchView
from unroll.study.gates.kind import GATES
from unroll.study.gates.view import GateView
from unroll.study.gradients.kind import GRADIENTS
from unroll.study.gradients.view import GradientView
from unroll.study.graphs.kind import GRAPHS
from unroll.study.graphs.view import GraphView
from unroll.study.memory.kind import MEMORY
from unroll.study.memory.series import is_further
from unroll.study.memory.view import MemoryView, label_cells
from unroll.study.optimisers.kind import OPTIMISERS
from unroll.study.optimisers.view import OptimiserView
from unroll.study.text.kind import TEXT
from unroll.study.text.view import TextView
from unroll.study.unmeasured import Unmeasured, of_gates, of_gradients, of_graphs, of_texts


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
    ablations: tuple[AblationView, ...] = ()
    """From one recipe to another, one change at a time."""
    benches: tuple[BenchView, ...] = ()
    """Cells beside each other on the same tasks."""
    texts: tuple[TextView, ...] = ()
    """Character models, one view a book."""
    graphs: tuple[GraphView, ...] = ()
    """What was measured of graphs, one view a kind and protocol."""
    unmeasured: tuple[Unmeasured, ...] = ()
    """What was asked for and failed altogether."""
    trained: tuple[TrialRecord, ...] = ()
    """Every trial that they rest on."""
    measured: tuple[MeasurementRecord, ...] = ()
    """Every measurement that they rest on."""
    asked: tuple[str, ...] = ()
    """When each of it was asked for, in UTC, ISO 8601."""

    @classmethod
    def load(cls, store: Store) -> "Views":
        """Return what is finished in a store, the last asked for in front."""
        requests = store.requests()
        gradients, gates = GRADIENTS.load(store), GATES.load(store)
        texts, graphs = TEXT.load(store), GRAPHS[0].load(store)
        trials = dict.fromkeys(key for request in requests for key in request.trials)
        looks = dict.fromkeys(key for request in requests for key in request.measurements)
        return cls(
            memory=MEMORY.load_told(store),
            gradients=tuple(filter(GRADIENTS.is_told, gradients)),
            optimisers=OPTIMISERS.load_told(store),
            gates=tuple(filter(GATES.is_told, gates)),
            ablations=ABLATION.load_told(store),
            benches=BENCH.load_told(store),
            texts=tuple(filter(TEXT.is_told, texts)),
            graphs=tuple(filter(GRAPHS[0].is_told, graphs)),
            unmeasured=(
                *of_gradients(gradients),
                *of_gates(gates),
                *of_texts(texts),
                *of_graphs(graphs),
            ),
            trained=tuple(t for key in trials if (t := store.find_trial(key))),
            measured=tuple(m for key in looks if (m := store.find_measurement(key))),
            asked=tuple(request.started for request in requests),
        )

    @property
    def is_empty(self) -> bool:
        """Whether nothing is finished."""
        return not (self._through_time or self.texts or self.graphs or self.benches)

    @property
    def _through_time(self) -> bool:
        return bool(
            self.memory or self.gradients or self.optimisers or self.gates or self.ablations
        )

    @property
    def are_texts(self) -> bool:
        """Whether nothing but character models is finished."""
        return bool(self.texts) and not (self._through_time or self.graphs or self.benches)

    @property
    def are_graphs(self) -> bool:
        """Whether nothing but graphs is finished."""
        return bool(self.graphs) and not (self._through_time or self.texts or self.benches)

    @property
    def are_benches(self) -> bool:
        """Whether nothing but benches is finished."""
        return bool(self.benches) and not (self._through_time or self.texts or self.graphs)

    @property
    def are_ablations(self) -> bool:
        """Whether nothing but ablations is finished."""
        others = (self.memory, self.gradients, self.optimisers, self.gates)
        return bool(self.ablations) and not (
            any(others) or self.texts or self.graphs or self.benches
        )

    @property
    def plain(self) -> tuple[MemoryView, ...]:
        """The views that keep to the assignment's way."""
        return tuple(view for view in self.memory if not is_further(view))

    @property
    def labels(self) -> dict[str, str]:
        """A short name for every cell."""
        benched = (cell for view in self.benches for cell in view.cells)
        return label_cells([*(cell for cell, _, _ in self.networks()), *benched])

    def networks(self) -> Iterator[tuple[str, int, int]]:
        """Yield cell, length and seed of every network that there is something to tell of."""
        settings = [t.settings for view in self.memory for t in view.trials]
        settings += [t.settings for view in self.optimisers for t in view.trials]
        settings += [look.settings for view in self.gates for look in view.looks]
        settings += [t.settings for view in self.ablations for t in view.trials]
        for chosen in settings:
            yield chosen.cell, chosen.length, chosen.seed
        for view in self.gradients:
            for probe in view.probes:
                yield probe.cell, view.length, probe.seed
