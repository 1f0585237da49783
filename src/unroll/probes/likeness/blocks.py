"""A cell's parameters taken apart into blocks: weights on x, weights on h, and vectors."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import torch
from torch import Tensor

Kind: TypeAlias = Literal["x", "h", "v"]
_MOST_LAYOUTS = 32
"""Where D = H every square may stand for x or for h; more ways than these are not tried."""
_MOST_GATES = 4
_MOST_VECTORS = 4
"""A parameter (n, H) with more rows is no stack of vectors."""


@dataclass(frozen=True, kw_only=True)
class Block:
    """One gate's share of a parameter: (H, D) on x, (H, H) on h, or a vector (H,)."""

    kind: Kind
    """What it multiplies; `v` for a vector."""
    name: str
    """The parameter's name."""
    values: Tensor
    """The numbers."""
    count: int
    """How many blocks of this kind the parameter has."""


@dataclass(frozen=True, kw_only=True)
class Layout:
    """One way to take a cell's parameters apart."""

    blocks: tuple[Block, ...]
    """In the order of the parameters, and within one from the top."""
    unread: tuple[str, ...]
    """Parameters of other shapes, which no block is made of."""

    def of(self, kind: Kind) -> list[Block]:
        """Return the blocks of a kind."""
        return [block for block in self.blocks if block.kind == kind]


def layouts(cell: Any, D: int, H: int, *, without: Sequence[str] = ()) -> Iterator[Layout]:
    """Return each way to take the parameters apart that their shapes allow.

    A parameter may hold several gates one below the other, may be transposed, and may hold the
    weights on x and h side by side in either order: (G·H, D), (D, G·H), (G·H, D + H), (G, H, D),
    (D, G, H).
    All of a cell's parameters are written in one manner, so that what is open is decided for all
    together: the order of x and h, and whether a square (H, H) is transposed. `without` names
    parameters that take no part in a step.
    """
    read = {name: p.detach() for name, p in cell.named_parameters() if name not in without}
    seen: set[tuple[tuple[str, str, int], ...]] = set()
    for x_first, turned in itertools.product((True, False), (False, True)):
        ways = []
        for name, values in read.items():
            found = _ways(name, values, (D, H), x_first=x_first, turned=turned)
            ways.append(found or [()])
        for blocks in itertools.islice(itertools.product(*ways), _MOST_LAYOUTS):
            flat = tuple(itertools.chain.from_iterable(blocks))
            key = tuple((b.name, b.kind, hash(b.values.numpy().tobytes())) for b in flat)
            if key in seen:
                continue
            seen.add(key)
            unread = tuple(n for n, made in zip(read, blocks, strict=True) if not made)
            yield Layout(blocks=flat, unread=unread)


def _ways(
    name: str, values: Tensor, sizes: tuple[int, int], *, x_first: bool, turned: bool
) -> list[tuple[Block, ...]]:
    _, H = sizes
    if values.dim() == 3 and 1 in values.shape:
        alone = values.squeeze(values.shape.index(1))
        return _ways(name, alone, sizes, x_first=x_first, turned=turned)
    if values.dim() == 3:
        # The gates stand along one axis, the first as a rule.
        each = [values.unbind(axis) for axis in range(3) if values.shape[axis] <= _MOST_GATES]
        inner = [[_ways(name, v, sizes, x_first=x_first, turned=turned) for v in vs] for vs in each]
        ways = [way for made in inner for way in zip(*made, strict=True)]
        return [_joined(name, way) for way in ways if all(block.kind != "v" for block in way[0])]
    if values.dim() == 1:
        whole = len(values) % H == 0 and len(values) > 0
        return [_cut(name, values.reshape(-1, 1), H, "v")] if whole else []
    if values.dim() != 2:
        return []
    found: list[tuple[Block, ...]] = []
    sides = [values.T, values] if turned else [values, values.T]
    standing = [one for one in sides if one.shape[0] % H == 0]
    for one in standing:
        found += _columns(name, one, sizes, x_first=x_first)
        if found and values.shape[0] == values.shape[1]:
            break
    if values.shape[1] == H and values.shape[0] <= _MOST_VECTORS:
        # Vectors one below the other, such as three peepholes.
        found.append(_cut(name, values.reshape(-1, 1), H, "v"))
    return found


def _columns(
    name: str, values: Tensor, sizes: tuple[int, int], *, x_first: bool
) -> list[tuple[Block, ...]]:
    """Return the ways to read a matrix (G·H, columns)."""
    D, H = sizes
    width = values.shape[1]
    found = []
    if width == D:
        found.append(_cut(name, values, H, "x"))
    if width == H:
        found.append(_cut(name, values, H, "h"))
    if width == D + H:
        from_x, from_h = (
            (values[:, :D], values[:, D:]) if x_first else (values[:, H:], values[:, :H])
        )
        found.append((*_cut(name, from_x, H, "x"), *_cut(name, from_h, H, "h")))
    return found


def _cut(name: str, values: Tensor, H: int, kind: Kind) -> tuple[Block, ...]:
    parts = torch.split(values, H)
    return tuple(
        Block(
            kind=kind,
            name=name,
            values=part.squeeze(1) if kind == "v" else part,
            count=len(parts),
        )
        for part in parts
    )


def _joined(name: str, parts: Sequence[tuple[Block, ...]]) -> tuple[Block, ...]:
    """Return the blocks of a stack of matrices as those of one parameter."""
    blocks = list(itertools.chain.from_iterable(parts))
    counts = {kind: sum(b.kind == kind for b in blocks) for kind in ("x", "h", "v")}
    return tuple(
        Block(kind=b.kind, name=name, values=b.values, count=counts[b.kind]) for b in blocks
    )


def draw_parameters(cell: Any, generator: torch.Generator) -> None:
    """Give every parameter other values, so that no two blocks are alike: a bias of 0 is all 0."""
    with torch.no_grad():
        for parameter in cell.parameters():
            parameter.uniform_(-0.8, 0.8, generator=generator)
