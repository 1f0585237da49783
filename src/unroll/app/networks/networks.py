"""The networks that there are, listed and loaded. Imports no torch until one is loaded."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from unroll.app.kept import Kept
from unroll.app.networks.found import STORE_FILE, FoundNetwork, best_of_each, read_store
from unroll.app.refusal import RefusedError, damaged, gone, not_found
from unroll.app.search import Searched, Signature, is_file, search, signature, without_paths
from unroll.errors import in_one_line

if TYPE_CHECKING:
    from unroll.app.networks.loading import LoadedNetwork

RESCAN_SECONDS = 0.5
"""However many pages ask, folders are searched no more often."""
MOST_LOADED = 16
"""Networks that are kept in memory: each has some hundred kilobytes."""
_SOLVED = 0.9
_SHORTEST = 5
"""Shorter palindromes hardly ask for a memory."""
_LONG = 30
"""Longer palindromes do not fit on a page at a glance."""


class Networks:
    """The networks below some folders, known by ids that are no paths; any thread may ask."""

    def __init__(self, roots: Sequence[Path], rescan_seconds: float = RESCAN_SECONDS) -> None:
        self._roots = roots
        self._searched = Searched(self._search, rescan_seconds)
        self._by_id: dict[str, FoundNetwork] = {}
        self._stores: dict[Path, tuple[Signature, list[FoundNetwork]]] = {}
        self._loaded: Kept[LoadedNetwork] = Kept(MOST_LOADED)

    def networks(self) -> tuple[FoundNetwork, ...]:
        """Return the networks that there are now, by recipe, length and cell."""
        return self._searched.get()

    def default(self, networks: Sequence[FoundNetwork] | None = None) -> str | None:
        """Return the id of the network to begin with: one that solves its length, if any does.

        Of those, one that fails beyond it: the RNN by the assignment's recipe of the smallest T,
        if there is one. Where none solves its own, the most accurate. It is one of `networks`
        where a list is at hand.
        """
        found = self.networks() if networks is None else networks
        return max(found, key=_instructive).id if found else None

    def load(self, network_id: str) -> "LoadedNetwork":
        """Return a network; the first time takes a moment.

        Raises: RefusedError, with status 404 for an id that there is not, 410 for a network whose
        file is gone, 409 for one that is damaged.
        """
        if network_id not in self._by_id:
            self.networks()
        found = self._by_id.get(network_id)
        if found is None:
            raise not_found("there is no such network here: choose one of the list")
        state = (signature(found.path), found.sha256)
        return self._loaded.get(network_id, state, lambda: _load(found))

    def _search(self) -> tuple[FoundNetwork, ...]:
        folders = search(self._roots, STORE_FILE)
        self._stores = {
            folder: self._stores[folder] for folder in folders if folder in self._stores
        }
        found = [network for folder in folders for network in self._look_at(folder)]
        self._by_id |= {network.id: network for network in found}
        return tuple(sorted(best_of_each(found), key=_order))

    def _look_at(self, folder: Path) -> list[FoundNetwork]:
        written = signature(folder / STORE_FILE)
        known = self._stores.get(folder)
        if known is None or known[0] != written:
            read = read_store(folder)
            if read is None:
                # It is being written: what was known of it still holds.
                return known[1] if known else []
            known = self._stores[folder] = (written, read)
        return [network for network in known[1] if is_file(network.path)]


def _load(found: FoundNetwork) -> "LoadedNetwork":
    # Here, because it brings torch.
    from unroll.app.networks.loading import load_network

    try:
        return load_network(found)
    except Exception as error:  # whatever a damaged file can bring about
        raise _refusal(found, error) from error


def _refusal(found: FoundNetwork, error: Exception) -> RefusedError:
    if not is_file(found.path):
        return gone(f"{found.title}: the file of this network is gone: choose another one")
    problem = without_paths(in_one_line(error), found.path.parent.parent)
    return damaged(f"this network cannot be read: {problem}")


def _order(network: FoundNetwork) -> tuple[str, int, str]:
    return network.recipe, network.settings.length, network.settings.cell


def _instructive(network: FoundNetwork) -> tuple[float, ...]:
    s = network.settings
    if network.accuracy < _SOLVED:
        return 0, network.accuracy
    # An RNN that met one T alone fails right beside it; one whose T grew may never fail.
    is_narrow, is_rnn = s.curriculum is None, s.cell == "rnn"
    if is_rnn and network.recipe == "assignment" and s.length >= _SHORTEST:
        return 2, -s.length, network.accuracy
    return 1, s.length <= _LONG, is_narrow, is_rnn, network.accuracy
