"""A run with its weights, ready to write."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from unroll.app.refusal import not_found
from unroll.decoding import Step
from unroll.models.character_model import CharacterModel
from unroll.study.text.commands.writer import make_writing_step
from unroll.training.characters.run import Run, open_run


@dataclass(frozen=True, kw_only=True, eq=False)
class LoadedRun:
    """A run and its model at one stage; shared by threads, so never changed."""

    run: Run
    """The run, with its book."""
    stage: str
    """`best`, `last`, or a step."""
    model: CharacterModel
    """The model as it was then."""

    def new_step(self) -> tuple[Step[Any], Any]:
        """Return a step that writes, of the caller's own, and its state before a text."""
        return make_writing_step(self.model, self.run.corpus)


def load_run(path: Path, stage: str) -> LoadedRun:
    """Return the run in a directory with its weights at a stage.

    Raises: RefusedError for a stage that is not kept; StoreError, CorpusError or CheckpointError,
    in one line, for a run that is damaged.
    """
    run = open_run(path)
    model = run.load_model(_stage(run, stage))
    return LoadedRun(run=run, stage=stage, model=model.eval())


def _stage(run: Run, stage: str) -> int | Literal["best", "last"]:
    if stage == "best":
        return "best"
    if stage == "last":
        return "last"
    steps = {str(step): step for step in run.stages}
    if stage not in steps:
        raise not_found(
            f"the weights of step {stage!r:.20} are not kept: choose best, last or one of "
            f"{', '.join(steps) or 'none yet'}"
        )
    return steps[stage]
