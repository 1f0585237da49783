"""What one part of a layer does along a text, all its units at once."""

import base64
import threading
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from unroll.app.catalogue.loading import LoadedRun
from unroll.app.inside.asked import ActivityAsked
from unroll.app.inside.held_out import WARM, read_held_out
from unroll.app.inside.parts import describe_parts
from unroll.app.refusal import RefusedError, closed
from unroll.models.character_model import CharacterModel
from unroll.probes.features import TextFeature, text_features
from unroll.probes.units import unit_activity

MOST_NUMBERS = 2**21
"""Units times characters that are sent at once; of more, only the unit that is asked for."""
_PIECE = 250
_LEVELS = 2**16 - 1
_DIGITS = 5


@dataclass(frozen=True, kw_only=True, eq=False)
class _Text:
    """A text to be shown, and what is read before it."""

    before: NDArray[Any]
    """(W,) ids that set the state."""
    ids: NDArray[Any]
    """(T,)."""
    features: tuple[TextFeature, ...]
    """With T values each."""
    notes: list[str]
    """What a reader should know of it."""


class _Place(NamedTuple):
    layer: int
    part: str
    unit: int


def show_activity(loaded: LoadedRun, asked: ActivityAsked, stop: threading.Event) -> dict[str, Any]:
    """Return a part's values along a text: those of one unit, and of all where they are few.

    Raises: RefusedError for a layer, part or unit that the network does not have, and where its
    numbers are not finite.
    """
    parts = describe_parts(loaded.model)
    place = _find(loaded.model, parts, asked)
    text = _passage(loaded) if asked.text is None else _own(loaded, asked.text)
    values = _run(loaded.model, text, place, stop)
    own = values[:, place.unit]
    return {
        "stage": loaded.stage,
        "text": loaded.run.corpus.vocabulary.decode(text.ids),
        "layers": len(loaded.model.cells),
        "parts": parts,
        "layer": asked.layer,
        "part": place.part,
        "unit": asked.unit,
        "values": [float(f"{value:.{_DIGITS}g}") for value in own.tolist()],
        "low": float(own.min()),
        "high": float(own.max()),
        "all": _quantised(values) if values.size <= MOST_NUMBERS else None,
        "features": [
            {"name": one.name, "title": one.title, "values": _plain(one.values)}
            for one in text.features
        ],
        "notes": text.notes,
    }


def _find(model: CharacterModel, parts: list[dict[str, Any]], asked: ActivityAsked) -> _Place:
    L = len(model.cells)
    if asked.layer > L:
        raise RefusedError(f"layer must be 1 to {L} in this network, got {asked.layer}")
    units = {part["name"]: part["units"] for part in parts}
    if asked.part not in units:
        raise RefusedError(f"part must be one of {', '.join(units)}, got {asked.part!r:.20}")
    if asked.unit > units[asked.part]:
        raise RefusedError(
            f"unit must be 1 to {units[asked.part]} in this network, got {asked.unit}"
        )
    return _Place(asked.layer - 1, asked.part, asked.unit - 1)


def _passage(loaded: LoadedRun) -> _Text:
    held_out = read_held_out(loaded.run, loaded.model.parameter_count)
    start, stop = held_out.passage()
    before = held_out.ids[max(0, start - WARM) : start]
    return _Text(
        before=before,
        ids=held_out.ids[start:stop],
        features=tuple(_cut(one, start, stop) for one in held_out.features),
        notes=[
            f"A passage of {loaded.run.corpus.name} that the network was not trained on, and on "
            f"which no unit was chosen. It has read the {len(before):,} characters before."
        ],
    )


def _cut(feature: TextFeature, start: int, stop: int) -> TextFeature:
    return replace(feature, values=feature.values[start:stop], marks=feature.marks[start:stop])


def _own(loaded: LoadedRun, text: str) -> _Text:
    vocabulary = loaded.run.corpus.vocabulary
    prompt = vocabulary.read_prompt(text)
    if not prompt.ids:
        raise RefusedError("the text has no character: write at least one")
    ids = np.array(prompt.ids)
    notes = ["Your own text, read from a state of zeros."]
    return _Text(
        before=ids[:0],
        ids=ids,
        features=text_features(vocabulary.decode(ids)),
        notes=notes if prompt.note is None else [*notes, f"In it, {prompt.note}."],
    )


def _run(
    model: CharacterModel, text: _Text, place: _Place, stop: threading.Event
) -> NDArray[np.float64]:
    """Return the part's values (T, H)."""
    state, found = None, []
    every = np.concatenate([text.before, text.ids]).astype(np.int64)
    for first in range(0, len(every), _PIECE):
        if stop.is_set():
            raise closed()
        piece = torch.from_numpy(every[first : first + _PIECE]).to(model.weight_p.device)
        layers, state = unit_activity(model, piece, state)
        found.append(layers[place.layer][place.part].double().cpu())
    values: NDArray[np.float64] = torch.cat(found)[len(text.before) :].numpy()
    if not np.isfinite(values).all():
        raise RefusedError(
            "this network's numbers are not finite on this text: its training has diverged; "
            "choose another stage or run",
            409,
        )
    return values


def _quantised(values: NDArray[np.float64]) -> dict[str, Any]:
    """Return (T, H) values as 16-bit levels of each unit's own range, unit after unit."""
    lows, highs = values.min(0), values.max(0)
    spread = np.where(highs > lows, highs - lows, 1)
    levels = np.rint((values - lows) / spread * _LEVELS).astype("<u2")
    return {
        "lows": lows.tolist(),
        "highs": highs.tolist(),
        "levels": base64.b64encode(np.ascontiguousarray(levels.T).tobytes()).decode(),
    }


def _plain(values: NDArray[np.float64]) -> list[int | None]:
    """Return whole numbers, None for those that are not known."""
    return [int(value) if np.isfinite(value) else None for value in values]
