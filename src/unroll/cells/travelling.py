"""A cell on its way to another machine, which may have neither its file nor the same folders."""

import os
import tempfile
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

from unroll.cells.bidirectional import PREFIX
from unroll.cells.source import CellSource, find_cell
from unroll.errors import CellError


@dataclass(frozen=True, kw_only=True)
class PackedCell:
    """Where a cell's class comes from, with the text of the file where a user wrote one."""

    source: CellSource
    """As it was found where the command began."""
    file: bytes | None
    """The file, for a cell given as FILE.py:CLASS; None for what is installed as a module."""

    @property
    def is_brought(self) -> bool:
        """Whether a user brought it; a built-in cell is wherever the same unroll is."""
        return ":" in self.source.spec.removeprefix(PREFIX)

    def unpack(self, scratch: Path) -> CellSource:
        """Return a source that loads on this machine, and load it once.

        A file that lies at the same path with the same content is used where it is, beside its
        neighbours; otherwise it is written under `scratch`. An installed cell is found again, and
        must be the same file.

        Raises: CellError, in one line, where it does not import here or is another file here.
        """
        source = self.source
        if self.file is None:
            here = find_cell(source.spec)
            if here.sha256 != source.sha256:
                raise CellError(
                    f"cell '{source.spec}': {here.path} is another file than the {source.path} "
                    "that the command began with: install the same"
                )
            return here
        path = Path(source.path)
        if not _holds(path, source.sha256):
            path = _write(self.file, scratch / source.sha256 / path.name)
        here = replace(source, spec=_with_file(source.spec, path), path=str(path))
        try:
            here.load()
        except CellError as error:
            told = str(error).replace(here.spec, source.spec).replace(here.path, source.path)
            raise CellError(told) from error
        return here


def pack_cell(source: CellSource) -> PackedCell:
    """Return a cell as it is sent away.

    Raises: CellError when its file has changed since it was found.
    """
    if not _is_file(source.spec):
        return PackedCell(source=source, file=None)
    path = Path(source.path)
    if not _holds(path, source.sha256):
        raise CellError(f"cell '{source.spec}': {path} has changed since the command began")
    return PackedCell(source=source, file=path.read_bytes())


def _is_file(spec: str) -> bool:
    return spec.rpartition(":")[0].endswith(".py")


def _with_file(spec: str, path: Path) -> str:
    """Return what names the same class in another place of its file."""
    prefix = PREFIX if spec.startswith(PREFIX) else ""
    return f"{prefix}{path}:{spec.rpartition(':')[2]}"


def _holds(path: Path, digest: str) -> bool:
    return path.is_file() and sha256(path.read_bytes()).hexdigest() == digest


def _write(file: bytes, path: Path) -> Path:
    """Write a file that is whole whenever it is seen: other processes may write it too."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, suffix=".part")
    with os.fdopen(handle, "wb") as stream:
        stream.write(file)
    Path(name).replace(path)
    return path
