"""Trains in a process that is killed: `python -m tests.training.characters.zygote`.

It imports once, and forks for every line of JSON on its standard input: {"out", "steps", "calls",
"waits"}. The child trains, saving after every step, and prints `now` at its `calls`-th call that
changes the disk after the first checkpoint; it then waits there for its end, or works on.
"""

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

import torch

from tests.training.characters.cases import DROPPING, train_tiny
from unroll.training.characters import session
from unroll.training.characters.watcher import Unwatched


class _Countdown(Unwatched):
    """Says `now` at a call that changes the disk, counted from the first checkpoint."""

    def __init__(self, calls: int, waits: bool) -> None:
        self.left, self.waits, self.counts = calls, waits, False

    def saved(self, path: Path) -> None:
        self.counts = self.counts or path.name.startswith("step-")

    def call(self) -> None:
        self.left -= self.counts
        if self.counts and self.left == 0:
            _say("now")
            if self.waits:
                signal.pause()

    def before(self, owner: Any, name: str) -> None:
        """Count every call of a function from now on."""
        really = getattr(owner, name)

        def counted(*args: Any, **kwargs: Any) -> Any:
            self.call()
            return really(*args, **kwargs)

        setattr(owner, name, counted)


def _say(word: object) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


def _train(job: dict[str, Any]) -> None:
    torch.set_num_threads(1)
    session._SAVE_SECONDS = 0.0
    watcher = _Countdown(job["calls"], job["waits"])
    for owner, name in ((os, "fsync"), (Path, "replace"), (Path, "open"), (Path, "unlink")):
        watcher.before(owner, name)
    train_tiny(Path(job["out"]), DROPPING, steps=job["steps"], watcher=watcher)


def main() -> None:
    """Fork for each job, say the child's number, and wait for its end."""
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            try:
                _train(json.loads(line))
            finally:
                os._exit(1)
        _say(child)
        os.waitpid(child, 0)
        _say("gone")


if __name__ == "__main__":
    main()
