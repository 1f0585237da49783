import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from scipy.sparse import csr_matrix

from tests.graph_data.planetoid_files import CLASSES, WORDS, one_hot, write
from unroll.errors import ConfigError
from unroll.graph_data import GraphDataError
from unroll.graph_data.planetoid import find_planetoid, read_planetoid
from unroll.graphs import Graph, SparseFeatures, a_hat, propagate


def pickled(content: Any) -> bytes:
    return pickle.dumps(content, protocol=2)


def dense(graph: Graph) -> torch.Tensor:
    assert isinstance(graph.features, SparseFeatures)
    return graph.features.to_dense()


def nodes_of(mask: torch.Tensor | None) -> list[int]:
    assert mask is not None
    return mask.nonzero().squeeze(1).tolist()


def refusal(folder: Path, name: str = "citeseer") -> str:
    with pytest.raises(GraphDataError) as caught:
        read_planetoid(name, folder)
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_every_paper_has_its_own_words_and_class(tmp_path: Path) -> None:
    graph = read_planetoid("citeseer", write(tmp_path), are_rows_normalised=False)
    assert (graph.nodes, graph.name, graph.is_directed) == (9, "citeseer", False)
    np.testing.assert_array_equal(dense(graph).numpy(), WORDS)
    assert graph.labels is not None
    assert graph.labels.tolist() == CLASSES.tolist()


def test_rows_are_normalised_where_there_are_words(tmp_path: Path) -> None:
    sums = dense(read_planetoid("citeseer", write(tmp_path))).sum(1)
    assert sums.tolist() == pytest.approx([1, 1, 1, 0, 1, 1, 1, 0, 1])


def test_the_split_is_that_of_the_files(tmp_path: Path) -> None:
    graph = read_planetoid("citeseer", write(tmp_path))
    assert nodes_of(graph.train) == [0, 1]
    assert nodes_of(graph.validation) == [2, 3, 4]
    assert nodes_of(graph.test) == [5, 6, 8]


def test_each_citation_counts_once_and_in_both_directions(tmp_path: Path) -> None:
    graph = read_planetoid("citeseer", write(tmp_path))
    pairs = [pair for pair in graph.edges.T.tolist() if pair[0] < pair[1]]
    assert pairs == [[0, 1], [0, 2], [2, 5], [3, 8], [4, 6]]
    assert graph.edge_count == 5


def test_a_paper_that_no_file_has_is_isolated_and_stays_finite(tmp_path: Path) -> None:
    graph = read_planetoid("citeseer", write(tmp_path))
    assert graph.isolated == 1
    assert graph.degrees[7] == 0
    assert propagate(a_hat(graph), dense(graph)).isfinite().all()
    assert graph.labels is not None
    assert graph.labels[7] == -1


@pytest.mark.parametrize("place", ["CiteSeer/raw", "CiteSeer", "citeseer", "raw", "."])
def test_the_files_are_found_in_a_folder_or_under_its_name(tmp_path: Path, place: str) -> None:
    folder = write(tmp_path / place)
    assert find_planetoid("citeseer", tmp_path) == folder
    assert find_planetoid("cora", tmp_path) is None
    assert read_planetoid("citeseer", tmp_path).nodes == 9


def test_coras_classes_have_names_where_there_are_seven(tmp_path: Path) -> None:
    assert read_planetoid("cora", write(tmp_path, "cora")).class_names is None


def test_another_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        read_planetoid("coral", tmp_path)
    assert str(caught.value) == (
        "unknown citation graph 'coral': expected one of citeseer, cora, pubmed (nearest: cora)"
    )


def test_a_folder_without_the_files_is_told(tmp_path: Path) -> None:
    assert refusal(tmp_path) == (
        f"{tmp_path}: no files of citeseer there: expected ind.citeseer.graph and seven others in "
        "it or in CiteSeer/raw"
    )


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    (write(tmp_path) / "ind.citeseer.tx").unlink()
    assert refusal(tmp_path) == (
        f"{tmp_path}: ind.citeseer.tx is missing; all eight files are needed: x, y, tx, ty, allx, "
        "ally, graph, test.index"
    )


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"y": pickled(one_hot([0]))}, "y has 1 rows where x has 2"),
        ({"ally": pickled(one_hot([0, 1]))}, "ally has 2 rows where allx has 5"),
        ({"ty": pickled(one_hot([0] * 4))}, "ty has 4 rows where tx has 3"),
        ({"test_index": b"5\n6\n"}, "tx has 3 rows where test.index has 2"),
        ({"tx": pickled(csr_matrix(WORDS[5:8, :3]))}, "tx has 3 columns where allx has 4"),
        ({"ty": pickled(np.eye(3, dtype=int))}, "ty has 3 columns where ally has 2"),
    ],
)
def test_files_of_another_length_are_refused(
    tmp_path: Path, changed: dict[str, bytes], told: str
) -> None:
    write(tmp_path, "citeseer", **changed)
    assert refusal(tmp_path) == f"{tmp_path}: ind.citeseer.{told}; the files are not of one graph"


def test_a_test_node_that_allx_has_too_is_refused(tmp_path: Path) -> None:
    write(tmp_path, test_index=b"4\n5\n6\n")
    assert refusal(tmp_path) == (
        f"{tmp_path}: ind.citeseer.test.index or x names nodes that allx (5 rows) has otherwise; "
        "the files are not of one graph"
    )


def test_a_test_node_far_beyond_all_others_is_refused(tmp_path: Path) -> None:
    write(tmp_path, test_index=b"5\n6\n900000000000\n")
    assert refusal(tmp_path) == (
        f"{tmp_path}: ind.citeseer.test.index names node 900000000000, far beyond the 8 of allx "
        "and tx; the files are not of one graph"
    )


@pytest.mark.parametrize("graph", [{0: [9]}, {9: []}, {0: [2**62]}])
def test_an_edge_to_a_node_that_is_not_there_is_refused(
    tmp_path: Path, graph: dict[int, list[int]]
) -> None:
    write(tmp_path, graph=pickled(graph))
    strange = max([*graph, *next(iter(graph.values()))])
    assert refusal(tmp_path) == (
        f"{tmp_path}/ind.citeseer.graph: names node {strange}, and the other files have nodes "
        "0 … 8; the files are not of one graph"
    )


@pytest.mark.parametrize("rows", [np.array([0, 1]), np.full((2, 2), 1), np.array([[0, 2], [1, 0]])])
def test_classes_that_are_no_single_ones_are_refused(tmp_path: Path, rows: Any) -> None:
    write(tmp_path, y=pickled(rows))
    assert refusal(tmp_path) == (
        f"{tmp_path}/ind.citeseer.y: expected one row a node with a single 1 at its class, got "
        f"{rows.shape} with other rows; get the file from its own source"
    )


@pytest.mark.parametrize("text", [b"5\n6\nx\n", b"5 6 \xff", b"5 6 9999999999999999999999"])
def test_numbers_that_are_none_are_refused(tmp_path: Path, text: bytes) -> None:
    write(tmp_path, test_index=text)
    assert refusal(tmp_path) == (
        f"{tmp_path}/ind.citeseer.test.index: expected one number a line, got something else"
    )


@pytest.mark.parametrize("text", [b"", b"5\n5\n6\n", b"-1\n5\n6\n"])
def test_numbers_given_twice_or_below_0_are_refused(tmp_path: Path, text: bytes) -> None:
    write(tmp_path, test_index=text)
    assert "expected different numbers of nodes from 0 on" in refusal(tmp_path)


def test_words_that_are_no_numbers_are_refused(tmp_path: Path) -> None:
    words = WORDS[:5].copy()
    words[2, 0] = np.nan
    write(tmp_path, allx=pickled(csr_matrix(words)))
    with pytest.raises(ConfigError, match="citeseer: features must be finite, got nan at node 2"):
        read_planetoid("citeseer", tmp_path, are_rows_normalised=False)
