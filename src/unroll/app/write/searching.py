"""The likeliest texts after a prompt, by beam search."""

import math
import threading
from collections.abc import Sequence
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from unroll.app.refusal import closed
from unroll.app.write.asked import BeamsRequest
from unroll.app.write.pens import Beginning, Pen
from unroll.decoding import BeamSettings, Step, beam_search, score_tokens
from unroll.errors import ConfigError
from unroll.text import UNKNOWN_ID

S = TypeVar("S")


class Stoppable(Generic[S]):
    """A step that raises RefusedError once `stop` is set. Shapes: as the step's."""

    def __init__(self, step: Step[S], stop: threading.Event) -> None:
        self.vocabulary_size = step.vocabulary_size
        self._step, self._stop = step, stop

    def __call__(self, tokens: NDArray[np.int64], state: S, /) -> tuple[NDArray[Any], S]:
        """Take one step."""
        if self._stop.is_set():
            raise closed()
        return self._step(tokens, state)

    def select(self, state: S, rows: NDArray[np.int64], /) -> S:
        """Return a state whose row n is a copy of `state`'s row `rows[n]`."""
        return self._step.select(state, rows)


def search_beams(
    pen: Pen, beginning: Beginning, asked: BeamsRequest, stop: threading.Event
) -> dict[str, Any]:
    """Return the texts that the search kept, the best first, each character with its probability.

    Raises: ConfigError for an `until` that the model never writes; RefusedError once `stop` is set.
    """
    ends = _read_until(pen, asked.until)
    step = Stoppable(pen.step, stop)
    # The prompt is read once, and its last character again for each use.
    state = step.select(pen.state, np.zeros(1, dtype=np.int64))
    for token in beginning.ids[:-1]:
        _, state = step(np.array([token]), state)
    last = beginning.ids[-1:]
    settings = BeamSettings(beams=asked.beams, until=ends)
    beams = beam_search(step, state, last, settings=settings, length=asked.length)
    told = []
    for beam in beams:
        score = score_tokens(step, state, last, beam.tokens)
        told.append(
            {
                "text": _decode(pen, beam.tokens),
                "log_probability_nats": beam.log_probability_nats,
                "nats_per_char": -beam.log_probability_nats / len(beam.tokens),
                "ended": beam.ended,
                "probabilities": [math.exp(nats) for nats in score.log_probabilities_nats],
            }
        )
    return {"prompt": beginning.text, "notes": list(beginning.notes), "beams": told}


def _read_until(pen: Pen, until: str | None) -> tuple[int, ...] | None:
    if until is None:
        return None
    ids = tuple(pen.corpus.vocabulary.read_prompt(until).ids)
    if not ids:
        raise ConfigError("'Ends with' has no character that a text could end with")
    if UNKNOWN_ID in ids:
        raise ConfigError(
            f"'Ends with' can never be written: {pen.corpus.vocabulary.describe_unknown(until)}"
        )
    return ids


def _decode(pen: Pen, tokens: Sequence[int]) -> str:
    return "".join(pen.symbols[token] for token in tokens)
