"""Which part of a text is for what: by position, never by random windows.

    0                                    85.5%     90%          100%
    | training                           | tuning  | validation |

Neighbouring windows share their words, so that held-out windows drawn at random from among the
training ones would be half known. Tuning serves to choose settings, to stop early and to keep the
best checkpoint; validation is read once, at the end.
"""

from typing import NamedTuple

from unroll.errors import ConfigError

_VALIDATION_TENTHS = 1
_TUNING_TWENTIETHS = 1


class Extent(NamedTuple):
    """The characters from `start` up to, but not with, `stop`."""

    start: int
    stop: int

    @property
    def characters(self) -> int:
        """How many there are."""
        return self.stop - self.start


class Splits(NamedTuple):
    """The three parts of a text, in this order and without a gap."""

    training: Extent
    tuning: Extent
    validation: Extent


def split_text(characters: int, window: int) -> Splits:
    """Return the parts of a text: the last 10% for validation, the last 5% before it for tuning.

    Every part must hold a window: `window` inputs, and one character more as the last target.

    Raises: ConfigError when the window is below 1 or the text is too short for it.
    """
    if window < 1:
        raise ConfigError(f"window: must be 1 character or more, got {window}")
    needed = shortest_text(window)
    if characters < needed:
        raise ConfigError(
            f"the text has {characters:,} characters, and windows of {window:,} need {needed:,}, "
            "so that training, tuning and validation hold one each; give a longer text or a "
            "shorter window"
        )
    held_out = characters * (10 - _VALIDATION_TENTHS) // 10
    tuning = held_out * (20 - _TUNING_TWENTIETHS) // 20
    return Splits(Extent(0, tuning), Extent(tuning, held_out), Extent(held_out, characters))


def shortest_text(window: int) -> int:
    """Return the fewest characters of which each split holds a window: tuning is the smallest."""
    before_validation = 20 * window + 1
    return -(-10 * before_validation // 9)
