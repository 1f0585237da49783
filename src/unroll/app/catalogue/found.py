"""What a run directory says of itself, read without its weights."""

import json
import math
from dataclasses import dataclass
from pathlib import Path
from textwrap import shorten
from typing import Any, Literal

from unroll.app.search import Signature, is_file, known_as, signature, tellable, without_paths
from unroll.errors import ConfigError
from unroll.records.checkpoints import BEST, SUFFIX, CheckpointError, steps_in
from unroll.records.locks import is_held
from unroll.training.characters.settings import TextRecipe, read_recipe

RUN_FILE = "run.json"
LOCK = ".lock"
"""Held by the process that trains; named here, because what trains brings torch."""
BUILT_IN = ("rnn", "lstm", "gru")
"""Cells that are ours: a user's cell is code, which a server does not run."""

_MOST_BYTES = 2**26
"""Of a file of JSON: of a folder that is not ours, nothing larger is read."""
_LARGEST = 2**64
"""Of a whole number: one with thousands of digits cannot be told, nor made a float."""
_LONGEST_NAME = 100

State = Literal["finished", "training", "interrupted", "damaged"]


@dataclass(frozen=True, kw_only=True)
class FoundRun:
    """A run directory as the list of runs tells it."""

    id: str
    """By which pages ask for it."""
    path: Path
    """Its directory, which no page hears of."""
    state: State
    """`finished`; `training` in some process now; `interrupted`; or `damaged`."""
    problem: str | None = None
    """Why it cannot be used, in one line."""
    book: str = ""
    """The name of its book."""
    recipe: TextRecipe | None = None
    """How it is trained; None where it is damaged."""
    seed: int = 0
    """Decides the weights and the order of the text."""
    steps: int = 0
    """How many steps it takes."""
    stages: tuple[int, ...] = ()
    """Steps whose weights are kept."""
    bits_per_char: float | None = None
    """Of the validation text; None while it is not finished."""
    written_ns: int = 0
    """When it began."""


def signatures(path: Path) -> tuple[Signature, ...]:
    """Return what changes when a run is another, or has come further."""
    names = (RUN_FILE, "result.json", "corpus/corpus.json", "corpus/corpus.ids")
    return tuple(signature(path / name) for name in names)


def read_found(path: Path) -> FoundRun:
    """Return what a directory with a `run.json` says; one that is damaged says why."""
    try:
        facts = _read_object(path / RUN_FILE)
        recipe = read_recipe(facts["recipe"])
        _check_numbers({**recipe.as_dict(), "seed": facts["seed"], "steps": facts["steps"]})
        if recipe.cell not in BUILT_IN:
            # A path to somebody's file is nobody else's to read.
            name = Path(recipe.cell.rpartition(":")[2]).name
            if ":" not in recipe.cell:
                return _damaged(path, f"of the cell {name}: only rnn, lstm and gru run here")
            return _damaged(path, f"of a cell of its own, {name}: only built-in cells run here")
        _check_whole(path)
        return FoundRun(
            id=known_as(path),
            path=path,
            state=_state(path),
            book=shorten(tellable(str(facts["book"]["name"])), _LONGEST_NAME, placeholder=" …"),
            recipe=recipe,
            seed=int(facts["seed"]),
            steps=int(facts["steps"]),
            stages=steps_in(path / "stages"),
            bits_per_char=_bits(path),
            written_ns=_written(path),
        )
    except (KeyError, TypeError, ValueError, OverflowError, ConfigError) as error:
        reason = f"'{error.args[0]}' is missing" if isinstance(error, KeyError) else str(error)
        return _damaged(path, f"{RUN_FILE}: damaged ({reason})")
    except (_NotWholeError, CheckpointError, OSError) as error:
        return _damaged(path, str(error))


class _NotWholeError(Exception):
    """A run lacks something, or a file of it is no JSON object."""


def _damaged(path: Path, problem: str) -> FoundRun:
    return FoundRun(
        id=known_as(path),
        path=path,
        state="damaged",
        problem=without_paths(problem, path),
        written_ns=_written(path),
    )


def _written(path: Path) -> int:
    state = signature(path / RUN_FILE)
    return state[0] if state else 0


def _check_whole(path: Path) -> None:
    for name in ("corpus/corpus.json", "corpus/corpus.ids"):
        if not is_file(path / name):
            raise _NotWholeError(f"{name}: missing, the book that it was trained on")
    if is_file(path / "result.json") and not is_file(path / "checkpoints" / (BEST + SUFFIX)):
        raise _NotWholeError(f"checkpoints/{BEST}{SUFFIX}: missing, its best weights")


def _check_numbers(facts: dict[str, Any]) -> None:
    for name, value in facts.items():
        if isinstance(value, int) and abs(value) > _LARGEST:
            raise ValueError(f"'{name}' is no number that can be")


def _state(path: Path) -> State:
    if is_file(path / "result.json"):
        return "finished"
    return "training" if is_held(path / LOCK) else "interrupted"


def _bits(path: Path) -> float | None:
    """Return bits per character of the validation text; None while there is no result."""
    file = path / "result.json"
    if not is_file(file):
        return None
    bits = _read_object(file)["validation"]["bits_per_char"]
    return float(bits) if isinstance(bits, int | float) and math.isfinite(bits) else None


def _read_object(file: Path) -> dict[str, Any]:
    try:
        if file.stat().st_size > _MOST_BYTES:
            raise _NotWholeError(f"{file.name}: damaged: more than {_MOST_BYTES:,} bytes")
        facts = json.loads(file.read_bytes())
    except (ValueError, RecursionError) as error:
        raise _NotWholeError(f"{file.name}: damaged: not JSON") from error
    if not isinstance(facts, dict):
        raise _NotWholeError(f"{file.name}: damaged: not a JSON object")
    return facts
