"""What to type for a figure: the recorded command lines that measure and draw it again."""

import shlex
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import replace

from unroll.records import RequestRecord
from unroll.report.section import Block, Command, Figure


def anew(command: str) -> str:
    """Return a recorded command line without its directory.

    So it measures anew in the directory that such a command has by itself; with the one that it
    was recorded with, it would find everything there, or no such place on another machine.

    >>> anew("unroll graph reach --source 'node 1' --out 'my runs'")
    "unroll graph reach --source 'node 1'"
    """
    words = shlex.split(command)
    return shlex.join(words[:-2]) if words[-2:-1] == ["--out"] else command


def _measured(request: RequestRecord) -> Iterable[Hashable]:
    return (*request.trials, *request.measurements)


def covering(
    requests: Sequence[RequestRecord],
    asked: Callable[[RequestRecord], Iterable[Hashable]] = _measured,
) -> tuple[str, ...]:
    """Return the commands that together measure all that was asked for, and no more of them.

    That is the first which asks for all of it, where one does. Otherwise each that asked for
    something new, in order: who looks again at what is measured adds no command. `asked` says
    what a request asks for.
    """
    wanted = [set(asked(request)) for request in requests]
    everything = set().union(*wanted)
    for request, mine in zip(requests, wanted, strict=True):
        if mine == everything:
            return (request.command,)
    known: set[Hashable] = set()
    found = []
    for request, mine in zip(requests, wanted, strict=True):
        if not mine <= known:
            found.append(request.command)
        known |= mine
    return tuple(dict.fromkeys(found))


def with_command(figure: Figure, commands: Iterable[str]) -> Figure:
    """Return a figure that names the recorded commands that measure and draw it again."""
    return replace(figure, command="\n".join(dict.fromkeys(anew(text) for text in commands)))


def with_commands(
    blocks: Sequence[Block], commands: Iterable[str], label: str = "Reproduce this"
) -> list[Block]:
    """Return blocks whose figures name the recorded commands that measure and draw them again.

    A figure that names its commands already keeps them. What no figure names stands below, in a
    block of its own under `label`: so it is with tables alone.
    """
    lines = list(dict.fromkeys(anew(command) for command in commands))
    told = [
        with_command(block, lines) if isinstance(block, Figure) and not block.command else block
        for block in blocks
    ]
    named = {
        line for block in told if isinstance(block, Figure) for line in block.command.split("\n")
    }
    left = [line for line in lines if line not in named]
    return [*told, *([Command(text="\n".join(left), label=label)] if left else [])]
