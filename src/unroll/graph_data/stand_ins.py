"""What a pickle gets in the stead of the classes that it names: they take numbers, and do nothing.

Each has a `__setstate__`, so that no instruction of a pickle can set attributes of the class.
"""

import math
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from unroll.graph_data.refusal import GraphDataError

SOURCE = "get the file from its own source, github.com/kimiyoung/planetoid"
"""What to do with a file that is refused."""
_NUMBERS = frozenset(f"{kind}{size}" for kind in "iu" for size in (1, 2, 4, 8)) | {"f4", "f8"}
"""Types of entries that are admitted; what holds objects is not."""
MOST_AXES = 32
"""As many as every release of NumPy admits."""
MOST_BYTES = 2**63
"""Sizes of an array, but for those that are 0, must come to less: NumPy counts in int64."""
MOST_COLUMNS = 2**31
"""Columns of a sparse matrix are numbered in int32."""


class Rows(NamedTuple):
    """A sparse matrix by rows: row i has columns[offsets[i]:offsets[i + 1]] and their values."""

    shape: tuple[int, int]
    """Rows and columns."""
    offsets: NDArray[np.int64]
    """(rows + 1,) from 0 to the number of entries, never falling."""
    columns: NDArray[np.int64]
    """(entries,) each at least 0 and below the number of columns."""
    values: NDArray[np.float32]
    """(entries,)."""


def is_index(value: object) -> bool:
    """Return whether a value can be the number of a node, or a size, in int64."""
    # The exact type: to `isinstance`, true is an int.
    return type(value) is int and 0 <= value < MOST_BYTES


class ArrayStandIn:
    """Stands in for an array and for the function that makes one; takes its numbers as bytes."""

    said = "an array"
    state: Any = None

    def __new__(cls, *_: object) -> "ArrayStandIn":
        """Return one without a state, which a pickle need not give it."""
        return super().__new__(cls)

    def __setstate__(self, state: object) -> None:
        self.state = state

    def numbers(self, path: Path) -> NDArray[Any]:
        """Return the array, whose bytes are as many as its shape and type say."""
        match self.state:
            case (
                int(),
                tuple(shape),
                _Type(name=str(name)),
                bool(by_column),
                (str() | bytes()) as data,
            ):
                entries = _bytes(path, data)
            case _:
                raise GraphDataError(
                    f"{path}: holds an array of something other than numbers; {SOURCE}"
                )
        item = np.dtype(name).itemsize
        if len(shape) > MOST_AXES or not all(map(is_index, shape)):
            raise GraphDataError(f"{path}: holds an array of a shape that is none; {SOURCE}")
        if (
            math.prod(shape) * item != len(entries)
            or math.prod(size for size in shape if size) * item >= MOST_BYTES
        ):
            raise GraphDataError(
                f"{path}: holds an array of shape {shape} and type {name} with {len(entries)} "
                f"bytes; {SOURCE}"
            )
        return np.frombuffer(entries, name).reshape(shape, order="F" if by_column else "C")


def _bytes(path: Path, data: str | bytes) -> bytes:
    """Return bytes as they are, and those that Python 2 wrote from the text that they were."""
    try:
        return data.encode("latin1") if isinstance(data, str) else data
    except UnicodeEncodeError as error:
        raise GraphDataError(
            f"{path}: holds an array of text where bytes must be; {SOURCE}"
        ) from error


class _Type:
    """Stands in for a type of numbers."""

    said = "a type of numbers"
    code: object
    order: object = "|"

    def __new__(cls, code: object = None, *_: object) -> "_Type":
        made = super().__new__(cls)
        made.code = code
        return made

    def __setstate__(self, state: object) -> None:
        # (version, byte order, …), the rest None for plain numbers.
        if isinstance(state, tuple) and len(state) > 1:
            self.order = state[1]

    @property
    def name(self) -> str | None:
        """The type as NumPy spells it, `<i4` say, or None for one that is not admitted."""
        if not isinstance(self.code, str) or self.code not in _NUMBERS:
            return None
        if self.order not in ("<", ">", "|", "="):
            return None
        return f"{self.order}{self.code}"


class RowsStandIn:
    """Stands in for a sparse matrix by rows; takes its parts by name."""

    said = "a sparse matrix by rows"
    parts: Any = None

    def __new__(cls, *_: object) -> "RowsStandIn":
        """Return one without parts, which a pickle need not give it."""
        return super().__new__(cls)

    def __setstate__(self, parts: object) -> None:
        self.parts = parts

    def rows(self, path: Path) -> Rows:
        """Return the matrix, whose parts fit together."""
        parts = self.parts if isinstance(self.parts, dict) else {}
        match [parts.get(name) for name in ("_shape", "indptr", "indices", "data")]:
            case [
                (int(height), int(width)) as shape,
                ArrayStandIn() as offsets,
                ArrayStandIn() as columns,
                ArrayStandIn(),
            ]:
                indptr, indices = offsets.numbers(path), columns.numbers(path)
                data = parts["data"].numbers(path)
            case _:
                raise GraphDataError(
                    f"{path}: holds a sparse matrix without shape, indptr, indices or data; "
                    f"{SOURCE}"
                )
        if not all(map(is_index, shape)) or width >= MOST_COLUMNS:
            raise GraphDataError(
                f"{path}: holds a sparse matrix of a shape that is none, or with "
                f"{MOST_COLUMNS:,} columns or more; {SOURCE}"
            )
        if not _fits(height, width, indptr, indices, data):
            raise GraphDataError(
                f"{path}: holds a sparse matrix whose parts do not fit its shape "
                f"({height}, {width}); {SOURCE}"
            )
        # What is not finite as it stands is for the graph to refuse, which names the node.
        if (np.isfinite(data) & (np.abs(data) > np.finfo(np.float32).max)).any():
            raise GraphDataError(
                f"{path}: holds a sparse matrix with values beyond those of float32; {SOURCE}"
            )
        return Rows(
            shape=(height, width),
            offsets=indptr.astype(np.int64),
            columns=indices.astype(np.int64),
            values=data.astype(np.float32),
        )


def _fits(
    height: int, width: int, offsets: NDArray[Any], columns: NDArray[Any], values: NDArray[Any]
) -> bool:
    """Return whether these are the parts of a matrix of that shape."""
    if offsets.shape != (height + 1,) or columns.ndim != 1 or columns.shape != values.shape:
        return False
    if offsets.dtype.kind not in "iu" or columns.dtype.kind not in "iu":
        return False
    # Compared, for the difference of unsigned numbers is never below 0.
    if offsets[0] != 0 or offsets[-1] != columns.size or (offsets[1:] < offsets[:-1]).any():
        return False
    return columns.size == 0 or (columns.min() >= 0 and columns.max() < width)


class _Table(dict[Any, Any]):
    """Stands in for a dictionary with a default; the default is not kept."""

    said = "a table"

    def __init__(self, *_: object) -> None:
        super().__init__()

    def __setstate__(self, state: object) -> None:
        raise TypeError("a table has no state of its own")


class _ListName:
    """Stands in for `list`, which a dictionary names as its default; it makes nothing."""

    said = "the name of a type"

    def __setstate__(self, state: object) -> None:
        raise TypeError("a name has no state of its own")


class _Latin1(bytes):
    """Stands in for the function that protocol 2 turns text into bytes by."""

    def __new__(cls, text: str, *_: object) -> "_Latin1":
        return super().__new__(cls, text.encode("latin1"))

    def __setstate__(self, state: object) -> None:
        raise TypeError("bytes have no state of their own")


STAND_INS: dict[tuple[str, str], type] = {
    ("numpy.core.multiarray", "_reconstruct"): ArrayStandIn,
    ("numpy._core.multiarray", "_reconstruct"): ArrayStandIn,
    ("numpy", "ndarray"): ArrayStandIn,
    ("numpy", "dtype"): _Type,
    ("scipy.sparse.csr", "csr_matrix"): RowsStandIn,
    ("scipy.sparse._csr", "csr_matrix"): RowsStandIn,
    ("collections", "defaultdict"): _Table,
    ("builtins", "list"): _ListName,
    ("__builtin__", "list"): _ListName,
    ("_codecs", "encode"): _Latin1,
}
"""What a pickle may name."""
