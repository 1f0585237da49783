"""The gradient study as one kind of measurement among others."""

from rich.table import Table

from unroll.study.gradients.plan import plan_gradients
from unroll.study.gradients.settings import GradientSettings
from unroll.study.gradients.summary import (
    gradient_headline,
    gradient_lines,
    gradient_table,
    summarise_gradients,
)
from unroll.study.gradients.view import GradientView, load_gradients, view_gradients
from unroll.study.running.kind import Kind


def _tell(view: GradientView) -> list[str | Table]:
    return [f"{gradient_headline(view)}\n", gradient_table(view), *gradient_lines(view)]


GRADIENTS = Kind(
    settings=GradientSettings,
    plan=plan_gradients,
    view=view_gradients,
    load=load_gradients,
    is_told=lambda view: bool(view.probes),
    summarise=summarise_gradients,
    tell=_tell,
    succeeded=lambda view: bool(view.probes),
)
