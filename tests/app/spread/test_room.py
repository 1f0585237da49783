from typing import Any

from starlette.testclient import TestClient

from tests.app.spread.graphs import SIX, ask
from unroll.app.spread.news import spread_news

SIX_ASKED = {"kind": "gcn", "nodes": 6, **SIX, "source": 2, "layers": 12}


def test_the_answer_is_the_librarys(client: TestClient) -> None:
    answer = client.post("/api/spread", json=SIX_ASKED)
    assert answer.status_code == 200
    assert answer.json() == spread_news(ask())


def test_refusals_are_one_line(client: TestClient) -> None:
    refused: list[tuple[dict[str, Any], str]] = [
        ({"nodes": 25}, "nodes must be 1 to 24, got 25"),
        ({"sources": 3}, "sources must be a tuple of whole numbers, got 3: write sources=(3,)"),
        ({"sources": [0, 1], "targets": [1, 0]}, "graph: edge 0→1 is given twice: give it once"),
        ({"kind": "GCN"}, "kind must be gcn or gat, got 'GCN'"),
    ]
    for changes, said in refused:
        answer = client.post("/api/spread", json={**SIX_ASKED, **changes})
        assert (answer.status_code, answer.json()) == (400, {"error": said})
