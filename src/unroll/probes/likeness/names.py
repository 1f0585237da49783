"""Which gate a parameter belongs to, by its name."""

import re
from collections.abc import Sequence

WORDS: dict[str, dict[str, tuple[str, ...]]] = {
    "lstm": {
        "i": ("i", "in", "inp", "input", "write"),
        "f": ("f", "forget", "keep"),
        "g": ("g", "c", "n", "j", "cell", "cand", "candidate", "modulation", "new", "tilde"),
        "o": ("o", "out", "output"),
    },
    "gru": {
        "r": ("r", "reset"),
        "z": ("z", "u", "update"),
        "n": ("n", "g", "c", "new", "cand", "candidate", "tilde"),
    },
}
"""What each gate is called, by the kind of cell."""
_SIDES = {"input", "in", "inp", "x", "h", "hidden"}
"""Words that may say which side a weight is on rather than which gate it belongs to."""
_SHORT = re.compile(r"[wubvlp]?[xh]?([a-z])[xh]?")
"""`wxi`, `whf`, `bo`, `ix`: one letter for the gate among those for weight and side."""


def label_all(names: Sequence[str], words: dict[str, tuple[str, ...]]) -> list[str] | None:
    """Return the gate of each name, all different; None where the names do not decide.

    A name that says nothing takes the gate that all others leave over.

    >>> label_all(["W_i", "W_f", "W_o", "W_c"], WORDS["lstm"])
    ['i', 'f', 'o', 'g']
    >>> label_all(["W_z", "W_r", "W_h"], WORDS["gru"])
    ['z', 'r', 'n']
    """
    found = [_label(name, words) for name in names]
    left = [gate for gate in words if gate not in found]
    if found.count(None) == 1 and len(left) == 1:
        found = [gate or left[0] for gate in found]
    known = [gate for gate in found if gate is not None]
    return known if len(known) == len(names) == len(set(known)) else None


def _label(name: str, words: dict[str, tuple[str, ...]]) -> str | None:
    """Return the gate that a name speaks of; a word for a side counts where no other does."""
    spaced = re.sub(r"([a-z])([A-Z0-9])", r"\1 \2", name)
    tokens = [token.lower() for token in re.split(r"[^A-Za-z]+", spaced) if token]
    for among in ([t for t in tokens if t not in _SIDES], tokens):
        for whole in (True, False):
            for token in among:
                if gate := _gate_of(token, words, whole=whole):
                    return gate
    return None


def _gate_of(token: str, words: dict[str, tuple[str, ...]], *, whole: bool) -> str | None:
    if not whole:
        match = _SHORT.fullmatch(token)
        if match is None:
            return None
        token = match[1]
    return next((gate for gate, known in words.items() if token in known), None)
