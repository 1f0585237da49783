"""The trainings of a server, each in a process of its own: how far they are, and their end."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal, get_args

from unroll.app.trainings.wanted import NETWORKS, TEXT

TrainingState = Literal["waiting", "training", "finished", "failed"]
TITLES = {
    TEXT: "A small character model, on the documentation that Python carries",
    NETWORKS: "Small networks for palindromes",
}
"""The trainings that there are, by name."""
_WORKER = "unroll.app.trainings.worker"
_ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far one training is."""

    name: str
    """`text` or `networks`."""
    title: str
    """What is trained, for people."""
    state: TrainingState
    """Whether it waits, goes on, or has ended."""
    done: float = 0.0
    """Share of the work, 0 to 1."""
    seconds_left: float | None = None
    """Roughly; None where nobody knows."""
    said: str = ""
    """How it stands, in one line."""

    def as_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)


class Trainings:
    """What a server trains for itself: nothing, until it begins.

    `heard` is told, in a line each, what is begun and how it ended.
    """

    def __init__(self, out: Path, heard: Callable[[str], None] | None = None) -> None:
        self._out, self._heard = out, heard
        self._lock = threading.Lock()
        self._progress: dict[str, Progress] = {}
        self._processes: dict[str, tuple[subprocess.Popen[str], threading.Thread]] = {}
        self._is_closed = False

    def expect(self) -> None:
        """Say that it is not known yet what is lacking."""
        for name, title in TITLES.items():
            said = "looking for what is trained already"
            self._note(Progress(name=name, title=title, state="waiting", said=said))

    def fail(self, said: str) -> None:
        """Say of all that they cannot begin, and why."""
        for name, title in TITLES.items():
            self._note(Progress(name=name, title=title, state="failed", said=said))

    def begin(self, names: Iterable[str]) -> None:
        """Start the trainings of these names, each once; the others are not needed."""
        asked = set(names)
        for name, title in TITLES.items():
            if name in asked:
                self._note(Progress(name=name, title=title, state="training", said="starting"))
                self._start(name)
            else:
                said = "not needed: there are trained ones"
                self._note(Progress(name=name, title=title, state="finished", done=1.0, said=said))

    def progress(self) -> tuple[Progress, ...]:
        """Return how far each is."""
        with self._lock:
            return tuple(self._progress.values())

    def close(self) -> None:
        """End them; what is on disk is whole, and the next start goes on from there."""
        with self._lock:
            self._is_closed = True
        for process, following in self._processes.values():
            process.kill()
            following.join()

    def _note(self, progress: Progress) -> None:
        with self._lock:
            self._progress[progress.name] = progress

    def _start(self, name: str) -> None:
        # Isolated from the folder that the server is started in, and from the terminal's Ctrl-C:
        # its standard input ends with the server, however that ends.
        command = [sys.executable, "-P", "-m", _WORKER, name, str(self._out.absolute())]
        with self._lock:
            if self._is_closed:
                return
            try:
                process = subprocess.Popen(
                    command,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    env={**os.environ, **_ONE_THREAD},
                    start_new_session=True,
                    encoding="utf-8",
                )
            except OSError as error:
                said = f"no process can be started ({error.strerror}): start unroll app again"
                self._progress[name] = replace(self._progress[name], state="failed", said=said)
                return
            following = threading.Thread(target=self._follow, args=(name, process), daemon=True)
            self._processes[name] = process, following
            following.start()
        self._tell(f"being trained: {_small(TITLES[name])}; the pages show how far it is")

    def _follow(self, name: str, process: subprocess.Popen[str]) -> None:
        """Take in what a training tells, until it ends."""
        with process:
            for line in process.stdout or ():
                self._hear(name, line)
        code = process.returncode
        with self._lock:
            if self._is_closed:
                return
            known = self._progress[name]
            if known.state not in ("finished", "failed"):
                said = (
                    f"its process ended early (exit code {code}): start unroll app again to go on"
                )
                known = replace(known, state="failed", seconds_left=None, said=said)
                self._progress[name] = known
        how = "trained" if known.state == "finished" else "not trained"
        self._tell(f"{how}: {_small(known.title)}: {known.said}")

    def _tell(self, line: str) -> None:
        # A terminal that is gone hears nothing; the pages do.
        with suppress(OSError, ValueError):
            if self._heard is not None:
                self._heard(line)

    def _hear(self, name: str, line: str) -> None:
        try:
            told = json.loads(line)
        except ValueError:
            return  # some library's own word
        if isinstance(told, dict) and told.get("state") in get_args(TrainingState):
            with self._lock:
                self._progress[name] = replace(self._progress[name], **told)


def _small(title: str) -> str:
    return title[0].lower() + title[1:]
