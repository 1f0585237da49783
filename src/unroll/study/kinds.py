"""What a command knows of each kind of measurement: how it is planned, read and told."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from rich.table import Table

from unroll.records import RequestRecord, Store
from unroll.study.gates.plan import plan_gates
from unroll.study.gates.settings import GateSettings
from unroll.study.gates.summary import gates_overview, overview_notes, summarise_gates
from unroll.study.gates.view import GateView, view_gates
from unroll.study.gradients.plan import plan_gradients
from unroll.study.gradients.settings import GradientSettings
from unroll.study.gradients.summary import (
    gradient_headline,
    gradient_lines,
    gradient_table,
    summarise_gradients,
)
from unroll.study.gradients.view import GradientView, view_gradients
from unroll.study.graphs.plans.classify import plan_classify
from unroll.study.graphs.plans.compare import plan_compare
from unroll.study.graphs.plans.depth import plan_depth
from unroll.study.graphs.plans.hops import plan_hops
from unroll.study.graphs.plans.reach import plan_reach
from unroll.study.graphs.settings import (
    ClassifySettings,
    CompareSettings,
    DepthSettings,
    HopSettings,
    ReachSettings,
)
from unroll.study.graphs.summary import summarise_graph
from unroll.study.graphs.tables import tell_graph
from unroll.study.graphs.view import view_graph
from unroll.study.memory.plan import plan_memory
from unroll.study.memory.settings import MemorySettings
from unroll.study.memory.summary import (
    accuracy_table,
    failure_line,
    retained_lines,
    summarise,
    table_notes,
)
from unroll.study.memory.view import MemoryView, view_requests
from unroll.study.optimisers.plan import plan_optimisers
from unroll.study.optimisers.settings import OptimiserSettings
from unroll.study.optimisers.summary import (
    optimiser_failures,
    optimiser_notes,
    optimiser_table,
    summarise_optimisers,
)
from unroll.study.optimisers.view import OptimiserView, view_optimisers
from unroll.study.running.plan import Plan
from unroll.study.text.part import TextPart
from unroll.study.text.plan import plan_text
from unroll.study.text.summary import summarise_text, text_overview
from unroll.study.text.view import view_text


@dataclass(frozen=True, kw_only=True)
class Kind:
    """What a command knows of one kind of measurement."""

    plan: Callable[[Any], Plan]
    """Settings to plan."""
    view: Callable[[Store, Sequence[RequestRecord]], Any]
    """What the store knows of requests of one protocol."""
    summarise: Callable[[Any], dict[str, Any]]
    """A view as plain values."""
    tell: Callable[[Any], list[str | Table]]
    """A view as lines and tables for a terminal."""
    succeeded: Callable[[Any], bool]
    """Whether anything in a view did not fail."""


def _tell_memory(view: MemoryView) -> list[str | Table]:
    above, below = table_notes(view)
    return [
        f"{above}\n" if view.trials else "",
        accuracy_table(view),
        below,
        *retained_lines(view),
        failure_line(view),
    ]


def _tell_gradients(view: GradientView) -> list[str | Table]:
    return [f"{gradient_headline(view)}\n", gradient_table(view), *gradient_lines(view)]


def _tell_optimisers(view: OptimiserView) -> list[str | Table]:
    above, below = optimiser_notes(view)
    return [f"{above}\n", optimiser_table(view), below, optimiser_failures(view)]


def _tell_gates(view: GateView) -> list[str | Table]:
    above, below = overview_notes(view)
    return [f"{above}\n", gates_overview(view), below]


_GRAPH_PLANS: dict[type[Any], Callable[[Any], Plan]] = {
    ReachSettings: plan_reach,
    HopSettings: plan_hops,
    ClassifySettings: plan_classify,
    DepthSettings: plan_depth,
    CompareSettings: plan_compare,
}

KINDS: dict[type[Any], Kind] = {
    MemorySettings: Kind(
        plan=plan_memory,
        view=view_requests,
        summarise=summarise,
        tell=_tell_memory,
        succeeded=lambda view: any(t.record.status != "failed" for t in view.trials),
    ),
    GradientSettings: Kind(
        plan=plan_gradients,
        view=view_gradients,
        summarise=summarise_gradients,
        tell=_tell_gradients,
        succeeded=lambda view: bool(view.probes),
    ),
    OptimiserSettings: Kind(
        plan=plan_optimisers,
        view=view_optimisers,
        summarise=summarise_optimisers,
        tell=_tell_optimisers,
        succeeded=lambda view: any(t.record.status != "failed" for t in view.trials),
    ),
    GateSettings: Kind(
        plan=plan_gates,
        view=view_gates,
        summarise=summarise_gates,
        tell=_tell_gates,
        succeeded=lambda view: bool(view.looks),
    ),
    **{
        settings: Kind(
            plan=plan,
            view=view_graph,
            summarise=summarise_graph,
            tell=tell_graph,
            succeeded=lambda view: bool(view.looks),
        )
        for settings, plan in _GRAPH_PLANS.items()
    },
    TextPart: Kind(
        plan=plan_text,
        view=view_text,
        summarise=summarise_text,
        tell=text_overview,
        succeeded=lambda view: bool(view.trainings),
    ),
}
"""By the class of the settings, which is the command."""
