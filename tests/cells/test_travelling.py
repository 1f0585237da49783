import sys
from dataclasses import replace
from pathlib import Path

import pytest

from unroll.cells.source import find_cell
from unroll.cells.travelling import PackedCell, pack_cell
from unroll.errors import CellError

OWN = "from unroll.cells import RNN\n\nclass Own(RNN):\n    scale = 7\n"


@pytest.fixture
def own(tmp_path: Path) -> Path:
    file = tmp_path / "home" / "own.py"
    file.parent.mkdir()
    file.write_text(OWN)
    return file


def test_a_file_that_is_not_there_is_written_and_loads(own: Path, tmp_path: Path) -> None:
    packed = pack_cell(find_cell(f"{own}:Own"))
    own.unlink()
    here = packed.unpack(tmp_path / "scratch")
    written = tmp_path / "scratch" / packed.source.sha256 / "own.py"
    assert (here.path, here.sha256) == (str(written), packed.source.sha256)
    assert written.read_text() == OWN
    assert here.load().scale == 7
    assert [path.name for path in written.parent.iterdir() if path.suffix] == ["own.py"]


def test_a_file_that_is_there_is_used_beside_its_neighbours(own: Path, tmp_path: Path) -> None:
    (own.parent / "neighbour_here.py").write_text("SCALE = 9\n")
    own.write_text(f"from neighbour_here import SCALE\n{OWN.replace('7', 'SCALE')}")
    here = pack_cell(find_cell(f"{own}:Own")).unpack(tmp_path / "scratch")
    assert here.path == str(own)
    assert here.load().scale == 9


def test_a_file_of_another_content_at_the_same_path_is_not_used(own: Path, tmp_path: Path) -> None:
    packed = pack_cell(find_cell(f"{own}:Own"))
    own.write_text(OWN.replace("7", "8"))
    assert packed.unpack(tmp_path / "scratch").load().scale == 7


def test_one_that_reads_from_both_ends_travels_as_its_inner_cell(own: Path, tmp_path: Path) -> None:
    packed = pack_cell(find_cell(f"bidirectional:{own}:Own"))
    own.unlink()
    here = packed.unpack(tmp_path / "scratch")
    assert here.spec.startswith(f"bidirectional:{tmp_path / 'scratch'}")
    assert packed.is_brought
    sizes = [p.numel() for p in here.load()(1, 8).parameters()]
    assert sum(sizes) == 2 * sum(p.numel() for p in find_cell("rnn").load()(1, 4).parameters())


@pytest.mark.parametrize("spec", ["lstm", "bidirectional:gru"])
def test_a_built_in_cell_travels_by_its_name(spec: str, tmp_path: Path) -> None:
    packed = pack_cell(find_cell(spec))
    elsewhere = PackedCell(source=replace(packed.source, path="/nowhere/cell.py"), file=None)
    assert elsewhere.unpack(tmp_path) == packed.source
    assert not packed.is_brought
    assert not list(tmp_path.iterdir())


def test_an_installed_cell_must_be_the_same_file(tmp_path: Path) -> None:
    found = find_cell("unroll.cells.lstm:LSTM")
    packed = PackedCell(source=replace(found, sha256="0", path="/a/lstm.py"), file=None)
    with pytest.raises(CellError) as refused:
        packed.unpack(tmp_path)
    assert str(refused.value) == (
        f"cell 'unroll.cells.lstm:LSTM': {found.path} is another file than the /a/lstm.py that "
        "the command began with: install the same"
    )


def test_a_file_that_has_changed_is_not_sent(own: Path) -> None:
    source = find_cell(f"{own}:Own")
    own.write_text("")
    with pytest.raises(CellError) as refused:
        pack_cell(source)
    assert str(refused.value) == f"cell '{own}:Own': {own} has changed since the command began"


def test_what_does_not_import_there_is_told_by_the_users_path(own: Path, tmp_path: Path) -> None:
    own.write_text(f"import neighbour_of_own\n{OWN}")
    (own.parent / "neighbour_of_own.py").write_text("")
    packed = pack_cell(find_cell(f"{own}:Own"))
    own.unlink()
    sys.modules.pop("neighbour_of_own")
    with pytest.raises(CellError) as refused:
        packed.unpack(tmp_path / "scratch")
    assert str(refused.value) == (
        f"cell '{own}:Own': {own} does not import: ModuleNotFoundError: No module named "
        "'neighbour_of_own'"
    )
