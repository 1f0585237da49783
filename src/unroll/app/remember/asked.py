"""What the page Remember may ask for, and how much of it."""

from dataclasses import dataclass

from unroll.app.refusal import RefusedError
from unroll.field_types import check_types
from unroll.tasks.palindrome import DIGITS

SHORTEST = 2
LONGEST = 1000
"""Longest palindrome that is shown: its backward pass takes about a second."""
MOST_SEQUENCES = 500
MOST_SEED = 2**53 - 1
"""Largest whole number that every browser keeps exactly."""


@dataclass(frozen=True, kw_only=True)
class PassAsked:
    """One palindrome through one network.

    Raises: RefusedError or ConfigError in one line for a value that cannot be.
    """

    network: str
    """Which network."""
    digits: tuple[int, ...] | None = None
    """The T digits, the one that is asked for last; None draws a palindrome."""
    length: int | None = None
    """T of the palindrome that is drawn; None takes the length the network was trained at."""
    seed: int = 0
    """Decides which palindrome is drawn."""

    def __post_init__(self) -> None:
        check_types(self)
        check_seed(self.seed)
        if self.length is not None:
            check_length(self.length)
        if self.digits is None:
            return
        if self.length is not None:
            raise RefusedError("give either digits or a length, not both")
        check_length(len(self.digits))
        wrong = next((digit for digit in self.digits if not 0 <= digit < DIGITS), None)
        if wrong is not None:
            raise RefusedError(f"a digit must be 0 to {DIGITS - 1}, got {shown(wrong)}")


@dataclass(frozen=True, kw_only=True)
class AccuracyAsked:
    """How often a network is right on fresh palindromes of one length. Raises: as `PassAsked`."""

    network: str
    """Which network."""
    length: int
    """T."""
    seed: int = 0
    """Decides which palindromes are drawn."""
    sequences: int = 200
    """How many; fewer where there are no more."""

    def __post_init__(self) -> None:
        check_types(self)
        check_length(self.length)
        check_seed(self.seed)
        check_sequences(self.sequences)


@dataclass(frozen=True, kw_only=True)
class SweepAsked:
    """The same at a ladder of lengths. Raises: as `PassAsked`."""

    network: str
    """Which network."""
    seed: int = 0
    """Decides which palindromes are drawn."""
    sequences: int = 200
    """How many at each length; fewer where there are no more."""

    def __post_init__(self) -> None:
        check_types(self)
        check_seed(self.seed)
        check_sequences(self.sequences)


def check_length(length: int) -> None:
    """Raise RefusedError unless a palindrome of so many digits is shown."""
    if not SHORTEST <= length <= LONGEST:
        raise RefusedError(
            f"a palindrome must have {SHORTEST} to {LONGEST:,} digits here, got {shown(length)}"
        )


def check_sequences(count: int) -> None:
    """Raise RefusedError unless so many palindromes are tried."""
    if not 1 <= count <= MOST_SEQUENCES:
        raise RefusedError(f"sequences must be 1 to {MOST_SEQUENCES}, got {shown(count)}")


def check_seed(seed: int) -> None:
    """Raise RefusedError for a seed that a browser does not keep exactly."""
    if not 0 <= seed <= MOST_SEED:
        raise RefusedError(f"seed must be 0 to {MOST_SEED:,}, got {shown(seed)}")


def shown(value: int) -> str:
    """Return a whole number; of a very long one, how long it is."""
    text = str(value)
    return text if len(text) <= 30 else f"a number of {len(text)} digits"
