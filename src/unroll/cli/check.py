"""The command `unroll check`: what it takes, and the function that it calls."""

import json
from dataclasses import dataclass, field

from unroll.cli.options import POSITIONAL
from unroll.study.check.settings import CheckSettings


@dataclass(frozen=True, kw_only=True)
class CheckCommand:
    """Check a cell rule by rule, and say what is wrong and where.

    Example: unroll check leaky.py:Leaky
    """

    cell: str = field(metadata={POSITIONAL: "CELL"})
    """path/to/file.py:MyCell, package.module:MyCell, or the name of a built-in cell."""
    check: CheckSettings = field(default_factory=CheckSettings)
    """What is checked, and how large."""
    json: bool = False
    """Print one JSON object on standard output, and nothing else there."""


def run_check(command: CheckCommand) -> tuple[str, bool]:
    """Carry out the command; return what is printed, and whether no rule is broken.

    Raises: UnrollError, in one line, for a cell that cannot be found, built or run at all.
    """
    # Imported where it runs: it brings torch, which takes longer than --help may.
    from unroll.study.check.command import run_check as carry_out

    result = carry_out(command.cell, command.check)
    text = json.dumps(result.summary, indent=2) if command.json else result.text
    return text, result.succeeded
