"""Questions 3.4a and 3.4b: the same data given to networks that read it differently."""

import statistics
from collections.abc import Mapping, Sequence
from typing import Literal

from unroll.report.charts import Palette, contest_dots
from unroll.report.markup import inert
from unroll.report.section import Column, Prose, Scalar, Section, Table
from unroll.study.graphs.compare.experiment import Experiment
from unroll.study.graphs.sections.contest_findings import (
    CUT_OFF,
    experiment_findings,
    in_short,
    overall_findings,
)
from unroll.study.graphs.sections.rows import contest_rows
from unroll.study.graphs.sections.short_training import (
    cut_off_variants,
    short_training,
    steps_of,
)
from unroll.study.graphs.sections.standings import Standing, standings
from unroll.study.graphs.sections.words import PART, checks, notices
from unroll.study.graphs.view import GraphView
from unroll.study.reproduction import with_command
from unroll.study.words import count, in_cell, join, listed

Question = Literal["3.4a", "3.4b"]
TITLES: Mapping[Question, str] = {
    "3.4a": "The same data as a sequence and as a graph: which one wins where",
    "3.4b": "Both in one model: graphs whose nodes live in time, and trees",
}
_ASKED: Mapping[Question, str] = {
    "3.4a": "Data can often be written down as a sequence for a recurrent network and as a graph "
    "for a graph network. Where does each one win, and why? Each experiment gives both the same "
    "data, about as many parameters and as many steps, and has a case in which the usual winner "
    "must lose.",
    "3.4b": "Can graphs and recurrence be put into one model, and is the whole better than its "
    "parts? Each experiment sets a model that has both against models that lack one, with about "
    "as many parameters and as many steps, and has a case in which the whole should be of no use.",
}


def contest_sections(
    views: Sequence[GraphView], experiments: Mapping[str, Experiment]
) -> list[Section]:
    """Return the overview of each question, and the experiments that answer it."""
    found: list[Section] = []
    for question in TITLES:
        told = [
            (view, experiments[view.protocol["experiment"]])
            for view in views
            if view.protocol["experiment"] in experiments
            and experiments[view.protocol["experiment"]].question == question
        ]
        order = list(experiments)
        told.sort(key=lambda pair: order.index(pair[1].name))
        if told:
            found.append(_overview(question, told))
            found += [_experiment_section(view, experiment) for view, experiment in told]
    return found


def _standings(view: GraphView, experiment: Experiment) -> list[Standing]:
    rows = contest_rows(view, experiment)
    return standings(experiment, rows, cut_off_variants(view, experiment))


def _overview(question: Question, told: Sequence[tuple[GraphView, Experiment]]) -> Section:
    """Return a question with all its experiments side by side."""
    found = [(experiment, _standings(view, experiment)) for view, experiment in told]
    names = join(f"*{experiment.title}*" for experiment, _ in found)
    return Section(
        number=question,
        title=TITLES[question],
        part=PART,
        blocks=(
            Prose(role="asked", text=_ASKED[question]),
            Prose(
                role="ran",
                text=f"{count(len(told), 'experiment')}, told below: {names}.",
            ),
            Prose(role="measured", text="Who is ahead, with the medians over seeds:"),
            _overview_table(found),
            Prose(role="follows", text="\n\n".join(overall_findings(found))),
        ),
    )


def _overview_table(found: Sequence[tuple[Experiment, list[Standing]]]) -> Table:
    is_cut_off = any(standing.within for _, mine in found for standing in mine)
    cut = f" {CUT_OFF}: trainings were cut off unfinished." if is_cut_off else ""
    return Table(
        columns=(
            Column(title="experiment"),
            Column(title="as trained", wide=True),
            Column(title="further cases", wide=True),
            Column(title="where the winner must lose", wide=True),
        ),
        rows=tuple(
            (
                experiment.title,
                *(
                    "; ".join(in_short(s) for s in mine if s.case.role == role) or None
                    for role in ("trained", "further", "losing")
                ),
            )
            for experiment, mine in found
        ),
        caption="Ahead: every seed better than every seed of all others. Where nobody is, those "
        "that cannot be told apart stand with an equals sign. In brackets: medians over seeds."
        f"{cut}",
    )


def _experiment_section(view: GraphView, experiment: Experiment) -> Section:
    rows, found = contest_rows(view, experiment), _standings(view, experiment)
    return Section(
        number="",
        title=experiment.title,
        part=PART,
        blocks=(
            Prose(role="asked", text=experiment.task),
            Prose(role="ran", text=_ran(view, experiment)),
            *short_training(view, experiment),
            *notices([view]),
            Prose(role="measured", text=_measured(found)),
            with_command(
                contest_dots(
                    rows,
                    metric=experiment.metric,
                    unit=experiment.unit,
                    palette=Palette.of_networks(experiment.contestants),
                    figure_id=f"compare-{experiment.name}",
                ),
                view.commands,
            ),
            _table(view, experiment, found),
            *checks(view.values()),
            Prose(role="follows", text="\n\n".join(experiment_findings(experiment, found))),
        ),
    )


def _parameters(view: GraphView, **chosen: str) -> list[int]:
    return sorted({values["parameters"] for values in view.values(**chosen)})


def _ran(view: GraphView, experiment: Experiment) -> str:
    names = [f"**{inert(n)}**" for n in experiment.contestants if view.values(contestant=n)]
    seeds = count(len(view.options("seed")), "seed")
    steps = count(steps_of(view), "step")
    seconds = statistics.median(values["train_seconds"] for values in view.values())
    return (
        f"{listed(names)}: {steps} and {seeds} each. {_sizes(view)} A training takes "
        f"{seconds:.3g} s (median).{_common(view)}"
    )


def _sizes(view: GraphView) -> str:
    """Say how many parameters there are, and how far apart those are that meet."""
    sizes = _parameters(view)
    meeting = [_parameters(view, variant=variant) for variant in view.options("variant")]
    apart = max(max(found) / min(found) - 1 for found in meeting)
    if len(sizes) == 1:
        return f"Each has {sizes[0]:,} parameters."
    return (
        f"They have {sizes[0]:,} to {sizes[-1]:,} parameters; those trained on the same are at "
        f"most {apart:.1%} apart."
    )


def _common(view: GraphView) -> str:
    """Name what all trainings have in common, where it was recorded as a number."""
    notes = [values.get("notes", {}) for values in view.values()]
    told = [
        f"{inert(name.replace('_', ' '))}{' =' if len(name) == 1 else ''} {value:g}"
        for name, value in notes[0].items()
        if isinstance(value, int | float) and all(other.get(name) == value for other in notes)
    ]
    return f" In all of them: {join(told)}." if told else ""


def _measured(found: Sequence[Standing]) -> str:
    """Name the best of each case; the figure and the table have the others."""
    told = []
    for standing in found:
        chance = standing.case.chance
        beside = "" if chance is None else f", chance {100 * chance:.0f}%"
        best = standing.ranked[0]
        who = "nobody better than chance" if standing.is_at_chance(best) else inert(best)
        told.append(f"**{inert(standing.case.name)}**: {who} ({standing.shown(best)}{beside})")
    return f"The best of each case, by the median over seeds. {'; '.join(told)}."


def _table(view: GraphView, experiment: Experiment, found: Sequence[Standing]) -> Table:
    is_error = experiment.metric == "error"
    names = [name for name in experiment.contestants if view.values(contestant=name)]
    rows: list[tuple[Scalar, ...]] = [
        (
            name,
            *(_cell(standing.values.get(name, []), is_error=is_error) for standing in found),
            " / ".join(f"{size:,}" for size in _parameters(view, contestant=name)),
        )
        for name in names
    ]
    beside = [
        (name, *(_cell(by_case.get(s.case.name, []), is_error=is_error) for s in found), None)
        for name, by_case in references(view).items()
    ]
    told = " Last, beside them: what needs no training." if beside else ""
    return Table(
        columns=(
            Column(title="network"),
            *(Column(title=inert(standing.case.name), numeric=True) for standing in found),
            Column(title="parameters", numeric=True),
        ),
        rows=(*rows, *beside),
        caption=f"{experiment.unit[:1].upper()}{experiment.unit[1:]}"
        f"{'' if is_error else ', in per cent'}: median (lowest–highest) over seeds.{told}",
        highlight=frozenset(range(len(rows), len(rows) + len(beside))),
    )


def references(view: GraphView) -> dict[str, dict[str, list[float]]]:
    """Return what stands beside the contestants, by name and case: notes that are given by case.

    What is not the same for all contestants is told for each.
    """
    found: dict[tuple[str, str], dict[str, list[float]]] = {}
    for look in view.looks:
        for note, by_case in look.values.get("notes", {}).items():
            if isinstance(by_case, dict):
                held = found.setdefault((note, look.settings["contestant"]), {})
                for case, value in by_case.items():
                    held.setdefault(case, []).append(value)
    named: dict[str, dict[str, list[float]]] = {}
    for note in dict.fromkeys(note for note, _ in found):
        mine = {name: held for (other, name), held in found.items() if other == note}
        words = note.replace("_", " ")
        shared = {case: values for held in mine.values() for case, values in held.items()}
        if all(shared[case] == values for held in mine.values() for case, values in held.items()):
            named[words] = shared
        else:
            named |= {f"{words}, from what {name} reads": held for name, held in mine.items()}
    return named


def _cell(values: Sequence[float], *, is_error: bool) -> str:
    if is_error:
        return in_cell(values, "{:.3g}")
    return in_cell([100 * value for value in values], "{:.1f}")
