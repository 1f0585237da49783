"""The look at gates as one kind of measurement among others."""

from rich.table import Table

from unroll.study.gates.plan import plan_gates
from unroll.study.gates.settings import GateSettings
from unroll.study.gates.summary import gates_overview, overview_notes, summarise_gates
from unroll.study.gates.view import GateView, load_gates, view_gates
from unroll.study.running.kind import Kind


def _tell(view: GateView) -> list[str | Table]:
    above, below = overview_notes(view)
    return [f"{above}\n", gates_overview(view), below]


GATES = Kind(
    settings=GateSettings,
    plan=plan_gates,
    view=view_gates,
    load=load_gates,
    is_told=lambda view: bool(view.looks or view.parameters),
    summarise=summarise_gates,
    tell=_tell,
    succeeded=lambda view: bool(view.looks),
)
