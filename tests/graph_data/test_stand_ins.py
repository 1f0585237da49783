"""Arrays and matrices in a pickle whose parts do not fit together."""

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from tests.graph_data.test_unpickling import SOURCE, holding, refusal
from unroll.graph_data.unpickling import read_array, read_rows


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "file"


class Made:
    """Pickled as an array of this shape, type and bytes, whether or not they fit."""

    def __init__(self, shape: Any, code: Any, data: Any) -> None:
        self.made = (shape, code, data)

    def __reduce__(self) -> Any:
        shape, code, data = self.made
        return Array, (), (1, shape, Code(code), False, data)


class Code:
    def __init__(self, code: Any) -> None:
        self.code = code

    def __reduce__(self) -> Any:
        return Type, (self.code,)


def Array() -> None:  # noqa: N802 # called as what it stands for
    """Stands for numpy.ndarray, whose name takes the place of this one's in the pickle."""


def Type() -> None:  # noqa: N802 # as above
    """Stands for numpy.dtype."""


def made(shape: Any, code: Any, data: Any) -> bytes:
    here = __name__.encode()
    told = pickle.dumps(Made(shape, code, data), protocol=2)
    told = told.replace(b"c" + here + b"\nArray\n", b"cnumpy\nndarray\n")
    return told.replace(b"c" + here + b"\nType\n", b"cnumpy\ndtype\n")


@pytest.mark.parametrize(
    ("shape", "code", "data", "told"),
    [
        ((2,), ["i4"], b"12345678", "something other than numbers"),
        ((2,), "i4", "1234567\u20ac", "an array of text where bytes must be"),
        ((2,), "i4", "1234567", "of shape (2,) and type |i4 with 7 bytes"),
        ((0, 2**70), "i4", "", "of a shape that is none"),
        ((10**5000,), "i4", "", "of a shape that is none"),
        ((-1, 0), "i4", "", "of a shape that is none"),
        ((1,) * 65, "u1", "a", "of a shape that is none"),
        ((0, 2**62, 2**62), "i4", "", "and type |i4 with 0 bytes"),
    ],
)
def test_an_array_that_cannot_be_is_refused(
    path: Path, shape: Any, code: Any, data: Any, told: str
) -> None:
    message = refusal(read_array, holding(path, made(shape, code, data)))
    assert told in message
    assert message.endswith(SOURCE)


def test_what_is_made_and_given_no_state_is_refused(path: Path) -> None:
    array = b"\x80\x02cnumpy\nndarray\n)\x81."
    assert "something other than numbers" in refusal(read_array, holding(path, array))
    rows = b"\x80\x02cscipy.sparse.csr\ncsr_matrix\n)\x81."
    assert "without shape, indptr" in refusal(read_rows, holding(path, rows))


@pytest.mark.parametrize(
    ("parts", "told"),
    [
        ({"_shape": (-1, 3), "indptr": np.array([], dtype="i4")}, "of a shape that is none"),
        ({"_shape": (3, -3)}, "of a shape that is none"),
        ({"_shape": (3, 2**31)}, "with 2,147,483,648 columns or more"),
        ({"indptr": np.array([0, 2, 1, 3], dtype="u8")}, "parts do not fit its shape (3, 3)"),
        ({"data": np.array([1.0, -1e39, 1.0])}, "values beyond those of float32"),
    ],
)
def test_a_sparse_matrix_that_cannot_be_held_is_refused(
    path: Path, parts: dict[str, Any], told: str
) -> None:
    matrix = csr_matrix(np.diag([1.0, 2.0, 3.0]))
    matrix.__dict__.update(parts)
    # Protocol 2 has no bytes of its own, and makes those of nothing in another way.
    assert told in refusal(read_rows, holding(path, pickle.dumps(matrix, protocol=3)))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("indptr", np.array([0, 2, 1, 3])),
        ("indptr", np.array([0, 1, 3])),
        ("indptr", np.array([0, 1, 1, 9])),
        ("indptr", np.array([0.0, 1, 1, 3])),
        ("indices", np.array([0, 1, 3])),
        ("indices", np.array([0, -1, 1])),
        ("data", np.array([1.0])),
        ("_shape", (2, 3)),
    ],
)
def test_a_sparse_matrix_whose_parts_do_not_fit_is_refused(
    path: Path, name: str, value: Any
) -> None:
    matrix = csr_matrix(np.diag([1.0, 2.0, 3.0]))
    matrix.__dict__[name] = value
    shape = value if name == "_shape" else (3, 3)
    assert refusal(read_rows, holding(path, pickle.dumps(matrix, protocol=2))) == (
        f"{path}: holds a sparse matrix whose parts do not fit its shape {shape}; {SOURCE}"
    )
