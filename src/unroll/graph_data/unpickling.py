"""Pickles of arrays, read without running anything that they ask for.

A pickle is a program: it may name any function of any module and have it called. Here every name
is looked up in a short table that leads to stand-ins of our own, which do nothing but take
numbers: no class of NumPy or SciPy is ever handed to the pickle, and SciPy need not be installed.
A pickle that names anything else is refused, and the refusal says what it named.

Source of the form: numpy.ndarray.__reduce__ and scipy.sparse.csr_matrix under Python 2 and 3, in
protocols up to 4.
"""

import pickle
from io import BytesIO
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from unroll.graph_data.refusal import GraphDataError
from unroll.graph_data.stand_ins import SOURCE, STAND_INS, ArrayStandIn, Rows, RowsStandIn, is_index


def read_array(path: Path) -> NDArray[Any]:
    """Return the array in a pickle.

    Raises: GraphDataError, in one line, when it holds anything but one array of numbers.
    """
    found = _load(path)
    if not isinstance(found, ArrayStandIn):
        raise _another(path, "an array", found)
    return found.numbers(path)


def read_rows(path: Path) -> Rows:
    """Return the sparse matrix in a pickle.

    Raises: GraphDataError, in one line, when it holds anything but one matrix of SciPy by rows.
    """
    found = _load(path)
    if not isinstance(found, RowsStandIn):
        raise _another(path, "a sparse matrix by rows", found)
    return found.rows(path)


def read_neighbours(path: Path) -> dict[int, list[int]]:
    """Return the table of neighbours in a pickle: node -> list of nodes.

    Raises: GraphDataError, in one line, when it holds anything else.
    """
    found = _load(path)
    if not isinstance(found, dict) or not all(
        is_index(node) and isinstance(others, list) and all(map(is_index, others))
        for node, others in found.items()
    ):
        raise _another(path, "a table of nodes and lists of their neighbours", found)
    return dict(found)


def _load(path: Path) -> object:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise GraphDataError(f"{path}: cannot be read ({error.strerror})") from error
    try:
        return _Reader(path, data).load()
    except GraphDataError:
        raise
    except Exception as error:
        # The documentation of pickle names no end of the errors that damaged bytes can cause.
        raise GraphDataError(
            f"{path}: not a whole pickle ({type(error).__name__}): cut short or damaged; {SOURCE}"
        ) from error


def _another(path: Path, wanted: str, found: object) -> GraphDataError:
    kind = getattr(type(found), "said", type(found).__name__)
    return GraphDataError(f"{path}: expected {wanted}, got {kind}; {SOURCE}")


class _Reader(pickle.Unpickler):
    """Reads a pickle that names nothing but what is in the table."""

    def __init__(self, path: Path, data: bytes) -> None:
        # Python 2 wrote bytes as text, of which latin1 keeps every byte.
        super().__init__(BytesIO(data), fix_imports=False, encoding="latin1")
        self._path = path

    def find_class(self, module: str, name: str) -> type:
        stand_in = STAND_INS.get((module, name))
        if stand_in is None:
            raise self._refused(f"{module}.{name}")
        return stand_in

    def persistent_load(self, pid: object) -> object:
        raise self._refused(f"an object kept elsewhere ({type(pid).__name__})")

    def _refused(self, what: str) -> GraphDataError:
        return GraphDataError(
            f"{self._path}: refused, and nothing of it was run: this pickle asks for {what!r}, and "
            f"arrays of NumPy and SciPy are all that is read; {SOURCE}"
        )
