"""Unroll any cell over time, or over trees."""

from typing import Any, NamedTuple, Protocol

import torch
from torch import Tensor
from torch.nn import functional

from unroll.cells.cell import RecurrentCell
from unroll.errors import ConfigError, ShapeError
from unroll.shapes import check_shape


def check_inputs(inputs: Tensor) -> None:
    """Raise ShapeError unless `inputs` is (B, T, D) with at least one step."""
    if inputs.dim() != 3 or inputs.shape[1] < 1:
        raise ShapeError(f"scan: inputs must be (B, T, D) with T ≥ 1, got {tuple(inputs.shape)}")


def scan(cell: RecurrentCell, inputs: Tensor, state: Any = None) -> tuple[Tensor, Any]:
    """Carry `cell` along a sequence, step by step.

        y(t), s(t) = cell(x(t), s(t−1))   for t = 1 … T,   s(0) = state or the cell's own

    This plain loop runs any cell, and every engine is proven equal to it.

    Shapes: inputs (B, T, D) -> outputs (B, T, H), state after the last step.
    Raises: ShapeError when inputs are not (B, T ≥ 1, D).
    """
    check_inputs(inputs)
    if state is None:
        state = cell.initial_state(inputs.shape[0])
    outputs = []
    for x in inputs.unbind(1):
        y, state = cell(x, state)
        outputs.append(y)
    return torch.stack(outputs, dim=1), state


class TreeCell(Protocol):
    """What `scan_tree` needs of a cell: a node's step from the states of its K children.

    Shapes: x (B, D), a NamedTuple of tensors (B, K, H) -> output (B, H), the same NamedTuple of
    tensors (B, H).
    """

    def initial_state(self, batch_size: int) -> Any:
        """Return the state of children that are not there."""
        ...

    def __call__(self, x: Tensor, children: Any) -> tuple[Tensor, Any]:
        """Take one node of each of B trees."""
        ...


def scan_tree(cell: TreeCell, inputs: Tensor, children: Tensor) -> tuple[Tensor, Any]:
    """Carry `cell` up the trees of a forest, from the leaves to the roots.

        y_i, s_i = cell(x_i, (s_j for the children j of i))

    `children[i]` names node i's children in their order, −1 where there is none; nodes may stand
    in any order, and trees of any shape side by side. All nodes equally far from their root are
    one call of the cell: their children, and nobody else, were the call before. On a chain (one
    child each) this is `scan`.

    Shapes: inputs (N, D), children (N, K) int64 -> outputs (N, H), the states of all nodes.
    Raises: ShapeError when inputs or children have other axes; ConfigError for a child that is
    not one of the N nodes, has two parents, or is its own ancestor.
    """
    _check_forest(inputs, children)
    levels = _levels(children)
    nobody = cell.initial_state(1)
    state = nobody
    outputs, states = [], []
    for level in reversed(levels):
        below = zip(nobody, state, strict=True)
        # An embedding is a gather whose gradient is faster than an index's.
        parts = (functional.embedding(level.places, torch.cat(part)) for part in below)
        y, state = cell(inputs[level.nodes], type(nobody)(*parts))
        outputs.append(y)
        states.append(state)
    order = torch.cat([level.nodes for level in reversed(levels)]).argsort()
    whole = (torch.cat(part)[order] for part in zip(*states, strict=True))
    return torch.cat(outputs)[order], type(nobody)(*whole)


class _Level(NamedTuple):
    """The nodes (n,) equally far from their root."""

    nodes: Tensor
    places: Tensor
    """(n, K): where each child stands in the level below, counted from 1; 0 where none is."""


def _check_forest(inputs: Tensor, children: Tensor) -> None:
    if inputs.dim() != 2 or inputs.shape[0] < 1:
        raise ShapeError(f"scan_tree: inputs must be (N, D) with N ≥ 1, got {tuple(inputs.shape)}")
    check_shape("scan_tree", "children", children, "N K", N=inputs.shape[0])
    if children.dtype != torch.int64:
        raise ShapeError(f"scan_tree: children must be int64, got {children.dtype}: convert them")
    N, largest, smallest = inputs.shape[0], int(children.max()), int(children.min())
    if largest >= N or smallest < -1:
        wrong = largest if largest >= N else smallest
        raise ConfigError(
            f"scan_tree: children must be nodes 0 to {N - 1}, or -1 for none, got {wrong}"
        )
    parents = torch.bincount(children[children >= 0], minlength=N)
    if int(parents.max()) > 1:
        raise ConfigError(
            f"scan_tree: a node of a tree has one parent, and node {int(parents.argmax())} is the "
            f"child of {int(parents.max())}: copy it for each"
        )


def _levels(children: Tensor) -> list[_Level]:
    """Return the forest level by level, its roots first."""
    N = children.shape[0]
    is_root = children.new_ones(N, dtype=torch.bool)
    is_root[children[children >= 0]] = False
    nodes, found, levels = is_root.nonzero().squeeze(1), 0, []
    while len(nodes):
        below = children[nodes]
        is_there = below >= 0
        places = is_there.flatten().cumsum(0).view_as(below) * is_there
        levels.append(_Level(nodes, places))
        found += len(nodes)
        nodes = below[is_there]
    if found < N:
        raise ConfigError(
            f"scan_tree: {N - found} of {N} nodes are below no root: a node is its own ancestor"
        )
    return levels
