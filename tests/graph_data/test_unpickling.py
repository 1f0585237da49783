import collections
import os
import pickle
import struct
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy.sparse import csr_matrix, random_array

from unroll.graph_data import GraphDataError
from unroll.graph_data.unpickling import read_array, read_neighbours, read_rows

SOURCE = "get the file from its own source, github.com/kimiyoung/planetoid"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "file"


def holding(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def refusal(read: Any, path: Path) -> str:
    with pytest.raises(GraphDataError) as caught:
        read(path)
    message = str(caught.value)
    assert "\n" not in message
    return message


def python2_array(array: Any) -> bytes:
    """Write an array as Python 2 did, with its bytes as text, instruction by instruction."""
    shape = b"".join(b"J" + struct.pack("<i", size) for size in array.shape)
    code = array.dtype.str[1:].encode()
    data = array.tobytes()
    return b"".join(
        [
            b"\x80\x02cnumpy.core.multiarray\n_reconstruct\n",
            b"cnumpy\nndarray\nK\x00\x85U\x01b\x87R",
            b"(K\x01(" + shape + b"t",
            b"cnumpy\ndtype\nU\x02" + code + b"K\x00K\x01\x87R",
            b"(K\x03U\x01<NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb",
            b"\x89T" + struct.pack("<i", len(data)) + data + b"tb.",
        ]
    )


@pytest.mark.parametrize("protocol", [2, 3, 4])
@pytest.mark.parametrize("kind", ["i4", "i8", ">f8", "f4", "u1"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_an_array_is_read_as_numpy_reads_it(
    path: Path, protocol: int, kind: str, order: Any
) -> None:
    array = np.asarray(np.arange(6).reshape(2, 3), dtype=kind, order=order)
    read = read_array(holding(path, pickle.dumps(array, protocol=protocol)))
    assert read.dtype == array.dtype
    np.testing.assert_array_equal(read, array)


@settings(max_examples=25)
@given(
    arrays.arrays(
        np.dtype("<i4"), arrays.array_shapes(max_dims=3, min_side=0), elements=st.integers(-9, 9)
    )
)
def test_an_array_of_python_2_is_read(array: Any) -> None:
    with TemporaryDirectory() as folder:
        path = holding(Path(folder) / "file", python2_array(array))
        np.testing.assert_array_equal(read_array(path), array)


@pytest.mark.parametrize("protocol", [2, 3, 4])
def test_a_sparse_matrix_is_read_as_scipy_reads_it(path: Path, protocol: int) -> None:
    matrix = csr_matrix(random_array((7, 5), density=0.3, rng=0, dtype=np.float32))
    rows = read_rows(holding(path, pickle.dumps(matrix, protocol=protocol)))
    assert rows.shape == (7, 5)
    rebuilt = csr_matrix((rows.values, rows.columns, rows.offsets), rows.shape)
    np.testing.assert_array_equal(rebuilt.toarray(), matrix.toarray())


def test_neighbours_are_read(path: Path) -> None:
    table = collections.defaultdict(list, {3: [1, 2], 0: []})
    assert read_neighbours(holding(path, pickle.dumps(table, protocol=2))) == {3: [1, 2], 0: []}


class Evil:
    def __init__(self, function: Any, *arguments: Any) -> None:
        self.made = (function, arguments)

    def __reduce__(self) -> Any:
        return self.made


@pytest.mark.parametrize("read", [read_array, read_rows, read_neighbours])
@pytest.mark.parametrize("protocol", [0, 2, 4, 5])
def test_a_pickle_that_asks_for_a_command_is_refused_and_nothing_runs(
    path: Path, tmp_path: Path, read: Any, protocol: int
) -> None:
    witness = tmp_path / "witness"
    evil = Evil(os.system, f"touch {witness}")
    message = refusal(read, holding(path, pickle.dumps([np.eye(2), evil], protocol=protocol)))
    # The same pickle read by Python's own reader does run the command.
    assert not witness.exists()
    pickle.loads(pickle.dumps(evil))
    assert witness.exists()
    if protocol < 5:
        assert message == (
            f"{path}: refused, and nothing of it was run: this pickle asks for 'posix.system', and "
            f"arrays of NumPy and SciPy are all that is read; {SOURCE}"
        )


@pytest.mark.parametrize(
    "asked",
    [
        b"cbuiltins\neval\n",
        b"cbuiltins\ngetattr\n",
        b"cnumpy\nload\n",
        b"cnumpy.core.multiarray\nscalar\n",
        b"cscipy.sparse.csr\ncsr_matrix.__init__\n",
        b"c_codecs\ndecode\n",
        b"ctorch\nTensor\n",
    ],
)
def test_whatever_else_is_asked_for_is_named(path: Path, asked: bytes) -> None:
    module, name = asked[1:].decode().split()
    message = refusal(read_array, holding(path, b"\x80\x02" + asked + b"."))
    assert f"asks for '{module}.{name}'" in message


def test_an_object_kept_elsewhere_is_refused(path: Path) -> None:
    message = refusal(read_array, holding(path, b"\x80\x02U\x01xQ."))
    assert "asks for 'an object kept elsewhere (str)'" in message


@pytest.mark.parametrize(
    "state",
    [b"}", b"N}U\x07__doc__U\x04evils\x86", b"(K\x01K\x02K\x03t"],
    ids=["none", "attributes", "a tuple"],
)
@pytest.mark.parametrize(
    "named",
    [
        b"cnumpy\nndarray\n",
        b"cnumpy\ndtype\n",
        b"cnumpy.core.multiarray\n_reconstruct\n",
        b"cscipy.sparse.csr\ncsr_matrix\n",
        b"ccollections\ndefaultdict\n",
        b"c__builtin__\nlist\n",
        b"c_codecs\nencode\n",
    ],
)
def test_a_pickle_cannot_change_what_it_names(path: Path, named: bytes, state: bytes) -> None:
    data = b"\x80\x02" + named + state + b"b."
    assert "not a whole pickle (TypeError)" in refusal(read_array, holding(path, data))


def test_an_array_of_objects_is_refused(path: Path) -> None:
    data = pickle.dumps(np.array([1, "one"], dtype=object), protocol=2)
    assert refusal(read_array, holding(path, data)) == (
        f"{path}: holds an array of something other than numbers; {SOURCE}"
    )


def test_an_array_that_claims_more_than_it_holds_is_refused(path: Path) -> None:
    data = python2_array(np.zeros(3, dtype="i4"))
    claimed = data.replace(b"J" + struct.pack("<i", 3), b"J" + struct.pack("<i", 2**30))
    assert refusal(read_array, holding(path, claimed)) == (
        f"{path}: holds an array of shape (1073741824,) and type <i4 with 12 bytes; {SOURCE}"
    )


def test_a_sparse_matrix_without_a_part_is_refused(path: Path) -> None:
    matrix = csr_matrix(np.eye(2))
    del matrix.__dict__["indices"]
    assert refusal(read_rows, holding(path, pickle.dumps(matrix, protocol=2))) == (
        f"{path}: holds a sparse matrix without shape, indptr, indices or data; {SOURCE}"
    )


@pytest.mark.parametrize(
    ("read", "content", "told"),
    [
        (read_array, {}, "expected an array, got dict"),
        (read_array, csr_matrix(np.eye(2)), "expected an array, got a sparse matrix by rows"),
        (read_rows, np.eye(2), "expected a sparse matrix by rows, got an array"),
        (read_rows, "text", "expected a sparse matrix by rows, got str"),
        (read_neighbours, {0: [-1]}, "expected a table of nodes and lists of their neighbours"),
        (read_neighbours, {0: [True]}, "expected a table of nodes and lists of their neighbours"),
        (read_neighbours, {0: (1,)}, "expected a table of nodes and lists of their neighbours"),
        (read_neighbours, [1], "lists of their neighbours, got list"),
    ],
)
def test_another_thing_than_expected_is_told(
    path: Path, read: Any, content: Any, told: str
) -> None:
    message = refusal(read, holding(path, pickle.dumps(content, protocol=2)))
    assert told in message
    assert message.endswith(SOURCE)


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9, 0.99])
def test_a_pickle_that_is_cut_short_is_refused(path: Path, share: float) -> None:
    data = pickle.dumps(csr_matrix(np.eye(9)), protocol=2)
    message = refusal(read_rows, holding(path, data[: int(share * len(data))]))
    assert "cut short or damaged" in message


@settings(max_examples=50)
@given(st.binary(max_size=60))
def test_no_bytes_are_more_than_refused(data: bytes) -> None:
    with TemporaryDirectory() as folder:
        refusal(read_rows, holding(Path(folder) / "file", b"\x80\x02" + data))


def test_a_file_that_is_not_there_is_told(path: Path) -> None:
    assert refusal(read_array, path) == f"{path}: cannot be read (No such file or directory)"
