"""The commands: plan, carry out, and say what came of it."""

import io
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from unroll.records import RequestRecord, Store
from unroll.records.environment import describe_environment
from unroll.study.document import write_document
from unroll.study.execute import RunOptions, execute
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
from unroll.study.headlines import headlines
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
from unroll.study.presets import Preset, StudySettings
from unroll.study.running.plan import Plan, describe_request
from unroll.study.text.part import TextPart
from unroll.study.text.plan import plan_text
from unroll.study.text.summary import summarise_text, text_overview
from unroll.study.text.view import TextView, view_text


@dataclass(frozen=True, kw_only=True)
class RunResult:
    """What a command has to say when it is done."""

    summary: dict[str, Any]
    """For `--json`."""
    text: str
    """For a person."""
    succeeded: bool
    """Whether there is a result that did not fail."""


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


def run_command(
    settings: StudySettings, options: RunOptions, executor: Executor | None = None
) -> RunResult:
    """Run one command; what is recorded in the directory already is not run again.

    Raises: UnrollError, in one line and before anything is written, for a user's mistake.
    """
    kind = KINDS[type(settings)]
    plan = kind.plan(settings)
    report = execute([plan], options, executor)
    ((_, view),) = _views([plan], options)
    given = asdict(settings)
    summary = {
        "command": plan.kind,
        "settings": {k: str(v) if isinstance(v, Path) else v for k, v in given.items()},
        **kind.summarise(view),
        **_where(options, report),
    }
    text = f"{_to_text(kind.tell(view))}\n\n{_where_to_look(options, report)}"
    return RunResult(summary=summary, text=text, succeeded=kind.succeeded(view))


def run_study(preset: Preset, options: RunOptions, executor: Executor | None = None) -> RunResult:
    """Run `unroll study`: every part of the preset, then its report."""
    plans = [KINDS[type(settings)].plan(settings) for settings in preset.parts]
    headline = f"study, preset {preset.name}: {preset.summary}"
    report = execute(plans, options, executor, headline)
    by_kind: dict[str, list[Any]] = {}
    for plan, view in _views(plans, options):
        by_kind.setdefault(plan.kind, []).append(view)
    told = headlines(
        by_kind.get("memory", []),
        by_kind.get("gradients", []),
        by_kind.get("optimisers", []),
        by_kind.get("text", []),
    )
    kinds = {plan.kind: KINDS[type(plan.settings)] for plan in plans}
    summary = {
        "command": "study",
        "preset": preset.name,
        **{
            name: [_with_protocol(view, kinds[name]) for view in views]
            for name, views in by_kind.items()
        },
        "headlines": told,
        **_where(options, report),
    }
    succeeded = any(
        kinds[name].succeeded(view) for name, views in by_kind.items() for view in views
    )
    lines = "\n".join(f"  · {line}" for line in told)
    return RunResult(
        summary=summary,
        text=f"In short:\n{lines}\n\n{_where_to_look(options, report)}",
        succeeded=succeeded,
    )


def _with_protocol(view: Any, kind: Kind) -> dict[str, Any]:
    """Return a view as plain values; a book's view tells of each training's own protocol."""
    told = kind.summarise(view)
    return told if isinstance(view, TextView) else {"protocol": view.protocol, **told}


def write_report(directory: Path) -> Path:
    """Draw the report of a directory again; nothing is trained."""
    with Store.read(directory) as store:
        return write_document(store)


def _views(plans: Sequence[Plan], options: RunOptions) -> list[tuple[Plan, Any]]:
    """Return one view for each kind and protocol among these plans, with one of its plans."""
    groups: dict[str, list[Plan]] = {}
    for plan in plans:
        groups.setdefault(f"{plan.kind} {plan.protocol}", []).append(plan)
    with Store.read(options.out) as store:
        return [
            (
                group[0],
                KINDS[type(group[0].settings)].view(
                    store, [describe_request(plan, options.out) for plan in group]
                ),
            )
            for group in groups.values()
        ]


def _where(options: RunOptions, report: Path | None) -> dict[str, Any]:
    return {
        "out": str(options.out),
        "report": str(report) if report else None,
        "environment": describe_environment(),
    }


def _to_text(parts: Sequence[str | Table]) -> str:
    """Print lines and tables one below the other, as wide as the terminal; no line is folded."""
    stream = io.StringIO()
    console = Console(file=stream, width=Console().width, highlight=False, markup=False)
    for part in parts:
        if part:
            console.print(part, soft_wrap=isinstance(part, str))
    return stream.getvalue().rstrip()


def _where_to_look(options: RunOptions, report: Path | None) -> str:
    return f"report: {report}" if report else f"results: {options.out}"


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
    TextPart: Kind(
        plan=plan_text,
        view=view_text,
        summarise=summarise_text,
        tell=text_overview,
        succeeded=lambda view: bool(view.trainings),
    ),
}
"""By the class of the settings, which is the command."""
