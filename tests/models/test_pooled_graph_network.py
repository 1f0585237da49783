import pytest
import torch

from unroll.errors import ConfigError
from unroll.graphs import a_hat, graph_from_pairs
from unroll.models.graph_network import GraphNetwork
from unroll.models.pooled_graph_network import PooledGraphNetwork
from unroll.seeding import make_generator

N, D, K = 5, 3, 2
RING = a_hat(graph_from_pairs([(0, 1), (1, 2), (2, 3), (3, 4), (0, 4), (1, 3)], nodes=N))


def build() -> PooledGraphNetwork:
    layers = GraphNetwork(
        "gcn",
        input_size=D,
        hidden_size=7,
        output_size=2 * K,
        layers=2,
        generator=make_generator(0, "weights"),
    )
    return PooledGraphNetwork(layers).double()


def features(graphs: int) -> torch.Tensor:
    return torch.randn(graphs * N, D, generator=make_generator(0, "test")).double()


def test_scores_are_the_mean_vote_and_the_strongest() -> None:
    model, x = build(), features(1)
    votes = model.network(x, RING.to(torch.float64)).detach()
    wanted = [
        sum(float(v) for v in votes[:, k]) / N + max(float(v) for v in votes[:, K + k])
        for k in range(K)
    ]
    scores = model(x, RING.to(torch.float64), N)
    assert scores.shape == (1, K)
    # Five numbers added in another order.
    torch.testing.assert_close(
        scores[0], torch.tensor(wanted, dtype=torch.float64), rtol=1e-12, atol=1e-12
    )


def test_graphs_side_by_side_do_not_disturb_each_other() -> None:
    model, x = build(), features(4)
    matrix = RING.to(torch.float64)
    together = model(x, matrix.repeated(4), N)
    alone = torch.cat([model(part, matrix, N) for part in torch.split(x, N)])
    torch.testing.assert_close(together, alone, rtol=1e-12, atol=1e-12)


def test_numbering_does_not_matter() -> None:
    model, x = build(), features(1)
    order = torch.tensor([3, 0, 4, 1, 2])
    graph = graph_from_pairs([(0, 1), (1, 2), (2, 3), (3, 4), (0, 4), (1, 3)], nodes=N)
    other = a_hat(graph.relabelled(order)).to(torch.float64)
    first = model(x, RING.to(torch.float64), N)
    torch.testing.assert_close(model(x[order], other, N), first, rtol=1e-12, atol=1e-12)


def test_rows_that_are_no_whole_graphs_are_refused() -> None:
    with pytest.raises(ConfigError) as caught:
        build()(features(2)[:-1], RING, N)
    assert str(caught.value) == ("pooled graph network: x must have 5 rows a graph, got 9 rows")
