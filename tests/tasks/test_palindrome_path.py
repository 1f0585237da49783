import pytest
import torch

from unroll.errors import ConfigError
from unroll.seeding import make_generator
from unroll.tasks.palindrome_path import PalindromePath, PathDigits


def make_one(order: list[int]) -> PathDigits:
    return PathDigits(
        digits=torch.tensor([[3, 1, 4, 1, 3]]),
        names=torch.tensor([[7, 9, 15, 0, 2]]),
        order=torch.tensor([order]),
        classes=torch.tensor([3]),
    )


def test_the_nodes_of_one_path() -> None:
    task = PalindromePath(length=5)
    one = make_one([0, 1, 2, 3, 4])
    assert task.node_features(one).argmax(1).tolist() == [3, 1, 4, 1, 10]
    assert task.node_features(one, marked=True).argmax(1).tolist() == [14, 1, 4, 1, 10]
    assert task.node_features(one).shape == (5, 11)
    assert task.node_features(one, marked=True).shape == (5, 21)
    assert task.in_order(one)[0].argmax(1).tolist() == [3, 1, 4, 1]


def test_nodes_in_another_order_tell_their_links() -> None:
    task = PalindromePath(length=5)
    told = task.shuffled(make_one([4, 2, 0, 3, 1]))[0]
    assert told[:, :11].argmax(1).tolist() == [10, 4, 3, 1, 1]
    assert told[:, 11:27].argmax(1).tolist() == [2, 15, 7, 0, 9]
    near = [row.nonzero().flatten().tolist() for row in told[:, 27:]]
    assert near == [[0], [0, 9], [9], [2, 15], [7, 15]]


def test_every_palindrome_is_there_once() -> None:
    every = PalindromePath(length=5).every(make_generator(0, "test"))
    assert len({tuple(row) for row in every.digits.tolist()}) == len(every.digits) == 1000
    assert torch.equal(every.digits, every.digits.flip(1))
    assert torch.equal(every.classes, every.digits[:, 0])
    assert torch.equal(every.order.sort(1).values, torch.arange(5).expand(1000, 5))
    assert all(len(set(row)) == 5 for row in every.names.tolist())


def test_renamed_nodes_have_names_that_none_has_in_training() -> None:
    task, generator = PalindromePath(length=5), make_generator(0, "test")
    assert set(task.sample(500, generator).names.flatten().tolist()) == set(range(8))
    renamed = task.every(generator, renamed=True)
    assert set(renamed.names.flatten().tolist()) == set(range(8, 16))


def test_directed_edges_lead_to_the_last() -> None:
    task = PalindromePath(length=4)
    assert task.graph(directed=True).edges.tolist() == [[0, 1, 2], [1, 2, 3]]
    assert task.graph().edge_count == 3


@pytest.mark.parametrize("length", [2, 9])
def test_other_lengths_are_refused(length: int) -> None:
    with pytest.raises(ConfigError) as caught:
        PalindromePath(length=length)
    assert str(caught.value) == f"palindrome path: length must be 3 to 8 digits, got {length}"
