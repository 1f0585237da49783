"""What a page asks for, read into a dataclass or refused in one line."""

import asyncio
import json
from dataclasses import dataclass
from typing import Any

import pytest
from starlette.requests import Request
from starlette.types import Message

from unroll.app.reading import read_body, read_query
from unroll.app.refusal import RefusedError
from unroll.errors import UnrollError
from unroll.field_types import check_types

NO_OBJECT = "the request's body must be a JSON object in UTF-8"


@dataclass(frozen=True, kw_only=True)
class Asked:
    name: str
    count: int = 1
    share: float | None = None
    places: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        check_types(self)


@dataclass(frozen=True, kw_only=True)
class Words:
    name: str
    more: str = "none"


def request_of(body: bytes = b"", kind: str = "application/json", query: bytes = b"") -> Request:
    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    headers = [(b"content-type", kind.encode())] if kind else []
    return Request({"type": "http", "headers": headers, "query_string": query}, receive)


def read(body: bytes | str, kind: str = "application/json") -> Asked:
    sent = body if isinstance(body, bytes) else body.encode()
    return asyncio.run(read_body(request_of(sent, kind), Asked))


def refused(body: bytes | str) -> str:
    with pytest.raises(UnrollError) as error:
        read(body)
    return str(error.value)


def test_what_is_right_is_read() -> None:
    asked = read('{"name": "ä\\u0000\\ud83d\\ude00", "share": 1, "places": [1, 2]}')
    assert asked == Asked(name="ä\0😀", share=1.0, places=(1, 2))


@pytest.mark.parametrize("kind", ["application/json; charset=utf-8", "Application/JSON "])
def test_the_kind_of_body_may_be_written_as_browsers_do(kind: str) -> None:
    assert read('{"name": "x"}', kind) == Asked(name="x")


@pytest.mark.parametrize(
    "kind",
    ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "json"],
)
def test_what_a_form_could_send_is_refused(kind: str) -> None:
    with pytest.raises(RefusedError) as error:
        read('{"name": "x"}', kind)
    assert str(error.value) == "the request's content-type must be application/json"
    assert error.value.status == 415


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff",
        b'{"name": "\xed\xa0\x80"}',
        b'\xef\xbb\xbf{"name": "x"}',
        '{"name": "x"}'.encode("utf-16"),
        '{"name": "\\ud800"}',
        '{"\\udfff": 1}',
        '{"name": NaN}',
        '{"name": "x", "share": Infinity}',
        '{"name": "x", "share": 1e999}',
        '{"name": "x", "count": ' + "9" * 5000 + "}",
        "[" * 100_000,
        '{"name": ' + "[" * 50_000 + "]" * 50_000 + "}",
        "{'name': 1}",
        '{"name": "x"} {}',
    ],
    ids=lambda body: repr(body[:24]),
)
def test_what_is_no_json_in_utf_8_is_refused(body: bytes | str) -> None:
    assert refused(body) == NO_OBJECT


@pytest.mark.parametrize("depth", range(600, 1000, 20))
def test_nesting_of_any_depth_is_refused(depth: int) -> None:
    told = refused('{"name": ' + "[" * depth + "]" * depth + "}")
    assert told == NO_OBJECT or told.startswith("name must be a string, got [[")


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("[]", "the request's body must be a JSON object, got list"),
        ("null", "the request's body must be a JSON object, got NoneType"),
        ("{}", "the request needs 'name', and has none"),
        (
            '{"name": "x", "cuont": 1}',
            "unknown key 'cuont': expected one of count, name, places, share (nearest: count)",
        ),
        ('{"name": null}', "name must be a string, got None"),
        ('{"name": "x", "count": true}', "count must be a whole number, got True"),
        ('{"name": "x", "count": 1.5}', "count must be a whole number, got 1.5"),
        (
            '{"name": "x", "share": 1' + "0" * 400 + "}",
            "share must be a number, got 1" + "0" * 59 + "…",
        ),
        (
            '{"name": "x", "places": [1, {}]}',
            "places must be a tuple of whole numbers, got [1, {}]",
        ),
    ],
)
def test_what_is_wrong_is_told_in_one_line(body: str, told: str) -> None:
    assert refused(body) == told


def test_a_query_is_read_as_words() -> None:
    asked = read_query(request_of(query=b"name=a%20b&more=%00"), Words)
    assert asked == Words(name="a b", more="\0")


@pytest.mark.parametrize(
    ("query", "told"),
    [
        (b"", "the request needs 'name', and has none"),
        (b"name=x&nmae=y", "unknown key 'nmae': expected one of more, name (nearest: name)"),
    ],
)
def test_a_wrong_query_is_told_in_one_line(query: bytes, told: str) -> None:
    with pytest.raises(UnrollError) as error:
        read_query(request_of(query=query), Words)
    assert str(error.value) == told


def test_half_a_character_in_a_query_is_replaced() -> None:
    asked: Any = read_query(request_of(query=b"name=%ed%a0%80"), Words)
    json.dumps(asked.name, ensure_ascii=False).encode()
