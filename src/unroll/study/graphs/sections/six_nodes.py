"""Question 3.2: the matrix of a small graph, and how many updates news needs across it."""

from typing import Any

from unroll.report.charts import spreading_news
from unroll.report.markup import inert
from unroll.report.section import (
    Block,
    Check,
    Column,
    Equation,
    Prose,
    Section,
    Table,
)
from unroll.study.graphs.sections.rows import placed_nodes
from unroll.study.graphs.sections.words import PART, checks, notices
from unroll.study.graphs.view import GraphView
from unroll.study.reproduction import with_command
from unroll.study.words import count, join

TILDE = 'Ã = A + I  "A: which nodes are neighbours; I: every node keeps its own news"'
MOST_COLUMNS = 16
"""The matrix of a larger graph is not printed."""


def six_nodes_section(view: GraphView, suffix: str) -> Section:
    """Return the answer for one graph."""
    values = view.looks[0].values
    return Section(
        number="3.2",
        title="A small graph: its matrix, and how long news is on its way",
        part=PART,
        blocks=(
            Prose(role="asked", text=_asked(values)),
            Equation(text=TILDE),
            Prose(role="ran", text=_ran(values)),
            *notices([view]),
            Prose(role="measured", text=_measured(values)),
            *_matrix(values),
            with_command(
                spreading_news(
                    placed_nodes(values),
                    values["edges"],
                    values["hops"],
                    target=values["names"].index(values["target"]),
                    is_directed=values["is_directed"],
                    figure_id=f"graph-hops{suffix}",
                ),
                view.commands,
            ),
            *_checks(values),
            Prose(role="follows", text=_follows(values)),
        ),
    )


def edge_words(values: dict[str, Any]) -> str:
    """Return the edges in words, the first ones of many."""
    sign = "→" if values["is_directed"] else "–"
    names = [inert(name) for name in values["names"]]
    edges = [f"{names[i]}{sign}{names[j]}" for i, j in values["edges"]]
    more = f" and {len(edges) - 12:,} more" if len(edges) > 12 else ""
    return ", ".join(edges[:12]) + more if more else join(edges)


def _asked(values: dict[str, Any]) -> str:
    return (
        f"A graph of {count(len(values['names']), 'node')} has the edges {edge_words(values)}. "
        f"What is its Ã, and after how many updates has news from {inert(values['source'])} "
        f"reached {inert(values['target'])}?"
    )


def _ran(values: dict[str, Any]) -> str:
    source, target = inert(values["source"]), inert(values["target"])
    return (
        "The number of updates is found in two ways that know nothing of each other. **By "
        f"powers**: the first k for which $Â^k$ has an entry for {target} and {source} that "
        "is not 0. **By Jacobian**: k = 1, 2, … layers with weights at random are stacked, and the "
        f"derivative of {target}'s state by {source}'s features is worked out in double precision; "
        f"counted is the first k where it is not exactly 0. A search through the graph gives the "
        "hops that both must equal."
    )


def _measured(values: dict[str, Any]) -> str:
    source, target = inert(values["source"]), inert(values["target"])
    by_powers, by_jacobian = values["updates"], values["updates_by_jacobian"]
    if by_powers is None and by_jacobian is None:
        return f"News from {source} never reaches {target}: there is no way between them."
    if by_powers == by_jacobian:
        return (
            f"News from {source} reaches {target} after **{count(by_powers, 'update')}**, by "
            "powers and by Jacobian alike."
        )
    return (
        f"The two ways disagree on when news from {source} reaches {target}: {by_powers} by "
        f"powers, {by_jacobian} by Jacobian."
    )


def _matrix(values: dict[str, Any]) -> list[Block]:
    """Return Ã as a table, if it is small enough to be read."""
    names = values["names"]
    if len(names) > MOST_COLUMNS:
        return []
    return [
        Table(
            columns=(
                Column(title="Ã"),
                *(Column(title=inert(name), numeric=True) for name in names),
                Column(title="d", numeric=True),
                Column(title="row of Â", numeric=True),
            ),
            rows=tuple(
                (name, *(f"{entry:g}" for entry in row), f"{degree:g}", f"{total:.3f}")
                for name, row, degree, total in zip(
                    names, values["a_tilde"], values["degrees"], values["row_sums"], strict=True
                )
            ),
            caption="Ã, row by row: 1 where a node gathers from the node of the column, itself "
            "included. Then d, the sum of the row, and the sum of the same row of Â.",
        )
    ]


def _checks(values: dict[str, Any]) -> list[Block]:
    """Return what was tested: both ways against the search through the graph."""
    source, target = inert(values["source"]), inert(values["target"])
    hops = values["hops"][values["names"].index(values["target"])]
    ways = (("powers of Â", "updates"), ("the Jacobian of a stack", "updates_by_jacobian"))
    said = "no number of updates" if hops is None else count(hops, "update")
    return [
        *(
            Check(
                label=f"By {way}, {source} reaches {target} after as many updates as there are "
                f"hops: {said}",
                passed=values[name] == hops,
                detail=f"Found: {'none' if values[name] is None else values[name]}.",
            )
            for way, name in ways
        ),
        *checks([values]),
    ]


def _follows(values: dict[str, Any]) -> str:
    source, target = inert(values["source"]), inert(values["target"])
    hops = values["hops"][values["names"].index(values["target"])]
    if hops is None:
        return (
            f"No stack of layers, however deep, lets {target} know of {source}: no path leads "
            "there."
        )
    if not values["updates"] == values["updates_by_jacobian"] == hops:
        return "The ways of counting do not agree: one of them is at fault."
    shorter = f"With {count(hops - 1, 'layer')}" if hops > 1 else "With no layer"
    return (
        f"The number of updates is the number of hops, {hops}. {shorter} the derivative is not "
        f"small but exactly 0: nothing that is done to {source} could change {target}, whatever "
        "is learnt."
    )
