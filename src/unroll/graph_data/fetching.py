"""The files of Planetoid, fetched once and kept.

Cora's files were in hand: their sums are pinned. Those of CiteSeer and PubMed were not: each
file's sum is recorded on first use, beside it, and from then on that sum is what it must have.
Every file is read to its end before it is kept, so that none that is cut short or holds anything
but arrays gets that far.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from time import sleep as _sleep

from unroll.downloads import (
    Asking,
    AskingError,
    DownloadError,
    WrongSumError,
    cache_folder,
    check_asking,
    check_sum,
    coming_beside,
    locked_folder,
    read_sum,
    record_sum,
    sha256_of,
    user_agent,
)
from unroll.errors import ConfigError
from unroll.graph_data.planetoid import PARTS, read_part
from unroll.graph_data.refusal import GraphDataError

PINNED = {
    "ind.cora.x": "23cfa55d91c6f624233f5eb7b6e3f141f1bd2b2ae39608a63cf5d084bb27baab",
    "ind.cora.y": "94465c14eb53e04ca262198dcbb2521ee8af60fb3f3d546cd6ca24a511b0e7d1",
    "ind.cora.tx": "b9afbaa4a400df991f6f02ef677e1e44da55ffc04801fd02f9e673987829226a",
    "ind.cora.ty": "41f5ac76596a1699cc33f53084a2419e92961c42bb75f36fc38e616d348532ad",
    "ind.cora.allx": "9419ba2f26f5c35243db64aba110e0f35a04851609e0dc5433450676ca6b8543",
    "ind.cora.ally": "2b998f5cc7fedc86e7f97ca2498f47a1ffc1462c29e2d578b23bf3f62b6e7d71",
    "ind.cora.graph": "58f13302f39dde8852dad6fe6d15b89b077b6d7f837626bce671ef80344b383d",
    "ind.cora.test.index": "297ce89af2b51a6a194181c7dbe1796c6a1cf9cd9349a88383b1b1e227867875",
}
"""SHA-256 of the files that were in hand."""
USER_AGENT = user_agent("graphs")
_FIRST_WAIT_SECONDS = 2.0
_ADVICE = "choose another mirror, or give a folder that holds the files (--root)"


def default_graph_folder() -> Path:
    """Return where graphs are kept: `unroll/graphs` in the user's cache folder."""
    return cache_folder("graphs")


@dataclass(frozen=True, kw_only=True)
class GraphFetchSettings:
    """How the files of a graph are fetched.

    Raises: ConfigError when a value cannot be used.
    """

    mirror: str = "https://raw.githubusercontent.com/kimiyoung/planetoid/master/data"
    """The address under which there are files such as `ind.cora.x`."""
    folder: Path = field(default_factory=default_graph_folder)
    """Where graphs stay, for good, each in a folder of its name."""
    attempts: int = 3
    """How often a file is asked for when the mirror is busy or the connection breaks."""
    timeout_seconds: float = 30.0
    """How long to wait for the mirror's next bytes."""

    def __post_init__(self) -> None:
        check_asking(self.mirror, self.attempts)
        if not self.timeout_seconds > 0:
            raise ConfigError(f"timeout_seconds must be above 0, got {self.timeout_seconds}")


def fetch_planetoid(
    name: str, settings: GraphFetchSettings, *, sleep: Callable[[float], None] = _sleep
) -> Path:
    """Return the folder with a graph's eight files, from the cache where they are, else fetched.

    Raises: GraphDataError, in one line, when a file is not to be had, is cut short, or is not
    what it was; StoreError when the folder cannot be written.
    """
    folder = settings.folder / name
    asking = Asking(
        what="a graph",
        extra="graph",
        agent=USER_AGENT,
        attempts=settings.attempts,
        timeout_seconds=settings.timeout_seconds,
        first_wait_seconds=_FIRST_WAIT_SECONDS,
        wait=lambda seconds: sleep(seconds) if seconds else None,
    )
    try:
        with locked_folder(folder, told=folder):
            for part in PARTS:
                path = folder / f"ind.{name}.{part}"
                _keep(path, part, f"{settings.mirror.rstrip('/')}/{path.name}", asking)
    except DownloadError as error:
        raise GraphDataError(str(error)) from error
    return folder


def unlike_pinned(name: str, folder: Path) -> tuple[str, ...]:
    """Say in a line, if need be, which files of a graph are not those whose sums are pinned."""
    sums = {
        file: sha256_of(folder / file) for part in PARTS if (file := f"ind.{name}.{part}") in PINNED
    }
    other = [file for file, sha256 in sums.items() if sha256 != PINNED[file]]
    if not other:
        return ()
    first, more = other[0], len(other) - 1
    which = f"is not the file that is known (SHA-256 {sums[first]})"
    return (f"{name}: {first} {which}{f'; nor are {more} of the others' if more else ''}",)


def _keep(path: Path, part: str, address: str, asking: Asking) -> None:
    """Have a file at `path` with the sum that is known of it, or record the sum of what came."""
    record = path.with_name(f"{path.name}.sha256")
    wanted = PINNED.get(path.name) or read_sum(record)
    if path.exists() and wanted is not None and sha256_of(path) == wanted:
        return
    with coming_beside(path) as coming:
        try:
            asking.download(address, coming)
            check_sum(address, coming, wanted)
        except AskingError as error:
            raise GraphDataError(f"{error}; {_ADVICE}") from error
        except WrongSumError as error:
            where = "" if path.name in PINNED else f"; if it is to change, delete {record}"
            raise GraphDataError(f"{error}; {_ADVICE}{where}") from error
        _read(address, coming, part)
        coming.replace(path)
    if path.name not in PINNED:
        record_sum(record, path)


def _read(address: str, coming: Path, part: str) -> None:
    """Read what came to its end; GraphDataError that names where it came from."""
    try:
        read_part(coming, part)
    except GraphDataError as error:
        raise GraphDataError(str(error).replace(str(coming), address)) from error
