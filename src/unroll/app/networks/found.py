"""What a study's store says of its networks, read without disturbing who writes to it."""

import json
import math
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from unroll.app.search import is_file, known_as
from unroll.study.running.trial import TrialSettings
from unroll.training.recipes import RECIPES, Recipe

STORE_FILE = "unroll.sqlite"
CELLS = {"rnn": "RNN", "lstm": "LSTM", "gru": "GRU"}
"""Cells that are ours: a user's cell is code, which a server does not run."""
OTHER = "other"
"""The recipe of a network that is trained with other values than a recipe's."""
WAYS = {
    "assignment": "fixed T = {T}",
    "assignment-tuned": "fixed T = {T}, rate tuned",
    "learned": "T grown to {T}",
    "learned-scalar": "T grown to {T}, scalar",
    "latch": "latched, T = {T}",
}
"""Recipes in words, as long as a list on a page is wide."""
_WAIT_SECONDS = 0.2
_LONGEST_WORD = 100
_LARGEST = 2**53
"""Of a whole number; a larger one is not told as it is."""
_TRIALS = """
SELECT trials.key, trials.settings, trials.weights_sha256, evaluations.accuracy
FROM trials JOIN evaluations ON evaluations.trial = trials.key
WHERE trials.status IN ('stopped', 'budget') AND trials.weights_sha256 IS NOT NULL
    AND evaluations.weights = 'best'
    AND evaluations.length = json_extract(trials.settings, '$.length')
"""


@dataclass(frozen=True, kw_only=True)
class FoundNetwork:
    """A trained network as the list of networks tells it."""

    id: str
    """By which pages ask for it."""
    path: Path
    """Its weights, which no page hears of."""
    settings: TrialSettings
    """How it was trained."""
    sha256: str
    """Of its weights."""
    accuracy: float
    """Share of palindromes answered right, at the length it was trained on."""

    @property
    def recipe(self) -> str:
        """The recipe whose values it was trained with, or `other`."""
        names = (name for name, recipe in RECIPES.items() if _is_by(recipe, self.settings))
        return next(names, OTHER)

    @property
    def title(self) -> str:
        """The network in a few words, which another one may have, too.

        Where its values are no recipe's, it is told how the weights began.
        """
        cell, T = CELLS[self.settings.cell], self.settings.length
        if self.settings.sequence_steps is not None and self.settings.curriculum:
            return f"{cell}, bench, T grown to {T} at most"
        if self.recipe in WAYS:
            return f"{cell}, {WAYS[self.recipe].format(T=T)}"
        return f"{cell}, T = {T}, {self.settings.initialisation} start"


def read_store(folder: Path) -> list[FoundNetwork] | None:
    """Return the finished networks for palindromes in a store; None where it cannot be read now.

    The file is opened for reading only: a store of an older version stays one, and a study that
    was killed while writing is left for itself to mend.
    """
    address = f"{(folder / STORE_FILE).absolute().as_uri()}?mode=ro"
    try:
        with closing(sqlite3.connect(address, uri=True, timeout=_WAIT_SECONDS)) as connection:
            rows = connection.execute(_TRIALS).fetchall()
    except sqlite3.Error:
        return None
    found = (_read_row(folder, *row) for row in rows)
    return [network for network in found if network is not None and is_file(network.path)]


def best_of_each(networks: list[FoundNetwork]) -> list[FoundNetwork]:
    """Return one network of those that differ in seed and rate alone: the most accurate.

    Those of another study are others: the playground's own are listed whatever else there is.
    """
    best: dict[tuple[Any, ...], FoundNetwork] = {}
    for network in networks:
        s = network.settings
        values = (s.cell, s.length, s.encoding, s.initialisation, s.hidden_size, s.optimiser)
        kind = (network.path.parent, *values, s.curriculum is not None)
        known = best.get(kind)
        if known is None or network.accuracy > known.accuracy:
            best[kind] = network
    return list(best.values())


def _read_row(
    folder: Path, key: object, settings: object, sha256: object, accuracy: object
) -> FoundNetwork | None:
    """Return a network for palindromes of a built-in cell; None for any other trial."""
    try:
        read = TrialSettings(**json.loads(str(settings)))
        is_ours = (
            read.key == key
            and read.cell in CELLS
            and read.cell_class == read.cell
            and read.task == "palindrome"
            and read.trained == "all"
            and _can_be_told(read)
        )
    except (TypeError, ValueError, OverflowError, RecursionError):
        return None
    if not is_ours or not isinstance(accuracy, float) or not math.isfinite(accuracy):
        return None
    path = folder / "weights" / f"{key}.safetensors"
    return FoundNetwork(
        id=known_as(path), path=path, settings=read, sha256=str(sha256), accuracy=accuracy
    )


def _can_be_told(settings: TrialSettings) -> bool:
    """Whether its values are such as a study writes: a store may be anybody's."""
    words: tuple[Any, ...] = (settings.encoding, settings.initialisation, settings.optimiser)
    numbers: tuple[Any, ...] = (settings.length, settings.hidden_size, settings.seed)
    return all(isinstance(one, str) and len(one) <= _LONGEST_WORD for one in words) and all(
        isinstance(one, int) and 0 <= one < _LARGEST for one in numbers
    )


def _is_by(recipe: Recipe, settings: TrialSettings) -> bool:
    chosen = recipe.for_cell(settings.cell)
    return (
        settings.rate in chosen.rates
        and (settings.curriculum is None) == (chosen.curriculum is None)
        and all(
            getattr(settings, name) == getattr(chosen, name)
            for name in ("encoding", "initialisation", "hidden_size", "optimiser", "clip_norm")
        )
    )
