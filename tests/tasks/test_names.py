import pytest

from unroll.errors import ConfigError
from unroll.tasks import TASKS, Palindrome, make_task


@pytest.mark.parametrize(("name", "target"), [("palindrome", "last"), ("palindrome-half", "half")])
def test_a_name_gives_its_task(name: str, target: str) -> None:
    wanted = Palindrome(length=12, encoding="one-hot", target=target)
    assert make_task(name, 12, "one-hot") == wanted


@pytest.mark.parametrize("name", TASKS)
def test_every_name_can_be_made(name: str) -> None:
    task = make_task(name, 9, "scalar")
    assert (task.length, task.input_size, task.classes) == (9, 1, 10)


def test_an_unknown_task_is_answered_with_the_nearest() -> None:
    with pytest.raises(ConfigError) as caught:
        make_task("palindrom", 9, "scalar")
    assert str(caught.value) == (
        "unknown task 'palindrom': expected one of palindrome, palindrome-half "
        "(nearest: palindrome)"
    )
