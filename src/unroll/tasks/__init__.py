"""Tasks: sequences with a known answer."""

from unroll.tasks.names import (
    PALINDROMES,
    TASKS,
    check_task_takes,
    default_encoding,
    make_task,
)
from unroll.tasks.palindrome import Palindrome
from unroll.tasks.stream import stream_batches
from unroll.tasks.task import Batch, Split, Task

__all__ = [
    "PALINDROMES",
    "TASKS",
    "Batch",
    "Palindrome",
    "Split",
    "Task",
    "check_task_takes",
    "default_encoding",
    "make_task",
    "stream_batches",
]
