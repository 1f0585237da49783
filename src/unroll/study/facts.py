"""A run at a glance, and what it was measured with."""

from collections.abc import Sequence
from datetime import datetime

from unroll.records import MeasurementRecord, TrialRecord
from unroll.report.section import Fact
from unroll.study.bench.told import bench_facts
from unroll.study.graphs.headlines import graph_facts
from unroll.study.memory.view import label_cells
from unroll.study.text.summary import presets_asked, text_fact
from unroll.study.views import Views
from unroll.study.words import count, join


def about_line(views: Views) -> str:
    """Return which study it is, where a preset is recorded, and the day or days of asking."""
    presets = presets_asked(views.texts)
    study = [f"{join(sorted(presets))} study"] if presets else []
    days = sorted({datetime.fromisoformat(moment).date() for moment in views.asked})
    ends = [f"{day.day} {day:%B %Y}" for day in dict.fromkeys((*days[:1], *days[-1:]))]
    return ", ".join([*study, *([" to ".join(ends)] if ends else [])])


def list_facts(views: Views) -> tuple[Fact, ...]:
    """Return the run at a glance: of the trials by length, or of whatever else there is."""
    texts = (text_fact(view) for view in views.texts)
    return (
        *_facts_of_trials(views),
        *texts,
        *graph_facts(views.graphs),
        *bench_facts(views.benches),
    )


def _facts_of_trials(views: Views) -> tuple[Fact, ...]:
    shown = views.plain or views.memory
    networks = list(Views(memory=shown).networks() if shown else views.networks())
    if not networks:
        return ()
    labels = label_cells(cell for cell, _, _ in networks)
    told = (
        Fact(label="Cells", value=join(labels.values())),
        Fact(label="Lengths T", value=join(sorted({n for _, n, _ in networks})) + " digits"),
        Fact(label="Seeds", value=str(len({seed for _, _, seed in networks}))),
    )
    if not shown:
        return told
    steps = sorted({trial.settings.max_steps for view in shown for trial in view.trials})
    return (
        *told,
        Fact(label="Recipe", value=join(dict.fromkeys(view.protocol["recipe"] for view in shown))),
        Fact(label="Budget", value=f"at most {join(f'{n:,}' for n in steps)} steps a trial"),
    )


def list_provenance(views: Views) -> tuple[Fact, ...]:
    """Return with what all of it was measured, and how long that took."""
    work: dict[str, Sequence[TrialRecord | MeasurementRecord]] = {
        "trial": views.trained,
        "measurement": views.measured,
    }
    environments = [record.environment for records in work.values() for record in records]
    if not environments:
        return ()
    told = [
        f"{count(len(records), noun)}, {sum(r.seconds for r in records):,.0f} core-seconds"
        for noun, records in work.items()
        if records
    ]
    return (
        Fact(label="Versions", value=_versions(environments)),
        Fact(label="Machine", value=_machines(environments)),
        Fact(label="Work", value="; ".join(told)),
    )


def _versions(environments: Sequence[dict[str, str]]) -> str:
    names = ("unroll", "torch", "numpy", "python")
    return "; ".join(
        dict.fromkeys(", ".join(f"{n} {e[n]}" for n in names if n in e) for e in environments)
    )


def _machines(environments: Sequence[dict[str, str]]) -> str:
    return "; ".join(
        dict.fromkeys(
            f"{e.get('processor', '?')}, {e.get('cores', '?')} cores, {e.get('system', '?')}"
            for e in environments
        )
    )
