"""Models: cells with a readout."""

from unroll.models.character_model import CharacterModel
from unroll.models.character_step import NumpyStep
from unroll.models.dropout import Dropout, DropoutMasks
from unroll.models.ngram import NGram
from unroll.models.sequence_classifier import SequenceClassifier
from unroll.models.untrained import build_character_model

__all__ = [
    "CharacterModel",
    "Dropout",
    "DropoutMasks",
    "NGram",
    "NumpyStep",
    "SequenceClassifier",
    "build_character_model",
]
