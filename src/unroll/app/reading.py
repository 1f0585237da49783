"""What a page asks for: a JSON object, read into a frozen dataclass or refused in one line."""

import json
from dataclasses import MISSING, fields
from typing import Any, TypeVar

from starlette.requests import Request

from unroll.app.refusal import RefusedError
from unroll.errors import unknown_name

T = TypeVar("T")


async def read_body(request: Request, kind: type[T]) -> T:
    """Return a request's body as `kind`, a frozen dataclass that checks its own fields.

    Raises: RefusedError for what is no JSON object, or has keys that are missing or unknown;
    whatever the dataclass raises for its values.
    """
    kind_of_body = request.headers.get("content-type", "").partition(";")[0]
    # Only a page of our own can send this kind: another site's form or script cannot.
    if kind_of_body.strip().lower() != "application/json":
        raise RefusedError("the request's content-type must be application/json", 415)
    return read_fields(_parse(await request.body()), kind)


def read_query(request: Request, kind: type[T]) -> T:
    """Return a request's query as `kind`, whose fields are strings. Raises: as `read_body`."""
    return read_fields(dict(request.query_params), kind)


def read_fields(given: dict[str, Any], kind: type[T]) -> T:
    """Return `kind` with these values. Raises: as `read_body`."""
    known = {field.name for field in fields(kind)}  # type: ignore[arg-type] # a dataclass
    for name in given:
        if name not in known:
            raise unknown_name("key", name, known)
    for field in fields(kind):  # type: ignore[arg-type] # a dataclass
        needed = field.default is MISSING and field.default_factory is MISSING
        if needed and field.name not in given:
            raise RefusedError(f"the request needs '{field.name}', and has none")
    try:
        return kind(**given)
    except RecursionError as error:
        raise _not_an_object() from error


def _parse(body: bytes) -> dict[str, Any]:
    try:
        parsed = json.loads(body.decode(), parse_constant=_no_number)
        # What JSON writes as \ud800 is half a character, and 1e999 no number: no answer holds them.
        json.dumps(parsed, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError) as error:
        raise _not_an_object() from error
    if not isinstance(parsed, dict):
        raise RefusedError(f"the request's body must be a JSON object, got {type(parsed).__name__}")
    return parsed


def _not_an_object() -> RefusedError:
    return RefusedError("the request's body must be a JSON object in UTF-8")


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no number of JSON")
