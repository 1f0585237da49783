"""A run directory: what was decided before step 1, and the weights that came of it.

RUN/run.json            recipe, seed, steps, book, versions
RUN/corpus/             the book, encoded
RUN/checkpoints/        the last two and the best: all that decides the next step
RUN/stages/             weights alone, of steps 0, 1, 3, 10, 30, …
RUN/result.json         what came of it, once it is finished
"""

import json
import shlex
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal

from unroll.cells.source import find_cell
from unroll.errors import ConfigError, StoreError
from unroll.models.character_model import CharacterModel
from unroll.records.atomic import write_atomically
from unroll.records.checkpoints import (
    BEST,
    SUFFIX,
    CheckpointFile,
    find_newest,
    read_checkpoint,
    step_name,
    steps_in,
)
from unroll.text import Corpus, CorpusError, Splits, open_corpus, split_text
from unroll.training.characters.absent import TRAIN_AGAIN, no_run, unusable_book
from unroll.training.characters.checkpoint import load_weights
from unroll.training.characters.identity import TrainingIdentity
from unroll.training.characters.precision import Precision
from unroll.training.characters.settings import TextRecipe, read_recipe
from unroll.training.characters.trainer import build_model

FORMAT = 1
"""Raised when an older reader would misread a run."""
FILE_NAME = "run.json"
RESULT = "result.json"
CORPUS = "corpus"
CHECKPOINTS = "checkpoints"
STAGES = "stages"
_BEST = BEST + SUFFIX
_RESULT_KEYS = frozenset({"validation", "training", "best_step", "steps", "stopped", "curve"})
"""What is read of a result, wherever it is told."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Run:
    """A training on disk, finished or not."""

    path: Path
    """Its directory."""
    recipe: TextRecipe
    """How it is trained."""
    seed: int
    """Decides the weights, the order of the text and what is dropped."""
    steps: int
    """How many steps it takes, unless it stops early."""
    minutes: float | None
    """The time that the steps were calculated from; None where steps were asked for."""
    calibration: dict[str, float] | None
    """What was timed to make steps of minutes."""
    threads: int
    """How many threads it computes with."""
    precision: Precision
    """What products are computed in."""
    cell_sha256: str
    """Of the file that defines the cell."""
    environment: dict[str, str]
    """Versions and machine that it began on."""
    notes: tuple[str, ...]
    """What a user should know of the book."""
    corpus: Corpus
    """The book, encoded."""
    splits: Splits
    """Which part of it is for what."""
    result: dict[str, Any] | None = None
    """What came of it; None while it is not finished."""
    stages: tuple[int, ...] = ()
    """Steps whose weights are kept."""

    @property
    def identity(self) -> TrainingIdentity:
        """What its checkpoints must be of."""
        return TrainingIdentity(
            steps=self.steps,
            seed=self.seed,
            recipe=self.recipe,
            book_sha256=self.corpus.book_sha256,
            vocabulary=self.corpus.vocabulary,
        )

    @property
    def checkpoints(self) -> Path:
        """The folder of what training goes on from."""
        return self.path / CHECKPOINTS

    @property
    def stages_folder(self) -> Path:
        """The folder of the weights at stages."""
        return self.path / STAGES

    def load_model(self, stage: int | Literal["best", "last"] = "best") -> CharacterModel:
        """Return the model as it was at a stage, at its best on the tuning split, or at last.

        Raises: ConfigError for a stage that is not kept; CheckpointError for damaged files;
        CellError when the cell is not what it was.
        """
        model = build_model(self.recipe, self.corpus.vocabulary.size, self.seed)
        use = partial(load_weights, identity=self.identity, model=model)
        if stage == "last":
            if find_newest(self.checkpoints, use) is None:
                raise self._no_weights(self.checkpoints)
        elif stage == "best":
            best = self.checkpoints / _BEST
            if not best.exists():
                raise self._no_weights(best)
            use(read_checkpoint(best))
        else:
            use(self._read_stage(stage))
        return model

    def check_resumable(self) -> None:
        """Raise StoreError where a training has come further than anything that is left to go on.

        A run that was interrupted before its first save has no stages either, and begins anew.
        """
        if not self.stages or steps_in(self.checkpoints) or (self.checkpoints / _BEST).exists():
            return
        raise StoreError(
            f"{self.checkpoints}: holds no checkpoint, and the training had come to step "
            f"{self.stages[-1]:,}; {TRAIN_AGAIN}"
        )

    def _no_weights(self, missing: Path) -> StoreError:
        """Return the error for weights that are not there, with those that are."""
        if not self.stages:
            return StoreError(f"{missing}: missing, and no other weights are kept; {TRAIN_AGAIN}")
        kept = ", ".join(map(str, self.stages))
        return StoreError(
            f"{missing}: missing; put a copy back, or choose a step that is kept with --stage: "
            f"{kept}"
        )

    def _read_stage(self, stage: int) -> CheckpointFile:
        if stage not in self.stages:
            kept = ", ".join(str(step) for step in self.stages) or "none yet"
            raise ConfigError(
                f"stage: the weights of step {stage} are not kept; choose best, last or one of "
                f"{kept}"
            )
        return read_checkpoint(self.stages_folder / step_name(stage))


def open_run(path: Path) -> Run:
    """Return the run in a directory; it may be training meanwhile.

    Raises: StoreError, in one line, where there is no run, or it is damaged or of another format
    version; CorpusError when its book is; CellError when its cell has changed.
    """
    facts = _read_json(path / FILE_NAME)
    if facts is None:
        raise no_run(path, FILE_NAME)
    if facts.get("format") != FORMAT:
        raise StoreError(
            f"{path / FILE_NAME}: of format version {facts.get('format')}, and this unroll reads "
            f"{FORMAT}; use another directory or the unroll that wrote it"
        )
    try:
        recipe = read_recipe(facts["recipe"])
        corpus = _open_book(path / CORPUS)
        _check_book(path, facts, corpus)
        run = Run(
            path=path,
            recipe=recipe,
            seed=int(facts["seed"]),
            steps=int(facts["steps"]),
            minutes=facts["minutes"],
            calibration=facts["calibration"],
            threads=int(facts["threads"]),
            precision=facts["precision"],
            cell_sha256=facts["cell_sha256"],
            environment=dict(facts["environment"]),
            notes=tuple(facts["notes"]),
            corpus=corpus,
            splits=split_text(len(corpus.ids), recipe.window),
            result=_read_result(path),
            stages=steps_in(path / STAGES),
        )
    except (KeyError, TypeError, ValueError, ConfigError) as error:
        raise StoreError(f"{path / FILE_NAME}: damaged ({error}); {TRAIN_AGAIN}") from error
    _check_cell(run)
    return run


def write_run(run: Run) -> None:
    """Write what was decided: from now on the directory holds a run."""
    facts = {
        "format": FORMAT,
        "recipe": run.recipe.as_dict(),
        "seed": run.seed,
        "steps": run.steps,
        "minutes": run.minutes,
        "calibration": run.calibration,
        "threads": run.threads,
        "precision": run.precision,
        "cell_sha256": run.cell_sha256,
        "book": {
            "name": run.corpus.name,
            "source": run.corpus.source,
            "sha256": run.corpus.book_sha256,
            "characters": len(run.corpus.ids),
        },
        "vocabulary_sha256": run.corpus.vocabulary.sha256,
        "environment": run.environment,
        "notes": list(run.notes),
    }
    write_atomically(run.path / FILE_NAME, json.dumps(facts, indent=1).encode())


def write_result(run: Run, result: dict[str, Any]) -> None:
    """Write what came of a run: from now on it is finished."""
    write_atomically(run.path / RESULT, json.dumps(result, indent=1).encode())


def _open_book(folder: Path) -> Corpus:
    try:
        return open_corpus(folder)
    except CorpusError as error:
        raise CorpusError(unusable_book(folder, error)) from error


def _read_result(path: Path) -> dict[str, Any] | None:
    """Return what came of a run; a file that does not say it is refused."""
    resume = shlex.join(["unroll", "text", "train", "--resume", str(path)])
    advice = f"remove it, and {resume} writes it anew"
    result = _read_json(path / RESULT, advice)
    if result is not None and not result.keys() >= _RESULT_KEYS:
        absent = ", ".join(sorted(_RESULT_KEYS - result.keys()))
        raise StoreError(f"{path / RESULT}: damaged: without {absent}; {advice}")
    return result


def _read_json(path: Path, advice: str = TRAIN_AGAIN) -> dict[str, Any] | None:
    """Return a JSON object; None where there is no such file."""
    try:
        facts = json.loads(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise StoreError(f"{path}: cannot be read: {error.strerror or error}") from error
    except ValueError as error:
        raise StoreError(f"{path}: damaged: not JSON; {advice}") from error
    if not isinstance(facts, dict):
        raise StoreError(f"{path}: damaged: not a JSON object; {advice}")
    return facts


def _check_book(path: Path, facts: dict[str, Any], corpus: Corpus) -> None:
    book = facts["book"]
    if corpus.book_sha256 != book["sha256"]:
        raise CorpusError(
            f"{path / CORPUS}: of another book than the run: '{corpus.name}', and the run is of "
            f"'{book['name']}'"
        )
    if corpus.vocabulary.sha256 != facts["vocabulary_sha256"]:
        raise CorpusError(f"{path / CORPUS}: of another vocabulary than the run's")


def _check_cell(run: Run) -> None:
    """Raise StoreError when a user's cell is another than the run began with.

    A built-in cell changes with unroll's version, which is compared where it matters.
    """
    source = find_cell(run.recipe.cell)
    if ":" in run.recipe.cell and source.sha256 != run.cell_sha256:
        raise StoreError(
            f"{run.path}: {source.path} has changed since the run began: its weights belong to "
            "another cell"
        )
