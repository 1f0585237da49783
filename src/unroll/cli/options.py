"""The options of a command are the fields of a dataclass, and of the dataclasses inside it.

    seeds: int = 3                     --seeds INT
    lengths: tuple[int, ...] = (5,)    --lengths INT ...
    json: bool = False                 --json
    run: Path = field(metadata={"positional": "RUN"})    RUN

An option's help is the docstring under its field.
"""

import ast
import inspect
import itertools
import textwrap
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

POSITIONAL = "positional"
"""Key of a field's metadata: the word that stands for it where it is given without an option."""
_METAVARS = {int: "INT", float: "FLOAT", str: "TEXT", Path: "PATH"}


@dataclass(frozen=True, kw_only=True)
class Option:
    """One value that a command takes."""

    name: str
    """The field's name."""
    kind: type
    """What its value, or each of its values, is made by: int, float, str, Path or bool."""
    choices: tuple[str, ...]
    """All that it may be; empty where anything of its kind is accepted."""
    many: bool
    """Whether it takes several values."""
    positional: str | None
    """The word that stands for it in the usage line; None where it is given by its name."""
    default: object
    """Its value where it is not given; `dataclasses.MISSING` where it must be."""

    @property
    def words(self) -> str:
        """How it is written, its values included: `--lengths INT ...`."""
        if self.positional:
            word = f"{self.positional}{' ...' if self.many else ''}"
            return word if self.is_required else f"[{word}]"
        values = "|".join(self.choices) or _METAVARS.get(self.kind, "")
        return f"{self.flag} {values}{' ...' if self.many else ''}".rstrip()

    @property
    def flag(self) -> str:
        """Its name as it is typed: `--test-lengths`."""
        # A keyword of Python's, such as `as`, is a field with an underline behind it.
        return f"--{self.name.rstrip('_').replace('_', '-')}"

    @property
    def is_required(self) -> bool:
        """Whether a command cannot do without it."""
        return self.default is MISSING


def options_of(command: type) -> list[Option]:
    """Return a command's options, in the order of its fields; inner dataclasses are opened."""
    hints = get_type_hints(command)
    options = []
    for field in fields(command):
        kind = hints[field.name]
        inner = is_dataclass(kind) and isinstance(kind, type)
        options += options_of(kind) if inner else [_option_of(field, kind)]
    return options


def make(command: type, values: dict[str, Any]) -> Any:
    """Return a command with these values, by the names of options; the rest is as by default."""
    hints = get_type_hints(command)
    given: dict[str, Any] = {}
    for field in fields(command):
        kind = hints[field.name]
        if is_dataclass(kind) and isinstance(kind, type):
            given[field.name] = make(kind, values)
        elif field.name in values:
            given[field.name] = values[field.name]
    return command(**given)


def texts_of(command: type) -> dict[str, str]:
    """Return the docstring under each field, in one line, by the names of options.

    The source is read, because Python keeps no docstrings of fields.
    """
    texts: dict[str, str] = {}
    for owner in reversed(command.__mro__[:-1]):
        (node,) = ast.parse(textwrap.dedent(inspect.getsource(owner))).body
        body = node.body if isinstance(node, ast.ClassDef) else []
        for line, below in itertools.pairwise(body):
            match line, below:
                case (
                    ast.AnnAssign(target=ast.Name(id=name)),
                    ast.Expr(value=ast.Constant(value=str(text))),
                ):
                    texts[name] = " ".join(text.split())
    for kind in get_type_hints(command).values():
        if is_dataclass(kind) and isinstance(kind, type):
            texts |= texts_of(kind)
    return texts


def _option_of(field: "Field[Any]", annotation: Any) -> Option:
    default = field.default
    if field.default_factory is not MISSING:
        default = field.default_factory()
    kind, many = _one_of(annotation)
    literal = get_origin(kind) is Literal
    return Option(
        name=field.name,
        kind=str if literal else kind,
        choices=get_args(kind) if literal else (),
        many=many,
        positional=field.metadata.get(POSITIONAL),
        default=default,
    )


def _one_of(annotation: Any) -> tuple[Any, bool]:
    """Return the kind of one value, and whether there are several of it."""
    origin = get_origin(annotation)
    if origin in (Union, UnionType):
        (inner,) = (kind for kind in get_args(annotation) if kind is not NoneType)
        return _one_of(inner)
    if origin is tuple:
        return get_args(annotation)[0], True
    return annotation, False
