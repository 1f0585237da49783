"""Cells by name, from files of their user and from modules."""

import os
import pickle
import sys
from hashlib import sha256
from pathlib import Path

import pytest
import torch
from torch import nn

import unroll.cells.lstm
from unroll.cells import GRU, LSTM, RNN, LinearRecurrence, MinGRU, MinLSTM, Peephole
from unroll.cells.source import CellSource, find_cell
from unroll.engines import run_scan
from unroll.errors import CellError, ConfigError
from unroll.scan import scan

KNOWN = (
    "FILE.py:CLASS, MODULE:CLASS, bidirectional:CELL, gru, linear, lstm, min-gru, min-lstm, "
    "peephole, rnn"
)
SOURCE = '''
from typing import NamedTuple

import torch
from torch import nn


class State(NamedTuple):
    h: torch.Tensor


class Mine(nn.Module):
    """h' = tanh(A [x, h] + b)."""

    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.hidden_size = hidden_size
        self.mix = nn.Linear(input_size + hidden_size, hidden_size)

    def initial_state(self, batch_size):
        return State(torch.zeros(batch_size, self.hidden_size))

    def forward(self, x, state):
        h = torch.tanh(self.mix(torch.cat([x, state.h], dim=1)))
        return h, State(h)
'''


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    """Return a user's file with a cell called Mine, unlike any other test's."""
    path = tmp_path / "mine.py"
    # Files are known by their content, so that two tests would share one module.
    path.write_text(f"{SOURCE}\n# {tmp_path}\n", encoding="utf-8")
    return path


def refuse(spec: str) -> str:
    with pytest.raises(CellError) as caught:
        find_cell(spec)
    return str(caught.value)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("rnn", RNN),
        ("lstm", LSTM),
        ("gru", GRU),
        ("peephole", Peephole),
        ("min-gru", MinGRU),
        ("min-lstm", MinLSTM),
        ("linear", LinearRecurrence),
    ],
)
def test_a_built_in_cell_is_found_by_name(name: str, kind: type[nn.Module]) -> None:
    source = find_cell(name)
    assert source.spec == name
    assert source.load() is kind


def test_a_source_is_its_file_and_that_files_hash() -> None:
    source = find_cell("lstm")
    path = Path(unroll.cells.lstm.__file__)
    assert Path(source.path) == path
    assert source.sha256 == sha256(path.read_bytes()).hexdigest()


def test_a_users_file_gives_a_cell_that_scans(mine: Path) -> None:
    source = find_cell(f"{mine}:Mine")
    assert source == CellSource(
        spec=f"{mine}:Mine", path=str(mine), sha256=sha256(mine.read_bytes()).hexdigest()
    )
    assert source.class_name == "Mine"
    outputs, state = scan(source.load()(2, 5), torch.zeros(3, 4, 2))
    assert outputs.shape == (3, 4, 5)
    assert torch.equal(outputs[:, -1], state.h)


def test_a_path_may_be_relative(mine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(mine.parent)
    source = find_cell("mine.py:Mine")
    assert source.path == str(mine)
    assert source.load().__name__ == "Mine"


def test_a_source_can_be_sent_to_another_process(mine: Path) -> None:
    source = find_cell(f"{mine}:Mine")
    assert pickle.loads(pickle.dumps(source)) == source


def test_another_equation_is_another_hash(mine: Path) -> None:
    before = find_cell(f"{mine}:Mine")
    mine.write_text(mine.read_text(encoding="utf-8").replace("tanh", "sin"), encoding="utf-8")
    after = find_cell(f"{mine}:Mine")
    assert before.sha256 != after.sha256
    cell = after.load()(1, 1)
    nn.init.constant_(cell.get_parameter("mix.weight"), 0.0)
    nn.init.constant_(cell.get_parameter("mix.bias"), 3.0)
    outputs, _ = scan(cell, torch.zeros(1, 1, 1))
    # The new equation is in force, not the one that was imported first: sin 3 = 0.1411.
    assert outputs.item() == pytest.approx(0.14112, abs=1e-5)


def test_a_file_that_changed_meanwhile_is_refused(mine: Path) -> None:
    source = find_cell(f"{mine}:Mine")
    mine.write_text(mine.read_text(encoding="utf-8") + "# edited\n", encoding="utf-8")
    with pytest.raises(CellError) as caught:
        source.load()
    assert str(caught.value) == f"cell '{mine}:Mine': {mine} has changed since the command began"


def test_a_file_that_went_meanwhile_is_refused(mine: Path) -> None:
    source = find_cell(f"{mine}:Mine")
    mine.unlink()
    with pytest.raises(CellError) as caught:
        source.load()
    assert str(caught.value) == f"cell '{mine}:Mine': {mine} has changed since the command began"


def test_a_file_may_import_its_neighbours(mine: Path) -> None:
    (mine.parent / "neighbour_of_mine.py").write_text("from torch import tanh as squash\n")
    text = "from neighbour_of_mine import squash\n" + mine.read_text(encoding="utf-8")
    mine.write_text(text.replace("torch.tanh", "squash"), encoding="utf-8")
    path_before = list(sys.path)
    assert find_cell(f"{mine}:Mine").load().__name__ == "Mine"
    assert sys.path == path_before


def test_a_cell_may_come_from_a_module_in_the_working_directory(
    mine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = mine.parent / "package_of_mine"
    package.mkdir()
    (package / "__init__.py").touch()
    path = mine.rename(package / "cells.py")
    monkeypatch.chdir(package.parent)
    source = find_cell("package_of_mine.cells:Mine")
    assert source.path == str(path)
    assert source.load().__module__ == "package_of_mine.cells"


def test_a_built_in_cell_may_be_called_by_its_module() -> None:
    assert find_cell("unroll.cells:GRU").load() is GRU


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(ConfigError) as caught:
        find_cell("lstmm")
    assert str(caught.value) == (f"unknown cell 'lstmm': expected one of {KNOWN} (nearest: lstm)")


def test_a_file_without_its_class_is_told_how_to_name_it() -> None:
    with pytest.raises(CellError) as caught:
        find_cell("mycell.py")
    assert str(caught.value) == "cell 'mycell.py': name the class too, as in mycell.py:MyCell"


@pytest.mark.parametrize("spec", [":Mine", "mycell.py:", ":", ""])
def test_half_a_name_is_unknown(spec: str) -> None:
    with pytest.raises(ConfigError) as caught:
        find_cell(spec)
    assert str(caught.value).startswith(f"unknown cell '{spec}': expected one of {KNOWN}")


def test_a_missing_file(tmp_path: Path) -> None:
    path = tmp_path / "none.py"
    assert refuse(f"{path}:Mine") == f"cell '{path}:Mine': there is no file {path}"


def test_a_missing_class_is_answered_with_those_there(mine: Path) -> None:
    # `nn` and `torch` are in that module too, but are not its own.
    assert refuse(f"{mine}:Yours") == (
        f"cell '{mine}:Yours': {mine} has no class Yours; it has State, Mine"
    )


def test_a_file_without_classes(tmp_path: Path) -> None:
    path = tmp_path / "empty.py"
    path.write_text(f"# {tmp_path}\n")
    assert refuse(f"{path}:Mine") == f"cell '{path}:Mine': {path} has no class Mine; it has none"


def test_a_missing_module() -> None:
    assert refuse("no_such_module:Mine") == (
        "cell 'no_such_module:Mine': no_such_module does not import: ModuleNotFoundError: No "
        "module named 'no_such_module'"
    )


def test_a_syntax_error_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "wrong.py"
    path.write_text("import torch\n\nclass Mine(:\n")
    assert refuse(f"{path}:Mine") == (
        f"cell '{path}:Mine': {path} does not import: SyntaxError: invalid syntax "
        "(wrong.py, line 3)"
    )


def test_a_file_that_raises_is_one_line_every_time(tmp_path: Path) -> None:
    path = tmp_path / "raises.py"
    path.write_text("raise ValueError('two\\nlines')\n")
    message = f"cell '{path}:Mine': {path} does not import: ValueError: two lines"
    # The second time would find half a module, were the first left among the imported.
    assert [refuse(f"{path}:Mine") for _ in range(2)] == [message, message]


def test_a_cell_that_breaks_the_interface_is_refused(mine: Path) -> None:
    text = mine.read_text(encoding="utf-8").replace("return h, State(h)", "return h")
    mine.write_text(text, encoding="utf-8")
    assert refuse(f"{mine}:Mine") == (
        f"cell '{mine}:Mine': forward(x, state) must return (output, state)"
    )


def test_the_base_class_is_refused() -> None:
    assert refuse("unroll.cells:Cell") == (
        "cell 'unroll.cells:Cell': is the base class; give a class derived from it"
    )


def test_what_is_no_module_is_refused() -> None:
    assert refuse("json:JSONDecoder") == (
        "cell 'json:JSONDecoder': must be a class derived from torch.nn.Module"
    )


def test_an_edit_of_the_same_size_within_the_same_second_is_seen(tmp_path: Path) -> None:
    file = tmp_path / "cells.py"
    for answer in ("one", "two"):
        file.write_text(
            f"from unroll.cells import RNN\nclass Mine(RNN):\n    answer = '{answer}'\n"
        )
        os.utime(file, (1_000_000_000, 1_000_000_000))
        assert find_cell(f"{file}:Mine").load().answer == answer


def test_two_files_of_the_same_content_are_two_modules(tmp_path: Path) -> None:
    sources = []
    for name in ("a.py", "b.py"):
        (tmp_path / name).write_text("from unroll.cells import RNN\nclass Mine(RNN):\n    pass\n")
        sources.append(find_cell(f"{tmp_path / name}:Mine"))
    assert [Path(source.path).name for source in sources] == ["a.py", "b.py"]
    assert sources[0].load() is not sources[1].load()


def test_a_prefix_makes_two_of_a_cell() -> None:
    source, half = find_cell("bidirectional:lstm"), find_cell("lstm")
    assert (source.path, source.sha256) == (half.path, half.sha256)
    # The same file, and not the same cell: a trial's key holds both.
    assert (source.class_name, half.class_name) == ("Bidirectional[lstm]", "lstm")
    cell_class = source.load()
    assert cell_class.__name__ == "Bidirectional[LSTM]"
    assert source.load() is cell_class
    assert type(cell_class(3, 8).forwards) is LSTM


def test_a_prefix_makes_two_of_a_users_cell(mine: Path) -> None:
    source = find_cell(f"bidirectional:{mine}:Mine")
    assert source.path == str(mine)
    assert source.class_name == "Bidirectional[Mine]"
    cell = source.load()(2, 6)
    outputs, _ = run_scan(cell, torch.zeros(3, 4, 2))
    assert outputs.shape == (3, 4, 6)
    mine.write_text(mine.read_text(encoding="utf-8") + "# edited\n", encoding="utf-8")
    with pytest.raises(CellError) as caught:
        source.load()
    assert str(caught.value) == (
        f"cell 'bidirectional:{mine}:Mine': {mine} has changed since the command began"
    )


def test_a_prefix_is_put_once() -> None:
    assert refuse("bidirectional:bidirectional:lstm") == (
        "cell 'bidirectional:bidirectional:lstm': bidirectional:lstm reads from both ends already; "
        "name it once"
    )


def test_what_follows_a_prefix_is_checked_as_any_cell(mine: Path) -> None:
    text = mine.read_text(encoding="utf-8").replace("return h, State(h)", "return h")
    mine.write_text(text, encoding="utf-8")
    assert refuse(f"bidirectional:{mine}:Mine") == (
        f"cell 'bidirectional:{mine}:Mine': forward(x, state) must return (output, state)"
    )
    with pytest.raises(ConfigError) as caught:
        find_cell("bidirectional:lstmm")
    assert str(caught.value) == f"unknown cell 'lstmm': expected one of {KNOWN} (nearest: lstm)"


@pytest.mark.parametrize("name", ["LinearCell", "Bidirectional"])
def test_other_bases_are_refused_too(name: str) -> None:
    assert refuse(f"unroll.cells:{name}") == (
        f"cell 'unroll.cells:{name}': is the base class; give a class derived from it"
    )
