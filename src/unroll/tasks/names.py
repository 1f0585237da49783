"""Tasks by the names that the command line knows."""

from unroll.errors import unknown_name
from unroll.tasks.palindrome import Palindrome
from unroll.tasks.task import Task

TASKS = {
    "palindrome": "read all but the last digit of a palindrome, predict the last",
    "palindrome-half": "read a palindrome, predict each digit of its second half",
}


def make_task(name: str, length: int, encoding: str) -> Task:
    """Return the task called `name` at one length; ConfigError for a name nobody knows."""
    if name not in TASKS:
        raise unknown_name("task", name, TASKS)
    target = "half" if name == "palindrome-half" else "last"
    return Palindrome(length=length, encoding=encoding, target=target)
