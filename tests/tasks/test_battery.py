"""What holds for every task but the palindromes, which have tests of their own."""

import itertools

import pytest
import torch
from torch import Tensor

from tests.tasks.slow_hash import slow_bucket
from unroll.errors import ConfigError
from unroll.seeding import make_generator
from unroll.tasks import Split, Task, default_encoding, make_task, stream_batches
from unroll.tasks.splits import Contents

NAMES = ("delayed-copying", "adding", "associative-recall", "parity")
SPLITS: dict[Split, range] = {
    "training": range(70),
    "validation": range(70, 80),
    "evaluation": range(80, 100),
}
every_task = pytest.mark.parametrize("name", NAMES)
every_split = pytest.mark.parametrize("split", SPLITS)


def made(name: str, length: int) -> Task:
    return make_task(name, length, default_encoding(name))


def generator(seed: int = 0) -> torch.Generator:
    return make_generator(seed, "test")


def width(task: Task) -> int:
    """Return how many numbers of a sequence its split rests on."""
    assert isinstance(task, Contents)
    return task.width


@every_task
@pytest.mark.parametrize("length", [18, 19, 60])
def test_splits_are_decided_by_the_pinned_hash(name: str, length: int) -> None:
    # Coefficients from a fixed seed, the rest in Python's integers.
    task = made(name, length)
    assert task.held_out
    fixed = torch.Generator().manual_seed(20)
    coefficients = torch.randint(-(2**62), 2**62, (width(task),), generator=fixed).tolist()
    for split, buckets in SPLITS.items():
        for rows in (task.sample(50, split, generator()), task.distinct(50, split, generator())):
            contents = rows[:, : width(task)].tolist()
            assert all(slow_bucket(content, coefficients) in buckets for content in contents)


@every_task
def test_no_sequence_is_met_in_two_splits(name: str) -> None:
    # Of 100,000 to 260,000 contents, 20,000 draws a split meet a good share.
    task = made(name, 18)
    met = {
        split: {
            tuple(row) for row in task.sample(20_000, split, generator())[:, : width(task)].tolist()
        }
        for split in SPLITS
    }
    for one, other in itertools.combinations(SPLITS, 2):
        assert met[one].isdisjoint(met[other])


@every_split
@every_task
@pytest.mark.parametrize("length", [18, 31])
def test_distinct_are_different_and_as_many_as_a_test_needs(
    name: str, length: int, split: Split
) -> None:
    task = made(name, length)
    count = 1_000 if split == "validation" else 10_000
    rows = task.distinct(count, split, generator())
    assert len(rows) == count
    assert len(torch.unique(rows[:, : width(task)], dim=0)) == count


@every_task
def test_a_generator_decides_every_number_and_no_other_is_touched(name: str) -> None:
    task = made(name, 20)
    before = torch.random.get_rng_state()
    for draw in (task.sample, task.distinct):
        first = draw(50, "training", generator(1))
        assert torch.equal(first, draw(50, "training", generator(1)))
        assert not torch.equal(first, draw(50, "training", generator(2)))
        task.encode(first)
    assert torch.equal(torch.random.get_rng_state(), before)


@every_task
@pytest.mark.parametrize("length", [8, 9, 30])
def test_what_the_answer_needs_first_was_read_t_minus_two_steps_before(
    name: str, length: int
) -> None:
    # Of two sequences whose content differs in its first number alone, the inputs differ at step 1
    # first, and the first answer that may differ is given at step T − 1.
    task = made(name, length)
    one = task.sample(200, "training", generator())
    other = one.clone()
    changed = {"adding": 2, "associative-recall": 0}.get(name, 1)
    if name == "associative-recall":
        # The first value, and the first pair asked for: its key is read at step 1.
        one[:, 6] = other[:, 6] = 0
        other[:, 3] = (other[:, 3] + 1) % 8
    elif name == "adding":
        # The first number is marked, none else of its half.
        one[:, : (length - 1) // 2] -= one[:, : (length - 1) // 2] % 2
        one[:, 0] += 1
        other = one.clone()
        other[:, 0] = (other[:, 0] + 2**20) % 2**24
    else:
        other[:, 0] = (other[:, 0] + changed) % (8 if name == "delayed-copying" else 2)
    a, b = task.encode(one), task.encode(other)
    steps, asked = a.inputs.shape[1], a.targets.shape[1]
    differ = (a.inputs != b.inputs).any(2)
    assert differ[:, 1 if name == "associative-recall" else 0].all()
    assert (differ.sum(1) == 1).all()
    answers = a.targets != b.targets
    assert answers[:, 0].all()
    assert not answers[:, 1:].any()
    assert steps - asked + 1 == length - 1


@every_task
def test_batches_have_the_shapes_of_the_task(name: str) -> None:
    task = made(name, 12)
    batches = list(itertools.islice(stream_batches(task, 5, generator()), 40))
    steps, asked = (16, 6) if name == "delayed-copying" else (11, 1)
    for batch in batches:
        assert batch.inputs.shape == (5, steps, task.input_size)
        assert batch.inputs.dtype == torch.float32
        assert batch.targets.shape == (5, asked)
    if name != "adding":
        assert torch.equal(torch.cat([b.inputs for b in batches]).sum(2), torch.ones(200, steps))


@every_task
def test_targets_are_spread_as_chance_says(name: str) -> None:
    # A count of n = 20,000 with probability p deviates by 4.5 √(n p (1 − p)) with 7e-6.
    task = made(name, 20)
    batch = task.encode(task.sample(20_000, "evaluation", generator()))
    answers: Tensor
    for column in range(batch.targets.shape[1]):
        for answer in range(task.outputs):
            if name == "adding":
                answers = torch.ones(20_000, 1, 1)
            else:
                answers = torch.eye(task.outputs)[answer].expand(20_000, 1, task.outputs)
            right = task.right(answers, batch.targets[:, column : column + 1])
            p = task.chance
            assert abs(int(right.sum()) - 20_000 * p) < 4.5 * (20_000 * p * (1 - p)) ** 0.5


def test_parity_below_eighteen_is_not_held_out_and_gives_every_row() -> None:
    task = made("parity", 12)
    assert not task.held_out
    assert made("parity", 17).held_out is False
    rows = task.distinct(10_000, "evaluation", generator())
    assert rows.tolist() == [list(bits) for bits in itertools.product((0, 1), repeat=11)]


def test_more_than_there_are_is_told_in_full() -> None:
    with pytest.raises(ConfigError) as caught:
        made("delayed-copying", 30).distinct(30_000, "validation", generator())
    assert str(caught.value) == (
        "delayed-copying: 30000 different sequences asked for, and the validation split has about "
        "26214: ask for at most 23592"
    )


@pytest.mark.parametrize("count", [1_000, 1_023, 1_024])
def test_nearly_all_of_a_few_are_different_and_in_no_order(count: int) -> None:
    # 2^10 rows of bits, most of which would be drawn again and again.
    rows = made("parity", 11).distinct(count, "evaluation", generator())
    assert len(rows) == len(torch.unique(rows, dim=0)) == count
    codes = rows @ 2 ** torch.arange(9, -1, -1)
    assert bool((codes.diff() > 0).all()) == (count == 1_024)
