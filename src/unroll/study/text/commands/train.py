"""`unroll text train`: a model that is trained on a book, and the samples it wrote on the way."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from unroll.errors import StoreError
from unroll.models.character_model import CharacterModel
from unroll.study.result import Result
from unroll.study.text.commands.books import find_book
from unroll.study.text.commands.display import TrainingDisplay
from unroll.study.text.commands.resume import resume_command
from unroll.study.text.commands.same_run import check_same
from unroll.study.text.commands.stage_samples import StageSample, keep_samples
from unroll.study.text.commands.training_summary import summarise_training, tell_training
from unroll.study.text.settings import TrainSettings
from unroll.text import Book
from unroll.training.characters.evaluation import Figures
from unroll.training.characters.fit import resume, train
from unroll.training.characters.history import History
from unroll.training.characters.run import Run, open_run
from unroll.training.characters.watcher import Point, TextWatcher

RUN_FILE = "run.json"


def run_train(settings: TrainSettings, out: Path | None, *, quiet: bool) -> Result:
    """Carry out `unroll text train BOOK`.

    Raises: UnrollError, in one line and before anything is written, for a user's mistake.
    """
    book = find_book(settings.book, settings.characters)
    where = out or Path("runs") / f"text-{book.name}"
    with TrainingDisplay(quiet=quiet) as display:
        return _told(
            where,
            display,
            lambda: _train(settings, book, where, display, display.sampled, display.say),
        )


def run_resume(run_dir: Path, *, quiet: bool) -> Result:
    """Carry out `unroll text train --resume RUN`; a finished run tells its result again.

    Raises: UnrollError, in one line, where there is no run, or none that can go on.
    """
    with TrainingDisplay(quiet=quiet) as display:
        return _told(run_dir, display, lambda: resume(run_dir, _Sampling(display, display.sampled)))


def train_book(
    settings: TrainSettings,
    out: Path,
    watcher: TextWatcher,
    sampled: Callable[[StageSample], None] | None = None,
) -> dict[str, Any]:
    """Train in `out`, or go on with what is there, and return its result.

    Samples of every stage are kept beside its weights; `sampled` is told of the longest.
    Raises: UnrollError, in one line and before anything is written, for a user's mistake, such as
    a directory that holds another run.
    """
    book = find_book(settings.book, settings.characters)
    return _train(settings, book, out, watcher, sampled or _ignore)


def _train(
    settings: TrainSettings,
    book: Book,
    out: Path,
    watcher: TextWatcher,
    sampled: Callable[[StageSample], None],
    say: Callable[[str], None] = lambda _line: None,
) -> dict[str, Any]:
    recipe = settings.resolve_recipe(book.characters)
    sampling = _Sampling(watcher, sampled)
    if (out / RUN_FILE).exists():
        check_same(open_run(out), settings, book, recipe)
        return resume(out, sampling)
    _check_folder(out)

    def tell_measuring() -> None:
        whose = ", the preset's own time (--minutes changes it)" * (settings.minutes is None)
        say(f"measuring how many steps fit in {settings.budget_minutes:g} min{whose} …")

    return train(
        out,
        book=book,
        recipe=recipe,
        seed=settings.seed,
        steps=settings.steps,
        minutes=settings.budget_minutes,
        threshold=settings.threshold,
        threads=settings.used_threads,
        watcher=sampling,
        on_measuring=tell_measuring,
    )


def _told(where: Path, display: TrainingDisplay, work: Callable[[], dict[str, Any]]) -> Result:
    """Do the work, and say what came of it, or how to go on."""
    try:
        result = work()
    except KeyboardInterrupt:
        if (where / RUN_FILE).exists():
            display.interrupted(f"{resume_command(where)} goes on")
        else:
            display.interrupted("nothing was kept yet")
        raise
    run = open_run(where)
    return Result(
        summary=summarise_training(run, result),
        text=tell_training(run, result),
        succeeded=result["stopped"] != "diverged",
    )


def _check_folder(out: Path) -> None:
    if out.exists() and not out.is_dir():
        raise StoreError(f"{out}: is a file; --out must be a directory")


def _ignore(sample: StageSample) -> None:
    """Tell nobody."""


class _Sampling:
    """Passes everything on, and lets the model write at each stage."""

    def __init__(self, watcher: TextWatcher, sampled: Callable[[StageSample], None]) -> None:
        self._watcher = watcher
        self._sampled = sampled
        self._run: Run | None = None

    def started(self, run: Run) -> None:
        """Pass on."""
        self._run = run
        self._watcher.started(run)

    def resumed(self, history: History) -> None:
        """Pass on."""
        self._watcher.resumed(history)

    def stepped(self, step: int, point: Point) -> None:
        """Pass on."""
        self._watcher.stepped(step, point)

    def evaluated(self, step: int, training: Point, tuning: Figures) -> None:
        """Pass on."""
        self._watcher.evaluated(step, training, tuning)

    def on_stage(self, step: int, model: CharacterModel) -> None:
        """Keep what the model writes by now, and pass on."""
        if self._run:
            for longest in keep_samples(self._run, step, model)[-1:]:
                self._sampled(longest)
        self._watcher.on_stage(step, model)

    def saved(self, path: Path) -> None:
        """Pass on."""
        self._watcher.saved(path)

    def noted(self, text: str) -> None:
        """Pass on."""
        self._watcher.noted(text)

    def finished(self, result: dict[str, Any]) -> None:
        """Pass on."""
        self._watcher.finished(result)
