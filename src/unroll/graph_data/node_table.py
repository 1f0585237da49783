"""The table of nodes: names, labels, splits and features, a node a line."""

import math
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor

from unroll.graph_data.lines import Line, read_lines, shown
from unroll.graph_data.refusal import GraphDataError
from unroll.graph_data.splits import draw_split

SPLITS = ("train", "validation", "test")
"""What the column `split` may say of a node, if it says anything."""
_INTEGER = re.compile(r"-?[0-9]{1,18}")


class NodeTable(NamedTuple):
    """What is known of the nodes; None where the table has no such columns."""

    names: tuple[str, ...]
    """In the order of the table."""
    features: Tensor | None = None
    """(N, D), the columns in their order."""
    labels: Tensor | None = None
    """(N,) numbers of classes, −1 where the field is empty."""
    class_names: tuple[str, ...] | None = None
    """In the order of their numbers."""
    split: tuple[Tensor, Tensor, Tensor] | None = None
    """Who is for training, validation and testing, each (N,); drawn where labels come alone."""


def read_node_table(path: Path) -> NodeTable:
    """Return what a table says of nodes; `tables` says how it looks.

    Raises: GraphDataError, in one line that names the file and where possible the line.
    """
    lines = read_lines(path)
    if len(lines) < 2:
        raise GraphDataError(f"{path}: holds no node; give a heading and one node a line")
    columns, rows = lines[0].fields, lines[1:]
    _check_heading(path, columns)
    _check_rows(path, columns, rows)
    fields = list(zip(*(row.fields for row in rows), strict=True))
    by_name = dict(zip(columns, fields, strict=True))
    names, label = by_name.pop("name"), by_name.pop("label", None)
    split = by_name.pop("split", None)
    labels, class_names = _number(label) if label and any(label) else (None, None)
    drawn = None if labels is None else draw_split(labels)
    if split is not None:
        _check_split(path, rows, split, label or ("",) * len(rows))
    return NodeTable(
        names=names,
        features=_read_features(path, rows, by_name) if by_name else None,
        labels=labels,
        class_names=class_names,
        split=drawn if split is None or labels is None else _read_split(split),
    )


def _check_heading(path: Path, columns: Sequence[str]) -> None:
    if "name" not in columns:
        raise GraphDataError(
            f"{path}, line 1: the heading must have a column 'name', got {','.join(columns)!r}"
        )
    twice = [column for column in columns if columns.count(column) > 1]
    if twice or not all(columns):
        what = f"the column {twice[0]!r} is given twice" if twice else "a column has no name"
        raise GraphDataError(f"{path}, line 1: {what}; every column needs its own")


def _check_rows(path: Path, columns: Sequence[str], rows: Sequence[Line]) -> None:
    """Raise GraphDataError for a row of another length, or a name missing or given twice."""
    place = columns.index("name")
    seen: set[str] = set()
    for row in rows:
        if len(row.fields) != len(columns):
            raise GraphDataError(
                f"{path}, line {row.number}: has {len(row.fields)} fields where the heading has "
                f"{len(columns)}"
            )
        name = row.fields[place]
        if not name or name in seen:
            what = f"the name {shown(name)!r} is given twice" if name else "the node has no name"
            raise GraphDataError(f"{path}, line {row.number}: {what}; every node needs its own")
        seen.add(name)


def _number(label: Sequence[str]) -> tuple[Tensor, tuple[str, ...]]:
    """Return each node's class by number and the classes' names, sorted; integers by size."""
    found = sorted({one for one in label if one})
    names = tuple(sorted(found, key=int) if all(map(_INTEGER.fullmatch, found)) else found)
    numbers = {name: number for number, name in enumerate(names)} | {"": -1}
    return torch.tensor([numbers[one] for one in label]), names


def _check_split(
    path: Path, rows: Sequence[Line], split: Sequence[str], label: Sequence[str]
) -> None:
    """Raise GraphDataError for a part that is none, one of nodes unlabelled, and no training."""
    for row, one, known in zip(rows, split, label, strict=True):
        if one not in (*SPLITS, ""):
            raise GraphDataError(
                f"{path}, line {row.number}: split must be {', '.join(SPLITS)} or empty, "
                f"got {one!r}"
            )
        if one and not known:
            raise GraphDataError(
                f"{path}, line {row.number}: split is {one!r}, but the node has no label; give it "
                "one, or leave its split empty"
            )
    if any(label) and "train" not in split:
        raise GraphDataError(
            f"{path}: there are labels, but no line has split 'train'; give it to some of each "
            "class, or leave the column out"
        )


def _read_split(split: Sequence[str]) -> tuple[Tensor, Tensor, Tensor]:
    """Return the nodes of each part."""
    train, validation, test = (torch.tensor([one == name for one in split]) for name in SPLITS)
    return train, validation, test


def _read_features(
    path: Path, rows: Sequence[Line], by_name: Mapping[str, Sequence[str]]
) -> Tensor:
    """Return (N, D) float32, all of them finite numbers."""
    columns = [
        [
            _read_number(path, row.number, name, field)
            for row, field in zip(rows, values, strict=True)
        ]
        for name, values in by_name.items()
    ]
    return torch.tensor(columns).T.contiguous()


def _read_number(path: Path, line: int, column: str, field: str) -> float:
    try:
        number = float(field)
    except ValueError:
        number = math.nan
    # Beyond float32's largest number there is but infinity.
    if not abs(number) <= torch.finfo(torch.float32).max:
        raise GraphDataError(
            f"{path}, line {line}: feature {column!r} must be a finite number, got {field!r}"
        )
    return number
