import itertools

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from tests.tasks.slow_hash import slow_bucket
from unroll.errors import ConfigError
from unroll.seeding import make_generator
from unroll.tasks import Palindrome, Split

SPLITS: tuple[Split, ...] = ("training", "validation", "evaluation")
every_split = pytest.mark.parametrize("split", SPLITS)


def generator(purpose: str = "test", seed: int = 0) -> torch.Generator:
    return make_generator(seed, purpose)


def codes(digits: Tensor, half: int) -> Tensor:
    """Return each row's first half as one decimal number."""
    code = torch.zeros(len(digits), dtype=torch.int64)
    for step in range(half):
        code = code * 10 + digits[:, step]
    return code


@given(
    length=st.integers(2, 40),
    count=st.integers(1, 40),
    split=st.sampled_from(SPLITS),
    seed=st.integers(0, 2**31),
)
def test_every_row_reads_the_same_from_both_ends(
    length: int, count: int, split: Split, seed: int
) -> None:
    task = Palindrome(length=length)
    digits = task.sample(count, split, generator(seed=seed))
    assert digits.shape == (count, length)
    assert digits.dtype == torch.int64
    assert torch.equal(digits, digits.flip(1))
    assert 0 <= int(digits.min()) <= int(digits.max()) <= 9


def test_seven_digits_drawn_by_hand() -> None:
    digits = torch.tensor([[1, 2, 3, 4, 3, 2, 1], [9, 0, 5, 7, 5, 0, 9]])
    last = Palindrome(length=7).encode(digits)
    half = Palindrome(length=7, target="half").encode(digits)
    assert last.inputs.tolist() == [
        [[1], [2], [3], [4], [3], [2]],
        [[9], [0], [5], [7], [5], [0]],
    ]
    assert last.targets.tolist() == [[1], [9]]
    assert torch.equal(half.inputs, last.inputs)
    # Having read up to the 4 in the middle, say 3; having read that 3, say 2; then 1.
    assert half.targets.tolist() == [[3, 2, 1], [5, 0, 9]]


def test_six_digits_drawn_by_hand() -> None:
    digits = torch.tensor([[1, 2, 3, 3, 2, 1]])
    assert Palindrome(length=6).encode(digits).targets.tolist() == [[1]]
    assert Palindrome(length=6, target="half").encode(digits).targets.tolist() == [[3, 2, 1]]


@pytest.mark.parametrize("length", [2, 3])
def test_the_shortest_ask_for_one_digit(length: int) -> None:
    for target in ("last", "half"):
        task = Palindrome(length=length, target=target)
        digits = task.sample(20, "training", generator())
        batch = task.encode(digits)
        assert batch.inputs.shape == (20, length - 1, 1)
        assert torch.equal(batch.targets, digits[:, :1])


@given(
    length=st.integers(2, 30), count=st.integers(1, 10), target=st.sampled_from(["last", "half"])
)
def test_encodings_tell_the_same_digits(length: int, count: int, target: str) -> None:
    scalar = Palindrome(length=length, encoding="scalar", target=target)
    one_hot = Palindrome(length=length, encoding="one-hot", target=target)
    digits = scalar.sample(count, "training", generator())
    numbers, rows = scalar.encode(digits), one_hot.encode(digits)
    assert numbers.inputs.shape == (count, length - 1, scalar.input_size)
    assert rows.inputs.shape == (count, length - 1, one_hot.input_size)
    assert (scalar.input_size, one_hot.input_size) == (1, 10)
    assert numbers.inputs.dtype == rows.inputs.dtype == torch.float32
    assert torch.equal(rows.inputs.sum(2), torch.ones(count, length - 1))
    assert torch.equal(rows.inputs @ torch.arange(10.0), numbers.inputs.squeeze(2))
    assert torch.equal(numbers.inputs.squeeze(2).long(), digits[:, :-1])
    assert torch.equal(rows.targets, numbers.targets)


@pytest.fixture(scope="module")
def nine() -> dict[Split, set[int]]:
    """Return all palindromes of length 9 by split, met by drawing until none can be missing.

    A split of N is complete after N (ln N + 12) draws but for a probability of exp(−12) = 6e-6.
    """
    draws = {"training": 1_700_000, "validation": 230_000, "evaluation": 460_000}
    task = Palindrome(length=9)
    return {
        split: set(codes(task.sample(draws[split], split, generator()), 5).tolist())
        for split in SPLITS
    }


def test_every_palindrome_of_nine_is_in_exactly_one_split(nine: dict[Split, set[int]]) -> None:
    for one, other in itertools.combinations(SPLITS, 2):
        assert nine[one].isdisjoint(nine[other])
    assert set.union(*nine.values()) == set(range(100_000))


def test_splits_have_their_shares(nine: dict[Split, set[int]]) -> None:
    # A binomial count of 100,000 has a standard deviation of √(N p (1 − p)); 4 of them are
    # exceeded with probability 6e-5.
    shares: dict[Split, float] = {"training": 0.7, "validation": 0.1, "evaluation": 0.2}
    for split, share in shares.items():
        assert abs(len(nine[split]) - 100_000 * share) < 4 * (100_000 * share * (1 - share)) ** 0.5


def test_no_digit_decides_the_split(nine: dict[Split, set[int]]) -> None:
    # Of the 10,000 palindromes with a given digit at a given place, 2,000 ± 40 are for evaluation;
    # 50 such counts stay within 4.5 deviations with probability 1 − 50 · 7e-6.
    for place, digit in itertools.product(range(5), range(10)):
        count = sum(code // 10**place % 10 == digit for code in nine["evaluation"])
        assert abs(count - 2_000) < 4.5 * 40


def test_splits_never_change(nine: dict[Split, set[int]]) -> None:
    # Pinned: were they to change, what was trained on would be evaluated on by a later unroll.
    where = {code: split[0] for split, members in nine.items() for code in members}
    assert "".join(where[code] for code in range(40)) == "tttteeteetttttettttttteetttvtttttetttttt"
    assert (
        "".join(where[code] for code in range(99_960, 100_000))
        == "tetttetttttetteettttetettettettttetttttt"
    )


@pytest.mark.parametrize("length", [9, 10, 11, 30, 101, 400])
def test_long_splits_are_decided_by_the_pinned_hash(length: int) -> None:
    task = Palindrome(length=length)
    fixed = torch.Generator().manual_seed(20)
    coefficients = torch.randint(-(2**62), 2**62, (task.half,), generator=fixed).tolist()
    # Pinned, as above: PyTorch's stream of random numbers must not change unseen.
    assert coefficients[:2] == [-2_985_959_791_212_533_286, 2_724_837_272_268_856_543]
    splits: dict[Split, range] = {
        "training": range(70),
        "validation": range(70, 80),
        "evaluation": range(80, 100),
    }
    for split, buckets in splits.items():
        halves = task.sample(200, split, generator())[:, : task.half].tolist()
        assert all(slow_bucket(half, coefficients) in buckets for half in halves)


@every_split
@pytest.mark.parametrize("length", range(2, 9))
def test_short_splits_are_all_palindromes_and_say_so(length: int, split: Split) -> None:
    task = Palindrome(length=length)
    assert not task.held_out
    half = (length + 1) // 2
    everything = task.distinct(10_000, split, generator())
    assert codes(everything, half).tolist() == list(range(10**half))
    assert torch.equal(everything, everything.flip(1))


@pytest.mark.parametrize("length", [9, 10, 50])
def test_long_splits_are_held_out(length: int) -> None:
    assert Palindrome(length=length).held_out


@every_split
@pytest.mark.parametrize(
    ("length", "count"),
    [(5, 100), (5, 900), (5, 950), (8, 9_000), (9, 1), (9, 9_000), (10, 5_000), (60, 500)],
)
def test_distinct_are_different_and_as_many_as_asked_for(
    length: int, count: int, split: Split
) -> None:
    task = Palindrome(length=length)
    digits = task.distinct(count, split, generator())
    assert digits.shape == (count, length)
    assert torch.equal(digits, digits.flip(1))
    assert len(torch.unique(digits, dim=0)) == count


def test_distinct_keeps_to_its_split(nine: dict[Split, set[int]]) -> None:
    for split in SPLITS:
        rows = Palindrome(length=9).distinct(5_000, split, generator())
        assert set(codes(rows, 5).tolist()) <= nine[split]


@pytest.mark.parametrize(
    ("length", "count", "split", "message"),
    [
        (
            9,
            9_001,
            "validation",
            "palindrome: 9001 different palindromes of length 9 asked for, and the validation "
            "split has about 10000: ask for at most 9000",
        ),
        (
            10,
            20_000,
            "evaluation",
            "palindrome: 20000 different palindromes of length 10 asked for, and the evaluation "
            "split has about 20000: ask for at most 18000",
        ),
    ],
)
def test_more_than_there_are_is_told_in_full(
    length: int, count: int, split: Split, message: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        Palindrome(length=length).distinct(count, split, generator())
    assert str(caught.value) == message


@every_split
@pytest.mark.parametrize("length", [8, 9, 21])
def test_digits_are_uniform_at_every_place(length: int, split: Split) -> None:
    # χ² with 9 degrees of freedom exceeds 40 with probability 8e-6. That a split of length 9 is
    # itself drawn adds about n (1 − share) / (share · 10⁵) · 9 ≤ 1 (validation, n = 10⁴).
    count = 10_000
    digits = Palindrome(length=length).sample(count, split, generator())
    for place in range((length + 1) // 2):
        seen = torch.bincount(digits[:, place], minlength=10).double()
        chi_square = float(((seen - count / 10) ** 2 / (count / 10)).sum())
        assert chi_square < 45


@every_split
@pytest.mark.parametrize("length", [7, 30])
def test_a_generator_decides_every_digit(length: int, split: Split) -> None:
    task = Palindrome(length=length)
    for draw in (task.sample, task.distinct):
        first = draw(50, split, generator(seed=1))
        assert torch.equal(first, draw(50, split, generator(seed=1)))
        assert not torch.equal(first, draw(50, split, generator(seed=2)))


def test_the_global_generator_is_left_alone() -> None:
    before = torch.random.get_rng_state()
    task = Palindrome(length=12)
    task.encode(task.sample(10, "training", generator()))
    task.distinct(10, "evaluation", generator())
    assert torch.equal(torch.random.get_rng_state(), before)


@pytest.mark.parametrize(
    ("length", "encoding", "target", "message"),
    [
        (1, "scalar", "last", "palindrome: length must be 2 digits or more, got 1"),
        (-3, "scalar", "last", "palindrome: length must be 2 digits or more, got -3"),
        (
            5,
            "onehot",
            "last",
            "unknown encoding 'onehot': expected one of one-hot, scalar (nearest: one-hot)",
        ),
        (5, "scalar", "first", "unknown target 'first': expected one of half, last"),
    ],
)
def test_a_wrong_setting_is_told_in_full(
    length: int, encoding: str, target: str, message: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        Palindrome(length=length, encoding=encoding, target=target)
    assert str(caught.value) == message
