"""What a network reads and must answer, against examples written by hand and plain Python."""

import pytest
import torch
from torch import Tensor

from unroll.seeding import make_generator
from unroll.tasks.adding import LEVELS, Adding
from unroll.tasks.associative_recall import AssociativeRecall
from unroll.tasks.delayed_copying import DelayedCopying
from unroll.tasks.parity import Parity


def generator() -> torch.Generator:
    return make_generator(0, "test")


def read(inputs: Tensor) -> list[list[int]]:
    """Return which number each step of one-hot inputs (B, steps, D) holds."""
    return inputs.argmax(2).tolist()


def test_copying_written_by_hand() -> None:
    batch = DelayedCopying(length=10).encode(torch.tensor([[3, 0, 7, 7, 2, 5]]))
    blank, go = 8, 9
    assert read(batch.inputs) == [
        [3, 0, 7, 7, 2, 5, blank, blank, go, blank, blank, blank, blank, blank]
    ]
    assert batch.targets.tolist() == [[3, 0, 7, 7, 2, 5]]
    shortest = DelayedCopying(length=8).encode(torch.tensor([[3, 0, 7, 7, 2, 5]]))
    assert read(shortest.inputs) == [[3, 0, 7, 7, 2, 5, go, *[blank] * 5]]


@pytest.mark.parametrize("length", [8, 9, 25])
def test_each_symbol_is_said_t_minus_two_steps_after_it_was_read(length: int) -> None:
    task = DelayedCopying(length=length)
    batch = task.encode(task.sample(20, "training", generator()))
    for row, answers in zip(read(batch.inputs), batch.targets.tolist(), strict=True):
        first = len(row) - len(answers)
        assert row[first] == 9
        assert row.count(9) == 1
        assert [row[first + n - (length - 2)] for n in range(6)] == answers
        assert all(number == 8 for number in row[6:first] + row[first + 1 :])


def test_adding_written_by_hand() -> None:
    levels, marks = [0, 2**22, 5, LEVELS - 1], [0, 1, 0, 1]
    row = [2 * level + mark for level, mark in zip(levels, marks, strict=True)]
    batch = Adding(length=5).encode(torch.tensor([row]))
    half = 0.5 / LEVELS
    assert batch.inputs.tolist() == [
        [[half, 0], [0.5 + half, 1], [5 / LEVELS + half, 0], [1 - half, 1]]
    ]
    # Float32 holds 1.5 and its neighbours 1.2e-7 apart.
    assert batch.targets.tolist() == [[pytest.approx(1.5, abs=1.2e-7)]]


@pytest.mark.parametrize("length", [3, 4, 9, 30])
def test_adding_marks_one_number_in_each_half_and_says_their_sum(length: int) -> None:
    task = Adding(length=length)
    batch = task.encode(task.sample(500, "training", generator()))
    first, steps = (length - 1) // 2, length - 1
    places = []
    for row, answer in zip(batch.inputs.tolist(), batch.targets.tolist(), strict=True):
        marked = [step for step, (_, mark) in enumerate(row) if mark]
        assert len(marked) == 2
        assert marked[0] < first <= marked[1] < steps
        assert all(0 < value < 1 for value, _ in row)
        assert answer == [pytest.approx(sum(row[step][0] for step in marked), abs=1e-6)]
        places.append(marked)
    # Each of at most 15 places is drawn 500/15 = 33 times: one never is with 1e-14.
    assert {early for early, _ in places} == set(range(first))
    assert {late for _, late in places} == set(range(first, steps))


def test_adding_costs_half_the_square_and_is_right_within_a_tenth() -> None:
    task = Adding(length=9)
    scores = torch.tensor([[[1.0]], [[0.5]], [[0.1]], [[2.0]]])
    targets = torch.tensor([[1.099], [0.399], [0.0], [1.0]])
    # Off by 0.099, 0.101, 0.1 and 1.
    assert task.right(scores, targets).tolist() == [[True], [False], [True], [False]]
    squares = (0.099**2, 0.101**2, 0.1**2, 1.0)
    assert float(task.loss(scores, targets)) == pytest.approx(sum(squares) / 8, abs=1e-7)
    assert float(task.loss(scores, targets, "sum")) == pytest.approx(sum(squares) / 2, abs=1e-7)


def test_saying_one_costs_a_twelfth() -> None:
    # The mean over 50,000 of ½(y − 1)², whose standard deviation is √(1/60 − 1/144) = 0.0986.
    task = Adding(length=20)
    targets = task.encode(task.sample(50_000, "evaluation", generator())).targets
    loss = float(task.loss(torch.ones(50_000, 1, 1), targets))
    assert abs(loss - 1 / 12) < 4.5 * 0.0986 / 50_000**0.5


def test_the_answer_one_is_right_as_often_as_the_two_uniform_numbers_allow() -> None:
    # The middles of 1,000 parts of (0, 1), all pairs: exact but for the part at either border.
    values = (torch.arange(1_000, dtype=torch.float64) + 0.5) / 1_000
    sums = (values.unsqueeze(0) + values.unsqueeze(1)).flatten()
    share = float(((sums - 1).abs() <= 0.1 + 1e-9).double().mean())
    assert Adding(length=9).chance == pytest.approx(share, abs=0.001)


def test_recall_written_by_hand() -> None:
    # Keys 2 5 0, values 4 1 1, the second is asked for.
    batch = AssociativeRecall(length=10).encode(torch.tensor([[2, 5, 0, 4, 1, 1, 1]]))
    value, blank = 8, 16
    assert read(batch.inputs) == [[2, value + 4, 5, value + 1, 0, value + 1, blank, blank, 5]]
    assert batch.targets.tolist() == [[1]]
    shortest = AssociativeRecall(length=8).encode(torch.tensor([[2, 5, 0, 4, 1, 1, 2]]))
    assert read(shortest.inputs) == [[2, value + 4, 5, value + 1, 0, value + 1, 0]]


@pytest.mark.parametrize("length", [8, 9, 25])
def test_recall_says_what_the_table_holds(length: int) -> None:
    task = AssociativeRecall(length=length)
    batch = task.encode(task.sample(300, "training", generator()))
    for row, answer in zip(read(batch.inputs), batch.targets.tolist(), strict=True):
        table = {row[n]: row[n + 1] - 8 for n in (0, 2, 4)}
        assert len(table) == 3
        assert answer == [table[row[-1]]]
        assert row[6:-1] == [16] * (length - 8)


def test_who_knows_the_values_and_not_whose_they_are_is_right_with_0417() -> None:
    task = AssociativeRecall(length=9)
    rows = task.sample(20_000, "evaluation", generator())
    targets = task.encode(rows).targets
    share = float((rows[:, 3:4] == targets).double().mean())
    p = 1 / 3 + 2 / 3 / 8
    assert abs(share - p) < 4.5 * (p * (1 - p) / 20_000) ** 0.5


def test_every_pair_is_asked_for_alike() -> None:
    asked = AssociativeRecall(length=9).sample(9_000, "training", generator())[:, 6]
    # A count of n = 9,000 with p = 1/3 has a standard deviation of 45.
    assert all(abs(int((asked == pair).sum()) - 3_000) < 4.5 * 45 for pair in range(3))


def test_parity_written_by_hand() -> None:
    batch = Parity(length=7).encode(torch.tensor([[0, 1, 1, 0, 1, 0], [1, 0, 0, 0, 0, 1]]))
    assert read(batch.inputs) == [[0, 1, 1, 0, 1, 0], [1, 0, 0, 0, 0, 1]]
    assert batch.targets.tolist() == [[1], [0]]


@pytest.mark.parametrize("length", [2, 5, 10])
def test_half_of_all_rows_of_bits_are_odd_whatever_all_but_one_are(length: int) -> None:
    task = Parity(length=length)
    rows = task.distinct(10_000, "training", generator())
    targets = task.encode(rows).targets.flatten().tolist()
    assert targets == [bin(code).count("1") % 2 for code in range(2 ** (length - 1))]
    assert sum(targets) == len(targets) // 2
