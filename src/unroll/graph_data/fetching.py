"""The files of Planetoid, fetched once and kept.

Cora's files were in hand: their sums are pinned. Those of CiteSeer and PubMed were not: each
file's sum is recorded on first use, beside it, and from then on that sum is what it must have.
Every file is read to its end before it is kept, so that none that is cut short or holds anything
but arrays gets that far.
"""

import hashlib
import importlib
import os
import platform
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from time import sleep as _sleep
from typing import Any

from filelock import FileLock

from unroll import __version__
from unroll.errors import ConfigError
from unroll.graph_data.planetoid import PARTS, read_part
from unroll.graph_data.refusal import GraphDataError
from unroll.records.atomic import describe_os_error, write_atomically

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
USER_AGENT = f"unroll/{__version__} (graphs; Python {platform.python_version()})"
_BUSY = (429, 500, 502, 503, 504)
_ADVICE = "or give a folder that holds the files (--root)"


def default_graph_folder() -> Path:
    """Return where graphs are kept: `unroll/graphs` in the user's cache folder."""
    cache = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(cache).expanduser() / "unroll" / "graphs"


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
        if not self.mirror.startswith(("https://", "http://")):
            raise ConfigError(f"mirror: must begin with https:// or http://, got '{self.mirror}'")
        if self.attempts < 1:
            raise ConfigError(f"attempts: must be 1 or more, got {self.attempts}")
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
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / ".lock"):
            for part in PARTS:
                _keep(folder / f"ind.{name}.{part}", part, settings, sleep)
    except OSError as error:
        raise describe_os_error(folder, error) from error
    return folder


def unlike_pinned(name: str, folder: Path) -> tuple[str, ...]:
    """Say in a line, if need be, which files of a graph are not those whose sums are pinned."""
    sums = {
        file: _sha256(folder / file) for part in PARTS if (file := f"ind.{name}.{part}") in PINNED
    }
    other = [file for file, sha256 in sums.items() if sha256 != PINNED[file]]
    if not other:
        return ()
    first, more = other[0], len(other) - 1
    which = f"is not the file that is known (SHA-256 {sums[first]})"
    return (f"{name}: {first} {which}{f'; nor are {more} of the others' if more else ''}",)


def _keep(
    path: Path, part: str, settings: GraphFetchSettings, sleep: Callable[[float], None]
) -> None:
    """Have a file at `path` with the sum that is known of it, or record the sum of what came."""
    record = path.with_name(f"{path.name}.sha256")
    wanted = PINNED.get(path.name) or _recorded(record)
    if path.exists() and wanted is not None and _sha256(path) == wanted:
        return
    coming = path.with_name(f"{path.name}.part")
    address = f"{settings.mirror.rstrip('/')}/{path.name}"
    _download(address, coming, settings, sleep)
    try:
        sha256 = _sha256(coming)
        if wanted not in (None, sha256):
            where = "" if path.name in PINNED else f"; if it is to change, delete {record}"
            raise GraphDataError(
                f"{address}: not the file whose SHA-256 is {wanted}; what came "
                f"was thrown away; choose another mirror, {_ADVICE}{where}"
            )
        _read(address, coming, part)
        coming.replace(path)
    finally:
        coming.unlink(missing_ok=True)
    if path.name not in PINNED:
        # As `sha256sum --check` reads it.
        write_atomically(record, f"{sha256}  {path.name}\n".encode())


def _read(address: str, coming: Path, part: str) -> None:
    """Read what came to its end; GraphDataError that names where it came from."""
    try:
        read_part(coming, part)
    except GraphDataError as error:
        raise GraphDataError(str(error).replace(str(coming), address)) from error


def _download(
    address: str, path: Path, settings: GraphFetchSettings, sleep: Callable[[float], None]
) -> None:
    """Put what is at `address` at `path`, asking again, later each time, while that may help."""
    pooch = _pooch()
    get = pooch.HTTPDownloader(timeout=settings.timeout_seconds, headers={"User-Agent": USER_AGENT})
    for attempt in range(1, settings.attempts + 1):
        try:
            get(address, str(path), None)
        except OSError as error:
            path.unlink(missing_ok=True)
            # An error of requests has a response, if only None; one of the disk has not.
            if not hasattr(error, "response"):
                raise
            what, may_pass = _what_failed(error, error.response)
            if attempt == settings.attempts or not may_pass:
                raise GraphDataError(
                    f"{address}: {what}, asked {attempt} time{'s' if attempt > 1 else ''}; choose "
                    f"another mirror, {_ADVICE}"
                ) from error
            sleep(2.0**attempt)
        else:
            return


def _what_failed(error: OSError, response: Any) -> tuple[str, bool]:
    """Return what went wrong in a few words, and whether it may be gone at the next attempt."""
    if response is None:
        return f"the connection failed ({type(error).__name__})", True
    # Its body was not read, so that its connection would stay open.
    response.close()
    return f"the mirror answered {response.status_code}", response.status_code in _BUSY


def _recorded(record: Path) -> str | None:
    """Return the sum recorded on first use, None where there is no record."""
    if not record.exists():
        return None
    sha256 = record.read_text(errors="replace").partition(" ")[0]
    if len(sha256) != 64 or set(sha256) - set("0123456789abcdef"):
        raise GraphDataError(f"{record}: damaged: no SHA-256 in it; delete it and fetch again")
    return sha256


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _pooch() -> Any:
    try:
        return importlib.import_module("pooch")
    except ModuleNotFoundError as error:
        raise GraphDataError(
            f"fetching a graph needs the package '{error.name}', which is not installed: "
            "pip install 'unroll-lab[graph]'"
        ) from error
