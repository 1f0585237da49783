"""What the playground trains for itself. Imports no torch: what is missing is known at once."""

import json
from dataclasses import dataclass
from hashlib import sha256
from itertools import chain, count
from pathlib import Path

from unroll.app.catalogue.found import RUN_FILE, FoundRun, read_found
from unroll.app.networks.found import FoundNetwork
from unroll.app.search import signature
from unroll.records.checkpoints import (
    BEST,
    SUFFIX,
    CheckpointError,
    find_newest,
    read_checkpoint,
)

TEXT = "text"
NETWORKS = "networks"
MINUTES = 0.5
"""Of training on the book that Python carries: some thousand steps, after which it spells."""
LENGTH = 10
"""T that all three cells learn by the assignment's recipe."""
LEARNED_LENGTH = 30
"""T of the other recipe, which takes seconds."""
MOST_STEPS = 1_000
"""By which networks are at or near all right; the recipe goes on for fine decimals."""
_RUN = "python-docs"


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Networks for palindromes that are trained by one recipe."""

    recipe: str
    """Its name."""
    length: int
    """T."""
    cells: tuple[str, ...]
    """One network of each."""
    share: float
    """Of the most steps, roughly: so many are taken until it is learnt."""


WANTED = (
    Wanted(recipe="learned", length=LEARNED_LENGTH, cells=("rnn", "lstm"), share=0.2),
    Wanted(recipe="assignment", length=LENGTH, cells=("rnn", "gru", "lstm"), share=1),
)
"""The smallest set that shows where a network fails."""


def text_folder(out: Path) -> Path:
    """Return where the playground's own run lies or will lie: not where one is damaged."""
    names = chain((_RUN,), (f"{_RUN}-{number}" for number in count(2)))
    folders = (out / TEXT / name for name in names)
    return next(folder for folder in folders if not _is_damaged(folder))


def lacks_text(runs: tuple[FoundRun, ...], out: Path) -> bool:
    """Return whether there is no run to write with, or only the playground's own, unfinished."""
    own = text_folder(out).resolve()

    def is_usable(run: FoundRun) -> bool:
        if run.path.resolve() == own:
            return run.state == "finished"
        is_another = (out / TEXT).resolve() not in run.path.resolve().parents
        return is_another and run.state != "damaged" and max(run.stages, default=0) > 0

    return not any(map(is_usable, runs))


def lacks_networks(networks: tuple[FoundNetwork, ...], out: Path) -> bool:
    """Return whether there is no network, or only the playground's own set, not whole."""
    folder = out.resolve()
    own = [network for network in networks if folder in network.path.resolve().parents]
    if len(own) < len(networks):
        return False
    there = {(one.recipe, one.settings.length, one.settings.cell) for one in own}
    return any((w.recipe, w.length, cell) not in there for w in WANTED for cell in w.cells)


def _is_damaged(folder: Path) -> bool:
    """Return whether a run is there that neither goes on nor is finished as it should be."""
    # Where nothing can be looked at, training is tried and says so: another name changes nothing.
    if signature(folder / RUN_FILE) is None:
        return False
    found = read_found(folder)
    checkpoints = folder / "checkpoints"
    try:
        if found.state == "finished":
            read_checkpoint(checkpoints / (BEST + SUFFIX))
        else:
            find_newest(checkpoints, lambda file: file)
        corpus = json.loads((folder / "corpus" / "corpus.json").read_bytes())
        digest = sha256((folder / "corpus" / "corpus.ids").read_bytes()).hexdigest()
        return found.state == "damaged" or digest != corpus["array_sha256"]
    except (CheckpointError, OSError, ValueError, TypeError, KeyError):
        return True
