"""A trained model as decoding sees it."""

from typing import Any

from unroll.decoding import Step, TensorStep, Without
from unroll.models.character_model import CharacterModel
from unroll.models.character_step import NumpyStep
from unroll.text import UNKNOWN_ID, Corpus


def make_step(model: CharacterModel) -> tuple[Step[Any], Any]:
    """Return the fastest step of a model that writes the same text, and its state before a text."""
    if NumpyStep.supports(model):
        fast = NumpyStep(model)
        return fast, fast.initial_state()
    step: TensorStep[Any] = TensorStep(model.step, vocabulary_size=model.vocabulary_size)
    return step, model.initial_state(1)


def make_writing_step(model: CharacterModel, corpus: Corpus) -> tuple[Step[Any], Any]:
    """Return a step that writes, and its state before a text."""
    step, state = make_step(model)
    return only_known(step, corpus), state


def only_known(step: Step[Any], corpus: Corpus) -> Step[Any]:
    """Return a step that offers the unknown symbol only where the book itself has it."""
    return step if corpus.unknown_characters else Without(step, [UNKNOWN_ID])
