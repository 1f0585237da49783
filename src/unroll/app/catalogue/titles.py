"""Titles for people: short, and no two the same."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

from unroll.app.catalogue.found import FoundRun
from unroll.app.search import tellable
from unroll.training.characters.settings import TextRecipe

_HASH, _HEX = 32, frozenset("0123456789abcdef")
"""A study calls the folder of a run by a hash, …"""
_SHOWN = 8
"""… of which so many digits tell two apart."""
_DIFFERENCES: tuple[Callable[[FoundRun, TextRecipe], str], ...] = (
    lambda _run, recipe: recipe.name,
    lambda run, _recipe: f"{run.steps:,} steps",
    lambda _run, recipe: f"dropout {recipe.dropout:g}",
    lambda _run, recipe: f"rate {recipe.rate:g}",
    lambda run, _recipe: f"seed {run.seed}",
)
"""What runs of one book and size may differ in, what matters most first."""


def titles_of(runs: Iterable[FoundRun]) -> dict[str, str]:
    """Return each run's title by its id: `python-docs · LSTM 1 × 128`, and what sets it apart."""
    alike: dict[str, list[FoundRun]] = defaultdict(list)
    for run in runs:
        alike[_title(run)].append(run)
    titles: dict[str, str] = {}
    for title, group in alike.items():
        for run, further in zip(group, _differences(group), strict=True):
            titles[run.id] = " · ".join([title, *further])
    return titles


def _title(run: FoundRun) -> str:
    if run.recipe is None:
        return tellable(run.path.name)
    recipe = run.recipe
    return f"{run.book} · {recipe.cell.upper()} {recipe.layers} × {recipe.hidden_size}"


def _differences(group: Sequence[FoundRun]) -> list[list[str]]:
    """Return for each run the words by which it differs from the others."""
    further: list[list[str]] = [[] for _ in group]
    for difference in _DIFFERENCES:
        words = [difference(run, run.recipe) if run.recipe else "" for run in group]
        if len(set(words)) > 1 and len({tuple(known) for known in further}) < len(group):
            for known, word in zip(further, words, strict=True):
                known.append(word)
    return [
        [*known, _folder(run, group)] if further.count(known) > 1 else known
        for run, known in zip(group, further, strict=True)
    ]


def _folder(run: FoundRun, group: Sequence[FoundRun]) -> str:
    """Return what tells the folders apart: their names, those around them, or else the id."""
    for name in (_name, _name_and_parent):
        if sum(name(other) == name(run) for other in group) == 1:
            return name(run)
    return run.id


def _name(run: FoundRun) -> str:
    name = tellable(run.path.name)
    return name[:_SHOWN] if len(name) == _HASH and not set(name) - _HEX else name


def _name_and_parent(run: FoundRun) -> str:
    return f"{tellable(run.path.parent.name)}/{_name(run)}"
