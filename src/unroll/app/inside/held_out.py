"""The held-out text that units are measured on, and the passage of it that a page begins with."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unroll.probes.features import TextFeature, text_features
from unroll.training.characters.run import Run

MOST_CHARACTERS = 20_000
"""Characters of the validation part that are read at most."""
LEAST_CHARACTERS = 6_000
"""As many are read of a large model too, where there are so many."""
WARM = 500
"""Characters that a network reads before the passage that is shown."""
_NUMBERS = 3e10
"""Parameters times characters: some seconds of one thread."""
_PASSAGE = 600
_LATER = 100
"""So many characters more a passage may take to end with its line."""
_SHOWN = ("quotes", "brackets", "line_end")
"""What a passage should hold, as far as possible."""


@dataclass(frozen=True, kw_only=True, eq=False)
class HeldOut:
    """N characters that the model was neither trained nor tuned on, and what a reader tracks."""

    ids: NDArray[Any]
    """(N,)."""
    text: str
    """The same as text, N characters."""
    features: tuple[TextFeature, ...]
    """With N values each."""

    @property
    def half(self) -> int:
        """Where the second half begins, on which no unit is chosen."""
        return len(self.ids) // 2

    def passage(self) -> tuple[int, int]:
        """Return where a passage of the second half begins and ends.

        Of those that begin with a line, it is the one in which quotation marks, brackets and line
        ends are as mixed as in all of the text, or more:

            Σ over the three of min(1, p(1 − p) / P(1 − P))

        with the share p of the passage's characters of which each is true, P of the half's. The
        first of several that are equal.
        """
        length = min(_PASSAGE, len(self.ids) - self.half)
        last = len(self.ids) - length
        begins = [n for n in range(self.half, last + 1) if n == 0 or self.text[n - 1] == "\n"]
        starts = np.array(begins or [self.half])
        score = sum(
            (self._mixed(feature, starts, length) for feature in self.features),
            np.zeros(len(starts)),
        )
        start = int(starts[int(np.argmax(score))])
        end = self.text.find("\n", start + length, start + length + _LATER)
        return start, start + length if end < 0 else end + 1

    def _mixed(self, feature: TextFeature, starts: NDArray[Any], length: int) -> NDArray[Any]:
        if feature.name not in _SHOWN:
            return np.zeros(len(starts))
        sums = np.concatenate([[0.0], np.cumsum(feature.values)])
        share = (sums[starts + length] - sums[starts]) / max(1, length)
        whole = float(feature.values[self.half :].mean())
        if whole in (0.0, 1.0):
            return np.zeros(len(starts))
        mixed: NDArray[Any] = np.minimum(1, share * (1 - share) / (whole * (1 - whole)))
        return mixed


def read_held_out(run: Run, parameters: int) -> HeldOut:
    """Return the beginning of a run's validation part: fewer characters for a larger model.

    One character more is looked at, so that the next one is known of all that are returned.
    """
    extent = run.splits.validation
    wanted = min(MOST_CHARACTERS, max(LEAST_CHARACTERS, int(_NUMBERS / parameters)))
    N = min(wanted, extent.characters - 1)
    ids = run.corpus.ids[extent.start : extent.start + N + 1]
    text = run.corpus.vocabulary.decode(ids)
    features = tuple(
        replace(feature, values=feature.values[:N], marks=feature.marks[:N])
        for feature in text_features(text)
    )
    return HeldOut(ids=ids[:N], text=text[:N], features=features)
