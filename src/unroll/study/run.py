"""The commands: plan, carry out, and say what came of it."""

import io
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias

from rich.console import Console
from rich.table import Table

from unroll.records import Store
from unroll.records.environment import describe_environment
from unroll.study.document import write_document
from unroll.study.execute import RunOptions, execute
from unroll.study.formats import write_figures, write_markdown
from unroll.study.graphs.view import KINDS as GRAPH_KINDS
from unroll.study.headlines import headlines
from unroll.study.kinds import KINDS, Kind
from unroll.study.presets import Preset
from unroll.study.questions import StudySettings
from unroll.study.running.plan import Plan, describe_request
from unroll.study.text.view import TextView

ReportForm: TypeAlias = Literal["html", "md", "figures"]


@dataclass(frozen=True, kw_only=True)
class RunResult:
    """What a command has to say when it is done."""

    summary: dict[str, Any]
    """For `--json`."""
    text: str
    """For a person."""
    succeeded: bool
    """Whether there is a result that did not fail."""


def run_command(
    settings: StudySettings,
    options: RunOptions,
    executor: Executor | None = None,
    *,
    with_figures: bool = False,
) -> RunResult:
    """Run one command; what is recorded in the directory already is not run again.

    With figures, each one is written as an SVG drawing too, beside the report.

    Raises: UnrollError, in one line and before anything is written, for a user's mistake.
    """
    kind = KINDS[type(settings)]
    plan = kind.plan(settings)
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
    text = f"{_to_text(kind.tell(view))}\n\n{_where_to_look(options, report)}"
    text += f"\nfigures: {figures}" if figures else ""
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
        [view for name, views in by_kind.items() if name in GRAPH_KINDS for view in views],
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
