from itertools import islice

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from unroll.seeding import make_generator
from unroll.tasks import Palindrome, stream_batches


@given(
    length=st.integers(2, 40),
    batch_size=st.integers(1, 9),
    encoding=st.sampled_from(["scalar", "one-hot"]),
    target=st.sampled_from(["last", "half"]),
)
def test_batches_have_the_shapes_of_the_task(
    length: int, batch_size: int, encoding: str, target: str
) -> None:
    task = Palindrome(length=length, encoding=encoding, target=target)
    asked = 1 if target == "last" else length // 2
    # 40 batches: more than one block is drawn.
    for batch in islice(stream_batches(task, batch_size, make_generator(0, "test")), 40):
        assert batch.inputs.shape == (batch_size, length - 1, task.input_size)
        assert batch.targets.shape == (batch_size, asked)
        # What the last target asks for was the first thing read.
        first = batch.inputs[:, 0]
        digit = first.argmax(1) if encoding == "one-hot" else first.squeeze(1).long()
        assert torch.equal(batch.targets[:, -1], digit)


@pytest.mark.parametrize(("length", "batch_size"), [(2000, 4), (20_000, 100), (9, 2**18)])
def test_long_sequences_and_large_batches_come_whole(length: int, batch_size: int) -> None:
    # The second and third hold more digits than a block is meant to have: one batch a block.
    task = Palindrome(length=length)
    for batch in islice(stream_batches(task, batch_size, make_generator(0, "test")), 2):
        assert batch.inputs.shape == (batch_size, length - 1, 1)
        assert batch.targets.shape == (batch_size, 1)


def test_a_stream_goes_on_without_repeating_itself() -> None:
    # 10^15 first halves: that any two of 8,000 draws agree has probability 3e-8.
    stream = stream_batches(Palindrome(length=30), 80, make_generator(0, "test"))
    rows = torch.cat([batch.inputs for batch in islice(stream, 100)])
    assert len(torch.unique(rows, dim=0)) == 8_000


def test_a_seed_decides_the_stream() -> None:
    def stream(seed: int) -> torch.Tensor:
        batches = stream_batches(Palindrome(length=12), 5, make_generator(seed, "batches"))
        return torch.cat([batch.inputs for batch in islice(batches, 70)])

    assert torch.equal(stream(1), stream(1))
    assert not torch.equal(stream(1), stream(2))


def test_a_stream_is_of_the_training_split_unless_another_is_asked_for() -> None:
    task = Palindrome(length=9)
    training = next(stream_batches(task, 3_000, make_generator(0, "test"))).inputs
    evaluation = next(stream_batches(task, 3_000, make_generator(0, "test"), "evaluation")).inputs
    both = torch.cat([torch.unique(training, dim=0), torch.unique(evaluation, dim=0)])
    assert len(torch.unique(both, dim=0)) == len(both)
    # 3,000 of the 100,000 palindromes drawn twice would share about 90.
    again = next(stream_batches(task, 3_000, make_generator(1, "test"))).inputs
    shared = torch.cat([torch.unique(training, dim=0), torch.unique(again, dim=0)])
    assert len(torch.unique(shared, dim=0)) < len(shared)
