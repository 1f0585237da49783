"""How tests of the page Write ask, and what they read in an answer."""

import json
from typing import Any

from httpx2 import Response
from starlette.testclient import TestClient


def ask(client: TestClient, path: str, asked: dict[str, Any]) -> Response:
    # In ASCII: a lone surrogate travels as its escape only.
    headers = {"content-type": "application/json"}
    answer: Response = client.post(f"/api/{path}", content=json.dumps(asked), headers=headers)
    return answer


def events(client: TestClient, **asked: object) -> list[dict[str, Any]]:
    answer = ask(client, "write", {"prompt": "The king", "length": 40, **asked})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/x-ndjson"
    return [json.loads(line) for line in answer.text.splitlines()]


def of_kind(told: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [event for event in told if event["kind"] == kind]


def text_of(told: list[dict[str, Any]]) -> str:
    return "".join(event["text"] for event in of_kind(told, "character"))


def refused(client: TestClient, path: str, **asked: object) -> tuple[int, str]:
    answer = ask(client, path, asked)
    return answer.status_code, answer.json()["error"]
