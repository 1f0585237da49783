"""What the parts of a layer are called, and on which scale they are shown."""

from typing import Any

from unroll.models.character_model import CharacterModel
from unroll.probes.units import unit_activity

_TITLES = {
    "i": "input gate",
    "f": "forget gate",
    "g": "input modulation gate",
    "o": "output gate",
    "c": "cell state",
    "r": "reset gate",
    "z": "update gate",
    "n": "candidate",
    "h": "hidden state",
}
_SHARES = frozenset("iforz")
"""Gates between 0 and 1; the others have a sign."""


def describe_parts(model: CharacterModel) -> list[dict[str, Any]]:
    """Return the parts that every layer has, in the order of the cell's equations."""
    one = model.weight_p.new_zeros(1).long()
    (first, *_), _ = unit_activity(model, one)
    return [
        {
            "name": name,
            "title": _TITLES.get(name, name),
            "kind": "share" if name in _SHARES else "signed",
            "units": part.shape[1],
        }
        for name, part in first.items()
    ]
