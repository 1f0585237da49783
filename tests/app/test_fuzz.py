"""Whatever is asked of a room, nothing fails: it is answered, or refused in one line.

The rooms are found in the router, and what each of them reads in the classes that it reads, so that
a new one is asked too.
"""

import json
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any, get_type_hints
from urllib.parse import quote

import httpx2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.routing import Route
from starlette.testclient import TestClient

from tests.app.conftest import ADDRESS
from unroll.app import reading
from unroll.app.application import make_application
from unroll.app.playground import Playground
from unroll.app.rooms import make_router
from unroll.app.settings import AppSettings

FUZZ = settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow])
JSON = {"content-type": "application/json"}
NASTY_WORDS = st.one_of(
    st.sampled_from(
        ["", "\0", "best", "last", "0", "-1", "1e9", "../../etc/passwd", "</script>", "\ud800", "é"]
    ),
    st.text(max_size=20),
    st.just("x" * 30_000),
)
NASTY_NUMBERS = st.one_of(
    st.sampled_from([0, 1, 2, 5, -1, 10**6, 2**31, 2**63, 2**64, 10**400, 1e-320, 1e308, 0.5]),
    st.integers(),
    st.floats(),
)
NASTY = st.one_of(
    st.none(),
    st.booleans(),
    NASTY_NUMBERS,
    NASTY_WORDS,
    st.lists(st.one_of(NASTY_NUMBERS, NASTY_WORDS, st.lists(st.integers())), max_size=5),
    st.dictionaries(NASTY_WORDS, st.integers(), max_size=2),
    st.sampled_from([[[[[[]]]]], [None] * 2000, [0] * 50_000]),
)

EXAMPLES: dict[str, dict[str, Any]] = {
    "/api/write": {"prompt": "The king", "length": 8, "alternatives": 2},
    "/api/beams": {"prompt": "The king", "length": 4, "beams": 2},
    "/api/copies": {"text": "The king (he was old) went home."},
    "/api/inside/activity": {"layer": 1, "unit": 2, "part": "h"},
    "/api/remember": {"digits": [1, 2, 3, 2]},
    "/api/remember/accuracy": {"length": 5, "sequences": 10},
    "/api/remember/sweep": {"sequences": 2},
    "/api/spread": {
        "kind": "gat",
        "nodes": 4,
        "sources": [0, 1, 2],
        "targets": [1, 2, 3],
        "source": 0,
        "layers": 2,
    },
}
"""What is answered; a value or two of it are replaced then."""


@pytest.fixture(scope="module")
def client(trained: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    out = tmp_path_factory.mktemp("fuzz") / "app"
    playground = Playground(settings=AppSettings(runs=(trained,), out=out, port=0))
    with TestClient(make_application(playground), base_url=ADDRESS) as asking:
        yield asking


def routes() -> list[tuple[str, str]]:
    """Return method and path of all that rooms answer."""
    found = list(make_router(Playground(settings=AppSettings())).routes)
    assert all(isinstance(route, Route) for route in found)
    return [
        (min(route.methods or {"GET"}, key=["POST", "GET", "HEAD"].index), f"/api{route.path}")
        for route in found
        if isinstance(route, Route)
    ]


ROUTES = routes()


def check(answer: httpx2.Response) -> None:
    """An answer is JSON, in lines or not; a refusal is one line. Raised errors end the test."""
    assert answer.status_code < 500 or answer.status_code == 503, answer.text
    assert "Traceback" not in answer.text
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    told = [json.loads(line) for line in answer.text.splitlines()]
    if answer.status_code >= 400:
        (refused,) = told
        assert list(refused) == ["error"]
    for refused in told:
        line = refused.get("error", "nothing")
        assert isinstance(line, str)
        assert line
        assert "\n" not in line
        assert len(line) <= 401


def kind_of(client: TestClient, method: str, path: str) -> type[Any] | None:
    """Return the class that a room reads; None where it reads nothing."""
    kinds: list[type[Any]] = []
    read = reading.read_fields

    def listen(given: dict[str, Any], kind: type[Any]) -> Any:
        kinds.append(kind)
        return read(given, kind)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "read_fields", listen)
        client.request(method, path, content=b"{}" if method == "POST" else None, headers=JSON)
    return kinds[0] if kinds else None


def plausible(name: str, hint: Any, known: dict[str, list[str]]) -> st.SearchStrategy[Any]:
    """Return values that a room may take."""
    if name in known:
        return st.sampled_from(known[name])
    text = str(hint)
    one: st.SearchStrategy[Any] = st.sampled_from(["best", "The king", "", "gcn", "1"])
    if "tuple" in text:
        one = st.lists(st.integers(0, 9), min_size=3, max_size=9)
    elif "bool" in text:
        one = st.booleans()
    elif "int" in text or "float" in text:
        one = st.integers(1, 8)
    return st.one_of(st.none(), one) if "None" in text else one


def example(path: str, kind: type[Any], known: dict[str, list[str]]) -> dict[str, Any]:
    """Return what is answered, as far as it is known."""
    names = {field.name for field in fields(kind)}
    ids = {name: values[0] for name, values in known.items() if name in names}
    return ids | EXAMPLES.get(path, {})


def bodies(
    path: str, kind: type[Any], known: dict[str, list[str]]
) -> st.SearchStrategy[dict[str, Any]]:
    """Return bodies with plausible values, of which a few are replaced by others."""
    hints = get_type_hints(kind)
    names = [field.name for field in fields(kind)]
    right = st.one_of(
        st.just(example(path, kind, known)),
        st.fixed_dictionaries({name: plausible(name, hints[name], known) for name in names}),
    )
    wrong = st.dictionaries(st.sampled_from([*names, "unknown"]), NASTY, max_size=2)
    left_out = st.sets(st.sampled_from(names), max_size=1)
    return st.builds(
        lambda given, others, absent: {
            name: value for name, value in {**given, **others}.items() if name not in absent
        },
        right,
        wrong,
        left_out,
    )


@pytest.fixture(scope="module")
def known(client: TestClient) -> dict[str, list[str]]:
    """The ids that there are, and what is none."""
    runs = [run["id"] for run in client.get("/api/runs").json()["runs"]]
    networks = [network["id"] for network in client.get("/api/networks").json()["networks"]]
    assert len(runs) == 2
    assert len(networks) == 2
    return {"run": [*runs, "0" * 12], "network": [*networks, "../x"], "stage": ["best", "0", "7"]}


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_what_is_right_is_answered(
    method: str, path: str, client: TestClient, known: dict[str, list[str]]
) -> None:
    kind = kind_of(client, method, path)
    asked = {} if kind is None else example(path, kind, known)
    answer = client.post(path, json=asked) if method == "POST" else client.get(path, params=asked)
    check(answer)
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_values_of_any_kind_are_answered_or_refused(
    method: str, path: str, client: TestClient, known: dict[str, list[str]]
) -> None:
    kind = kind_of(client, method, path)
    asked = st.just(dict[str, Any]()) if kind is None else bodies(path, kind, known)

    @FUZZ
    @given(asked)
    def ask(given: dict[str, Any]) -> None:
        if method == "POST":
            # As Python writes it: what is no number of JSON, and half a character, are sent too.
            check(client.post(path, content=json.dumps(given), headers=JSON))
        else:
            words = "&".join(
                f"{name}={quote(str(v).encode(errors='surrogatepass'))}"
                for name, v in given.items()
            )
            check(client.get(f"{path}?{words[:8000]}"))

    ask()


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_bytes_of_any_kind_are_answered_or_refused(
    method: str, path: str, client: TestClient
) -> None:
    @FUZZ
    @given(
        st.one_of(
            st.binary(max_size=50),
            NASTY.map(json.dumps).map(str.encode),
            st.sampled_from([b"[" * 90_000, b'{"a":' * 900, b"{" + b" " * 2**20, b"\xff\xfe{"]),
        ),
        st.sampled_from(["application/json", "text/plain", "", "application/json\xff"]),
        st.sampled_from([method, method, "HEAD", "PUT", "OPTIONS", "XYZZY"]),
    )
    def ask(body: bytes, kind: str, by: str) -> None:
        headers = {b"content-type": kind.encode("latin-1")}
        answer = client.request(by, path, content=body, headers=headers)
        if by != "HEAD":
            check(answer)
        assert answer.status_code < 500 or answer.status_code == 503

    ask()


@FUZZ
@given(st.text(max_size=30), st.binary(max_size=30))
def test_paths_of_any_kind_are_refused(client: TestClient, path: str, more: bytes) -> None:
    words = f"{quote(path.encode(errors='surrogatepass'))}/{quote(more)}"
    for room in ("/api/runs/", "/api/write/", "/api/x", "/assets/", "/write/"):
        answer = client.get(f"{room}{words}", follow_redirects=False)
        assert answer.status_code in (307, 404), words
        assert "Traceback" not in answer.text
