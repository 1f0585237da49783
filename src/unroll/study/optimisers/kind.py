"""The comparison of optimisers as one kind of measurement among others."""

from rich.table import Table

from unroll.study.optimisers.plan import plan_optimisers
from unroll.study.optimisers.settings import OptimiserSettings
from unroll.study.optimisers.summary import (
    optimiser_failures,
    optimiser_notes,
    optimiser_table,
    summarise_optimisers,
)
from unroll.study.optimisers.view import OptimiserView, load_optimisers, view_optimisers
from unroll.study.running.kind import Kind


def _tell(view: OptimiserView) -> list[str | Table]:
    above, below = optimiser_notes(view)
    return [f"{above}\n", optimiser_table(view), below, optimiser_failures(view)]


OPTIMISERS = Kind(
    settings=OptimiserSettings,
    plan=plan_optimisers,
    view=view_optimisers,
    load=load_optimisers,
    is_told=lambda view: bool(view.trials),
    summarise=summarise_optimisers,
    tell=_tell,
    succeeded=lambda view: any(t.record.status != "failed" for t in view.trials),
)
