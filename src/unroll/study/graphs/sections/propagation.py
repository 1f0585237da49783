"""Question 3.1: what Â, H and W do, one hop a layer, and what many layers do."""

from collections.abc import Sequence
from typing import Any

from unroll.report.charts import reach_cells
from unroll.report.markup import inert
from unroll.report.section import Block, Check, Equation, Prose, Section
from unroll.study.graphs.sections.depth import depth_blocks, depth_findings, depth_ran
from unroll.study.graphs.sections.hops import hop_blocks, hop_findings, hop_ran
from unroll.study.graphs.sections.rows import reach_rows
from unroll.study.graphs.sections.words import PART, data_name, notices
from unroll.study.graphs.view import GraphView
from unroll.study.reproduction import with_command
from unroll.study.words import count, join

GCN = """
H^{(l+1)} = σ(Â H^{(l)} W^{(l)})  "in one row:  h_i' = σ(Σ_j Â_ij h_j W)"
Â_{ij} = frac{Ã_{ij}}{sqrt{d_i d_j}}  "Ã = A + I;  d_i: the sum of its row i"
"""
MANY = 3
"""Hops that the question asks about."""
SAME = 1e-9
"""States that differ by less are the same but for rounding, in double precision."""


def propagation_section(
    reach: GraphView | None,
    depths: Sequence[GraphView],
    horizons: Sequence[GraphView],
    classified: Sequence[GraphView],
) -> Section | None:
    """Return the answer, or None while nothing is measured that it could rest on."""
    values = None if reach is None else reach.looks[0].values
    if values is None and not depths and not horizons:
        return None
    follows = [
        *([] if values is None else _reach_findings(values)),
        *(sentence for view in depths for sentence in depth_findings(view)),
        *(sentence for view in horizons for sentence in hop_findings(view)),
    ]
    return Section(
        number="3.1",
        title="How news travels along edges: one hop a layer",
        part=PART,
        blocks=(
            *_asked(),
            Prose(role="ran", text=_ran(values, depths, horizons)),
            *notices([*depths, *horizons]),
            *_measured(reach, values, classified),
            *(block for i, view in enumerate(depths) for block in depth_blocks(view, i)),
            *(block for i, view in enumerate(horizons) for block in hop_blocks(view, i)),
            Prose(role="follows", text="\n\n".join(follows)),
        ),
    )


def _asked() -> list[Block]:
    return [
        Prose(
            role="asked",
            text="What do Â, H and W each do in a graph convolutional network? Why do three hops "
            "need three layers, and what is the drawback of passing messages so?",
        ),
        Equation(text=GCN),
        Prose(
            text="**H** holds what is known of each node, one row a node; at first that is its "
            "features. **W** is all that is learnt: it mixes the columns of H, the same for every "
            "node, and does not know how many nodes there are. **Â** mixes the rows: each node "
            "takes a weighed sum over its neighbours and itself. It is not learnt; it is the "
            "graph. A layer is one round of messages: every node tells its neighbours, and nobody "
            "else, what it holds."
        ),
    ]


def _ran(
    values: dict[str, Any] | None, depths: Sequence[GraphView], horizons: Sequence[GraphView]
) -> str:
    parts = []
    if values is not None:
        parts.append(
            f"**Reach.** On the graph of question 3.2 ({count(len(values['names']), 'node')}), for "
            f"k = 0, 1, 2, … updates: the entries of $Â^k$ that weigh what comes from "
            f"{inert(values['source'])}, and the norm of the derivative of each node's state by "
            f"{inert(values['source'])}'s features in a stack of k layers with weights at random."
        )
    parts += [depth_ran(view) for view in depths]
    parts += [hop_ran(view) for view in horizons]
    return "\n\n".join(parts)


def _measured(
    reach: GraphView | None, values: dict[str, Any] | None, classified: Sequence[GraphView]
) -> list[Block]:
    """Return the parts that are told of the small graph."""
    if reach is None or values is None:
        return [Prose(role="measured", text="What could be measured so far:")]
    return [
        Prose(
            role="measured",
            text="\n\n".join(
                [_one_hop(values), _row_sums(values, classified), *_twins(values)],
            ),
        ),
        with_command(reach_cells(reach_rows(values)), reach.commands),
        _one_hop_check(values),
    ]


def _cells(values: dict[str, Any]) -> tuple[int, int, int, int]:
    """Return how many cells lie beyond the hops, how many of them are 0, and likewise within."""
    rows = reach_rows(values)
    beyond = [row for row in rows if row.hops is None or row.hops > row.updates]
    within = [row for row in rows if row.hops is not None and row.hops <= row.updates]
    silent = sum(row.power == 0 and row.jacobian == 0 for row in beyond)
    heard = sum(row.power != 0 and row.jacobian != 0 for row in within)
    return len(beyond), silent, len(within), heard


def _one_hop_check(values: dict[str, Any]) -> Check:
    beyond, silent, within, heard = _cells(values)
    return Check(
        label=f"After k updates a node holds something of {inert(values['source'])} if it is at "
        "most k hops away, and exactly nothing if it is further: by powers and by Jacobian",
        passed=beyond == silent and within == heard,
        detail=f"{silent} of {beyond} pairs of node and k beyond are exactly 0; {heard} of "
        f"{within} within are not.",
    )


def _one_hop(values: dict[str, Any]) -> str:
    """Say how news spreads, and what two hops a layer would do."""
    source = inert(values["source"])
    by_hops: dict[int, list[str]] = {}
    for name, hops in zip(values["names"], values["hops"], strict=True):
        if hops:
            by_hops.setdefault(hops, []).append(inert(name))
    told = [f"{join(names)} after {count(hops, 'update')}" for hops, names in by_hops.items()]
    spread = f"From {source}, news reaches {'; '.join(sorted(told, key=_number))}."
    updates, squared = values["updates"], values["squared"]["updates"]
    if updates is None or squared is None:
        return spread
    return (
        f"{spread} With $Â^2$ in the place of Â, which passes on what comes from two hops "
        f"away, {inert(values['target'])} is reached after {count(squared, 'update')} instead of "
        f"{updates}."
    )


def _number(words: str) -> int:
    return int(words.rsplit("after ", 1)[1].split()[0].replace(",", ""))


def _row_sums(values: dict[str, Any], classified: Sequence[GraphView]) -> str:
    """Say whether the rows of Â sum to one, on this graph and on those that were classified."""
    low, high = min(values["row_sums"]), max(values["row_sums"])
    others = {
        view.looks[0].settings["data"]: view.looks[0].values["graph"]["row_sums"]
        for view in classified
    }
    ranges = [(low, high), *(tuple(found) for found in others.values())]
    listed = [f"from {low:.2f} to {high:.2f} on this graph"]
    listed += [
        f"from {least:.2f} to {most:.2f} on {data_name(data)}"
        for data, (least, most) in others.items()
    ]
    if all(abs(least - 1) < 1e-6 and abs(most - 1) < 1e-6 for least, most in ranges):
        return (
            "The rows of Â sum to one here, because all nodes have the same number of neighbours; "
            "on other graphs they do not."
        )
    return (
        "The rows of Â do **not** sum to one, though that is often said: Â is no average over "
        f"neighbours. The sums go {join(listed)}. A node with many neighbours that have few "
        "themselves takes in more than one; only $Ã_{ij} / d_i$ would average."
    )


def _twins(values: dict[str, Any]) -> list[str]:
    """Say how far apart the embeddings are of nodes that have the same neighbours."""
    if not values["twins"]:
        return []
    pairs = [f"{inert(one)} and {inert(other)}" for one, other in values["twins"][:4]]
    more = f" (and {len(values['twins']) - 4} more pairs)" if len(values["twins"]) > 4 else ""
    difference = values["twin_difference"]
    end = (
        f"they are the same but for rounding ({difference:.1g})"
        if difference < SAME
        else f"they differ by {difference:.1e} at most"
    )
    return [
        f"**Same neighbours, same embedding.** {join(pairs)}{more} have the same neighbours. Given "
        f"the same features, their embeddings were compared after the deepest stack: {end}."
    ]


def _reach_findings(values: dict[str, Any]) -> list[str]:
    beyond, silent, within, heard = _cells(values)
    told = []
    if beyond == silent and within == heard:
        told.append(
            "**One hop a layer.** The entry of $Â^k$ is a sum over walks of k steps, and "
            f"there is no walk shorter than the distance: so {MANY} hops need {MANY} layers, "
            "however wide they are and whatever they learn."
        )
    else:
        told.append("The run does not confirm one hop a layer: the check above failed.")
    updates, squared = values["updates"], values["squared"]["updates"]
    if updates is not None and squared is not None and squared < updates:
        told[-1] += (
            " What can be had with fewer layers is a matrix that reaches further: with "
            f"$Â^2$, {updates} hops took {count(squared, 'layer')}, so {MANY} hops take "
            f"{(MANY + 1) // 2}. The price is that neighbours at one hop and at two are no longer "
            "told apart by the layer."
        )
    if values["twins"] and values["twin_difference"] < SAME:
        told.append(
            "**The drawback, first half.** A node is what it hears. Two nodes with the same "
            "neighbours and the same features get the same embedding in every layer: no training "
            "can give them different answers."
        )
    return told
