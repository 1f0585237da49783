"""Which block of a cell's parameters belongs to which gate of a reference: all that may be."""

import itertools
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import torch

from unroll.probes.likeness.blocks import Block, Layout
from unroll.probes.likeness.families import Family
from unroll.probes.likeness.names import label_all
from unroll.probes.likeness.weights import Weights

Place: TypeAlias = tuple[Literal["x", "h", "extra"], str | int]
"""Where a vector goes: to the sum from x or from h of a gate, or among the extra vectors."""
Placed: TypeAlias = tuple[tuple[Block, Place], ...]
Gates: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Reading:
    """One assignment of a cell's blocks to the gates of a reference."""

    weights: Weights
    """Gate by gate, R = 1."""
    order: tuple[str, ...]
    """The gates of the weights on x, in the order of the cell's parameters."""
    renamed: Mapping[str, str]
    """Of parameters whose names speak of gates: those taken for another gate, by name."""
    unbiased: tuple[str, ...]
    """Gates of the reference that the cell has no bias for."""
    lacking: tuple[str, ...]
    """What gates of the cell lack where they have the other: `W_h of f`."""
    has_two_biases: bool
    """Whether some gate has two."""
    named: bool
    """Whether the names of the parameters speak of gates."""


def fits(layout: Layout, family: Family) -> bool:
    """Return whether the blocks are those of a reference, none too many and none too few."""
    G = len(family.gates)
    biases = len(layout.of("v")) - family.extras
    # torch's own cells have two biases a gate; a GRU needs the second of n alone.
    allowed = {0, G, 2 * G} | ({G + 1} if family.name == "gru" else set())
    return (
        not layout.unread
        and len(layout.of("x")) == G
        and len(layout.of("h")) == (G if family.reads_h else 0)
        and biases in allowed
    )


def readings(layout: Layout, family: Family) -> Iterator[Reading]:
    """Return each reading of a layout; those that take the names at their word come first."""
    on_x, on_h = layout.of("x"), layout.of("h")
    least = len(family.gates) - 1
    if len(on_x) < least or (family.reads_h and len(on_h) < least):
        return
    bases_x, named_x = _bases(on_x, family)
    bases_h, named_h = _bases(on_h, family) if family.reads_h else ([()], False)
    if layout.unread or (on_h and not family.reads_h) or not on_x:
        return
    for base_x, base_h in itertools.product(bases_x, bases_h):
        if not named_x and len(base_x) == len(base_h) and base_x != base_h:
            continue
        based = [*zip(on_x, base_x, strict=True), *zip(on_h, base_h, strict=True)]
        for placed in _vectors(layout, family, based):
            for gates in itertools.permutations(family.gates):
                exchange = dict(zip(family.gates, gates, strict=True))
                named = named_x or named_h
                yield _read(family, based, placed, exchange, named=named)


def _bases(blocks: Sequence[Block], family: Family) -> tuple[list[Gates], bool]:
    """Return the gates of blocks in their order, and whether their names have decided."""
    if len(blocks) > 1 and all(block.count == 1 for block in blocks):
        labels = label_all([block.name for block in blocks], dict(family.words))
        if labels:
            return [tuple(labels)], True
    if len(blocks) > len(family.gates):
        return [], False
    return list(itertools.combinations(family.gates, len(blocks))), False


def _vectors(
    layout: Layout, family: Family, based: Sequence[tuple[Block, str]]
) -> Iterator[Placed]:
    """Return each way to place the vectors, as gates before any exchange."""
    fixed: list[tuple[Block, Place]] = []
    free: list[Block] = []
    count: Counter[str] = Counter()
    for block in layout.of("v"):
        beside = _beside(block, based)
        if beside:
            mate, gate = beside[count[block.name]]
            fixed.append((block, ("h" if mate.kind == "h" else "x", gate)))
            count[block.name] += 1
        else:
            free.append(block)
    for extra, rest in _extras(free, family.extras):
        places: list[tuple[Block, Place]] = [(b, ("extra", k)) for k, b in enumerate(extra)]
        for biases in _biases(rest, family):
            yield (*fixed, *places, *biases)


def _beside(block: Block, based: Sequence[tuple[Block, str]]) -> list[tuple[Block, str]]:
    """Return the weights of the layer whose bias this is, as `gate.weight` is to `gate.bias`."""
    owner, _, own = block.name.rpartition(".")
    if not owner or own != "bias":
        return []
    mates = [(b, gate) for b, gate in based if b.name == f"{owner}.weight"]
    on_x = [(b, gate) for b, gate in mates if b.kind == "x"]
    found = on_x or mates
    return found if len(found) == block.count else []


def _extras(free: Sequence[Block], count: int) -> Iterator[tuple[list[Block], list[Block]]]:
    """Return each choice of `count` vectors that are no biases, and the rest."""
    if count:
        names = list(dict.fromkeys(block.name for block in free))
        for size in range(1, count + 1):
            for chosen in itertools.combinations(reversed(names), size):
                extra = [block for block in free if block.name in chosen]
                if len(extra) != count:
                    continue
                rest = [block for block in free if block.name not in chosen]
                for order in itertools.permutations(extra):
                    yield list(order), rest
    else:
        yield [], list(free)


def _biases(free: Sequence[Block], family: Family) -> Iterator[Placed]:
    G = len(family.gates)
    if len(free) <= G:
        # Of a GRU the side matters: r is applied to what comes from h.
        for side in ("x", "h"):
            for gates in _bases(free, family)[0]:
                yield _placed(free, gates, side)
    elif len(free) <= 2 * G:
        splits = [(free[:G], free[G:]), (free[-G:], free[:-G])]
        if len(free) == 2 * G:
            splits.append((free[0::2], free[1::2]))
        for (whole, part), sides in itertools.product(splits, (("x", "h"), ("h", "x"))):
            for first, second in itertools.product(
                _bases(whole, family)[0], _bases(part, family)[0]
            ):
                yield (*_placed(whole, first, sides[0]), *_placed(part, second, sides[1]))


def _placed(blocks: Sequence[Block], gates: Sequence[str], side: str) -> Placed:
    known: Literal["x", "h"] = "x" if side == "x" else "h"
    return tuple((block, (known, gate)) for block, gate in zip(blocks, gates, strict=True))


def _read(
    family: Family,
    based: Sequence[tuple[Block, str]],
    placed: Placed,
    exchange: Mapping[str, str],
    *,
    named: bool,
) -> Reading:
    D, H = based[0][0].values.shape[1], based[0][0].values.shape[0]
    G = len(family.gates)
    x, h = torch.zeros(1, G, H, D), torch.zeros(1, G, H, H)
    biases = {"x": torch.zeros(1, G, H), "h": torch.zeros(1, G, H)}
    extra = torch.zeros(1, max(1, family.extras), H)
    for block, gate in based:
        (x if block.kind == "x" else h)[0, family.gates.index(exchange[gate])] += block.values
    counted: Counter[str] = Counter()
    for block, (side, place) in placed:
        if side == "extra":
            extra[0, int(place)] += block.values
        else:
            gate = exchange[str(place)]
            biases[side][0, family.gates.index(gate)] += block.values
            counted[gate] += 1
    renamed = {block.name: exchange[gate] for block, gate in based if exchange[gate] != gate}
    return Reading(
        weights=Weights(x=x, h=h, bias_x=biases["x"], bias_h=biases["h"], extra=extra),
        order=tuple(exchange[gate] for block, gate in based if block.kind == "x"),
        renamed=renamed if named else {},
        unbiased=tuple(gate for gate in family.gates if gate not in counted),
        lacking=_lacking([(block.kind, exchange[gate]) for block, gate in based], family),
        has_two_biases=max(counted.values(), default=0) > 1,
        named=named,
    )


def _lacking(having: Sequence[tuple[str, str]], family: Family) -> tuple[str, ...]:
    if not family.reads_h:
        return ()
    beside = {"x": "h", "h": "x"}
    return tuple(
        f"W_{kind} of {gate}"
        for gate in family.gates
        for kind, other in beside.items()
        if (kind, gate) not in having and (other, gate) in having
    )
