"""The commands: plan, carry out, and say what came of it."""

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any, Literal, TypeAlias, TypeVar

from rich.table import Table

from unroll.records import Store
from unroll.records.environment import describe_environment
from unroll.report.terminal import to_text
from unroll.study.bench.view import BenchView
from unroll.study.document import write_document
from unroll.study.execute import RunOptions, execute
from unroll.study.formats import write_figures, write_markdown
from unroll.study.gradients.view import GradientView
from unroll.study.graphs.settings import ReachSettings
from unroll.study.graphs.view import GraphView
from unroll.study.headlines import headlines
from unroll.study.kinds import KINDS
from unroll.study.memory.view import MemoryView
from unroll.study.optimisers.view import OptimiserView
from unroll.study.presets import Preset
from unroll.study.questions import StudySettings
from unroll.study.result import Result
from unroll.study.results import LEADING, View, group, horizons_of, kind_of, listed, sections_of
from unroll.study.running.inline import InlineExecutor
from unroll.study.running.kind import Kind
from unroll.study.running.plan import Plan, describe_request, grown
from unroll.study.text.view import TextView
from unroll.study.views import Views

ReportForm: TypeAlias = Literal["html", "md", "figures"]

V = TypeVar("V")


def run_command(
    settings: StudySettings,
    options: RunOptions,
    executor: Executor | None = None,
    *,
    with_figures: bool = False,
) -> Result:
    """Run one command; what is recorded in the directory already is not run again.

    With figures, each one is written as an SVG drawing too, beside the report.

    Raises: UnrollError, in one line and before anything is written, for a user's mistake.
    """
    kind = KINDS[type(settings)]
    plan = kind.plan(settings)
    if executor is None and isinstance(settings, ReachSettings):
        # It takes but a moment, and a worker process seconds to begin.
        executor = InlineExecutor()
    report = execute([plan], options, executor)
    figures = write_figures(options.out) if with_figures and report else None
    ((_, view),) = _views([plan], options)
    given = asdict(settings)
    summary = {
        "command": plan.kind,
        "settings": {k: str(v) if isinstance(v, Path) else v for k, v in given.items()},
        **kind.summarise(view),
        **_where(options, report),
        **({"figures": str(figures)} if figures else {}),
    }
    told = tuple(kind.tell(view))
    text = f"{to_text(told)}\n\n{_where_to_look(options, report)}"
    text += f"\nfigures: {figures}" if figures else ""
    known = group(view) if kind.is_told(view) else Views()
    return _result(known, summary=summary, text=text, told=told, succeeded=kind.succeeded(view))


def run_study(preset: Preset, options: RunOptions, executor: Executor | None = None) -> Result:
    """Run `unroll study`: every part of the preset, then its report."""
    plans = [KINDS[type(settings)].plan(settings) for settings in preset.parts]
    headline = f"study, preset {preset.name}: {preset.summary}"
    report = execute(plans, options, executor, headline)
    named = [(plan.kind, view) for plan, view in _views(plans, options)]
    told = _headlines(named)
    summary = {
        "command": "study",
        "preset": preset.name,
        **_summaries(named),
        "headlines": told,
        **_where(options, report),
    }
    lines = _in_short(told)
    with Store.read(options.out) as store:
        views = Views.load(store)
    return _result(
        views,
        summary=summary,
        text=f"{lines}\n\n{_where_to_look(options, report)}",
        told=(lines,),
        succeeded=_has_succeeded(named),
    )


def open_store(directory: Path) -> Result:
    """Return what a directory of results knows, as its study tells it; nothing is trained.

    Raises: StoreError, in one line, where there are no results.
    """
    with Store.read(directory) as store:
        views = Views.load(store)
    named = listed(views)
    told = _headlines(named)
    summary = {**_summaries(named), "headlines": told, "out": str(directory)}
    lines = _in_short(told) if told else f"{directory}: nothing is finished"
    return _result(
        views, summary=summary, text=lines, told=(lines,), succeeded=_has_succeeded(named)
    )


def _has_succeeded(named: Sequence[tuple[str, View]]) -> bool:
    """Whether there is a view with a result that did not fail."""
    return any(kind_of(view).succeeded(view) for _, view in named)


def _result(
    views: Views,
    *,
    summary: dict[str, Any],
    text: str,
    told: tuple[str | Table, ...],
    succeeded: bool,
) -> Result:
    return Result(
        summary=summary,
        text=text,
        succeeded=succeeded,
        told=told,
        horizons=horizons_of(views),
        tell=partial(sections_of, views),
        leading=LEADING,
    )


def _headlines(named: Sequence[tuple[str, View]]) -> list[str]:
    """Return the most important numbers of these views, each in a line."""

    def of(kind: type[V]) -> list[V]:
        return [view for _, view in named if isinstance(view, kind)]

    return headlines(
        of(MemoryView),
        of(GradientView),
        of(OptimiserView),
        of(TextView),
        of(GraphView),
        of(BenchView),
    )


def _in_short(told: Sequence[str]) -> str:
    lines = "\n".join(f"  · {line}" for line in told)
    return f"In short:\n{lines}"


def _summaries(named: Sequence[tuple[str, View]]) -> dict[str, list[dict[str, Any]]]:
    """Return these views as plain values, by the name of their kind."""
    by_kind: dict[str, list[dict[str, Any]]] = {}
    for name, view in named:
        by_kind.setdefault(name, []).append(_with_protocol(view, kind_of(view)))
    return by_kind


def _with_protocol(view: Any, kind: Kind[Any]) -> dict[str, Any]:
    """Return a view as plain values; a book's view tells of each training's own protocol."""
    told = kind.summarise(view)
    return told if isinstance(view, TextView) else {"protocol": view.protocol, **told}


def write_report(directory: Path, form: ReportForm = "html") -> Path:
    """Draw the report of a directory again, or another form of it; nothing is trained."""
    if form == "md":
        return write_markdown(directory)
    if form == "figures":
        return write_figures(directory)
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
                    store,
                    [describe_request(grown(plan, store), options.out) for plan in group],
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


def _where_to_look(options: RunOptions, report: Path | None) -> str:
    return f"report: {report}" if report else f"results: {options.out}"
