"""Models: cells with a readout."""

from unroll.models.character_model import CharacterModel
from unroll.models.character_step import NumpyStep
from unroll.models.dropout import Dropout, DropoutMasks
from unroll.models.ngram import NGram
from unroll.models.node_classifier import GATClassifier, GCNClassifier, SmoothedReadout
from unroll.models.sequence_classifier import SequenceClassifier
from unroll.models.untrained import build_character_model

__all__ = [
    "CharacterModel",
    "Dropout",
    "DropoutMasks",
    "GATClassifier",
    "GCNClassifier",
    "NGram",
    "NumpyStep",
    "SequenceClassifier",
    "SmoothedReadout",
    "build_character_model",
]
