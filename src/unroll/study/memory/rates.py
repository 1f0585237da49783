"""The rate and the length: what was tried, or how to try it."""

import shlex
from itertools import pairwise

from unroll.report.section import Block, Command, Prose
from unroll.study.memory.tables import MemoryTables
from unroll.study.reproduction import anew
from unroll.training.recipes import ASSIGNMENT, ASSIGNMENT_TUNED


def rate_blocks(tables: MemoryTables, *, has_search: bool) -> list[Block]:
    """Return the rates tried; where no protocol of the report has several, how to try them."""
    view = tables.view
    if view.is_searched:
        return [tables.rates()]
    commands = [line for command in view.commands if (line := _with_search(command))]
    if has_search or not commands:
        return []
    rate, tried = view.trials[0].settings.rate, len(ASSIGNMENT_TUNED.rates)
    return [
        Prose(
            text=f"The rate is {rate:g} at every length: what adjusting it changes is not measured "
            f"here. Recipe `{ASSIGNMENT_TUNED.name}` does adjust it: of {tried} rates, "
            "validation chooses one for each cell and length."
        ),
        Command(text="\n".join(commands), label="Adjust the rate to the length"),
    ]


def _with_search(command: str) -> str:
    """Return a recorded command with the recipe that tries several rates; empty where none can."""
    words = shlex.split(anew(command))
    if ("--recipe", ASSIGNMENT.name) not in pairwise(words) or "--rate" in words:
        return ""
    given = words.index("--recipe") + 1
    return shlex.join([*words[:given], ASSIGNMENT_TUNED.name, *words[given + 1 :]])
