"""Find a cell by what a user calls it: a built-in name, a file or a module."""

import contextlib
import importlib
import importlib.util
import inspect
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from unroll.cells.bidirectional import PREFIX, bidirectional, is_causal, stepping_class
from unroll.cells.contract import check_cell
from unroll.cells.gru import GRU
from unroll.cells.linear import LinearRecurrence
from unroll.cells.lstm import LSTM
from unroll.cells.min_gru import MinGRU
from unroll.cells.min_lstm import MinLSTM
from unroll.cells.peephole import Peephole
from unroll.cells.rnn import RNN
from unroll.errors import CellError, in_one_line, unknown_name

BUILT_IN: dict[str, type[Any]] = {
    "rnn": RNN,
    "lstm": LSTM,
    "gru": GRU,
    "peephole": Peephole,
    "min-gru": MinGRU,
    "min-lstm": MinLSTM,
    "linear": LinearRecurrence,
}
"""Each built-in cell by its name."""


@dataclass(frozen=True, kw_only=True)
class CellSource:
    """Where a cell's class comes from, in a form that can be sent to another process."""

    spec: str
    """As the user wrote it: `rnn`, `path/to/file.py:MyCell` or `package.module:MyCell`, with
    `bidirectional:` before it or not."""
    path: str
    """The file that defines it; of a bidirectional one, its half."""
    sha256: str
    """Of that file: the identity of the equation."""

    @property
    def class_name(self) -> str:
        """The name of the class; with the hash of its file it says which cell this is."""
        name = self.spec.rpartition(":")[2]
        return f"Bidirectional[{name}]" if self.spec.startswith(PREFIX) else name

    def load(self) -> type[Any]:
        """Import the class again: a module that fits `RecurrentCell`.

        Raises: CellError when it does not import, or its file has changed since it was found.
        """
        path = Path(self.path)
        if not path.is_file() or _hash_file(path) != self.sha256:
            raise CellError(f"cell '{self.spec}': {self.path} has changed since the command began")
        return _import_class(self.spec)


def find_cell(spec: str) -> CellSource:
    """Import the cell that `spec` names, check that it can be scanned, and say where it is from.

    Raises: ConfigError for a name nobody knows; CellError when the file or module does not
    import, has no such class, or the class breaks the interface.
    """
    half = spec.removeprefix(PREFIX)
    cell_class = _import_class(spec)
    if half not in BUILT_IN:
        check_cell(stepping_class(cell_class), spec)
    origin = half.rpartition(":")[0]
    found = origin if origin.endswith(".py") else inspect.getsourcefile(stepping_class(cell_class))
    if found is None:
        raise CellError(f"cell '{spec}': its source file cannot be found")
    path = Path(found).absolute()
    return CellSource(spec=spec, path=str(path), sha256=_hash_file(path))


def _import_class(spec: str) -> type[Any]:
    if spec in BUILT_IN:
        return BUILT_IN[spec]
    if spec.startswith(PREFIX):
        return _import_both_ways(spec)
    origin, _, name = spec.rpartition(":")
    if spec.endswith(".py"):
        raise CellError(f"cell '{spec}': name the class too, as in {spec}:MyCell")
    if not (origin and name):
        kinds = [*BUILT_IN, f"{PREFIX}CELL", "FILE.py:CLASS", "MODULE:CLASS"]
        raise unknown_name("cell", spec, kinds)
    if not origin.endswith(".py") and Path(origin).is_file():
        raise CellError(f"cell '{spec}': {origin} is not a .py file")
    module = _import_file(spec, Path(origin)) if origin.endswith(".py") else _import(spec, origin)
    if not hasattr(module, name):
        found = [
            key
            for key, value in vars(module).items()
            if isinstance(value, type) and value.__module__ == module.__name__
        ]
        raise CellError(
            f"cell '{spec}': {origin} has no class {name}; it has {', '.join(found) or 'none'}"
        )
    cell_class: type[Any] = getattr(module, name)
    return cell_class


def _import_both_ways(spec: str) -> type[Any]:
    half = spec.removeprefix(PREFIX)
    cell_class = _import_class(half)
    if half.startswith(PREFIX) or not is_causal(cell_class):
        raise CellError(f"cell '{spec}': {half} reads from both ends already; name it once")
    return bidirectional(cell_class)  # type: ignore[arg-type] # classes are hashable


class _FreshLoader(SourceFileLoader):
    """Compiles the file as it is now.

    Python's bytecode cache would take an edit within the same second, of the same size, for no
    edit; the hash of the file would then speak of other code than runs.
    """

    def get_code(self, fullname: str) -> CodeType:  # noqa: ARG002 - the loader's interface
        """Return the code of the file's present content."""
        code: CodeType = self.source_to_code(self.get_data(self.path), self.path)
        return code


def _import(spec: str, module_name: str) -> ModuleType:
    with _import_path(Path.cwd()):
        try:
            return importlib.import_module(module_name)
        except (Exception, SystemExit) as error:
            raise _does_not_import(spec, module_name, error) from error


def _import_file(spec: str, path: Path) -> ModuleType:
    if not path.is_file():
        raise CellError(f"cell '{spec}': there is no file {path}")
    location = str(path.absolute())
    identity = sha256(f"{location}:{_hash_file(path)}".encode()).hexdigest()
    module_name = f"_unroll_cell_{identity[:16]}"
    if module_name in sys.modules:
        return sys.modules[module_name]
    loader = _FreshLoader(module_name, location)
    module_spec = importlib.util.spec_from_loader(module_name, loader)
    if module_spec is None:
        raise CellError(f"cell '{spec}': {path} is not a Python file")
    module = importlib.util.module_from_spec(module_spec)
    # NamedTuples and dataclasses look their own module up while it is being run.
    sys.modules[module_name] = module
    with _import_path(path.absolute().parent):
        try:
            loader.exec_module(module)
        except (Exception, SystemExit) as error:
            del sys.modules[module_name]
            raise _does_not_import(spec, str(path), error) from error
    return module


def _does_not_import(spec: str, origin: str, error: BaseException) -> CellError:
    reason = in_one_line(error)
    return CellError(f"cell '{spec}': {origin} does not import: {reason}")


@contextlib.contextmanager
def _import_path(folder: Path) -> Iterator[None]:
    """Let what is imported import its neighbours, as `python file.py` would."""
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        with contextlib.suppress(ValueError):
            sys.path.remove(str(folder))


def _hash_file(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()
