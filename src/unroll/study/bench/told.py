"""The bench beside what else a report tells: its lead, its facts, its headlines, its horizons."""

from collections.abc import Mapping, Sequence

from unroll.records import Horizon
from unroll.report.markup import inert, plain
from unroll.report.names import cell_name
from unroll.report.section import Fact
from unroll.study.bench.outcomes import furthest_sentences
from unroll.study.bench.unfinished import unfinished_words
from unroll.study.bench.view import BenchView
from unroll.study.bench.words import MATCHED
from unroll.study.words import join


def bench_lead(views: Sequence[BenchView]) -> str:
    """Return what came out of the bench that was asked for last."""
    if not views:
        return ""
    view = views[0]
    cells = join(inert(cell_name(view.labels[cell])) for cell in view.cells)
    told = [f"{cells}, alike in the {MATCHED[view.protocol['match']]}: which remembers furthest?"]
    told += furthest_sentences(view)
    if view.missing:
        told.append(f"**Not finished:** {inert(unfinished_words(view))}; run the command again.")
    return " ".join(told)


def bench_facts(views: Sequence[BenchView]) -> tuple[Fact, ...]:
    """Return the bench at a glance."""
    if not views:
        return ()
    view = views[0]
    seeds = {len(result.trials) for result in view.results.values() if result.trials}
    facts = [Fact(label="The bench", value=join(map(cell_name, view.labels.values())))]
    if view.tasks:
        facts.append(Fact(label="Tasks", value=join(t.replace("-", " ") for t in view.tasks)))
    if seeds:
        facts.append(Fact(label="Seeds of a task", value=join(sorted(seeds))))
    budget = f"at most {view.protocol['budget']:,} sequence-steps a training"
    return (*facts, Fact(label="Budget of a task", value=budget))


def bench_headlines(views: Sequence[BenchView]) -> list[str]:
    """Return which cell learns furthest, a line a task."""
    return [plain(sentence) for view in views[:1] for sentence in furthest_sentences(view)]


def bench_horizons_of(views: Sequence[BenchView]) -> Mapping[str, Horizon]:
    """Return every horizon by cell, task, and whether it is learned or retained."""
    found: dict[str, Horizon] = {}
    # The last asked for stands in front, and holds.
    for view in reversed(views):
        for (cell, task), result in view.results.items():
            if result.finished:
                name = f"{view.labels[cell]}, {task}"
                found |= {f"{name}, learned": result.learned, f"{name}, retained": result.retained}
    return found
