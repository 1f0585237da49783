from pathlib import Path

import pytest
import torch

from unroll.graph_data import GraphDataError
from unroll.graph_data.tables import read_graph_folder
from unroll.graphs import SparseFeatures

NODES = "name,label,split,age,size\nann,red,train,1,0.5\nbob,blue,train,2,-1e3\ncyd,,,3,0\n"
EDGES = "source,target\nann,bob\nbob,cyd\n"


def folder(path: Path, **tables: str) -> Path:
    for name, text in tables.items():
        (path / f"{name}.csv").write_text(text, encoding="utf-8")
    return path


def refusal(path: Path) -> str:
    with pytest.raises(GraphDataError) as caught:
        read_graph_folder(path)
    message = str(caught.value)
    assert "\n" not in message
    return message.replace(f"{path}/", "").replace(str(path), "FOLDER")


def test_a_graph_is_what_its_tables_say(tmp_path: Path) -> None:
    graph = read_graph_folder(folder(tmp_path, edges=EDGES, nodes=NODES))
    assert (graph.nodes, graph.edge_count, graph.is_directed) == (3, 2, False)
    assert (graph.names, graph.class_names) == (("ann", "bob", "cyd"), ("blue", "red"))
    assert graph.name == tmp_path.name
    assert isinstance(graph.features, torch.Tensor)
    assert graph.features.tolist() == [[1.0, 0.5], [2.0, -1000.0], [3.0, 0.0]]
    assert graph.labels is not None
    assert graph.labels.tolist() == [1, 0, -1]
    for mask, wanted in ((graph.train, [True, True, False]), (graph.test, [False] * 3)):
        assert mask is not None
        assert mask.tolist() == wanted


def test_edges_alone_make_a_graph(tmp_path: Path) -> None:
    graph = read_graph_folder(folder(tmp_path, edges="a,b\n\nb , c\n'é',a\n"))
    assert graph.names == ("a", "b", "c", "'é'")
    assert sorted(graph.edges.T.tolist()) == [[0, 1], [0, 3], [1, 0], [1, 2], [2, 1], [3, 0]]
    assert isinstance(graph.features, SparseFeatures)
    assert torch.equal(graph.features.to_dense(), torch.eye(4))
    assert (graph.labels, graph.train, graph.class_names) == (None, None, None)


def test_arcs_go_one_way(tmp_path: Path) -> None:
    graph = read_graph_folder(folder(tmp_path, arcs="a,b\nb,a\nb,c\n"))
    assert graph.is_directed
    assert graph.edges.T.tolist() == [[0, 1], [1, 0], [1, 2]]


def test_a_split_is_drawn_where_labels_come_alone(tmp_path: Path) -> None:
    rows = "".join(f"n{i},{'ab'[i % 2]}\n" for i in range(12))
    tables = {"edges": "n0,n1\n", "nodes": f"name,label\n{rows}lone,\n"}
    graph = read_graph_folder(folder(tmp_path, **tables))
    counts = [
        int(mask.sum()) for mask in (graph.train, graph.validation, graph.test) if mask is not None
    ]
    assert counts == [6, 2, 4]
    again = read_graph_folder(tmp_path)
    assert graph.train is not None
    assert again.train is not None
    assert torch.equal(graph.train, again.train)


def test_a_table_of_a_spreadsheet_is_read(tmp_path: Path) -> None:
    (tmp_path / "edges.csv").write_bytes('﻿Source,Target\r\n"a, the first",b\r\n'.encode())
    assert read_graph_folder(tmp_path).names == ("a, the first", "b")


@pytest.mark.parametrize(
    ("tables", "message"),
    [
        (
            {},
            "FOLDER: no edges.csv there; give a folder with edges.csv (source,target a line) and "
            "nodes.csv (name, label, split, features)",
        ),
        (
            {"edges": EDGES, "arcs": EDGES},
            "FOLDER: holds both edges.csv and arcs.csv; keep the first for edges without a "
            "direction, the second for those with one",
        ),
        ({"edges": ""}, "edges.csv: holds no edge; give one a line: source,target"),
        ({"edges": "source,target\n"}, "edges.csv: holds no edge; give one a line: source,target"),
        ({"edges": "a,b,c\n"}, "edges.csv, line 1: expected source,target, got 'a,b,c'"),
        ({"edges": "a,b\nc,\n"}, "edges.csv, line 2: expected source,target, got 'c,'"),
        (
            {"edges": "ann,bob\nann,eve\n", "nodes": NODES},
            "edges.csv, line 2: node 'eve' is not in nodes.csv; add it there",
        ),
        (
            {"edges": "a,b\nb,a\n"},
            "edges.csv, line 2: the edge b–a stands in line 1 already; keep one of the two",
        ),
        (
            {"edges": "a,a\nb,a\na,a\n"},
            "edges.csv, line 3: the edge a–a stands in line 1 already; keep one of the two",
        ),
        (
            {"arcs": "a,b\na,b\n"},
            "arcs.csv, line 2: the edge a–b stands in line 1 already; keep one of the two",
        ),
        ({"edges": 'a,"b\n'}, "edges.csv: not a table with commas (unexpected end of data)"),
        (
            {"edges": EDGES, "nodes": ""},
            "nodes.csv: holds no node; give a heading and one node a line",
        ),
        (
            {"edges": EDGES, "nodes": "name\n"},
            "nodes.csv: holds no node; give a heading and one node a line",
        ),
        (
            {"edges": EDGES, "nodes": "id,label\n1,a\n"},
            "nodes.csv, line 1: the heading must have a column 'name', got 'id,label'",
        ),
        (
            {"edges": EDGES, "nodes": "name,w,w\na,1,1\n"},
            "nodes.csv, line 1: the column 'w' is given twice; every column needs its own",
        ),
        (
            {"edges": EDGES, "nodes": "name,\na,1\n"},
            "nodes.csv, line 1: a column has no name; every column needs its own",
        ),
        (
            {"edges": EDGES, "nodes": "name,w\nann,1\nbob\n"},
            "nodes.csv, line 3: has 1 fields where the heading has 2",
        ),
        (
            {"edges": EDGES, "nodes": "name,w\nann,1\nann,2\n"},
            "nodes.csv, line 3: the name 'ann' is given twice; every node needs its own",
        ),
        (
            {"edges": EDGES, "nodes": "name,w\nann,1\n,2\n"},
            "nodes.csv, line 3: the node has no name; every node needs its own",
        ),
        (
            {"edges": EDGES, "nodes": NODES.replace(",train,1", ",training,1")},
            "nodes.csv, line 2: split must be train, validation, test or empty, got 'training'",
        ),
        *(
            (
                {"edges": EDGES, "nodes": NODES.replace("-1e3", wrong)},
                f"nodes.csv, line 3: feature 'size' must be a finite number, got '{wrong}'",
            )
            for wrong in ("nan", "inf", "-inf", "1e39", "big", "")
        ),
    ],
)
def test_what_cannot_be_a_graph_is_refused(
    tmp_path: Path, tables: dict[str, str], message: str
) -> None:
    assert refusal(folder(tmp_path, **tables)) == message


@pytest.mark.parametrize(
    ("nodes", "message"),
    [
        (
            NODES.replace("train", "test"),
            ": there are labels, but no line has split 'train'; give it to some of each class, or "
            "leave the column out",
        ),
        (
            "name,split\nann,\nbob,train\ncyd,\n",
            ", line 3: split is 'train', but the node has no label; give it one, or leave its "
            "split empty",
        ),
        (
            NODES.replace("cyd,,", "cyd,,test"),
            ", line 4: split is 'test', but the node has no label; give it one, or leave its "
            "split empty",
        ),
    ],
)
def test_a_split_that_does_not_fit_the_labels_is_refused(
    tmp_path: Path, nodes: str, message: str
) -> None:
    assert refusal(folder(tmp_path, edges=EDGES, nodes=nodes)) == f"nodes.csv{message}"


def test_a_split_without_any_label_says_nothing(tmp_path: Path) -> None:
    nodes = "name,label,split\nann,,\nbob,,\ncyd,,\n"
    graph = read_graph_folder(folder(tmp_path, edges=EDGES, nodes=nodes))
    assert graph.labels is None


def test_a_table_of_nodes_that_is_no_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "nodes.csv").mkdir()
    assert refusal(folder(tmp_path, edges=EDGES)) == "nodes.csv: cannot be read (Is a directory)"


def test_a_table_in_another_encoding_is_refused(tmp_path: Path) -> None:
    (tmp_path / "edges.csv").write_bytes("a,é\n".encode("latin1"))
    assert refusal(tmp_path) == "edges.csv: not UTF-8 at byte 2; save it as UTF-8"


@pytest.mark.parametrize(
    ("labels", "names"),
    [
        (["10", "2", "0", "-1"], ("-1", "0", "2", "10")),
        (["10", "2", "x"], ("10", "2", "x")),
    ],
)
def test_classes_that_are_integers_come_by_size(
    tmp_path: Path, labels: list[str], names: tuple[str, ...]
) -> None:
    rows = "".join(f"n{node},{label}\n" for node, label in enumerate(labels))
    (tmp_path / "edges.csv").write_text("n0,n1\n")
    (tmp_path / "nodes.csv").write_text(f"name,label\n{rows}")
    graph = read_graph_folder(tmp_path)
    assert graph.class_names == names
    assert graph.labels is not None
    assert [names[label] for label in graph.labels.tolist()] == labels


def test_a_long_name_is_shortened_in_a_message(tmp_path: Path) -> None:
    (tmp_path / "edges.csv").write_text(f"{'n' * 5000},b\n")
    (tmp_path / "nodes.csv").write_text("name\nb\n")
    with pytest.raises(GraphDataError) as caught:
        read_graph_folder(tmp_path)
    assert str(caught.value).endswith(
        f"line 1: node '{'n' * 99}…' is not in nodes.csv; add it there"
    )
