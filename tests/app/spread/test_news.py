"""The numbers of Spread against matrices of numpy and sums that are written out."""

import math
from collections import deque
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from tests.app.spread.graphs import DIRECTED, SIX, ask, dense, dense_hat, dense_tilde
from unroll.app.spread.asked import MOST_EDGES, MOST_NODES, SpreadAsked
from unroll.app.spread.news import spread_news
from unroll.app.spread.weights import FEATURES, HEAD_SIZE, LOUDNESS
from unroll.errors import ConfigError
from unroll.graphs import GATLayer
from unroll.seeding import make_generator

ROUNDING = 1e-8
"""Weights are sent with 8 decimals."""
GRAPHS: list[dict[str, Any]] = [SIX, {**DIRECTED, "directed": True}]


def search(asked: SpreadAsked) -> list[int | None]:
    """Return the hops from the source, by a queue along Ã's columns."""
    tilde = dense_tilde(asked)
    found: list[int | None] = [None] * asked.nodes
    found[asked.source] = 0
    queue = deque([(asked.source, 0)])
    while queue:
        node, hops = queue.popleft()
        for other in np.flatnonzero(tilde[:, node]):
            if found[other] is None:
                found[other] = hops + 1
                queue.append((int(other), hops + 1))
    return found


def slow_attention(layer: GATLayer, x: NDArray[np.float64], tilde: NDArray[np.float64]) -> Any:
    """Return α (K, N, N), one softmax after another, edge by edge."""
    weight, source, target = (
        one.detach().numpy() for one in (layer.weight, layer.source, layer.target)
    )
    N, K = len(x), layer.heads
    alpha = np.zeros((K, N, N))
    for k in range(K):
        h = x @ weight[:, k * layer.head_size : (k + 1) * layer.head_size]
        for i in range(N):
            grown = {}
            for j in np.flatnonzero(tilde[i]):
                score = float(source[k] @ h[j] + target[k] @ h[i])
                grown[j] = math.exp(score if score > 0 else 0.2 * score)
            for j, value in grown.items():
                alpha[k, i, j] = value / sum(grown.values())
    return alpha


@pytest.mark.parametrize("graph", GRAPHS)
def test_gcn_news_is_a_column_of_the_powers_of_a_hat(graph: dict[str, Any]) -> None:
    asked = ask(**graph)
    answer = spread_news(asked)
    hat = dense_hat(asked)
    (weights,) = answer["weights"][0]
    assert dense(answer, weights, 6) == pytest.approx(hat, abs=ROUNDING)
    assert answer["degrees"] == dense_tilde(asked).sum(1).tolist()
    for k in range(13):
        power = np.linalg.matrix_power(hat, k)
        assert answer["news"][k] == pytest.approx(power[:, 2], rel=1e-12)
        assert np.array(answer["products"][k]) == pytest.approx(power, abs=ROUNDING)


@pytest.mark.parametrize("kind", ["gcn", "gat"])
@pytest.mark.parametrize("graph", GRAPHS)
def test_news_reaches_the_nodes_within_k_hops_and_no_other(
    kind: str, graph: dict[str, Any]
) -> None:
    for source in range(6):
        asked = ask(kind=kind, **graph, source=source)
        answer = spread_news(asked)
        hops = search(asked)
        assert answer["hops"] == hops
        for k, news in enumerate(answer["news"]):
            reached = [value > 0 for value in news]
            assert reached == [hop is not None and hop <= k for hop in hops]


def test_c_reaches_e_after_four_layers() -> None:
    by_layer = [news[4] for news in spread_news(ask())["news"]]
    # The only way is C–D–(B or F)–A–E: 2 · 1/√8 · 1/√12 · 1/√12 · 1/√8.
    assert by_layer[:4] == [0.0] * 4
    assert by_layer[4] == pytest.approx(2 / 8 / 12, rel=1e-12)


@pytest.mark.parametrize("heads", [1, 3])
def test_attention_is_a_softmax_edge_by_edge_in_every_layer(heads: int) -> None:
    asked = ask(kind="gat", heads=heads, layers=3, seed=7, **GRAPHS[1])
    answer = spread_news(asked)
    tilde = dense_tilde(asked)
    weights, features = make_generator(7, "weights"), make_generator(7, "features")
    drawn = torch.randn(MOST_NODES, FEATURES, generator=features, dtype=torch.float64)
    x = LOUDNESS * drawn[:6].numpy()
    news = np.eye(6)[2]
    for k in range(3):
        layer = GATLayer(x.shape[1], HEAD_SIZE, heads, generator=weights).double()
        alpha = slow_attention(layer, x, tilde)
        for head in range(heads):
            told = dense(answer, answer["weights"][k][head], 6)
            assert told == pytest.approx(alpha[head], abs=ROUNDING)
            assert told.sum(1) == pytest.approx(np.ones(6), abs=6 * ROUNDING)
        told = dense(answer, answer["mean_weights"][k], 6)
        assert told == pytest.approx(alpha.mean(0), abs=ROUNDING)
        news = alpha.mean(0) @ news
        assert answer["news"][k + 1] == pytest.approx(news, rel=1e-9)
        size = layer.head_size
        by_head = layer.weight.detach().numpy().reshape(-1, heads, size).transpose(1, 0, 2)
        sums = np.concatenate([alpha[i] @ (x @ by_head[i]) for i in range(heads)], 1)
        x = np.where(sums > 0, sums, np.expm1(sums))


def test_the_seed_decides_and_one_node_more_leaves_the_first_layer_of_others_alone() -> None:
    asked = ask(kind="gat", seed=3)
    answer = spread_news(asked)
    assert spread_news(asked) == answer
    assert spread_news(ask(kind="gat", seed=4))["weights"] != answer["weights"]
    further = spread_news(ask(kind="gat", seed=3, nodes=7))
    before = dense(answer, answer["mean_weights"][0], 6)
    after = dense(further, further["mean_weights"][0], 7)
    assert (after[:6, :6] == before).all()


def test_endlessly_many_gcn_layers() -> None:
    # A second part, 6–7, which news of C never reaches.
    asked = ask(nodes=8, sources=(*SIX["sources"], 6), targets=(*SIX["targets"], 7))
    answer = spread_news(asked)
    limit = np.linalg.matrix_power(dense_hat(asked), 2000)[:, 2]
    assert answer["limit"] == pytest.approx(limit, abs=1e-9)
    assert answer["limit"][6:] == [0.0, 0.0]
    assert spread_news(ask(kind="gat"))["limit"] is None


# Two rings with a node alone; the six-node graph with C as its only beginning; a ring that feeds
# another, whose news ends in there.
@pytest.mark.parametrize(
    "graph",
    [DIRECTED, SIX, {"sources": (0, 1, 1, 2, 3, 4, 5), "targets": (1, 0, 2, 3, 4, 5, 2)}],
)
def test_endlessly_many_gcn_layers_where_edges_go_one_way(graph: dict[str, Any]) -> None:
    for source in range(6):
        asked = ask(**graph, directed=True, source=source)
        limit = np.linalg.matrix_power(dense_hat(asked), 4000)[:, source]
        assert spread_news(asked)["limit"] == pytest.approx(limit, abs=1e-9)


def test_the_limit_of_the_slowest_drawing() -> None:
    # Each node goes on to the next, and all go back to the first: to go through takes 2²³ layers.
    # No layer changes √d times the stationary shares, 1/2, 1/4, …, which numpy solves for.
    nodes = 24
    there = [(i + 1, i) for i in range(nodes - 1)]
    back = [(0, i) for i in range(2, nodes)]
    sources, targets = zip(*(there + back), strict=True)
    asked = ask(nodes=nodes, directed=True, sources=sources, targets=targets, source=nodes - 1)
    limit = np.array(spread_news(asked)["limit"])
    tilde = dense_tilde(asked)
    degrees = tilde.sum(1)
    rows = tilde / degrees[:, None]
    equations = np.vstack([rows.T - np.eye(nodes), np.ones(nodes)])
    shares = np.linalg.lstsq(equations, np.append(np.zeros(nodes), 1.0), rcond=None)[0]
    expected = np.sqrt(degrees) * shares[-1] / np.sqrt(degrees[-1])
    assert limit == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("kind", ["gcn", "gat"])
def test_how_alike_is_the_mean_cosine_of_all_pairs(kind: str) -> None:
    answer = spread_news(ask(kind=kind))
    for k in range(13):
        rows = np.array(answer["products"][k])
        units = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        pairs = [units[i] @ units[j] for i in range(6) for j in range(i)]
        assert answer["alike"][k] == pytest.approx(np.mean(pairs), abs=1e-6)
    assert answer["alike"][0] == 0.0
    assert answer["alike"] == sorted(answer["alike"])


@pytest.mark.parametrize("kind", ["gcn", "gat"])
def test_a_node_alone_keeps_its_news(kind: str) -> None:
    answer = spread_news(ask(kind=kind, nodes=1, sources=(), targets=(), source=0))
    assert answer["news"] == [[1.0]] * 13
    assert answer["hops"] == [0]
    assert answer["alike"] is None


def test_the_matrices_of_a_large_graph_are_not_sent() -> None:
    pairs = [(i, j) for i in range(MOST_NODES) for j in range(i)][:MOST_EDGES]
    large = spread_news(
        ask(
            kind="gat",
            nodes=MOST_NODES,
            sources=[i for i, _ in pairs],
            targets=[j for _, j in pairs],
            heads=4,
        )
    )
    assert large["products"] is None
    assert len(large["news"]) == 13
    assert len(large["sources"]) == MOST_NODES + 2 * MOST_EDGES


def test_an_edge_given_twice_is_refused() -> None:
    with pytest.raises(ConfigError) as refused:
        spread_news(ask(sources=(0, 1), targets=(1, 0)))
    assert str(refused.value) == "graph: edge 0→1 is given twice: give it once"
