"""A run with its weights, ready to write."""

from collections.abc import MutableMapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from unroll.app.refusal import not_found
from unroll.decoding import Step
from unroll.models.character_model import CharacterModel
from unroll.study.text.commands.writer import make_writing_step
from unroll.text import Corpus, CorpusError
from unroll.text.corpus import ARRAY
from unroll.training.characters.run import CORPUS, Run, open_run

Text = NDArray[Any]
"""A book's characters as numbers."""


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


def load_run(path: Path, stage: str, texts: MutableMapping[str, Text] | None = None) -> LoadedRun:
    """Return the run in a directory with its weights at a stage.

    Its book is in memory: a file that is mapped, and shortened meanwhile, would end the server.
    `texts` holds those that are in memory already, by SHA-256.

    Raises: RefusedError for a stage that is not kept; StoreError, CorpusError or CheckpointError,
    in one line, for a run that is damaged.
    """
    run = open_run(path)
    run = replace(run, corpus=_in_memory(run.corpus, path / CORPUS / ARRAY, texts))
    model = run.load_model(_stage(run, stage))
    return LoadedRun(run=run, stage=stage, model=model.eval())


def _in_memory(corpus: Corpus, file: Path, texts: MutableMapping[str, Text] | None) -> Corpus:
    key = f"{corpus.book_sha256} {corpus.vocabulary.sha256}"
    ids = None if texts is None else texts.get(key)
    if ids is None:
        # Read, not copied from the map: that may have become too short by now.
        ids = np.fromfile(file, corpus.ids.dtype)
        if len(ids) != len(corpus.ids):
            raise CorpusError(f"{file}: changed while it was read")
        ids.setflags(write=False)
        if texts is not None:
            texts[key] = ids
    return replace(corpus, ids=ids)


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
