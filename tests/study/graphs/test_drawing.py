import torch

from unroll.graph_data.karate import karate_club
from unroll.graphs import Graph, disjoint_union, graph_from_pairs
from unroll.study.graphs.drawing import SMALL, layout


def ring(nodes: int) -> Graph:
    return graph_from_pairs([(node, (node + 1) % nodes) for node in range(nodes)], nodes=nodes)


def lengths(graph: Graph, seed: int = 0) -> tuple[float, float]:
    """Return the mean distance of neighbours, and of all nodes."""
    places = torch.tensor(list(zip(*layout(graph, seed), strict=True)))
    one, other = graph.edges
    return (
        float((places[one] - places[other]).norm(dim=1).mean()),
        float(torch.pdist(places).mean()),
    )


def check_places(graph: Graph) -> None:
    x, y = layout(graph, 0)
    assert len(x) == len(y) == graph.nodes
    assert (min(x), max(x), min(y), max(y)) == (0, 1, 0, 1)
    assert all(round(place, 4) == place for place in (*x, *y))
    assert layout(graph, 0) == (x, y)
    assert layout(graph, 1) != (x, y)


def test_neighbours_are_near_each_other() -> None:
    club = karate_club()
    check_places(club)
    near, far = lengths(club)
    assert near < 0.75 * far


def test_the_places_of_a_large_graph_are_drawn_by_samples() -> None:
    parts = disjoint_union([ring(30) for _ in range(20)])
    assert parts.nodes > SMALL
    check_places(parts)
    near, far = lengths(parts)
    assert near < 0.2 * far


def test_a_node_on_its_own_leaves_room_for_the_others() -> None:
    lone = disjoint_union([ring(100), *(graph_from_pairs([], nodes=1) for _ in range(2))])
    check_places(lone)
    # Unless it is pulled to the middle, a lone node squeezes the ring into a twentieth of the page.
    for axis in layout(lone, 0):
        assert max(axis[:100]) - min(axis[:100]) > 0.5


def test_one_node_stands_in_the_middle_and_two_apart() -> None:
    assert layout(graph_from_pairs([], nodes=1), 0) == ([0.5], [0.5])
    x, y = layout(graph_from_pairs([(0, 1)], nodes=2), 0)
    assert (x[0], y[0]) != (x[1], y[1])
