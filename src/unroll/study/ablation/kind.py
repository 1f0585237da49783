"""The ablation as one kind of measurement among others."""

from rich.table import Table

from unroll.study.ablation.plan import plan_ablation
from unroll.study.ablation.settings import AblationSettings
from unroll.study.ablation.summary import (
    ablation_failures,
    ablation_notes,
    ablation_table,
    summarise_ablation,
)
from unroll.study.ablation.view import AblationView, load_ablations, view_ablation
from unroll.study.running.kind import Kind


def _tell(view: AblationView) -> list[str | Table]:
    above, below = ablation_notes(view)
    return [f"{above}\n", ablation_table(view), f"\n{below}", ablation_failures(view)]


ABLATION = Kind(
    settings=AblationSettings,
    plan=plan_ablation,
    view=view_ablation,
    load=load_ablations,
    is_told=lambda view: bool(view.ladders),
    summarise=summarise_ablation,
    tell=_tell,
    succeeded=lambda view: any(t.record.status != "failed" for t in view.trials),
)
"""Asked for by `unroll ablation`."""
