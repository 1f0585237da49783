import pytest
import torch

from tests.graphs.examples import SIX, random_graph
from unroll.errors import ConfigError, ShapeError
from unroll.graphs import Graph, SparseFeatures, disjoint_union, graph_from_pairs, repeated

PAIR = torch.tensor([[0, 1], [1, 0]])


def labelled(nodes: int = 4) -> Graph:
    """A path with features, labels and a split."""
    numbers = torch.arange(nodes)
    return graph_from_pairs(
        [(i, i + 1) for i in range(nodes - 1)],
        nodes=nodes,
        features=torch.eye(nodes),
        labels=numbers % 2,
        train=numbers == 0,
        validation=numbers == 1,
        test=numbers > 1,
        names=tuple(f"n{i}" for i in range(nodes)),
        class_names=("even", "odd"),
        name="path",
    )


def test_undirected_pairs_go_both_ways_and_a_loop_once() -> None:
    graph = graph_from_pairs([(0, 1), (2, 2)], nodes=4)
    assert graph.edges.tolist() == [[0, 2, 1], [1, 2, 0]]
    assert graph.edge_count == 2
    assert graph.degrees.tolist() == [1, 1, 1, 0]
    assert graph.isolated == 2


def test_directed_pairs_go_one_way() -> None:
    graph = graph_from_pairs([(0, 1), (1, 2)], nodes=3, directed=True)
    assert graph.edges.tolist() == [[0, 1], [1, 2]]
    assert graph.edge_count == 2
    assert graph.degrees.tolist() == [0, 1, 1]


def test_a_graph_may_have_no_edges() -> None:
    graph = graph_from_pairs([], nodes=3)
    assert graph.edge_count == 0
    assert graph.isolated == 3
    assert graph.classes == 0


def test_classes_are_counted_by_their_names_or_their_labels() -> None:
    assert labelled().classes == 2
    assert graph_from_pairs([], nodes=2, labels=torch.tensor([4, -1])).classes == 5


def test_relabelled_moves_everything_that_belongs_to_a_node() -> None:
    graph = labelled()
    order = torch.tensor([2, 0, 3, 1])
    moved = graph.relabelled(order)
    assert moved.names == ("n2", "n0", "n3", "n1")
    assert torch.equal(moved.labels, graph.labels[order])  # type: ignore[arg-type,index]
    assert torch.equal(moved.features, graph.features[order])  # type: ignore[arg-type,index]
    assert moved.train.tolist() == [False, True, False, False]  # type: ignore[union-attr]
    named = {(moved.names[j], moved.names[i]) for j, i in moved.edges.T.tolist()}
    assert named == {
        ("n0", "n1"),
        ("n1", "n0"),
        ("n1", "n2"),
        ("n2", "n1"),
        ("n2", "n3"),
        ("n3", "n2"),
    }


def test_relabelled_moves_sparse_features_as_dense_ones() -> None:
    dense = torch.tensor([[0.0, 1.0], [2.0, 0.0], [0.0, 0.0]])
    graph = Graph(nodes=3, edges=PAIR, features=SparseFeatures.from_dense(dense))
    moved = graph.relabelled(torch.tensor([2, 0, 1])).features
    assert isinstance(moved, SparseFeatures)
    assert torch.equal(moved.to_dense(), dense[[2, 0, 1]])


def test_relabelled_wants_every_node_once() -> None:
    with pytest.raises(ConfigError) as error:
        SIX.relabelled(torch.tensor([0, 1, 2, 3, 4, 4]))
    assert str(error.value) == (
        "Graph.relabelled: order must name each of 6 nodes once: use torch.randperm"
    )


def test_repeated_is_the_union_of_copies() -> None:
    graph = labelled()
    copies, union = repeated(graph, 3), disjoint_union([graph] * 3)
    for field in ("features", "labels", "train", "validation", "test"):
        assert torch.equal(getattr(copies, field), getattr(union, field)), field
    assert copies.nodes == union.nodes == 12
    assert copies.names == union.names
    assert {tuple(e) for e in copies.edges.T.tolist()} == {tuple(e) for e in union.edges.T.tolist()}


def test_a_union_joins_unequal_graphs_and_keeps_what_all_have() -> None:
    sparse = Graph(nodes=2, edges=PAIR, features=SparseFeatures.from_dense(torch.eye(2)))
    dense = Graph(nodes=3, edges=PAIR, features=torch.ones(3, 2), labels=torch.zeros(3).long())
    union = disjoint_union([sparse, dense])
    assert union.edges.tolist() == [[0, 1, 2, 3], [1, 0, 3, 2]]
    assert torch.equal(union.features, torch.cat([torch.eye(2), torch.ones(3, 2)]))  # type: ignore[arg-type]
    assert union.labels is None
    kept = disjoint_union([sparse, sparse]).features
    assert isinstance(kept, SparseFeatures)
    assert torch.equal(kept.to_dense(), torch.eye(2).repeat(2, 1))


def test_a_union_refuses_none_and_a_mixture() -> None:
    with pytest.raises(ConfigError) as error:
        disjoint_union([])
    assert str(error.value) == "disjoint_union: at least one graph is needed, got none"
    with pytest.raises(ConfigError) as error:
        disjoint_union([SIX, random_graph(4, 0.5, 0, directed=True)])
    assert str(error.value) == (
        "disjoint_union: graphs must be all directed or all undirected, got both"
    )
    with pytest.raises(ConfigError) as error:
        repeated(SIX, 0)
    assert str(error.value) == "repeated: times must be at least 1, got 0"


NAN = torch.tensor([[1.0], [float("nan")]])
YES, NO = torch.tensor([True, False]), torch.tensor([False, False])
LABELS = torch.tensor([0, 1])

WRONG: list[tuple[dict[str, object], type[Exception], str]] = [
    (
        {"nodes": 0, "edges": torch.zeros(2, 0).long()},
        ConfigError,
        "g: a graph needs at least one node, got 0: is the file empty?",
    ),
    (
        {"edges": torch.tensor([[0, 1], [1, 2]])},
        ConfigError,
        "g: edge 1→2 names a node that is not there: node numbers go from 0 to 1",
    ),
    (
        {"edges": torch.tensor([[0, -1], [1, 1]])},
        ConfigError,
        "g: edge -1→1 names a node that is not there: node numbers go from 0 to 1",
    ),
    (
        {"edges": PAIR.float()},
        ConfigError,
        "g: edges must be torch.int64, got torch.float32: use .long()",
    ),
    ({"edges": PAIR[0]}, ShapeError, "g: edges must be (2=2, E), got (2,): expected 2 axes, got 1"),
    (
        {"edges": torch.cat([PAIR, PAIR], 1)},
        ConfigError,
        "g: edge 0→1 is given twice: give it once",
    ),
    (
        {"edges": torch.tensor([[1, 1], [1, 1]]), "names": ("Mr Hi", "Officer")},
        ConfigError,
        "g: self-loop Officer→Officer is given twice: give it once",
    ),
    (
        {"edges": PAIR[:, :1]},
        ConfigError,
        "g: edge 0→1 of an undirected graph lacks its mirror: "
        "give both directions, use graph_from_pairs, or say is_directed=True",
    ),
    (
        {"features": NAN},
        ConfigError,
        "g: features must be finite, got nan at node 1: mend or drop it",
    ),
    (
        {"features": SparseFeatures.from_dense(NAN)},
        ConfigError,
        "g: features must be finite, got nan at node 1: mend or drop it",
    ),
    (
        {"features": torch.ones(3, 1)},
        ShapeError,
        "g: features must be (N=2, D), got (3, 1): axis N differs",
    ),
    (
        {"features": torch.ones(2, 1).long()},
        ConfigError,
        "g: features must be floating numbers, got torch.int64: use .float()",
    ),
    (
        {"labels": torch.tensor([0, 1, 0])},
        ShapeError,
        "g: labels must be (N=2), got (3,): axis N differs",
    ),
    (
        {"labels": torch.tensor([0.0, 1.0])},
        ConfigError,
        "g: labels must be torch.int64, got torch.float32: use .long()",
    ),
    (
        {"labels": torch.tensor([0, -2])},
        ConfigError,
        "g: labels must be −1 (unknown) or more, got -2 at node 1",
    ),
    (
        {"labels": LABELS, "class_names": ("only",)},
        ConfigError,
        "g: labels must lie below the 1 class names, got 1 at node 1: name every class",
    ),
    ({"train": YES}, ConfigError, "g: train nodes are given, but no labels: give both"),
    (
        {"labels": LABELS, "train": LABELS},
        ConfigError,
        "g: train must be torch.bool, got torch.int64: use .bool()",
    ),
    (
        {"labels": LABELS, "train": NO},
        ConfigError,
        "g: there are labels, but no training node: mark some as train",
    ),
    (
        {"labels": torch.tensor([-1, 1]), "train": YES},
        ConfigError,
        "g: train node 0 has no label: give it one or take it out",
    ),
    (
        {"labels": LABELS, "train": YES, "test": YES},
        ConfigError,
        "g: node 0 is in two of train, validation and test: put it in one",
    ),
    (
        {"names": ("a",)},
        ShapeError,
        "g: names must be one a node (N=2), got 1: give a name to each",
    ),
]


@pytest.mark.parametrize(("given", "kind", "message"), WRONG)
def test_what_does_not_fit_is_said_in_one_line(
    given: dict[str, object], kind: type[Exception], message: str
) -> None:
    fields: dict[str, object] = {"nodes": 2, "edges": PAIR, "name": "g"} | given
    with pytest.raises(kind) as error:
        Graph(**fields)  # type: ignore[arg-type]
    assert str(error.value) == message
