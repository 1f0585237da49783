"""Expressions of and, or and xor: the same symbols as a tree, or in an order."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from unroll.errors import ConfigError, unknown_name

SYMBOLS = ("0", "1", "and", "or", "xor")
"""What stands at a node: a truth value at a leaf, an operator above."""
RULES = ("brackets", "calculator")
ORDERS = ("prefix", "infix", "postfix")

_PAIRS = torch.tensor(
    [
        [[[0, 0], [0, 1], [1, 0]], [[1, 1], [1, 1], [1, 1]]],
        [[[0, 0], [0, 0], [0, 0]], [[0, 1], [1, 0], [1, 1]]],
        [[[0, 0], [1, 1], [0, 0]], [[0, 1], [1, 0], [0, 1]]],
    ]
)
"""By operator and result: the operands that give it, the first `_CHOICES` of three."""
_CHOICES = torch.tensor([[3, 1], [1, 3], [2, 2]])
_ROUND_BATCHES = 8


class ExpressionBatch(NamedTuple):
    """B expressions of n operators, so of M = 2n + 1 symbols, their nodes numbered in prefix order.

    Shapes: symbols (B, M) indices into SYMBOLS; children (B, M, 2) nodes of the same expression,
    −1 at leaves; infix and postfix (B, M), the place of each node in these orders; targets (B,)
    0 or 1.
    """

    symbols: Tensor
    children: Tensor
    infix: Tensor
    postfix: Tensor
    targets: Tensor

    def in_order(self, order: str) -> Tensor:
        """Return the symbols as they are read in one of ORDERS, one-hot: (B, M, 5)."""
        if order not in ORDERS:
            raise unknown_name("order", order, ORDERS)
        read = self.symbols
        if order != "prefix":
            places = self.infix if order == "infix" else self.postfix
            read = torch.empty_like(read).scatter_(1, places, read)
        return functional.one_hot(read, len(SYMBOLS)).float()


class _Shapes(NamedTuple):
    """Binary trees with n inner nodes each: an `ExpressionBatch` without symbols."""

    is_inner: Tensor
    children: Tensor
    infix: Tensor
    postfix: Tensor


@dataclass(frozen=True, kw_only=True)
class Expressions:
    """What is the value of an expression of and, or and xor?

    With three operators, one expression and the orders that it can be read in:

        or                prefix    or  and  1  0  xor  1  1
        ├── and           postfix   1  0  and  1  1  xor  or
        │   ├── 1         infix     1  and  0  or  1  xor  1
        │   └── 0
        └── xor           brackets     (1 and 0) or (1 xor 1)       = 0
            ├── 1         calculator   ((1 and 0) or 1) xor 1       = 0
            └── 1

    `brackets` asks for the value of the tree. `calculator` asks what a pocket calculator shows
    that takes the infix symbols as they come: the tree is then of no use.

    The value is drawn first, 0 and 1 equally often at every size; then, operator by operator,
    one of the pairs of operands that give it, all equally likely. So operators are uniform and
    tell nothing about the value, and chance is 1/2. The left operand has a uniform share of the
    operators that are left, as in a random search tree.

    Expressions are drawn independently: of 7 operators there are 429 · 3⁷ · 2⁸ = 240 million, so
    that hardly one is met twice; of 1 operator there are 12, and all are met.

    Raises: ConfigError when the rule is unknown.
    """

    rule: str = "brackets"
    """`brackets` or `calculator`."""

    def __post_init__(self) -> None:
        if self.rule not in RULES:
            raise unknown_name("rule", self.rule, RULES)

    def sample(self, operators: int, count: int, generator: torch.Generator) -> ExpressionBatch:
        """Draw `count` expressions of `operators` operators each.

        Raises: ConfigError when either is below 1.
        """
        for name, number in (("operators", operators), ("count", count)):
            if number < 1:
                raise ConfigError(f"expressions: {name} must be 1 or more, got {number}")
        shapes = _draw_shapes(operators, count, generator)
        targets = torch.arange(count) % 2
        if self.rule == "brackets":
            symbols = _fill_brackets(shapes, targets, generator)
        else:
            symbols = _fill_calculator(shapes, targets, generator)
        return ExpressionBatch(symbols, shapes.children, shapes.infix, shapes.postfix, targets)


def stream_expressions(
    task: Expressions, sizes: range, batch_size: int, generator: torch.Generator
) -> Iterator[ExpressionBatch]:
    """Yield batches for ever, each of one number of operators, all `sizes` equally often.

    Several batches of a size are drawn at once, because a call on a small tensor costs more than
    its numbers; they come in random order.
    """
    while True:
        batches = []
        for operators in sizes:
            drawn = task.sample(operators, _ROUND_BATCHES * batch_size, generator)
            parts = (torch.split(tensor, batch_size) for tensor in drawn)
            batches += [ExpressionBatch(*part) for part in zip(*parts, strict=True)]
        for index in torch.randperm(len(batches), generator=generator).tolist():
            yield batches[index]


def _draw_shapes(n: int, B: int, generator: torch.Generator) -> _Shapes:
    """Draw trees by the places of each node: a parent comes before its children in prefix order.

    A node at place t with s operators gives k of the other s − 1 to its left child, at t + 1; its
    right child follows that child's 2k + 1 nodes.
    """
    M = 2 * n + 1
    rows = torch.arange(B)
    chance = torch.rand(M, B, generator=generator)
    # One place more, where leaves write what they have no children for.
    size, first_infix, first_postfix = torch.zeros(3, B, M + 1, dtype=torch.int64)
    children = torch.full((B, M, 2), -1)
    infix, postfix = torch.empty(2, B, M, dtype=torch.int64)
    size[:, 0] = n
    for t in range(M):
        # Copies: what is written below may lie in the memory that is read here.
        s, at_infix, at_postfix = (of[:, t].clone() for of in (size, first_infix, first_postfix))
        is_inner = s > 0
        k = (chance[t] * s).long()
        left = torch.where(is_inner, t + 1, M)
        right = torch.where(is_inner, t + 2 + 2 * k, M)
        infix[:, t] = at_infix + torch.where(is_inner, 2 * k + 1, 0)
        postfix[:, t] = at_postfix + 2 * s
        children[:, t, 0] = torch.where(is_inner, left, -1)
        children[:, t, 1] = torch.where(is_inner, right, -1)
        size[rows, left], size[rows, right] = k, s - 1 - k
        first_infix[rows, left], first_infix[rows, right] = at_infix, at_infix + 2 * k + 2
        first_postfix[rows, left], first_postfix[rows, right] = at_postfix, at_postfix + 2 * k + 1
    return _Shapes(size[:, :M] > 0, children, infix, postfix)


def _draw_operands(operators: Tensor, values: Tensor, chance: Tensor) -> tuple[Tensor, Tensor]:
    """Return operands that give `values`, by operators 0 … 2 and uniform numbers in [0, 1)."""
    choice = (chance * _CHOICES[operators, values]).long()
    pairs = _PAIRS[operators, values, choice]
    return pairs[:, 0], pairs[:, 1]


def _fill_brackets(shapes: _Shapes, targets: Tensor, generator: torch.Generator) -> Tensor:
    """Give each node its symbol, from the root's value down."""
    B, M = shapes.is_inner.shape
    rows = torch.arange(B)
    operators = torch.randint(3, (B, M), generator=generator)
    chance = torch.rand(M, B, generator=generator)
    values = torch.zeros(B, M + 1, dtype=torch.int64)
    values[:, 0] = targets
    places = torch.where(shapes.children < 0, M, shapes.children)
    for t in range(M):
        left, right = _draw_operands(operators[:, t], values[:, t], chance[t])
        values[rows, places[:, t, 0]] = left
        values[rows, places[:, t, 1]] = right
    return torch.where(shapes.is_inner, operators + 2, values[:, :M])


def _fill_calculator(shapes: _Shapes, targets: Tensor, generator: torch.Generator) -> Tensor:
    """Give each place of the infix order its symbol, from the value shown at the end back."""
    B, M = shapes.is_inner.shape
    operators = torch.randint(3, (B, M), generator=generator)
    chance = torch.rand(M, B, generator=generator)
    read = operators + 2
    shown = targets
    for t in range(M - 2, 0, -2):
        shown, read[:, t + 1] = _draw_operands(operators[:, t], shown, chance[t])
    read[:, 0] = shown
    return read.gather(1, shapes.infix)
