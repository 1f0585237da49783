"""A user's own graph: a folder with a table of edges and, where more is known, one of nodes.

    edges.csv   one edge a line, `source,target`; names of nodes are any text. The line
                `source,target` itself may stand first, as a heading. Edges have no direction.
    arcs.csv    the same instead of edges.csv, where news goes from source to target only
    nodes.csv   a heading, and one node a line: `name`, then as many of these as there are:
                `label`  any text; empty where it is not known
                `split`  train, validation, test or empty
                anything else is a feature: a number in every line

Without nodes.csv the nodes are those that edges name. Without features each node has one of its
own (the identity). Where labels come without `split`, it is drawn (see `splits`). Files are UTF-8,
fields separated by commas.
"""

from collections.abc import Sequence
from pathlib import Path

import torch

from unroll.errors import UnrollError
from unroll.graph_data.lines import Line, read_lines, shown
from unroll.graph_data.node_table import NodeTable, read_node_table
from unroll.graph_data.refusal import GraphDataError
from unroll.graphs import Graph, SparseFeatures, graph_from_pairs

EDGES, ARCS, NODES = "edges.csv", "arcs.csv", "nodes.csv"
"""The names of the tables."""


def read_graph_folder(folder: Path) -> Graph:
    """Return the graph that the tables of a folder describe; the module says how they look.

    Classes are numbered in the order of their names.
    Raises: GraphDataError, in one line that names the file and where possible the line.
    """
    path, is_directed = _edge_table(folder)
    lines = read_lines(path)
    if lines and [field.lower() for field in lines[0].fields] == ["source", "target"]:
        lines = lines[1:]
    if not lines:
        raise GraphDataError(f"{path}: holds no edge; give one a line: source,target")
    ends = [_ends(path, line) for line in lines]
    nodes = folder / NODES
    if nodes.exists():
        table = read_node_table(nodes)
    else:
        table = NodeTable(tuple(dict.fromkeys(name for pair in ends for name in pair)))
    train, validation, test = table.split or (None, None, None)
    try:
        return graph_from_pairs(
            _pairs(path, lines, table.names, is_directed=is_directed),
            nodes=len(table.names),
            directed=is_directed,
            features=_identity(len(table.names)) if table.features is None else table.features,
            labels=table.labels,
            train=train,
            validation=validation,
            test=test,
            names=table.names,
            class_names=table.class_names,
            name=folder.resolve().name,
        )
    except GraphDataError:
        raise
    except UnrollError as error:
        raise GraphDataError(f"{folder}: {error}") from error


def _identity(nodes: int) -> SparseFeatures:
    """Return features by which each node is itself and nothing else: I, (N, N)."""
    return SparseFeatures(
        offsets=torch.arange(nodes + 1, dtype=torch.int32),
        columns=torch.arange(nodes, dtype=torch.int32),
        values=torch.ones(nodes),
        width=nodes,
    )


def _edge_table(folder: Path) -> tuple[Path, bool]:
    """Return the table of edges, and whether they have a direction."""
    there = [name for name in (EDGES, ARCS) if (folder / name).is_file()]
    if len(there) == 1:
        return folder / there[0], there[0] == ARCS
    raise GraphDataError(
        f"{folder}: holds both {EDGES} and {ARCS}; keep the first for edges without a direction, "
        "the second for those with one"
        if there
        else f"{folder}: no {EDGES} there; give a folder with {EDGES} (source,target a line) and "
        f"{NODES} (name, label, split, features)"
    )


def _ends(path: Path, line: Line) -> list[str]:
    if len(line.fields) != 2 or not all(line.fields):
        raise GraphDataError(
            f"{path}, line {line.number}: expected source,target, got "
            f"{shown(','.join(line.fields))!r}"
        )
    return line.fields


def _pairs(
    path: Path, lines: Sequence[Line], names: Sequence[str], *, is_directed: bool
) -> list[tuple[int, int]]:
    """Return the edges by numbers of nodes; none may be given twice, in either direction."""
    numbers = {name: number for number, name in enumerate(names)}
    first_line: dict[tuple[int, int], int] = {}
    for line in lines:
        for name in line.fields:
            if name not in numbers:
                raise GraphDataError(
                    f"{path}, line {line.number}: node {shown(name)!r} is not in {NODES}; add "
                    "it there"
                )
        one, other = (numbers[name] for name in line.fields)
        pair = (one, other) if is_directed else (min(one, other), max(one, other))
        if pair in first_line:
            raise GraphDataError(
                f"{path}, line {line.number}: the edge {'–'.join(map(shown, line.fields))} stands "
                f"in line {first_line[pair]} already; keep one of the two"
            )
        first_line[pair] = line.number
    return list(first_line)
