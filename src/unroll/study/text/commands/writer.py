"""A trained model as decoding sees it."""

from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from unroll.decoding import Step, TensorStep
from unroll.models.character_model import CharacterModel
from unroll.models.character_step import NumpyStep
from unroll.text import UNKNOWN_ID, Corpus

S = TypeVar("S")


class WithoutUnknown(Generic[S]):
    """A step that never offers the unknown symbol: what a book does not hold is not written."""

    def __init__(self, step: Step[S]) -> None:
        self._step = step
        self.vocabulary_size = step.vocabulary_size

    def __call__(self, tokens: NDArray[np.int64], state: S, /) -> tuple[NDArray[Any], S]:
        """Take one step."""
        scores, state = self._step(tokens, state)
        # Decoding uses scores once, and a step may overwrite those that it gave before.
        scores[:, UNKNOWN_ID] = -np.inf
        return scores, state

    def select(self, state: S, rows: NDArray[np.int64], /) -> S:
        """Return a state whose row n is a copy of `state`'s row `rows[n]`."""
        return self._step.select(state, rows)


def make_step(model: CharacterModel) -> tuple[Step[Any], Any]:
    """Return the fastest step of a model that writes the same text, and its state before a text."""
    if NumpyStep.supports(model):
        fast = NumpyStep(model)
        return fast, fast.initial_state()
    step: TensorStep[Any] = TensorStep(model.step, vocabulary_size=model.vocabulary_size)
    return step, model.initial_state(1)


def make_writing_step(model: CharacterModel, corpus: Corpus) -> tuple[Step[Any], Any]:
    """Return a step that writes, without the unknown symbol where the book has none."""
    step, state = make_step(model)
    return (step if corpus.unknown_characters else WithoutUnknown(step)), state
