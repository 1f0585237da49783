"""Models: cells with a readout."""

from unroll.models.character_model import CharacterModel
from unroll.models.character_step import NumpyStep
from unroll.models.dropout import Dropout, DropoutMasks
from unroll.models.graph_network import GraphNetwork
from unroll.models.graph_sequence import GraphSequence, GraphSnapshot
from unroll.models.ngram import NGram
from unroll.models.node_classifier import GATClassifier, GCNClassifier, SmoothedReadout
from unroll.models.pooled_graph_network import PooledGraphNetwork
from unroll.models.sequence_classifier import SequenceClassifier
from unroll.models.tree_classifier import TreeClassifier
from unroll.models.untrained import build_character_model

__all__ = [
    "CharacterModel",
    "Dropout",
    "DropoutMasks",
    "GATClassifier",
    "GCNClassifier",
    "GraphNetwork",
    "GraphSequence",
    "GraphSnapshot",
    "NGram",
    "NumpyStep",
    "PooledGraphNetwork",
    "SequenceClassifier",
    "SmoothedReadout",
    "TreeClassifier",
    "build_character_model",
]
