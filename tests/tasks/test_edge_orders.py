from collections import deque

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from unroll.errors import ConfigError
from unroll.seeding import make_generator
from unroll.tasks.edge_orders import ORDERS, Order, ordered_edges
from unroll.tasks.random_graphs import connected_graphs

# A square 0–1–2–3 with a tail 3–4, and a chord 0–2.
HOUSE = [(0, 1), (1, 2), (2, 3), (0, 3), (3, 4), (0, 2)]


def depth_first(near: Tensor, node: int, told: list[list[int]], found: set[int]) -> None:
    """Tell edges by plain recursion."""
    found.add(node)
    for other in near[node].nonzero().flatten().tolist():
        if [node, other] in told or [other, node] in told:
            continue
        told.append([node, other])
        if other not in found:
            depth_first(near, other, told, found)


def breadth_first(near: Tensor, start: int) -> list[list[int]]:
    told: list[list[int]] = []
    queue, found = deque([start]), {start}
    while queue:
        node = queue.popleft()
        for other in near[node].nonzero().flatten().tolist():
            if [node, other] not in told and [other, node] not in told:
                told.append([node, other])
            if other not in found:
                found.add(other)
                queue.append(other)
    return told


def test_a_house_by_hand() -> None:
    house = torch.zeros(1, 5, 5, dtype=torch.bool)
    for i, j in HOUSE:
        house[0, i, j] = house[0, j, i] = True
    start = torch.tensor([0])
    depth, breadth = (ordered_edges(house, start, order)[0].tolist() for order in ORDERS)
    # Down 0–1–2, back up the chord, on to 3, back up to 0 again, then the tail.
    assert depth == [[0, 1], [1, 2], [2, 0], [2, 3], [3, 0], [3, 4]]
    # All of 0, then what 1, 2 and 3 still have.
    assert breadth == [[0, 1], [0, 2], [0, 3], [1, 2], [2, 3], [3, 4]]


@settings(max_examples=40)
@given(nodes=st.integers(2, 9), extra=st.integers(0, 6), seed=st.integers(0, 2**31))
def test_orders_are_those_of_a_plain_search(nodes: int, extra: int, seed: int) -> None:
    generator = make_generator(seed, "test")
    extra = min(extra, (nodes - 1) * (nodes - 2) // 2)
    drawn = connected_graphs(4, nodes, extra, generator)
    before = drawn.clone()
    start = torch.randint(nodes, (4,), generator=generator)
    depth, breadth = (ordered_edges(drawn, start, order) for order in ORDERS)
    for graph, first, deep, broad in zip(drawn, start.tolist(), depth, breadth, strict=True):
        told: list[list[int]] = []
        depth_first(graph, first, told, set())
        assert deep.tolist() == told
        assert broad.tolist() == breadth_first(graph, first)
    assert torch.equal(drawn, before)


@pytest.mark.parametrize("order", ORDERS)
def test_a_path_is_told_from_end_to_end(order: Order) -> None:
    near = torch.arange(5)
    path = torch.zeros(1, 6, 6, dtype=torch.bool)
    path[0, near, near + 1] = path[0, near + 1, near] = True
    told = ordered_edges(path, torch.tensor([0]), order)[0]
    assert told.tolist() == [[place, place + 1] for place in range(5)]


def test_an_unknown_order_is_answered_with_the_nearest() -> None:
    with pytest.raises(ConfigError) as caught:
        ordered_edges(torch.zeros(1, 2, 2, dtype=torch.bool), torch.tensor([0]), "depth")  # type: ignore[arg-type] # what is to be refused
    assert str(caught.value) == (
        "unknown order of edges 'depth': expected one of breadth-first, depth-first "
        "(nearest: depth-first)"
    )
