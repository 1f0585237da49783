"""Tasks: sequences with a known answer."""

from unroll.tasks.names import TASKS, make_task
from unroll.tasks.palindrome import Palindrome
from unroll.tasks.stream import stream_batches
from unroll.tasks.task import Batch, Split, Task

__all__ = ["TASKS", "Batch", "Palindrome", "Split", "Task", "make_task", "stream_batches"]
