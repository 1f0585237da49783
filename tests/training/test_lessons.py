from collections.abc import Iterator

import pytest
import torch

from unroll.errors import ConfigError
from unroll.seeding import make_generator
from unroll.tasks import Batch
from unroll.training import Curriculum
from unroll.training.lessons import Lessons, Revisits


def batches_of(length: int) -> Iterator[Batch]:
    """Batches that hold nothing but their own length."""
    while True:
        yield Batch(torch.zeros(1, length, 1), torch.zeros(1, 1, dtype=torch.int64))


def length_of(batch: Batch) -> int:
    return batch.inputs.shape[1]


def test_without_a_curriculum_all_batches_have_one_length() -> None:
    lessons = Lessons(batches_of, end=7)
    for _ in range(30):
        assert length_of(next(lessons)) == 7
        assert not lessons.see(1.0)
    assert lessons.is_at_end


def test_a_length_that_is_understood_is_followed_by_a_longer_one() -> None:
    lessons = Lessons(batches_of, end=12, curriculum=Curriculum(start=4, window=3, accuracy=0.9))
    seen = []
    while not lessons.is_at_end:
        seen.append(length_of(next(lessons)))
        lessons.see(0.9)
    # Three batches each: 4, then max(5, ⌊5.2⌋), max(6, ⌊6.5⌋), max(7, ⌊7.8⌋), 9, 11, and the end.
    assert seen == [n for n in (4, 5, 6, 7, 9, 11) for _ in range(3)]
    assert length_of(next(lessons)) == 12
    assert not lessons.see(1.0)


def test_only_batches_of_the_present_length_count() -> None:
    lessons = Lessons(batches_of, end=9, curriculum=Curriculum(start=4, window=2, accuracy=0.9))
    assert [lessons.see(a) for a in (1.0, 0.7, 1.0, 0.8, 1.0)] == [False, False, False, True, False]
    assert lessons.length == 5


@pytest.mark.parametrize("factor", [1.01, 1.3, 2.0, 10.0])
def test_lengths_always_grow_and_never_pass_the_end(factor: float) -> None:
    curriculum, length, lengths = Curriculum(start=2, factor=factor), 2, [2]
    while length < 50:
        length = curriculum.next_length(length, 50)
        lengths.append(length)
    assert lengths == sorted(set(lengths))
    assert lengths[-1] == 50


def test_a_curriculum_that_starts_at_its_end_has_one_length() -> None:
    lessons = Lessons(batches_of, end=4, curriculum=Curriculum(start=4))
    assert lessons.is_at_end
    assert not any(lessons.see(1.0) for _ in range(20))


def test_a_start_above_the_end_is_told_in_full() -> None:
    with pytest.raises(ConfigError) as caught:
        Lessons(batches_of, end=3, curriculum=Curriculum())
    assert str(caught.value) == (
        "curriculum: it starts at T = 4, above its end T = 3: train at T = 4 or more, or start "
        "lower"
    )


def revisiting(seed: int = 0) -> Lessons:
    curriculum = Curriculum(start=4, factor=2.0, window=3, accuracy=0.9, revisited=0.25)
    revisits = Revisits(lambda T: next(batches_of(T)), make_generator(seed, "lengths"))
    return Lessons(batches_of, end=100, curriculum=curriculum, revisits=revisits)


def test_a_share_of_batches_is_of_earlier_lengths_and_counts_for_nothing() -> None:
    lessons = revisiting()
    present = dict.fromkeys((4, 8, 16, 32, 64), 0)
    while lessons.length < 100:
        length, now = length_of(next(lessons)), lessons.length
        assert length == lessons.batch_length
        assert 4 <= length <= now
        grown = lessons.see(1.0 if length == now else 0.0)
        present[now] += length == now
        assert grown == (present[now] == 3)
    assert set(present.values()) == {3}


def test_every_earlier_length_is_revisited_alike() -> None:
    lessons = revisiting()
    while lessons.length < 8:
        next(lessons)
        lessons.see(1.0)
    lengths = [length_of(next(lessons)) for _ in range(10_000)]
    # A share of 1/4 is drawn from 4 … 8: 500 of each, with a standard deviation of 22; the fifth
    # of them that are 8 again are as good as not revisited.
    for length in range(4, 8):
        assert abs(lengths.count(length) - 500) < 4.5 * 22


def test_a_seed_decides_which_lengths_are_revisited() -> None:
    def lengths(seed: int) -> list[int]:
        lessons = revisiting(seed)
        seen = []
        for _ in range(50):
            seen.append(length_of(next(lessons)))
            lessons.see(1.0)
        return seen

    assert lengths(0) == lengths(0)
    assert lengths(0) != lengths(1)


def test_revisits_need_batches_to_revisit() -> None:
    with pytest.raises(ValueError, match=r"^a curriculum that revisits lengths needs `revisits`$"):
        Lessons(batches_of, end=9, curriculum=Curriculum(revisited=0.1))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"start": 1}, "curriculum: the first length must be 2 or more, got 1"),
        ({"factor": 1.0}, "curriculum: the factor must be above 1, got 1.0"),
        ({"factor": float("nan")}, "curriculum: the factor must be above 1, got nan"),
        ({"accuracy": 1.1}, "curriculum: the accuracy must be in (0, 1], got 1.1"),
        ({"accuracy": 0.0}, "curriculum: the accuracy must be in (0, 1], got 0.0"),
        ({"window": 0}, "curriculum: the window must be 1 batch or more, got 0"),
        ({"revisited": 1.0}, "curriculum: the share revisited must be in [0, 1), got 1.0"),
        ({"revisited": -0.1}, "curriculum: the share revisited must be in [0, 1), got -0.1"),
    ],
)
def test_a_value_that_cannot_be_used_is_told(change: dict[str, float], message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Curriculum(**change)  # type: ignore[arg-type] # floats where integers belong
    assert str(caught.value) == message
