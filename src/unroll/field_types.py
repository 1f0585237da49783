"""Settings from Python: each value is of the kind that its field names, or a mistake in one line.

The command line makes values of the right kind by itself; a notebook gives what was typed.
"""

from numbers import Integral, Real
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from unroll.errors import ConfigError

_ONE: dict[Any, str] = {
    bool: "True or False",
    int: "a whole number",
    float: "a number",
    str: "a string",
    Path: "a path, as a string or a Path",
}
_MANY: dict[Any, str] = {int: "whole numbers", float: "numbers", str: "strings", Path: "paths"}
_LONGEST = 60
"""Characters of a value that are shown."""


def check_types(settings: object) -> None:
    """Give each field of a frozen dataclass a value of the field's kind, at its creation.

    A list or a range becomes a tuple, a string a path, and a number of numpy one of Python, where
    such a field is. Raises: ConfigError for a value of another kind.
    """
    for name, kind in get_type_hints(type(settings)).items():
        given = getattr(settings, name)
        try:
            value = _fit(kind, given)
        except TypeError:
            raise _wrong(name, kind, given) from None
        if value is not given:
            object.__setattr__(settings, name, value)


def check_path(name: str, given: object) -> Path:
    """Return a path. Raises: ConfigError for what is neither a path nor a string."""
    try:
        path: Path = _fit(Path, given)
    except TypeError:
        raise _wrong(name, Path, given) from None
    return path


def check_text(name: str, given: object) -> str:
    """Return a string. Raises: ConfigError for anything else."""
    try:
        text: str = _fit(str, given)
    except TypeError:
        raise _wrong(name, str, given) from None
    return text


def check_whole(name: str, given: object) -> int:
    """Return a whole number. Raises: ConfigError for anything else."""
    try:
        number: int = _fit(int, given)
    except TypeError:
        raise _wrong(name, int, given) from None
    return number


def _fit(kind: Any, value: Any) -> Any:
    """Return a value as one of its kind; raise TypeError where it is none."""
    origin = get_origin(kind)
    if origin in (Union, UnionType):
        return None if value is None else _fit(_given_kind(kind), value)
    if origin is tuple and isinstance(value, tuple | list | range):
        values = tuple(_fit(get_args(kind)[0], one) for one in value)
        same = isinstance(value, tuple) and all(map(_is, values, value))
        return value if same else values
    if kind is Path and isinstance(value, str) and value:
        return Path(value)
    if kind is int and not isinstance(value, bool) and isinstance(value, Integral):
        return int(value)
    if kind is float and not isinstance(value, bool) and isinstance(value, Real):
        return _float(value)
    if kind in (str, bool, Path) and isinstance(value, kind):
        return value
    raise TypeError


def _float(value: Real) -> float:
    try:
        return float(value)
    except OverflowError:
        # A whole number beyond 1e308.
        raise TypeError from None


def _is(one: object, other: object) -> bool:
    return one is other


def _given_kind(kind: Any) -> Any:
    """Return the kind of a value that may be left out, where it is given."""
    if get_origin(kind) in (Union, UnionType):
        (kind,) = (one for one in get_args(kind) if one is not NoneType)
    return kind


def _wrong(name: str, kind: Any, given: object) -> ConfigError:
    kind = _given_kind(kind)
    many = get_origin(kind) is tuple
    expected = f"a tuple of {_MANY[get_args(kind)[0]]}" if many else _ONE[kind]
    meant = _meant(kind, given)
    hint = "" if meant is None else f": write {name}={_shown(meant)}"
    return ConfigError(f"{name} must be {expected}, got {_shown(given)}{hint}")


def _meant(kind: Any, given: Any) -> object:
    """Return what was probably meant; None where nobody knows."""
    try:
        if get_origin(kind) is tuple:
            values = given if isinstance(given, tuple | list) else (given,)
            (inner, _) = get_args(kind)
            meant = tuple(one if _fits(inner, one) else _meant(inner, one) for one in values)
            return None if None in meant else meant
        if kind is int and isinstance(given, str | float):
            return int(given) if isinstance(given, str) or given.is_integer() else None
        if kind is float and isinstance(given, str):
            return float(given)
        return str(given) if kind is str and isinstance(given, int | Path) else None
    except ValueError:
        return None


def _fits(kind: Any, value: object) -> bool:
    try:
        _fit(kind, value)
    except TypeError:
        return False
    return True


def _shown(value: object) -> str:
    text = " ".join(repr(value).split())
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
