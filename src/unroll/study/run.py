"""The commands: plan, carry out, and say what came of it."""

import io
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from unroll.records import RequestRecord, Store
from unroll.records.environment import describe_environment
from unroll.study.document import write_document
from unroll.study.execute import RunOptions, execute
from unroll.study.gradient_settings import GradientSettings
from unroll.study.gradient_summary import (
    gradient_lines,
    gradient_table,
    summarise_gradients,
)
from unroll.study.gradient_view import view_gradients
from unroll.study.gradients import plan_gradients
from unroll.study.memory import plan_memory
from unroll.study.memory_settings import MemorySettings
from unroll.study.memory_summary import (
    accuracy_table,
    failure_line,
    retained_lines,
    summarise,
    table_notes,
)
from unroll.study.memory_view import MemoryView, label_cells, view_requests
from unroll.study.plan import Plan, describe_request
from unroll.study.presets import Preset
from unroll.study.words import count, distance, spread


@dataclass(frozen=True, kw_only=True)
class RunResult:
    """What a command has to say when it is done."""

    summary: dict[str, Any]
    """For `--json`."""
    text: str
    """For a person."""
    succeeded: bool
    """Whether there is a trial that did not fail."""


def run_memory_study(
    settings: MemorySettings, options: RunOptions, executor: Executor | None = None
) -> RunResult:
    """Run `unroll memory`; what is recorded in the directory already is not run again.

    Raises: UnrollError, in one line and before anything is written, for a user's mistake.
    """
    plan = plan_memory(settings)
    report = execute([plan], options, executor)
    (view,) = _views([plan], options)
    summary = {
        "command": "memory",
        "settings": asdict(settings),
        **summarise(view),
        **_where(options, report),
    }
    return RunResult(
        summary=summary, text=_to_text([view], report, options), succeeded=_succeeded([view])
    )


def run_gradient_study(
    settings: GradientSettings, options: RunOptions, executor: Executor | None = None
) -> RunResult:
    """Run `unroll gradients`; what is recorded in the directory already is not measured again."""
    plan = plan_gradients(settings)
    report = execute([plan], options, executor)
    with Store.read(options.out) as store:
        view = view_gradients(store, [describe_request(plan, options.out)])
    summary = {
        "command": "gradients",
        "settings": {**asdict(settings), "checkpoint": str(settings.checkpoint or "") or None},
        **summarise_gradients(view),
        **_where(options, report),
    }
    above = (
        f"Gradient arriving at the first of {view.length} digits, and its factor per step back; "
        "median over seeds (least–greatest)"
    )
    text = _to_lines(above, gradient_table(view), *gradient_lines(view))
    return RunResult(
        summary=summary,
        text=f"{text}\n\n{_where_to_look(options, report)}",
        succeeded=bool(view.probes),
    )


def run_study(preset: Preset, options: RunOptions, executor: Executor | None = None) -> RunResult:
    """Run `unroll study`: every part of the preset, then its report."""
    plans = [plan_memory(settings) for settings in preset.memory]
    headline = f"study, preset {preset.name}: {preset.summary}"
    report = execute(plans, options, executor, headline)
    views = _views(plans, options)
    summary = {
        "command": "study",
        "preset": preset.name,
        "memory": [{"protocol": view.protocol, **summarise(view)} for view in views],
        "headlines": _headlines(views[0]),
        **_where(options, report),
    }
    headlines = "\n".join(f"  · {line}" for line in _headlines(views[0]))
    text = f"{_to_text(views, report, options)}\n\nIn short:\n{headlines}"
    return RunResult(summary=summary, text=text, succeeded=_succeeded(views))


def write_report(directory: Path) -> Path:
    """Draw the report of a directory again; nothing is trained."""
    with Store.read(directory) as store:
        return write_document(store)


def _views(plans: Sequence[Plan], options: RunOptions) -> list[MemoryView]:
    """Return one view for each protocol among these plans."""
    groups: dict[str, list[RequestRecord]] = {}
    for plan in plans:
        groups.setdefault(repr(plan.protocol), []).append(describe_request(plan, options.out))
    with Store.read(options.out) as store:
        return [view_requests(store, group) for group in groups.values()]


def _succeeded(views: Sequence[MemoryView]) -> bool:
    return any(trial.record.status != "failed" for view in views for trial in view.trials)


def _where(options: RunOptions, report: Path | None) -> dict[str, Any]:
    return {
        "out": str(options.out),
        "report": str(report) if report else None,
        "environment": describe_environment(),
    }


def _to_text(views: Sequence[MemoryView], report: Path | None, options: RunOptions) -> str:
    stream = io.StringIO()
    console = Console(file=stream, width=Console().width, highlight=False)
    for view in views:
        above, below = table_notes(view)
        console.print(f"{above}\n" if view.trials else "")
        console.print(accuracy_table(view))
        lines = (below, *retained_lines(view), failure_line(view))
        console.print("\n".join(line for line in lines if line), markup=False)
    return f"{stream.getvalue().rstrip()}\n\n{_where_to_look(options, report)}"


def _to_lines(*parts: Any) -> str:
    """Print lines and tables one below the other, as wide as the terminal."""
    stream = io.StringIO()
    console = Console(file=stream, width=Console().width, highlight=False, markup=False)
    for part in parts:
        console.print(part, soft_wrap=isinstance(part, str))
    return stream.getvalue().rstrip()


def _where_to_look(options: RunOptions, report: Path | None) -> str:
    return f"report: {report}" if report else f"results: {options.out}"


def _headlines(view: MemoryView) -> list[str]:
    """Return the three most important numbers."""
    lines = []
    labels = label_cells(view.cells)
    for cell in view.cells:
        horizon = view.horizon(cell)
        seeds = count(len(horizon.readings), "seed")
        lines.append(f"{labels[cell]} remembers {distance(horizon)} (median of {seeds})")
    for cell in view.cells:
        for length, trials in view.by_length(cell).items():
            solved = sum(trial.is_solved for trial in trials)
            if solved == len(trials):
                continue
            accuracy = spread([trial.accuracy for trial in trials], "{:.3f}")
            lines.append(
                f"{labels[cell]} at T = {length}: solved by {solved} of "
                f"{count(len(trials), 'seed')}, accuracy {accuracy}, chance 0.100"
            )
            break
    return lines[:3]
