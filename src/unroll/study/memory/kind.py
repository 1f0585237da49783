"""The memory study as one kind of measurement among others."""

from rich.table import Table

from unroll.study.memory.plan import plan_memory
from unroll.study.memory.settings import MemorySettings
from unroll.study.memory.summary import (
    accuracy_table,
    failure_line,
    retained_lines,
    summarise,
    table_notes,
)
from unroll.study.memory.view import MemoryView, load_views, view_requests
from unroll.study.running.kind import Kind


def _tell(view: MemoryView) -> list[str | Table]:
    above, below = table_notes(view)
    return [
        f"{above}\n" if view.trials else "",
        accuracy_table(view),
        *below,
        *retained_lines(view),
        failure_line(view),
    ]


MEMORY = Kind(
    settings=MemorySettings,
    plan=plan_memory,
    view=view_requests,
    load=load_views,
    is_told=lambda view: bool(view.trials),
    summarise=summarise,
    tell=_tell,
    succeeded=lambda view: any(t.record.status != "failed" for t in view.trials),
)
