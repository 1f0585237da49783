"""What the page Look inside is answered: once for all who ask, or refused in one line."""

import threading
from typing import Any

import pytest
import torch
from starlette.testclient import TestClient

from tests.app.inside.cases import Post
from unroll.app.catalogue.loading import LoadedRun
from unroll.app.inside import room
from unroll.app.inside.activity import show_activity
from unroll.app.inside.asked import ActivityAsked
from unroll.app.inside.measuring import measure
from unroll.app.refusal import RefusedError


def test_a_network_is_measured_once(
    client: TestClient, lstm: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    measured: list[str] = []

    def counted(loaded: LoadedRun, stop: threading.Event) -> dict[str, Any]:
        measured.append(loaded.stage)
        return measure(loaded, stop)

    monkeypatch.setattr(room, "measure", counted)
    answers = [
        client.get(f"/api/inside/units?run={lstm}&stage={at}") for at in ("best", "0", "best")
    ]
    assert measured == ["best", "0"]
    assert answers[0].json() == answers[2].json()
    # At step 0 the network is the untrained one that all stages are held against.
    best, untrained = answers[0].json()["features"], answers[1].json()["features"]
    assert [one["followers"][:1] for one in untrained if one["untrained"]] == [
        [one["untrained"]] for one in best if one["untrained"]
    ]


@pytest.mark.parametrize(
    ("asked", "status", "message"),
    [
        ({"text": ""}, 400, "text must have 1 to 5,000 characters, got 0"),
        ({"text": "a" * 5001}, 400, "text must have 1 to 5,000 characters, got 5,001"),
        ({"text": "\ufeff"}, 400, "the text has no character: write at least one"),
        ({"text": 3}, 400, "text must be a string, got 3: write text='3'"),
        ({"layer": 0}, 400, "layer must be a whole number from 1 to 1,000"),
        ({"layer": 3}, 400, "layer must be 1 to 2 in this network, got 3"),
        ({"layer": 1.5}, 400, "layer must be a whole number, got 1.5"),
        ({"layer": True}, 400, "layer must be a whole number, got True"),
        ({"unit": 25}, 400, "unit must be 1 to 24 in this network, got 25"),
        ({"unit": 10**4000}, 400, "unit must be a whole number from 1 to 1,000,000"),
        ({"part": "z"}, 400, "part must be one of i, f, g, o, c, h, got 'z'"),
        ({"text": "\ud800"}, 400, "the request's body must be a JSON object in UTF-8"),
        ({"run": "../../etc"}, 404, "there is no such run here: choose one of the list"),
    ],
)
def test_what_cannot_be_is_refused(
    activity: Post, asked: dict[str, Any], status: int, message: str
) -> None:
    answer = activity(**asked)
    assert (answer.status_code, answer.json()) == (status, {"error": message})


@pytest.mark.parametrize(
    ("query", "status", "message"),
    [
        ("", 400, "the request needs 'run', and has none"),
        ("?run=", 404, "there is no such run here: choose one of the list"),
    ],
)
def test_units_of_no_run_are_refused(
    client: TestClient, query: str, status: int, message: str
) -> None:
    answer = client.get(f"/api/inside/units{query}")
    assert (answer.status_code, answer.json()) == (status, {"error": message})


def test_a_closed_page_stops_both(loaded: LoadedRun) -> None:
    stop = threading.Event()
    stop.set()
    with pytest.raises(RefusedError) as caught:
        measure(loaded, stop)
    assert str(caught.value) == "the page that asked was closed"
    with pytest.raises(RefusedError) as caught_again:
        show_activity(loaded, ActivityAsked(run="x"), stop)
    assert str(caught_again.value) == "the page that asked was closed"


def test_a_diverged_network_is_said_to_be_one(loaded: LoadedRun) -> None:
    with torch.no_grad():
        for parameter in loaded.model.cells[1].parameters():
            parameter.fill_(float("inf"))
    with pytest.raises(RefusedError) as caught:
        show_activity(loaded, ActivityAsked(run="x", layer=2), threading.Event())
    assert str(caught.value) == (
        "this network's numbers are not finite on this text: its training has diverged; choose "
        "another stage or run"
    )
    followed = measure(loaded, threading.Event())["features"]
    layers = {one["layer"] for feature in followed for one in feature["followers"]}
    assert layers == {1}
