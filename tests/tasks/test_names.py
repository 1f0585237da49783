import pytest

from unroll.cells import LSTM, RNN, bidirectional
from unroll.errors import ConfigError
from unroll.tasks import (
    PALINDROMES,
    TASKS,
    Palindrome,
    check_task_takes,
    default_encoding,
    make_task,
)
from unroll.tasks.adding import Adding
from unroll.tasks.associative_recall import AssociativeRecall
from unroll.tasks.delayed_copying import DelayedCopying
from unroll.tasks.parity import Parity


@pytest.mark.parametrize(("name", "target"), [("palindrome", "last"), ("palindrome-half", "half")])
def test_a_name_gives_its_palindrome(name: str, target: str) -> None:
    wanted = Palindrome(length=12, encoding="one-hot", target=target)
    assert make_task(name, 12, "one-hot") == wanted


def test_a_name_gives_its_task() -> None:
    assert make_task("delayed-copying", 12, "one-hot") == DelayedCopying(length=12)
    assert make_task("adding", 12, "real") == Adding(length=12)
    assert make_task("associative-recall", 12, "one-hot") == AssociativeRecall(length=12)
    assert make_task("parity", 12, "one-hot") == Parity(length=12)


@pytest.mark.parametrize(
    ("name", "sizes"),
    [
        ("palindrome", (10, 10, 2, 0.1)),
        ("palindrome-half", (10, 10, 2, 0.1)),
        ("delayed-copying", (10, 8, 8, 0.125)),
        ("adding", (2, 1, 3, 0.19)),
        ("associative-recall", (17, 8, 8, 0.125)),
        ("parity", (2, 2, 2, 0.5)),
    ],
)
def test_every_name_can_be_made(name: str, sizes: tuple[int, int, int, float]) -> None:
    task = make_task(name, 9, default_encoding(name))
    assert (task.length, task.input_size, task.outputs, task.shortest) == (9, *sizes[:3])
    assert task.chance == pytest.approx(sizes[3], abs=1e-15)
    assert make_task(name, task.shortest, default_encoding(name)).length == task.shortest


def test_the_palindromes_are_told_apart_from_the_others() -> None:
    assert list(PALINDROMES) == ["palindrome", "palindrome-half"]
    assert list(TASKS) == [
        *PALINDROMES,
        "delayed-copying",
        "adding",
        "associative-recall",
        "parity",
    ]


def test_an_unknown_task_is_answered_with_the_nearest() -> None:
    message = (
        "unknown task 'palindrom': expected one of adding, associative-recall, delayed-copying, "
        "palindrome, palindrome-half, parity (nearest: palindrome)"
    )
    with pytest.raises(ConfigError) as caught:
        make_task("palindrom", 9, "scalar")
    assert str(caught.value) == message
    with pytest.raises(ConfigError) as caught:
        default_encoding("palindrom")
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("name", "length", "encoding", "message"),
    [
        (
            "parity",
            9,
            "scalar",
            "parity: its inputs enter as 'one-hot', got encoding 'scalar': only palindromes have "
            "a choice",
        ),
        (
            "adding",
            9,
            "one-hot",
            "adding: its inputs enter as 'real', got encoding 'one-hot': only palindromes have a "
            "choice",
        ),
        ("parity", 1, "one-hot", "parity: length must be 2 or more, one bit, got 1"),
        ("adding", 2, "real", "adding: length must be 3 or more, two pairs, got 2"),
        (
            "delayed-copying",
            7,
            "one-hot",
            "delayed-copying: length must be 8 or more, so that all 6 symbols are read before the "
            "first is said, got 7",
        ),
        (
            "associative-recall",
            7,
            "one-hot",
            "associative-recall: length must be 8 or more, 3 pairs and the key asked for, got 7",
        ),
    ],
)
def test_a_wrong_setting_is_told_in_full(
    name: str, length: int, encoding: str, message: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        make_task(name, length, encoding)
    assert str(caught.value) == message


def test_only_the_second_half_is_shown_to_whoever_reads_backwards() -> None:
    both_ways = bidirectional(LSTM)
    for name in TASKS:
        check_task_takes(name, RNN)
        if name != "palindrome-half":
            check_task_takes(name, both_ways)
    with pytest.raises(ConfigError) as caught:
        check_task_takes("palindrome-half", both_ways)
    assert str(caught.value) == (
        "palindrome-half: a bidirectional network reads the digits it is to predict; leave out "
        "one of them"
    )
