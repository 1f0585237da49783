"""Train a character model in a run directory, and go on where it was interrupted."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from unroll.cells.bidirectional import check_reads_forwards
from unroll.cells.source import find_cell
from unroll.engines.engine import BUILT_IN
from unroll.errors import ConfigError, StoreError
from unroll.records.atomic import describe_os_error
from unroll.records.checkpoints import remove_unfinished
from unroll.records.environment import describe_environment
from unroll.text import Book, default_book, encode_book, split_text
from unroll.training.characters.calibration import calibrate
from unroll.training.characters.lock import LOCK, locked
from unroll.training.characters.precision import check_precision, resolve_precision
from unroll.training.characters.run import (
    CORPUS,
    FILE_NAME,
    Run,
    open_run,
    write_result,
    write_run,
)
from unroll.training.characters.session import Session
from unroll.training.characters.settings import TextRecipe
from unroll.training.characters.trainer import too_short_for
from unroll.training.characters.verdict import judge
from unroll.training.characters.watcher import Point, TextWatcher, Unwatched

__all__ = ["Point", "TextWatcher", "Unwatched", "resume", "train"]

_EXACT = ("unroll", "torch", "python", "system", "processor")
"""What must be the same for a run to go on bit-identically, besides its threads."""


def train(
    run_dir: Path,
    *,
    book: Book | None,
    recipe: TextRecipe,
    seed: int = 0,
    steps: int | None = None,
    minutes: float | None = None,
    threshold: int = 1,
    threads: int = 1,
    watcher: TextWatcher,
    on_measuring: Callable[[], None] = lambda: None,
) -> dict[str, Any]:
    """Train a new run of so many steps or minutes; return what `result.json` holds.

    `book` None is the one that Python carries. Characters that stand less than `threshold` times
    are unknown. Torch computes with `threads` while this runs. `on_measuring` hears that minutes
    are about to be measured in steps: all else that may be refused is checked by then, and what is
    refused leaves nothing in `run_dir`.

    Raises: ConfigError for settings that cannot be, a text shorter than they need among them;
    StoreError when the directory is in use, or cannot be written.
    """
    _check_budget(steps, minutes, threads)
    _check_free(run_dir)
    book = book or default_book()
    too_short_for(recipe, split_text(book.characters, recipe.window).training)
    with locked(run_dir), _threads(threads):
        _check_free(run_dir)
        run = _decide(run_dir, book, recipe, seed, steps, minutes, threshold, threads, on_measuring)
        write_run(run)
        return _train(run, watcher, ())


def resume(
    run_dir: Path,
    watcher: TextWatcher,
    *,
    book: Book | None = None,
    threads: int | None = None,
) -> dict[str, Any]:
    """Go on with a run, bit-identically on the same machine, threads and versions.

    The run's own number of threads is used, unless `threads` says another. A `book` is only
    compared with the run's. A finished run's result is returned as it is.

    Raises: StoreError, in one line, where there is no run, it is another book's, another process
    is writing it, or nothing in it can be used; ConfigError where it computes in bfloat16, and this
    processor does not.
    """
    run = open_run(run_dir)
    if book is not None and book.sha256 != run.corpus.book_sha256:
        raise StoreError(
            f"{run_dir}: a run on another book, '{run.corpus.name}', SHA-256 "
            f"{run.corpus.book_sha256[:12]}; '{book.name}' has {book.sha256[:12]}: choose another "
            "--out to train on it"
        )
    if run.result is not None:
        watcher.finished(run.result)
        return run.result
    run.check_resumable()
    check_precision(run.precision)
    used = run.threads if threads is None else threads
    _check_budget(run.steps, None, used)
    with locked(run_dir), _threads(used):
        # What the other process wrote, where this one waited for its end.
        run = open_run(run_dir)
        if run.result is not None:
            watcher.finished(run.result)
            return run.result
        return _train(run, watcher, _differences(run, used))


def _train(run: Run, watcher: TextWatcher, notes: tuple[str, ...]) -> dict[str, Any]:
    for folder in (run.path, run.checkpoints, run.stages_folder):
        _make_folder(folder)
        remove_unfinished(folder)
    watcher.started(run)
    for note in run.notes:
        watcher.noted(note)
    session = Session(run, watcher)
    if not session.go_on_from_checkpoint():
        session.begin()
    for note in notes:
        session.note(note)
    session.go()
    result = judge(run, session.trainer, session.history)
    write_result(run, result)
    watcher.finished(result)
    return result


def _decide(
    run_dir: Path,
    book: Book,
    recipe: TextRecipe,
    seed: int,
    steps: int | None,
    minutes: float | None,
    threshold: int,
    threads: int,
    on_measuring: Callable[[], None],
) -> Run:
    """Return the run with everything decided that step 1 depends on."""
    cell = find_cell(recipe.cell)
    cell_class = cell.load()
    check_reads_forwards(recipe.cell, cell_class)
    precision = resolve_precision(recipe.precision, built_in=cell_class in BUILT_IN)
    corpus = encode_book(book, run_dir / CORPUS, threshold)
    splits = split_text(len(corpus.ids), recipe.window)
    timed = None
    if minutes is not None:
        on_measuring()
        timed = calibrate(recipe, corpus, splits, minutes, precision)
        steps = timed.steps_in(minutes, recipe, splits.tuning)
    assert steps is not None
    return Run(
        path=run_dir,
        recipe=recipe,
        seed=seed,
        steps=steps,
        minutes=minutes,
        calibration=None if timed is None else timed.as_dict(),
        threads=threads,
        precision=precision,
        cell_sha256=cell.sha256,
        environment=describe_environment(),
        notes=corpus.notes,
        corpus=replace(corpus, notes=()),
        splits=splits,
    )


def _check_budget(steps: int | None, minutes: float | None, threads: int) -> None:
    if (steps is None) == (minutes is None):
        raise ConfigError("training: say either steps or minutes")
    if steps is not None and steps < 1:
        raise ConfigError(f"steps: must be 1 or more, got {steps}")
    if minutes is not None and not 0 < minutes < float("inf"):
        raise ConfigError(f"minutes: must be a number above 0, got {minutes}")
    if threads < 1:
        raise ConfigError(f"threads: must be 1 or more, got {threads}")


def _check_free(run_dir: Path) -> None:
    """Raise StoreError when `run_dir` holds anything but a beginning that was interrupted."""
    try:
        names = {entry.name for entry in run_dir.iterdir()} if run_dir.exists() else set()
    except OSError as error:
        raise describe_os_error(run_dir, error) from error
    if FILE_NAME in names:
        raise StoreError(
            f"{run_dir}: already holds a run; go on with it by --resume {run_dir}, or choose "
            "another --out"
        )
    if foreign := {name for name in names - {LOCK, CORPUS} if not name.endswith(".part")}:
        raise StoreError(
            f"{run_dir}: holds something that is not a run ({min(foreign)}); choose an empty or "
            "new directory with --out"
        )


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise describe_os_error(folder, error) from error


@contextmanager
def _threads(threads: int) -> Iterator[None]:
    """Let torch compute with so many threads."""
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _differences(run: Run, threads: int) -> tuple[str, ...]:
    """Return a warning for all that may make this run differ from an undisturbed one."""
    here = describe_environment()
    changed = [
        f"{name} {here.get(name)} instead of {run.environment.get(name)}"
        for name in _EXACT
        if here.get(name) != run.environment.get(name)
    ]
    if threads != run.threads:
        changed.append(f"{threads} threads instead of {run.threads}")
    if not changed:
        return ()
    return (
        f"goes on with {', '.join(changed)}: the weights may differ in their last bits from an "
        "undisturbed run's",
    )
