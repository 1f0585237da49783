"""The commands of part 3 as kinds of measurement, which differ in how they are planned."""

from collections.abc import Callable
from typing import Any

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
from unroll.study.graphs.view import GraphView, load_graphs, view_graph
from unroll.study.running.kind import Kind
from unroll.study.running.plan import Plan


def _kind(settings: type[Any], plan: Callable[[Any], Plan]) -> Kind[GraphView]:
    return Kind(
        settings=settings,
        plan=plan,
        view=view_graph,
        load=load_graphs,
        is_told=lambda view: bool(view.looks),
        summarise=summarise_graph,
        tell=tell_graph,
        succeeded=lambda view: bool(view.looks),
    )


GRAPHS = (
    _kind(ReachSettings, plan_reach),
    _kind(HopSettings, plan_hops),
    _kind(ClassifySettings, plan_classify),
    _kind(DepthSettings, plan_depth),
    _kind(CompareSettings, plan_compare),
)
"""One a command; all are read and told alike, so that each loads the views of all."""
