"""GAT: attention over neighbours, its weights drawn, and how far they are from an even share."""

import math
from collections import Counter
from collections.abc import Sequence
from typing import Any

from unroll.report.charts import attention_by_head, attention_drawing
from unroll.report.graph_rows import AttentionRow
from unroll.report.section import Block, Check, Equation, Prose, Section
from unroll.study.graphs.sections.rows import attention_rows, node_names, placed_nodes
from unroll.study.graphs.sections.words import PART, data_name
from unroll.study.graphs.view import GraphView
from unroll.study.reproduction import with_commands
from unroll.study.words import count

GAT = """
h_i' = σ(Σ_{j∈N(i)} α_{ij} W h_j)
α_{ij} = softmax_j(LeakyReLU(a^T [W h_i ‖ W h_j]))
"""
MOST_DRAWN = 60
"""The weights of a larger graph are not drawn on it: their edges could not be told apart."""
MOST_LINES = 14
"""So many neighbours at most has the node whose heads are drawn."""
EVEN = 0.98
"""Share of the greatest possible entropy from which attention counts as even."""
APART = 0.25
"""Heads differ where their weights for a neighbour do, by more than this share of the mean one."""
ROUNDING = 0.6e-4
"""By so much each weight may be off: they are recorded with four decimals."""


def attention_section(views: Sequence[GraphView]) -> Section | None:
    """Return the answer, or None while no attention is measured."""
    measured = [(view, values) for view in views for values in view.values() if _drawn(values)]
    if not measured:
        return None
    return Section(
        number="GAT",
        title="Attention over neighbours",
        part=PART,
        blocks=(
            *_asked(),
            Prose(role="ran", text=_ran(measured)),
            Prose(role="measured", text="\n\n".join(_entropy(v) for v in measured)),
            *(block for i, one in enumerate(measured) for block in _blocks(*one, index=i)),
            Prose(role="follows", text="\n\n".join(_follows(v) for v in measured)),
        ),
    )


def _drawn(values: dict[str, Any]) -> bool:
    """Return whether weights were kept, of nodes that have something to choose from."""
    attention = values["attention"]
    return bool(attention and attention["edges"] and attention["entropy"]["uniform"])


def _asked() -> list[Block]:
    return [
        Prose(
            role="asked",
            text="How does a graph attention network weigh a node's neighbours, what do several "
            "heads do, and what do the weights look like?",
        ),
        Equation(text=GAT),
        Prose(
            text="Where Â weighs a neighbour by the numbers of neighbours alone, attention weighs "
            "it by what it holds: a score of the pair, by a vector **a** that is learnt, made into "
            "shares that sum to one over the neighbours, the node itself among them. Several heads "
            "do so side by side, each with a W and an **a** of its own; their results are put side "
            "by side, or averaged in the last layer."
        ),
    ]


def _ran(measured: Sequence[tuple[GraphView, dict[str, Any]]]) -> str:
    told = []
    for view, values in measured:
        rows = attention_rows(values["attention"])
        told.append(
            f"A GAT is trained to classify the nodes of {data_name(_data(view))} as in question "
            f"3.3; of seed 0, the weights of its first layer are kept: "
            f"{count(len(rows[0].by_head), 'head')}, {count(len(rows), 'weight')} each, of "
            f"{count(len({row.target for row in rows}), 'node')}."
        )
    return (
        " ".join(told) + " How even a node's attention is tells its entropy, −Σ α log α: "
        "log n for even shares among n, 0 if all goes to one. It is taken in each head by itself, "
        "not of the heads' averaged weights."
    )


def _data(view: GraphView) -> str:
    return str(view.looks[0].settings["data"])


def _share(values: dict[str, Any]) -> float:
    """Return the share of the greatest possible entropy that is there."""
    entropy = values["attention"]["entropy"]
    return float(entropy["measured"] / entropy["uniform"])


def _entropy(measured: tuple[GraphView, dict[str, Any]]) -> str:
    view, values = measured
    entropy = values["attention"]["entropy"]
    return (
        f"On {data_name(_data(view))} the entropy is {entropy['measured']:.3f} nats, mean over "
        "all heads and all nodes with two neighbours or more; even shares would give "
        f"{entropy['uniform']:.3f}: "
        f"{_share(values):.1%} of what is possible."
    )


def _blocks(view: GraphView, values: dict[str, Any], *, index: int) -> list[Block]:
    """Return the figures, what was tested, and the command."""
    suffix = f"-{index}" if index else ""
    drawing, rows = values["drawing"], attention_rows(values["attention"])
    blocks: list[Block] = []
    if drawing is not None and len(drawing["x"]) <= MOST_DRAWN:
        blocks.append(
            attention_drawing(placed_nodes(drawing), rows, figure_id=f"gat-attention{suffix}")
        )
    chosen = _chosen(rows)
    names = (
        {int(node): name for node, name in values["attention"]["names"].items()}
        if drawing is None
        else dict(enumerate(node_names(drawing)))
    )
    blocks.append(
        attention_by_head(
            names,
            chosen,
            figure_id=f"gat-heads{suffix}",
            remark=f"Of all nodes with at most {MOST_LINES} neighbours, it has the most.",
        )
    )
    return with_commands([*blocks, _sums_check(rows)], view.commands)


def _chosen(rows: Sequence[AttentionRow]) -> list[AttentionRow]:
    """Return the weights of the node with the most neighbours that can be drawn line by line."""
    sizes = Counter(row.target for row in rows)
    fitting = [target for target, size in sizes.items() if size <= MOST_LINES + 1]
    best = max(fitting or sizes, key=lambda target: sizes[target] * (1 if fitting else -1))
    return [row for row in rows if row.target == best]


def _sums_check(rows: Sequence[AttentionRow]) -> Check:
    """Say whether the weights of every node and head sum to one."""
    heads = len(rows[0].by_head)
    sums: dict[tuple[int, int], list[float]] = {}
    for row in rows:
        for head in range(heads):
            sums.setdefault((row.target, head), []).append(row.by_head[head])
    off = [(abs(math.fsum(weights) - 1), len(weights)) for weights in sums.values()]
    return Check(
        label="The weights of every node sum to one in every head, as the rows of Â do not",
        passed=all(difference <= ROUNDING * number for difference, number in off),
        detail=f"Of {len(sums):,} sums of weights with four decimals the furthest from one is off "
        f"by {max(off)[0]:.1e}.",
    )


def _spread_of_heads(rows: Sequence[AttentionRow]) -> float:
    """Return the mean, over weights, of how far the highest head is above the lowest."""
    return math.fsum(max(row.by_head) - min(row.by_head) for row in rows) / len(rows)


def _follows(measured: tuple[GraphView, dict[str, Any]]) -> str:
    """Say whether attention chooses, and whether heads differ."""
    view, values = measured
    rows = attention_rows(values["attention"])
    share, apart = _share(values), _spread_of_heads(rows)
    name = data_name(_data(view))
    chooses = (
        f"On {name} attention hardly chooses: at {share:.1%} of the greatest entropy it is "
        "next to an average over neighbours."
        if share > EVEN
        else f"On {name} attention chooses: at {share:.1%} of the greatest entropy some neighbours "
        "count for more than others."
    )
    heads = len(rows[0].by_head)
    if heads == 1:
        return chooses
    mean = math.fsum(row.weight for row in rows) / len(rows)
    verdict = (
        "more than a quarter of it, so that the heads weigh the same neighbours differently"
        if apart > APART * mean
        else "no more than a quarter of it, so that the heads weigh neighbours much alike"
    )
    return (
        f"{chooses} From the lowest to the highest of the {heads} heads a neighbour's weight "
        f"differs by {apart:.3f} on average, {apart / mean:.0%} of the mean weight of {mean:.3f}: "
        f"{verdict}."
    )
