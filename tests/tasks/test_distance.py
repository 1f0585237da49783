import networkx
import pytest
import torch

from unroll.errors import ConfigError
from unroll.seeding import make_generator
from unroll.tasks.distance import MarkedGraphs, PathDistance, RandomDistance, edge_sequence
from unroll.tasks.random_graphs import hop_distances

PATH = PathDistance(nodes=14, nearest=4, farthest=7, margin=3)


def test_classes_are_the_hops_between_the_marks() -> None:
    drawn = RandomDistance(nodes=10, farthest=4).sample(60, make_generator(0, "test"))
    for graph, (one, other), answer in zip(
        drawn.adjacency, drawn.marks, drawn.classes, strict=True
    ):
        way = networkx.from_numpy_array(graph.numpy())
        hops = networkx.shortest_path_length(way, int(one), int(other))
        assert hops == int(answer) + 1


def test_neither_the_answer_nor_the_edges_are_told_by_anything_else() -> None:
    drawn = RandomDistance(nodes=12).sample(5000, make_generator(0, "test"))
    # A class has 1,000 ± 28 of them: 5 deviations.
    assert ((drawn.classes.bincount() - 1000).abs() < 141).all()
    assert (drawn.adjacency.sum((1, 2)) == 2 * (11 + 3)).all()
    # The share of far pairs of a graph, 0.04 ± 0.04, is the same whatever was asked: with 1,000
    # a class, 6 deviations are 0.008.
    far = (hop_distances(drawn.adjacency) >= 5).float().mean((1, 2))
    shares = torch.stack([far[drawn.classes == k].mean() for k in range(5)])
    assert (shares - far.mean()).abs().max() < 0.008


def test_flags_are_at_the_marks() -> None:
    marks = torch.tensor([[2, 0], [1, 2]])
    graphs = MarkedGraphs(torch.zeros(2, 3, 3, dtype=torch.bool), marks, torch.zeros(2))
    assert graphs.flags.tolist() == [[[0, 1], [0, 0], [1, 0]], [[0, 0], [1, 0], [0, 1]]]


def test_paths_keep_their_margin_and_their_distances() -> None:
    drawn = PATH.sample(2000, make_generator(0, "test"))
    first, second = drawn.marks.unbind(1)
    assert torch.equal(second - first, drawn.classes + 4)
    assert sorted(set((second - first).tolist())) == [4, 5, 6, 7]
    assert (int(first.min()), int(second.max())) == (3, 10)
    assert PATH.classes == 4
    assert torch.equal(
        hop_distances(drawn.adjacency)[torch.arange(2000), first, second], second - first
    )


def test_a_sequence_tells_the_graph_and_its_marks() -> None:
    drawn = RandomDistance(nodes=8, farthest=3).sample(20, make_generator(0, "test"))
    told = edge_sequence(drawn, "depth-first", 11, make_generator(1, "test"))
    assert told.shape == (20, 9, 26)
    u, v, flags = told[:, :, :11], told[:, :, 11:22], told[:, :, 22:]
    assert torch.equal(u.sum(2), torch.ones(20, 9))
    assert torch.equal(v.sum(2), torch.ones(20, 9))
    for steps, answer in zip(torch.cat([u, v, flags], 2), drawn.classes, strict=True):
        names = [(int(step[:11].argmax()), int(step[11:22].argmax())) for step in steps]
        marked = {
            end: int(name)
            for step, ends in zip(steps, names, strict=True)
            for name, at in zip(ends, (22, 24), strict=True)
            for end in (0, 1)
            if step[at + end] == 1
        }
        hops = networkx.shortest_path_length(networkx.Graph(names), marked[0], marked[1])
        assert hops == int(answer) + 1


def test_names_say_nothing_of_a_node() -> None:
    drawn = PATH.sample(4000, make_generator(0, "test"))
    told = edge_sequence(drawn, "depth-first", 16, make_generator(1, "test"), start=0)
    # Each of 16 names is the first node's 250 ± 15 times: 5 deviations.
    assert ((told[:, 0, :16].sum(0) - 250).abs() < 77).all()


@pytest.mark.parametrize(("nodes", "farthest"), [(3, 2), (8, 0), (8, 8)])
def test_sizes_that_cannot_be_are_refused(nodes: int, farthest: int) -> None:
    with pytest.raises(ConfigError) as caught:
        RandomDistance(nodes=nodes, farthest=farthest)
    assert str(caught.value) == (
        f"distance: nodes must be 4 or more and farthest 1 … nodes − 1, got {nodes} and {farthest}"
    )


def test_a_path_without_room_is_refused() -> None:
    with pytest.raises(ConfigError) as caught:
        PathDistance(nodes=14, nearest=4, farthest=8, margin=3)
    assert str(caught.value) == (
        "distance: a path of 14 nodes with a margin of 3 has room for 1 … 7 hops, got 4 … 8"
    )


def test_too_few_names_are_refused() -> None:
    drawn = PATH.sample(2, make_generator(0, "test"))
    with pytest.raises(ConfigError) as caught:
        edge_sequence(drawn, "depth-first", 13, make_generator(1, "test"))
    assert str(caught.value) == "distance: ids must be 14 or more, one a node, got 13"
