import itertools
from collections import Counter
from collections.abc import Callable

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from unroll.errors import ConfigError
from unroll.tasks.expressions import (
    SYMBOLS,
    ExpressionBatch,
    Expressions,
    stream_expressions,
)

OPERATIONS: dict[str, Callable[[bool, bool], bool]] = {
    "and": lambda a, b: a and b,
    "or": lambda a, b: a or b,
    "xor": lambda a, b: a != b,
}


def draw(rule: str, operators: int, count: int, seed: int = 0) -> ExpressionBatch:
    generator = torch.Generator().manual_seed(seed)
    return Expressions(rule=rule).sample(operators, count, generator)


def read(batch: ExpressionBatch, order: str) -> list[list[str]]:
    """Return the symbols as words, from the one-hot input that a network is given."""
    one_hot = batch.in_order(order)
    assert (one_hot.sum(2) == 1).all()
    return [[SYMBOLS[k] for k in row] for row in one_hot.argmax(2).tolist()]


def value_of_tree(symbols: list[str], children: list[list[int]], node: int = 0) -> bool:
    left, right = children[node]
    if left < 0:
        assert right < 0
        return symbols[node] == "1"
    return OPERATIONS[symbols[node]](
        value_of_tree(symbols, children, left), value_of_tree(symbols, children, right)
    )


def value_of_postfix(symbols: list[str]) -> bool:
    """Work out a reverse Polish expression with a stack, as such calculators do."""
    stack: list[bool] = []
    for symbol in symbols:
        if symbol in OPERATIONS:
            right, left = stack.pop(), stack.pop()
            stack.append(OPERATIONS[symbol](left, right))
        else:
            stack.append(symbol == "1")
    (value,) = stack
    return value


def value_of_prefix(symbols: list[str]) -> bool:
    def read_one(place: int) -> tuple[bool, int]:
        if symbols[place] not in OPERATIONS:
            return symbols[place] == "1", place + 1
        left, following = read_one(place + 1)
        right, end = read_one(following)
        return OPERATIONS[symbols[place]](left, right), end

    value, end = read_one(0)
    assert end == len(symbols)
    return value


def value_on_calculator(symbols: list[str]) -> bool:
    shown = symbols[0] == "1"
    for symbol, operand in zip(symbols[1::2], symbols[2::2], strict=True):
        shown = OPERATIONS[symbol](shown, operand == "1")
    return shown


def infix_by_recursion(symbols: list[str], children: list[list[int]], node: int = 0) -> list[str]:
    left, right = children[node]
    if left < 0:
        return [symbols[node]]
    before = infix_by_recursion(symbols, children, left)
    return [*before, symbols[node], *infix_by_recursion(symbols, children, right)]


@settings(max_examples=25)
@given(operators=st.integers(1, 30), count=st.integers(1, 20), seed=st.integers(0, 2**32 - 1))
def test_answers_are_the_values_of_the_tree_and_of_both_orders(
    operators: int, count: int, seed: int
) -> None:
    batch = draw("brackets", operators, count, seed)
    trees = zip(read(batch, "prefix"), batch.children.tolist(), strict=True)
    wanted = [bool(target) for target in batch.targets.tolist()]
    assert [value_of_tree(*tree) for tree in trees] == wanted
    assert [value_of_prefix(symbols) for symbols in read(batch, "prefix")] == wanted
    assert [value_of_postfix(symbols) for symbols in read(batch, "postfix")] == wanted


@settings(max_examples=25)
@given(operators=st.integers(1, 30), count=st.integers(1, 20), seed=st.integers(0, 2**32 - 1))
def test_a_calculator_shows_the_answer_of_its_rule(operators: int, count: int, seed: int) -> None:
    batch = draw("calculator", operators, count, seed)
    shown = [value_on_calculator(symbols) for symbols in read(batch, "infix")]
    assert shown == [bool(target) for target in batch.targets.tolist()]


@pytest.mark.parametrize("rule", ["brackets", "calculator"])
def test_infix_order_is_left_operator_right(rule: str) -> None:
    batch = draw(rule, 9, 20)
    trees = zip(read(batch, "prefix"), batch.children.tolist(), strict=True)
    assert read(batch, "infix") == [infix_by_recursion(*tree) for tree in trees]


def test_brackets_matter() -> None:
    # Otherwise the two rules would ask the same.
    batch = draw("brackets", 12, 1000)
    shown = [value_on_calculator(symbols) for symbols in read(batch, "infix")]
    agree = sum(a == bool(b) for a, b in zip(shown, batch.targets.tolist(), strict=True))
    assert agree < 800


@pytest.mark.parametrize("rule", ["brackets", "calculator"])
@pytest.mark.parametrize("operators", [1, 2, 12, 48])
def test_half_of_each_size_is_true(rule: str, operators: int) -> None:
    assert draw(rule, operators, 500).targets.sum() == 250


@pytest.mark.parametrize("rule", ["brackets", "calculator"])
def test_operators_tell_nothing_of_the_value(rule: str) -> None:
    batch = draw(rule, 6, 4000)
    for target, name in itertools.product((0, 1), (2, 3, 4)):
        of = batch.symbols[batch.targets == target]
        share = float((of == name).sum() / (of >= 2).sum())
        # 12,000 operators: a standard deviation of 0.0043; five of them.
        assert abs(share - 1 / 3) < 0.022


def test_all_of_the_smallest_expressions_are_drawn() -> None:
    seen = {tuple(symbols) for symbols in read(draw("brackets", 1, 500), "infix")}
    assert seen == set(itertools.product(("0", "1"), OPERATIONS, ("0", "1")))


def test_shapes_are_those_of_random_search_trees() -> None:
    shapes = Counter(str(tree) for tree in draw("brackets", 3, 6000).children.tolist())
    # Of 5 trees with 3 inner nodes: the balanced one has probability 1/3, the others 1/6 each.
    assert len(shapes) == 5
    shares = sorted(count / 6000 for count in shapes.values())
    # Standard deviations of 0.005 and 0.006; five of them.
    assert all(abs(share - 1 / 6) < 0.025 for share in shares[:4])
    assert abs(shares[4] - 1 / 3) < 0.031


def test_trees_grow_slowly_in_depth() -> None:
    def mean_depth(operators: int) -> float:
        children = draw("brackets", operators, 400).children
        depth = torch.zeros(400, 2 * operators + 1)
        for node in range(2 * operators + 1):
            for child in children[:, node].unbind(1):
                rows = child >= 0
                depth[rows, child[rows]] = depth[rows, node] + 1
        return float(depth.amax(1).mean())

    # What the experiment says: from about 6 levels to about 11. Standard errors below 0.1.
    assert abs(mean_depth(12) - 6.2) < 0.4
    assert abs(mean_depth(48) - 10.7) < 0.4


def test_the_same_seed_draws_the_same_expressions() -> None:
    first, second, other = (draw("brackets", 8, 20, seed) for seed in (0, 0, 1))
    assert all(torch.equal(a, b) for a, b in zip(first, second, strict=True))
    assert not torch.equal(first.symbols, other.symbols)


def test_a_stream_gives_all_sizes_equally_often() -> None:
    generator = torch.Generator().manual_seed(0)
    stream = stream_expressions(Expressions(), range(1, 5), 6, generator)
    sizes: Counter[int] = Counter()
    for batch in itertools.islice(stream, 2 * 32):
        assert batch.targets.sum() == 3
        sizes[batch.symbols.shape[1] // 2] += 1
    assert sizes == {1: 16, 2: 16, 3: 16, 4: 16}


def test_unknown_names_are_refused_with_the_nearest() -> None:
    with pytest.raises(ConfigError) as caught:
        Expressions(rule="bracket")
    assert str(caught.value) == (
        "unknown rule 'bracket': expected one of brackets, calculator (nearest: brackets)"
    )
    with pytest.raises(ConfigError) as caught:
        draw("brackets", 2, 2).in_order("suffix")
    assert str(caught.value) == (
        "unknown order 'suffix': expected one of infix, postfix, prefix (nearest: postfix)"
    )


@pytest.mark.parametrize(("operators", "count", "name"), [(0, 1, "operators"), (1, 0, "count")])
def test_sizes_below_one_are_refused(operators: int, count: int, name: str) -> None:
    with pytest.raises(ConfigError) as caught:
        draw("brackets", operators, count)
    assert str(caught.value) == f"expressions: {name} must be 1 or more, got 0"
