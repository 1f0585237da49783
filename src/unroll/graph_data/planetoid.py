"""Cora, CiteSeer and PubMed as Planetoid's eight files, with the split that papers report on.

    x, y         features and classes of the training nodes, 20 a class: the first rows of allx
    allx, ally   of all nodes that are not for testing
    tx, ty       of the test nodes, in the order of test.index
    test.index   their numbers
    graph        node -> neighbours

Classes are rows with a single 1. CiteSeer's test numbers have gaps: 15 papers without a citation
and without a word, which tx leaves out. They stay in the graph, isolated, with features 0, no
class and no part in the test.

Source: Yang, Cohen & Salakhutdinov 2016, github.com/kimiyoung/planetoid. Deviations: a citation
that `graph` lists twice counts once, and a paper's citation of itself is left out (Ã adds loops).
"""

from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from unroll.errors import unknown_name
from unroll.graph_data.names import PLANETOID_NAMES
from unroll.graph_data.refusal import GraphDataError
from unroll.graph_data.stand_ins import Rows
from unroll.graph_data.unpickling import read_array, read_neighbours, read_rows
from unroll.graphs import Graph, SparseFeatures

PARTS = ("x", "y", "tx", "ty", "allx", "ally", "graph", "test.index")
"""The files of a graph, behind `ind.cora.`."""
FOLDERS = {"cora": "Cora", "citeseer": "CiteSeer", "pubmed": "PubMed"}
"""How folders of these graphs are called elsewhere."""
VALIDATION = 500
"""Nodes for validation: those after the training nodes."""
CORA_CLASSES = (
    "Theory",
    "Reinforcement Learning",
    "Genetic Algorithms",
    "Neural Networks",
    "Probabilistic Methods",
    "Case Based",
    "Rule Learning",
)
"""Planetoid numbers its classes without naming them; Cora's are known by their sizes."""


class Pieces(NamedTuple):
    """What the files hold."""

    x: Rows
    """(training nodes, D)."""
    y: NDArray[Any]
    """(training nodes, K)."""
    tx: Rows
    """(test nodes, D)."""
    ty: NDArray[Any]
    """(test nodes, K)."""
    allx: Rows
    """(nodes that are not for testing, D)."""
    ally: NDArray[Any]
    """(nodes that are not for testing, K)."""
    neighbours: dict[int, list[int]]
    """Node -> neighbours."""
    test: NDArray[np.int64]
    """(test nodes,) their numbers."""


def find_planetoid(name: str, root: Path) -> Path | None:
    """Return the folder of ROOT that holds the files of a graph, or None.

    It is ROOT/Cora/raw, ROOT/Cora, ROOT/cora or ROOT itself, the first that has `ind.cora.graph`.
    """
    known = FOLDERS[name]
    places = (root / known / "raw", root / known, root / name, root / "raw", root)
    return next((place for place in places if (place / f"ind.{name}.graph").is_file()), None)


def read_planetoid(name: str, root: Path, *, are_rows_normalised: bool = True) -> Graph:
    """Return `cora`, `citeseer` or `pubmed` from its files in a folder.

    Features are words of a paper, (N, D) and sparse; normalised, each row that has any sums to 1,
    as Kipf & Welling 2017 feed them.

    Raises: ConfigError for another name; GraphDataError, in one line, when a file is missing,
    damaged, does not fit the others, or holds anything but arrays.
    """
    if name not in PLANETOID_NAMES:
        raise unknown_name("citation graph", name, PLANETOID_NAMES)
    folder = find_planetoid(name, root)
    if folder is None:
        raise GraphDataError(
            f"{root}: no files of {name} there: expected ind.{name}.graph and seven others in it "
            f"or in {FOLDERS[name]}/raw"
        )
    pieces = _read_pieces(name, folder)
    _check_lengths(name, folder, pieces)
    return _assemble(name, folder, pieces, are_rows_normalised=are_rows_normalised)


def read_part(path: Path, part: str) -> Any:
    """Return what one of the files holds; GraphDataError when it is not what it should be."""
    if part in ("x", "tx", "allx"):
        return read_rows(path)
    if part == "graph":
        return read_neighbours(path)
    if part == "test.index":
        return _read_numbers(path)
    classes = read_array(path)
    if classes.ndim != 2 or not np.isin(classes, (0, 1)).all() or (classes.sum(1) > 1).any():
        raise GraphDataError(
            f"{path}: expected one row a node with a single 1 at its class, got {classes.shape} "
            "with other rows; get the file from its own source"
        )
    return classes


def _read_pieces(name: str, folder: Path) -> Pieces:
    missing = [part for part in PARTS if not (folder / f"ind.{name}.{part}").is_file()]
    if missing:
        raise GraphDataError(
            f"{folder}: ind.{name}.{missing[0]} is missing; all eight files are needed: "
            f"{', '.join(PARTS)}"
        )
    return Pieces(*(read_part(folder / f"ind.{name}.{part}", part) for part in PARTS))


def _read_numbers(path: Path) -> NDArray[np.int64]:
    """Return the numbers in a text file, one a line."""
    try:
        lines = path.read_text(encoding="ascii").split()
        numbers = np.array([int(line) for line in lines], dtype=np.int64)
    except OSError as error:
        raise GraphDataError(f"{path}: cannot be read ({error.strerror})") from error
    except (ValueError, OverflowError) as error:
        raise GraphDataError(f"{path}: expected one number a line, got something else") from error
    if numbers.size == 0 or numbers.min() < 0 or np.unique(numbers).size != numbers.size:
        raise GraphDataError(
            f"{path}: expected different numbers of nodes from 0 on, got {numbers.size} numbers "
            "of which some are below 0 or given twice, or none"
        )
    return numbers


def _check_lengths(name: str, folder: Path, pieces: Pieces) -> None:
    """Raise GraphDataError where one file is not as long or wide as another says."""
    p = pieces
    heights = [
        ("y", len(p.y), "x", p.x.shape[0]),
        ("ty", len(p.ty), "tx", p.tx.shape[0]),
        ("ally", len(p.ally), "allx", p.allx.shape[0]),
        ("tx", p.tx.shape[0], "test.index", p.test.size),
    ]
    widths = [
        (part, width, whole, wide)
        for part, width, whole, wide in (
            ("x", p.x.shape[1], "allx", p.allx.shape[1]),
            ("tx", p.tx.shape[1], "allx", p.allx.shape[1]),
            ("y", p.y.shape[1], "ally", p.ally.shape[1]),
            ("ty", p.ty.shape[1], "ally", p.ally.shape[1]),
        )
    ]
    for axis, found in (("rows", heights), ("columns", widths)):
        for part, got, other, wanted in found:
            if got != wanted:
                raise GraphDataError(
                    f"{folder}: ind.{name}.{part} has {got:,} {axis} where {other} has "
                    f"{wanted:,}; the files are not of one graph"
                )
    # CiteSeer's numbers have gaps; such that leave room for as many again are a mistake.
    if p.test.max() >= p.allx.shape[0] + 2 * p.test.size:
        raise GraphDataError(
            f"{folder}: ind.{name}.test.index names node {p.test.max()}, far beyond the "
            f"{p.allx.shape[0] + p.test.size:,} of allx and tx; the files are not of one graph"
        )
    if p.test.min() < p.allx.shape[0] or p.x.shape[0] > p.allx.shape[0]:
        raise GraphDataError(
            f"{folder}: ind.{name}.test.index or x names nodes that allx ({p.allx.shape[0]:,} "
            "rows) has otherwise; the files are not of one graph"
        )


def _assemble(name: str, folder: Path, pieces: Pieces, *, are_rows_normalised: bool) -> Graph:
    known, trained = pieces.allx.shape[0], pieces.x.shape[0]
    nodes = max(known, int(pieces.test.max()) + 1)
    labels = np.full(nodes, -1, dtype=np.int64)
    labels[:known] = _classes(pieces.ally)
    labels[pieces.test] = _classes(pieces.ty)
    index = np.arange(nodes)
    return Graph(
        nodes=nodes,
        edges=_edges(folder / f"ind.{name}.graph", pieces.neighbours, nodes),
        features=_features(pieces, nodes, are_rows_normalised=are_rows_normalised),
        labels=torch.from_numpy(labels),
        train=torch.from_numpy(index < trained),
        validation=torch.from_numpy(
            (index >= trained) & (index < min(trained + VALIDATION, known))
        ),
        test=torch.from_numpy(np.isin(index, pieces.test) & (labels >= 0)),
        class_names=CORA_CLASSES if name == "cora" and pieces.y.shape[1] == 7 else None,
        name=name,
    )


def _classes(rows: NDArray[Any]) -> NDArray[np.int64]:
    """Return the place of each row's 1, or −1 where it has none."""
    return np.where(rows.any(1), rows.argmax(1), -1).astype(np.int64)


def _edges(path: Path, neighbours: dict[int, list[int]], nodes: int) -> torch.Tensor:
    """Return both directions of each citation once, sorted."""
    strange = [node for node in (*neighbours, *chain(*neighbours.values())) if node >= nodes]
    if strange:
        raise GraphDataError(
            f"{path}: names node {strange[0]}, and the other files have nodes 0 … {nodes - 1}; the "
            "files are not of one graph"
        )
    one = np.repeat(
        np.array([*neighbours], dtype=np.int64), [len(others) for others in neighbours.values()]
    )
    other = np.array([*chain(*neighbours.values())], dtype=np.int64)
    one, other = one[one != other], other[one != other]
    numbers = np.unique(np.concatenate([one * nodes + other, other * nodes + one]))
    return torch.from_numpy(np.stack([numbers // nodes, numbers % nodes]))


def _features(pieces: Pieces, nodes: int, *, are_rows_normalised: bool) -> SparseFeatures:
    """Return the words of each node, those of a test node from its row of tx."""
    known, test = pieces.allx.shape[0], pieces.test
    counts = np.zeros(nodes, dtype=np.int64)
    counts[:known] = np.diff(pieces.allx.offsets)
    counts[test] = np.diff(pieces.tx.offsets)
    # Which node each word belongs to, as the files have them; then in the order of nodes.
    owner = np.concatenate([np.arange(known), test])
    row = np.repeat(owner, counts[owner])
    order = np.argsort(row, kind="stable")
    row = row[order]
    columns = np.concatenate([pieces.allx.columns, pieces.tx.columns])[order]
    values = np.concatenate([pieces.allx.values, pieces.tx.values])[order]
    if are_rows_normalised:
        sums = np.bincount(row, values, nodes)[row]
        values = np.divide(values, sums, out=np.zeros_like(values), where=sums != 0)
    return SparseFeatures(
        offsets=torch.from_numpy(np.concatenate([[0], counts.cumsum()])).int(),
        columns=torch.from_numpy(columns).int(),
        values=torch.from_numpy(values),
        width=pieces.allx.shape[1],
    )
