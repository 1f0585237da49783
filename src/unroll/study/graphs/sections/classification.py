"""Question 3.3: what such networks are used for: node classification, run here."""

import statistics
from collections.abc import Sequence

from unroll.report.charts import classified_graph
from unroll.report.section import Block, Column, Command, Prose, Scalar, Section, Table
from unroll.study.graphs.sections.classification_findings import (
    PUBLISHED,
    by_data,
    classification_findings,
    data_of,
    graph_of,
    mean_of,
    model_of,
    tests_of,
)
from unroll.study.graphs.sections.rows import class_names, classified_nodes
from unroll.study.graphs.sections.words import (
    DATA,
    PART,
    checks,
    data_name,
    mean_percent,
    model_name,
    notices,
)
from unroll.study.graphs.settings.classify import MOST_DRAWN
from unroll.study.graphs.summary import MODELS
from unroll.study.graphs.view import GraphView
from unroll.study.reproduction import with_command, with_commands
from unroll.study.words import count, join


def classification_section(views: Sequence[GraphView]) -> Section | None:
    """Return the answer, or None while nothing is measured."""
    if not views:
        return None
    return Section(
        number="3.3",
        title="What graph networks are used for: classifying nodes",
        part=PART,
        blocks=(
            Prose(
                role="asked",
                text="What are graph neural networks used for? Run one on a real graph.\n\n"
                "Whole graphs are classified or measured (is this molecule poisonous?), edges are "
                "predicted (who will know whom, which drug binds to what, what to recommend), "
                "roads and grids are forecast, and **nodes are classified**: few have a known "
                "class, and those of all others are to be told from what they are linked to. That "
                "is run here.",
            ),
            Prose(role="ran", text="\n\n".join(_ran(view) for view in by_data(views))),
            *notices(views),
            Prose(role="measured", text=_measured(views)),
            _table(views),
            *_unpublished(views),
            *_undrawn(views),
            *with_commands(
                _drawings(views),
                [command for view in views for command in view.commands],
                label="Train what is not drawn again",
            ),
            *checks(values for view in views for values in view.values()),
            Prose(role="follows", text="\n\n".join(classification_findings(views))),
        ),
    )


def _ran(view: GraphView) -> str:
    graph = graph_of(view)
    alone = f", {graph['isolated']:,} of them without any" if graph["isolated"] else ""
    stop = (
        f"training stops by the paper's rule on {graph['validation']:,} validation nodes"
        if graph["validation"]
        else "there are no validation nodes, so that training takes a fixed number of epochs"
    )
    return (
        f"On **{data_name(data_of(view))}**: {count(graph['nodes'], 'node')} and "
        f"{count(graph['edges'], 'edge')}{alone}; {count(graph['features'], 'feature')} a node, "
        f"{graph['classes']} classes. The classes of {count(graph['train'], 'node')} are given; "
        f"{stop}; accuracy is that on {count(graph['test'], 'test node')}."
    )


def _measured(views: Sequence[GraphView]) -> str:
    told = [
        f"**{model_name(model_of(view))}** on {data_name(data_of(view))}: "
        f"{mean_percent(tests_of(view))}% of the test nodes ({count(len(tests_of(view)), 'seed')})"
        for view in views
    ]
    return f"{'; '.join(told)}."


def _table(views: Sequence[GraphView]) -> Table:
    rows: list[tuple[Scalar, ...]] = []
    is_published = any((data_of(view), model_of(view)) in PUBLISHED for view in views)
    for view in views:
        looks, tests = view.values(), tests_of(view)
        published = PUBLISHED.get((data_of(view), model_of(view)))
        epochs = statistics.median(values["epochs"] for values in looks)
        rows.append(
            (
                DATA.get(data_of(view), graph_of(view)["name"]).removeprefix("the "),
                model_name(model_of(view)),
                mean_percent(tests),
                f"{100 * min(tests):.1f}–{100 * max(tests):.1f}",
                len(tests),
                *([None if published is None else f"{published:.1f}"] if is_published else []),
                f"{epochs:,.0f}",
                f"{1000 * statistics.median(v['epoch_seconds'] for v in looks):.1f}",
                f"{looks[0]['parameters']:,}",
            )
        )
    return Table(
        columns=(
            Column(title="graph"),
            Column(title="network"),
            Column(title="test accuracy (%)", numeric=True),
            Column(title="lowest–highest", numeric=True),
            Column(title="seeds", numeric=True),
            *([Column(title="published (%)", numeric=True)] if is_published else []),
            Column(title="epochs", numeric=True),
            Column(title="ms an epoch", numeric=True),
            Column(title="parameters", numeric=True),
        ),
        rows=tuple(rows),
        caption="Accuracy: mean ± standard deviation over seeds. "
        + (
            "Published: on the standard split, by Kipf & Welling 2017 and Veličković et al. 2018. "
            if is_published
            else ""
        )
        + "Epochs and their time: medians.",
    )


def _unpublished(views: Sequence[GraphView]) -> list[Block]:
    """Say where to look for published figures, if none of these graphs has any."""
    if any((data_of(view), model_of(view)) in PUBLISHED for view in views):
        return []
    return [
        Prose(
            text="Published accuracies are of citation graphs, which this run has not: what stands "
            "here cannot be held against a paper. On Cora the same networks can:"
        ),
        Command(
            text="\n".join(f"unroll graph classify --data cora --model {name}" for name in MODELS),
            label="Classify the papers of Cora",
        ),
    ]


def _undrawn(views: Sequence[GraphView]) -> list[Block]:
    """Say which graphs are too large to be drawn."""
    large = [view for view in by_data(views) if graph_of(view)["nodes"] > MOST_DRAWN]
    if not large:
        return []
    names = join(data_name(data_of(view)) for view in large)
    return [
        Prose(
            text=f"Graphs of more than {count(MOST_DRAWN, 'node')} are not drawn, {names} "
            "therefore not."
        )
    ]


def _drawings(views: Sequence[GraphView]) -> list[Block]:
    """Return one drawing a graph, of the network that is best there by its mean."""
    best = {data_of(view): view for view in sorted(views, key=mean_of)}
    drawn = [
        (view, look.settings["seed"], look.values["drawing"])
        for view in (best[data_of(other)] for other in by_data(views))
        for look in view.looks
        if look.values["drawing"]
    ]
    return [
        with_command(
            classified_graph(
                classified_nodes(drawing),
                drawing["edges"],
                classes=class_names(drawing),
                figure_id=f"graph-classified{f'-{index}' if index else ''}",
                remark=f"{model_name(model_of(view))} on {data_name(data_of(view))}, seed {seed}.",
            ),
            view.commands,
        )
        for index, (view, seed, drawing) in enumerate(drawn)
    ]
