"""A text as it is read and written, line by line: what a stream of the page Write consists of."""

import json
from collections.abc import Iterator
from typing import Any

import numpy as np

from unroll.app.write.asked import WriteRequest
from unroll.app.write.pens import Beginning, Pen
from unroll.decoding import SamplingSettings, softmax, stream
from unroll.decoding.sampling import Alternative, likeliest
from unroll.decoding.step import Scores, advance
from unroll.errors import ConfigError
from unroll.study.text.commands.units import surprise_bits

READ_TOLD = 2_000
"""Characters at the end of a prompt that are told with their probabilities; what stands before
them is read and not told."""
READ_AT_ONCE = 8
"""Characters of a prompt that are read in one turn."""


def tell(pen: Pen, beginning: Beginning, asked: WriteRequest) -> Iterator[bytes]:
    """Return the lines of a text: reading some characters of the prompt or writing one a piece.

        {"kind": "begin", "prompt": normal form, "told": n, "notes": […]}
        {"kind": "read", "text": c, "probability": p, "alternatives": [[c, p], …]}    n times
        {"kind": "character", …the same, "drawn": q}                            length times
        {"kind": "end", "bits_per_char": b}

    p is what the model gave the character before temperature and filters, q what it was drawn
    with after them. The prompt's very first character has no p. What cannot be asked is said at
    once, not at the first piece.

    Raises: ConfigError for top-k above V.
    """
    V = pen.step.vocabulary_size
    if asked.top_k is not None and asked.top_k > V:
        raise ConfigError(
            f"top-k must be at most V = {V}, the characters of the model, got {asked.top_k:,}"
        )
    return _Text(pen, beginning, asked).pieces()


class _Text:
    """One text, and how far it has come."""

    def __init__(self, pen: Pen, beginning: Beginning, asked: WriteRequest) -> None:
        self._pen, self._beginning, self._asked = pen, beginning, asked
        self._alternatives = min(asked.alternatives, pen.step.vocabulary_size)
        self._state = pen.step.select(pen.state, np.zeros(1, dtype=np.int64))

    def pieces(self) -> Iterator[bytes]:
        ids, notes = self._beginning.ids, list(self._beginning.notes)
        told = min(len(ids), READ_TOLD)
        begin = {"kind": "begin", "prompt": self._beginning.text, "told": told, "notes": notes}
        yield line(begin)
        yield from self._read()
        yield from self._write()

    def _read(self) -> Iterator[bytes]:
        """Read the prompt but for its last character, whose scores begin the writing."""
        ids = self._beginning.ids
        first = max(0, len(ids) - READ_TOLD)
        lines = [self._character("read", ids[0], None, ())] if first == 0 else []
        for n, token in enumerate(ids[:-1]):
            scores, self._state = advance(self._pen.step, np.array([token]), self._state)
            if n + 1 >= first:
                lines.append(self._scored(ids[n + 1], scores[0]))
            if n % READ_AT_ONCE == READ_AT_ONCE - 1:
                yield b"".join(lines)
                lines = []
        yield b"".join(lines)

    def _write(self) -> Iterator[bytes]:
        asked = self._asked
        settings = SamplingSettings(
            temperature=asked.temperature,
            top_k=asked.top_k,
            top_p=asked.top_p,
            greedy=asked.greedy,
        )
        choices = stream(
            self._pen.step,
            self._state,
            self._beginning.ids[-1:],
            settings=settings,
            length=asked.length,
            seed=asked.seed,
            alternatives=self._alternatives,
        )
        probabilities = []
        for (token, probability, drawn), alternatives in choices:
            probabilities.append(probability)
            yield self._character("character", token, probability, alternatives, drawn=drawn)
        yield line({"kind": "end", "bits_per_char": surprise_bits(probabilities)})

    def _scored(self, token: int, scores: Scores) -> bytes:
        probability = float(softmax(scores)[token])
        alternatives = likeliest(scores, self._alternatives)
        return self._character("read", token, probability, alternatives)

    def _character(
        self,
        kind: str,
        token: int,
        probability: float | None,
        alternatives: tuple[Alternative, ...],
        drawn: float | None = None,
    ) -> bytes:
        # As `line` would write it, in a fifth of its time: this is the one line that is told for
        # every character, and a tenth of a turn.
        quoted = self._pen.quoted
        others = ", ".join(f"[{quoted[other]}, {p!r}]" for other, p in alternatives)
        given = "null" if probability is None else repr(probability)
        end = "" if drawn is None else f', "drawn": {drawn!r}'
        return (
            f'{{"kind": "{kind}", "text": {quoted[token]}, "probability": {given}, '
            f'"alternatives": [{others}]{end}}}\n'
        ).encode()


def line(told: dict[str, Any]) -> bytes:
    """Return a line of JSON, in ASCII: a lone surrogate of a prompt could not be encoded."""
    return json.dumps(told).encode() + b"\n"
