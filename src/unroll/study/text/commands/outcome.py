"""What a command has to say when it is done."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """The end of a command."""

    summary: dict[str, Any]
    """For `--json`."""
    text: str
    """For a person; empty where it is on standard output already."""
    succeeded: bool = True
    """Whether there is a result."""
