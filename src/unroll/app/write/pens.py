"""Models made ready to write: the part of a request that need not be done twice."""

import json
import threading
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from unroll.app.catalogue.loading import LoadedRun
from unroll.decoding import Step
from unroll.errors import ConfigError
from unroll.study.text.commands.opening import fitting_prompt
from unroll.text import UNKNOWN, Corpus, normalise
from unroll.training.characters.run import Run


@dataclass(frozen=True, kw_only=True, eq=False)
class Pen:
    """A model that writes; many texts share it, for each has a state of its own.

    It holds no `LoadedRun`: what is kept by one must not keep it in memory.
    """

    run: Run
    """The run, with its book."""
    step: Step[Any]
    """Scores the next character; the unknown symbol is ruled out where the book has none."""
    state: Any
    """Before a text; never advanced, only copied."""
    symbols: str
    """Each id's character."""
    quoted: tuple[str, ...]
    """The same as JSON has it."""
    opening: str
    """How the book's sentences often begin."""

    @property
    def corpus(self) -> Corpus:
        """The book."""
        return self.run.corpus


@dataclass(frozen=True, kw_only=True)
class Beginning:
    """A prompt as a model reads it."""

    text: str
    """In normal form."""
    ids: list[int]
    """Its characters' numbers; one at least."""
    notes: tuple[str, ...]
    """What a reader should know."""


class Pens:
    """One pen for each model in memory, as long as it is there.

    The weights of a step are a copy, laid out for it: fifty texts of one model share it.
    """

    def __init__(self) -> None:
        self._pens: WeakKeyDictionary[LoadedRun, Pen] = WeakKeyDictionary()
        self._openings: dict[str, str] = {}
        self._making = threading.Lock()

    def of(self, loaded: LoadedRun) -> Pen:
        """Return the pen of a loaded model, made at the first call."""
        with self._making:
            if loaded not in self._pens:
                step, state = loaded.new_step()
                symbols = UNKNOWN + loaded.run.corpus.vocabulary.known
                self._pens[loaded] = Pen(
                    run=loaded.run,
                    step=step,
                    state=state,
                    symbols=symbols,
                    quoted=tuple(map(json.dumps, symbols)),
                    opening=self._opening(loaded),
                )
            return self._pens[loaded]

    def _opening(self, loaded: LoadedRun) -> str:
        corpus = loaded.run.corpus
        if corpus.book_sha256 not in self._openings:
            opening = fitting_prompt(corpus, loaded.run.splits.training)
            self._openings[corpus.book_sha256] = opening
        return self._openings[corpus.book_sha256]


def begin(pen: Pen, prompt: str) -> Beginning:
    """Return a prompt in normal form and as ids; an empty one is the book's own opening."""
    notes = []
    if prompt == "":
        prompt = pen.opening
        notes.append(
            f"no prompt given: begins with '{prompt}', as {pen.corpus.name} does somewhere"
        )
    text = normalise(prompt)
    ids, unknown = pen.corpus.vocabulary.read_prompt(text)
    if not ids:
        raise ConfigError("the prompt has no character to begin with: type one")
    if unknown:
        notes.append(unknown)
    if pen.run.result is None:
        notes.append("this training is not finished; these are its weights so far")
    return Beginning(text=text, ids=ids, notes=tuple(notes))
