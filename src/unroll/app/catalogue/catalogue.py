"""The runs that there are, listed and loaded. Imports no torch until one is loaded."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

from unroll.app.catalogue.found import RUN_FILE, FoundRun, read_found, signatures
from unroll.app.kept import Kept
from unroll.app.refusal import RefusedError, damaged, gone, not_found
from unroll.app.search import Searched, Signature, is_file, search, signature, without_paths
from unroll.errors import UnrollError, in_one_line
from unroll.records.checkpoints import BEST, SUFFIX, CheckpointError, step_name, steps_in

if TYPE_CHECKING:
    from unroll.app.catalogue.loading import LoadedRun, Text

RESCAN_SECONDS = 0.5
"""However many pages ask, folders are searched no more often."""
MOST_LOADED = 6
"""Models that are kept in memory."""
GONE = "the folder of this run is gone: choose another run"
_ATTEMPTS = 3
"""A training that goes on may replace files between two readings."""
_LONGEST_STEP = 12
_Signatures = tuple[Signature, ...]


class Catalogue:
    """The runs below some folders, known by ids that are no paths; any thread may ask.

    What lies below `own` is the playground's, and nobody else's.
    """

    def __init__(
        self,
        roots: Sequence[Path],
        own: Path | None = None,
        rescan_seconds: float = RESCAN_SECONDS,
    ) -> None:
        self._roots = roots
        self._own = own
        self._searched = Searched(self._search, rescan_seconds)
        self._paths: dict[str, Path] = {}
        self._read: dict[Path, tuple[_Signatures, FoundRun]] = {}
        self._loaded: Kept[LoadedRun] = Kept(MOST_LOADED)
        self._texts: WeakValueDictionary[str, Text] = WeakValueDictionary()
        self._broken: dict[str, tuple[_Signatures, str]] = {}

    def runs(self) -> tuple[FoundRun, ...]:
        """Return the runs that there are now, the newest first."""
        return self._searched.get()

    def default(self, runs: Sequence[FoundRun] | None = None) -> str | None:
        """Return the id of the run to begin with, one of `runs` where a list is at hand.

        A person's own runs come before the playground's; of them, the best finished one of the
        book that was trained on last: bits of different books cannot be compared.
        """
        known = self.runs() if runs is None else runs
        usable = [run for run in known if run.state != "damaged" and run.stages]
        theirs = [run for run in usable if not self._is_own(run)] or usable
        finished = [run for run in theirs if run.bits_per_char is not None]
        if not finished:
            return usable[0].id if usable else None
        of_book = [run for run in finished if run.book == finished[0].book]
        return min(of_book, key=lambda run: run.bits_per_char or 0.0).id

    def _is_own(self, run: FoundRun) -> bool:
        return self._own is not None and run.path.resolve().is_relative_to(self._own.resolve())

    def load(self, run_id: str, stage: str = "best") -> "LoadedRun":
        """Return a run with its weights at a stage: `best`, `last`, or a step that is kept.

        Takes a moment the first time, so it is called where waiting disturbs nobody.
        Raises: RefusedError, with status 404 for an id or a stage that there is not, 410 for a
        run whose folder is gone, 409 for one that is damaged.
        """
        path = self._path(run_id)
        state = _weights(path, stage)
        return self._loaded.get((run_id, stage), state, lambda: self._load(run_id, path, stage))

    def _search(self) -> tuple[FoundRun, ...]:
        paths = search(self._roots, RUN_FILE)
        self._read = {path: self._read[path] for path in paths if path in self._read}
        known = {run.id: run for run in map(self._look_at, paths)}
        self._paths |= {run.id: run.path for run in known.values()}
        return tuple(sorted(known.values(), key=lambda run: -run.written_ns))

    def _look_at(self, path: Path) -> FoundRun:
        state = (*signatures(path), signature(path / "stages"), signature(path / "checkpoints"))
        known = self._read.get(path)
        # Only a lock tells whether an unfinished one is being trained.
        if known is not None and known[0] == state and known[1].state == "finished":
            run = known[1]
        else:
            run = read_found(path)
            self._read[path] = state, run
        problem = self._broken.get(run.id)
        if problem is not None and problem[0] == _weights(path, "best"):
            return replace(run, state="damaged", problem=problem[1])
        return run

    def _path(self, run_id: str) -> Path:
        """Return where a run lies; an id is only looked up, and never part of a path."""
        if run_id not in self._paths:
            self.runs()
        path = self._paths.get(run_id)
        if path is None:
            raise not_found("there is no such run here: choose one of the list")
        if not is_file(path / RUN_FILE):
            raise gone(GONE)
        return path

    def _load(self, run_id: str, path: Path, stage: str) -> "LoadedRun":
        # Here, because it brings torch.
        from unroll.app.catalogue.loading import load_run

        found = read_found(path)
        if found.problem is not None:
            raise _refusal(path, found.problem)
        for _ in range(_ATTEMPTS):
            before = _weights(path, stage)
            try:
                loaded = load_run(path, stage, self._texts)
            except RefusedError:
                raise
            except Exception as error:  # whatever a damaged folder can bring about
                problem = without_paths(in_one_line(error), path)
                is_of_its_files = isinstance(error, UnrollError)
            else:
                if stage == "best":
                    self._broken.pop(run_id, None)
                return loaded
            if _weights(path, stage) == before:
                break
        # Only what its files are found to be: for want of memory, no run is damaged.
        if stage == "best" and is_of_its_files:
            self._broken[run_id] = before, problem
        raise _refusal(path, problem)


def _refusal(path: Path, problem: str) -> RefusedError:
    if not is_file(path / RUN_FILE):
        return gone(GONE)
    return damaged(f"this run cannot be read: {problem}")


def _weights(path: Path, stage: str) -> _Signatures:
    """Return what changes when a run, or its weights at a stage, are written anew."""
    checkpoints = path / "checkpoints"
    files = [checkpoints / (BEST + SUFFIX)]
    if stage == "last":
        try:
            files += [checkpoints / step_name(step) for step in steps_in(checkpoints)[-2:]]
        except CheckpointError:
            files.append(checkpoints)
    elif stage.isascii() and stage.isdecimal() and len(stage) <= _LONGEST_STEP:
        files = [path / "stages" / step_name(int(stage))]
    return (*signatures(path), *map(signature, files))
