"""What was measured, as a result that can be looked at: from the views of a store."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from unroll.records import Horizon
from unroll.report.section import Section
from unroll.study.ablation.kind import ABLATION
from unroll.study.ablation.view import AblationView
from unroll.study.bench.kind import BENCH
from unroll.study.bench.told import bench_horizons_of
from unroll.study.bench.view import BenchView
from unroll.study.document import build_document
from unroll.study.gates.kind import GATES
from unroll.study.gates.view import GateView
from unroll.study.gradients.kind import GRADIENTS
from unroll.study.gradients.view import GradientView
from unroll.study.graphs.kind import GRAPHS
from unroll.study.graphs.summary import horizon_of, networks_of
from unroll.study.graphs.view import GraphView
from unroll.study.memory.kind import MEMORY
from unroll.study.memory.series import tell_apart
from unroll.study.memory.view import MemoryView, label_cells
from unroll.study.optimisers.kind import OPTIMISERS
from unroll.study.optimisers.view import OptimiserView
from unroll.study.running.kind import Kind
from unroll.study.text.kind import TEXT
from unroll.study.text.view import TextView
from unroll.study.views import Views

View: TypeAlias = (
    MemoryView
    | GradientView
    | OptimiserView
    | GateView
    | AblationView
    | BenchView
    | TextView
    | GraphView
)

LEADING = (
    "bench",
    "reach",
    "accuracy",
    "gradient-over-time",
    "optimiser-rates",
    "gate-maps-lstm",
    "ablation",
    "graph-hops",
    "graph-classified",
    "depth-accuracy",
    "hop-accuracy",
)
"""Figures that tell most in little room, by name: of those there are, the first are shown."""


def group(view: View) -> Views:
    """Return one view as all that there is to tell."""
    match view:
        case MemoryView():
            return Views(memory=(view,))
        case GradientView():
            return Views(gradients=(view,))
        case OptimiserView():
            return Views(optimisers=(view,))
        case GateView():
            return Views(gates=(view,))
        case AblationView():
            return Views(ablations=(view,))
        case BenchView():
            return Views(benches=(view,))
        case TextView():
            return Views(texts=(view,))
        case GraphView():
            return Views(graphs=(view,))


def listed(views: Views) -> list[tuple[str, View]]:
    """Return every view with the name of its kind."""
    named: list[tuple[str, Sequence[View]]] = [
        ("memory", views.memory),
        ("gradients", views.gradients),
        ("optimisers", views.optimisers),
        ("gates", views.gates),
        ("ablation", views.ablations),
        ("bench", views.benches),
        ("text", views.texts),
    ]
    told = [(name, view) for name, several in named for view in several]
    return told + [(view.kind, view) for view in views.graphs]


def kind_of(view: View) -> Kind[Any]:
    """Return what is known of a view's kind of measurement; all graphs are told alike."""
    kinds: dict[type[Any], Kind[Any]] = {
        MemoryView: MEMORY,
        GradientView: GRADIENTS,
        OptimiserView: OPTIMISERS,
        GateView: GATES,
        AblationView: ABLATION,
        BenchView: BENCH,
        TextView: TEXT,
        GraphView: GRAPHS[0],
    }
    return kinds[type(view)]


def sections_of(views: Views) -> tuple[Section, ...]:
    """Return the report's sections, what it opens with in front as a section of its own."""
    if views.is_empty:
        return ()
    document = build_document(views)
    if not document.opening:
        return document.sections
    opening = Section(number="", title=document.title, blocks=document.opening)
    return (opening, *document.sections)


def horizons_of(views: Views) -> Mapping[str, Horizon]:
    """Return every horizon by the name of its network; no two have the same name."""
    found = {**_horizons_in_steps(views.memory), **bench_horizons_of(views.benches)}
    for ablation in views.ablations:
        budget = f", {ablation.protocol['budget']:,} sequence-steps"
        more = budget if len(views.ablations) > 1 else ""
        found |= {
            f"{row.cell}, {row.name}{more}": ladder.horizon()
            for row, ladder in ablation.ladders.items()
        }
    for text in views.texts:
        book = f" ({text.book['name']})" if len(views.texts) > 1 else ""
        found |= {f"{t.name}{book}": t.horizon() for t in text.trainings if t.looked("context")}
    graphs = [view for view in views.graphs if view.kind == "graph-horizon"]
    for graph in graphs:
        width, steps = graph.protocol["hidden_size"], graph.protocol["steps"]
        way = f", {width} units, at most {steps} steps" if len(graphs) > 1 else ""
        found |= {" ".join(n) + way: horizon_of(graph, n) for n in networks_of(graph)}
    return found


def _horizons_in_steps(views: Sequence[MemoryView]) -> dict[str, Horizon]:
    """Return the horizon of each cell, and of each way in which it was trained."""
    known = [(view, cell) for view in views for cell in view.cells]
    labels = label_cells(cell for _, cell in known)
    settings = [view.of_cell(cell)[0].settings for view, cell in known]
    names = [labels[cell] for _, cell in known]
    if len(views) > 1:
        names = [
            f"{name}, {view.protocol['recipe']}, {chosen.initialisation}"
            f"{', recurrence frozen' if chosen.trained == 'readout' else ''}"
            for name, (view, _), chosen in zip(names, known, settings, strict=True)
        ]
    added = tell_apart(names, settings)
    return {
        f"{name}{more}": view.horizon(cell)
        for name, more, (view, cell) in zip(names, added, known, strict=True)
    }
