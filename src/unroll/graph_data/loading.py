"""A graph by what the command line calls it."""

from pathlib import Path

from unroll.errors import ConfigError, unknown_name
from unroll.graph_data.fetching import (
    GraphFetchSettings,
    default_graph_folder,
    fetch_planetoid,
    unlike_pinned,
)
from unroll.graph_data.karate import karate_club
from unroll.graph_data.names import DATA_NAMES, PLANETOID_NAMES
from unroll.graph_data.planetoid import PARTS, find_planetoid, read_planetoid
from unroll.graph_data.tables import read_graph_folder
from unroll.graphs import Graph


def load_graph(data: str, root: Path | None = None) -> Graph:
    """Return `karate`, `cora`, `citeseer`, `pubmed`, or the graph in the folder `data`.

    Graphs of citations are read from `root`, or without one from the user's cache, where they
    are put when first asked for.

    Raises: ConfigError for a name nobody knows, and for a root where none is needed;
    GraphDataError or StoreError, in one line, when the graph cannot be had.
    """
    if data in PLANETOID_NAMES:
        return read_planetoid(data, root or fetch_planetoid(data, GraphFetchSettings()))
    if root is not None:
        raise ConfigError(
            f"root: {data} needs none; it is where files of {', '.join(PLANETOID_NAMES)} lie"
        )
    if data == "karate":
        return karate_club()
    folder = Path(data)
    if not folder.is_dir():
        raise ConfigError(f"{unknown_name('graph', data, DATA_NAMES)}; or a folder with edges.csv")
    return read_graph_folder(folder)


def remark_files(data: str, root: Path | None) -> tuple[str, ...]:
    """Return in a line what is to be told of files in `root` before they are worked on.

    Files in the cache are known, or they would not be there.
    """
    folder = find_planetoid(data, root) if root is not None and data in PLANETOID_NAMES else None
    return () if folder is None else unlike_pinned(data, folder)


def find_cora(root: Path | None = None) -> Path | None:
    """Return the folder with all of Cora's files, under `root` or in the cache; None without.

    Nothing is downloaded.
    """
    folder = find_planetoid("cora", root or default_graph_folder() / "cora")
    if folder is None or not all((folder / f"ind.cora.{part}").is_file() for part in PARTS):
        return None
    return folder
