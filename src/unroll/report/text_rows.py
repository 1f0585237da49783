"""What the charts of character models are drawn from: one frozen row per measurement."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class LearningRow:
    """One point of one network's training."""

    training: str
    """The way it was trained, as the legend has it."""
    seed: int
    """The seed of the training."""
    part: str
    """`training`, or `held out` for the part that tunes."""
    step: int
    """How many updates had been made."""
    characters: int
    """How many characters had been read, some of them more than once."""
    loss_nats: float | None
    """Cross-entropy in nats per character; None where it was not finite."""
    accuracy: float | None
    """Share of characters predicted right; None where it was not finite."""


@dataclass(frozen=True, kw_only=True)
class WordRow:
    """How many of the words that a network writes are words of the book, at one stage."""

    training: str
    """The way it was trained."""
    seed: int
    """The seed of the training."""
    step: int
    """How many updates had been made, from 0."""
    share: float
    """Share of the words written that occur in the text trained on."""
    words: int
    """How many words were written."""


@dataclass(frozen=True, kw_only=True)
class CopyRow:
    """How much of a text is copied from the text trained on, in spans of n or more."""

    training: str
    """The way the network was trained, as the legend has it; for a baseline, the first network of
    the same text trained on."""
    kind: str
    """`written` by the network, or a baseline: `held-out text` or `5-gram model`."""
    seed: int | None
    """The seed of the training; None for a baseline."""
    n: int
    """Least length of a span in characters."""
    share: float
    """Share of the characters that lie in such spans."""


@dataclass(frozen=True, kw_only=True)
class StageCopyRow:
    """How much of what a network writes is copied, at one stage of its training."""

    training: str
    """The way it was trained, or the baseline."""
    seed: int | None
    """The seed of the training; None for a baseline, which has no stages."""
    step: int | None
    """How many updates had been made, from 0; None for a baseline."""
    n: int
    """Least length of a span in characters."""
    share: float
    """Share of the characters that lie in such spans."""
    training_accuracy: float | None
    """Share of training characters predicted right about then."""


@dataclass(frozen=True, kw_only=True)
class ContextRow:
    """The loss where all but the last k characters are another passage's."""

    training: str
    """The way it was trained."""
    seed: int
    """The seed of the training."""
    start: str
    """What stands before the last k characters: `foreign text`, or nothing: `zero state`."""
    distance: int
    """k, characters that are the true ones."""
    loss_nats: float
    """Cross-entropy in nats per character."""
    standard_error: float | None
    """Of the loss, in nats; None where it was not measured."""


@dataclass(frozen=True, kw_only=True)
class InfluenceRow:
    """How much a prediction hangs on the character k before it."""

    training: str
    """The way it was trained."""
    seed: int
    """The seed of the training."""
    distance: int
    """k, from 1 on: 1 is the last character read."""
    norm: float
    """‖∂ log p / ∂ embedding‖ of that character, mean over places; 0 where it underflowed."""
