"""Models: cells with a readout."""

from unroll.models.sequence_classifier import SequenceClassifier

__all__ = ["SequenceClassifier"]
