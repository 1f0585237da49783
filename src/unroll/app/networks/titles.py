"""Titles for people: short, by the recipe in words, and no two the same."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

from unroll.app.networks.found import FoundNetwork
from unroll.app.search import tellable

_HASH_SHOWN = 8
"""Digits of a key, which a study gives each of its networks."""
_DIFFERENCES: tuple[Callable[[FoundNetwork], str], ...] = (
    lambda network: network.settings.encoding,
    lambda network: f"{network.settings.hidden_size} units",
    lambda network: network.settings.optimiser,
    lambda network: "T grown" if network.settings.curriculum else "T fixed",
    lambda network: f"in {_study(network)}",
    lambda network: f"rate {network.settings.rate:g}",
    lambda network: f"seed {network.settings.seed}",
    lambda network: network.path.stem[:_HASH_SHOWN],
)
"""What networks of one cell, T and recipe may differ in, what matters most first."""


def titles_of(networks: Iterable[FoundNetwork]) -> dict[str, str]:
    """Return each network's title by its id: `LSTM, T grown to 30`.

    Where two would look alike, what sets them apart is added: values, the study, the seed.
    """
    alike: dict[str, list[FoundNetwork]] = defaultdict(list)
    for network in networks:
        alike[network.title].append(network)
    return {
        network.id: " · ".join([title, *further])
        for title, group in alike.items()
        for network, further in zip(group, _differences(group), strict=True)
    }


def _differences(group: Sequence[FoundNetwork]) -> list[list[str]]:
    """Return for each network the words by which it differs from the others."""
    further: list[list[str]] = [[] for _ in group]
    for difference in _DIFFERENCES:
        words = [difference(network) for network in group]
        if len(set(words)) > 1 and len({tuple(known) for known in further}) < len(group):
            for known, word in zip(further, words, strict=True):
                known.append(word)
    return further


def _study(network: FoundNetwork) -> str:
    """Return the folder of the study: the playground's own is below one that says so."""
    folder = network.path.resolve().parent.parent
    return tellable(f"{folder.parent.name}/{folder.name}")
