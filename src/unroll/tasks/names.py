"""Tasks by the names that the command line knows."""

from unroll.cells import is_causal
from unroll.errors import ConfigError, unknown_name
from unroll.tasks.adding import Adding
from unroll.tasks.associative_recall import AssociativeRecall
from unroll.tasks.delayed_copying import DelayedCopying
from unroll.tasks.palindrome import ENCODINGS, Palindrome
from unroll.tasks.parity import Parity
from unroll.tasks.task import Task

PALINDROMES = {
    "palindrome": "read all but the last digit of a palindrome, predict the last",
    "palindrome-half": "read a palindrome, predict each digit of its second half",
}
"""The tasks whose digits can enter in several ways."""
TASKS = {
    **PALINDROMES,
    "delayed-copying": "read six symbols, wait, say them in their order",
    "adding": "read numbers, two of them marked, say the sum of the two",
    "associative-recall": "read three keys with their values, wait, say one key's value",
    "parity": "read bits, say whether the number of ones is odd",
}
_ENTERS = {
    "delayed-copying": "one-hot",
    "adding": "real",
    "associative-recall": "one-hot",
    "parity": "one-hot",
}
"""How the inputs of the others enter."""


def make_task(name: str, length: int, encoding: str) -> Task:
    """Return the task called `name` at one length.

    Raises: ConfigError for a name nobody knows, and for an encoding or a length that the task does
    not have.
    """
    if name not in TASKS:
        raise unknown_name("task", name, TASKS)
    if name in PALINDROMES:
        target = "half" if name == "palindrome-half" else "last"
        return Palindrome(length=length, encoding=encoding, target=target)
    if encoding != _ENTERS[name]:
        raise ConfigError(
            f"{name}: its inputs enter as '{_ENTERS[name]}', got encoding '{encoding}': only "
            "palindromes have a choice"
        )
    if name == "delayed-copying":
        return DelayedCopying(length=length)
    if name == "adding":
        return Adding(length=length)
    if name == "associative-recall":
        return AssociativeRecall(length=length)
    return Parity(length=length)


def default_encoding(name: str) -> str:
    """Return how the inputs of a task enter if nothing else is asked for.

    >>> default_encoding("palindrome"), default_encoding("adding")
    ('one-hot', 'real')

    Raises: ConfigError for a name nobody knows.
    """
    if name not in TASKS:
        raise unknown_name("task", name, TASKS)
    return _ENTERS.get(name, ENCODINGS[1])


def check_task_takes(name: str, cell_class: type) -> None:
    """Raise ConfigError when a cell of this class is shown the answers of the task.

    In `palindrome-half` each digit asked for is read a step later, so that a network which reads
    backwards as well need not remember it.
    """
    if name == "palindrome-half" and not is_causal(cell_class):
        raise ConfigError(
            "palindrome-half: a bidirectional network reads the digits it is to predict; leave out "
            "one of them"
        )
