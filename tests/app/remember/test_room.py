import base64
import json
import socket
from threading import Event
from typing import Any

import numpy as np
import pytest
import torch
from starlette.testclient import TestClient

from tests.app.remember.nets import make_net
from tests.app.serving import served
from unroll.app.playground import Playground
from unroll.app.refusal import RefusedError
from unroll.app.remember import room
from unroll.app.remember.answer import answer
from unroll.app.remember.score import Score, score_length
from unroll.models import SequenceClassifier
from unroll.tasks import Task


@pytest.fixture
def network(client: TestClient) -> str:
    found = client.get("/api/networks").json()["networks"]
    return next(str(one["id"]) for one in found if one["cell"] == "rnn")


def ask(client: TestClient, **body: Any) -> dict[str, Any]:
    response = client.post("/api/remember", json=body)
    assert response.status_code == 200, response.text
    told: dict[str, Any] = response.json()
    return told


def test_the_answer_is_the_recursion_by_hand(
    client: TestClient, playground: Playground, network: str
) -> None:
    digits = [7, 0, 3, 8, 3, 0, 7]
    told = ask(client, network=network, digits=digits)
    model = playground.networks.load(network).model
    W = {name: tensor.double().numpy() for name, tensor in model.state_dict().items()}
    h = np.zeros(8)
    hidden = []
    for digit in digits[:-1]:
        h = np.tanh(W["cell.weight_x"][:, 0] * digit + W["cell.weight_h"] @ h + W["cell.bias"])
        hidden.append(h)
    scores = W["weight_p"] @ h + W["bias_p"]
    softmax = np.exp(scores - scores.max())
    assert told["probabilities"] == pytest.approx(softmax / softmax.sum(), abs=1e-5)
    assert told["prediction"] == scores.argmax()
    assert told["is_right"] == (scores.argmax() == 7)
    assert (told["asked"], told["is_palindrome"], told["remark"]) == (7, True, None)
    assert told["drawn_steps"] == [1, 2, 3, 4, 5, 6]
    assert sorted(told["drawn_units"]) == list(range(8))
    assert told["ordered_at"] == 5
    sent = np.frombuffer(base64.b64decode(told["parts"]["h"]["values"]), np.uint8).reshape(8, 6)
    wanted = np.array(hidden).T[told["drawn_units"]]
    assert np.abs((sent.astype(float) - 127) / 127 - wanted).max() < 0.005


def test_without_digits_a_palindrome_is_drawn_by_the_seed(client: TestClient, network: str) -> None:
    first, again, other = (
        ask(client, network=network, length=21, seed=seed)["digits"] for seed in (1, 1, 2)
    )
    assert first == again == first[::-1]
    assert len(first) == 21
    assert other != first
    assert len(ask(client, network=network)["digits"]) == 5


def test_digits_that_are_no_palindrome_are_answered_with_a_remark(
    client: TestClient, network: str
) -> None:
    told = ask(client, network=network, digits=[1, 2, 3])
    assert told["is_palindrome"] is False
    assert told["asked"] == 3
    assert told["remark"] == (
        "These digits are no palindrome, so the task does not say what the last one is: the "
        "answer is compared with the last digit all the same."
    )


def test_of_a_long_sequence_pictures_are_thinned_and_numbers_are_not(
    client: TestClient, network: str
) -> None:
    told = ask(client, network=network, length=1000)
    assert told["thinned"] == "the pictures show 200 of 999 steps"
    assert len(base64.b64decode(told["parts"]["h"]["values"])) == 8 * 200
    assert len(told["parts"]["h"]["means"]) == 999
    assert len(told["influence"]["parts"]["h"]["log10"]) == 999


def test_a_sweep_is_the_scores_one_by_one(client: TestClient, network: str) -> None:
    asked = {"network": network, "seed": 4, "sequences": 20}
    response = client.post("/api/remember/sweep", json=asked)
    lines = [json.loads(line) for line in response.text.splitlines()]
    assert response.headers["content-type"] == "application/x-ndjson"
    assert [line["length"] for line in lines] == [
        *(2, 3, 5, 10, 15, 20, 30, 50, 100, 200, 300, 500, 1000)
    ]
    assert [line["done"] for line in lines] == [False] * 12 + [True]
    assert all(line["passed"] == (line["accuracy"] >= 0.99) for line in lines)
    assert {line["criterion"] for line in lines} == {0.99}
    # Trained at 5 alone, and of 5 digits there are but 1,000.
    assert [line["length"] for line in lines if not line["held_out"]] == [5]
    score = client.post("/api/remember/accuracy", json=asked | {"length": 30}).json()
    assert score == {name: lines[6][name] for name in score}


@pytest.mark.parametrize(
    ("path", "body", "error"),
    [
        ("", {"digits": [1]}, "a palindrome must have 2 to 1,000 digits here, got 1"),
        ("", {"digits": [1] * 1001}, "a palindrome must have 2 to 1,000 digits here, got 1001"),
        ("", {"digits": [1, 10]}, "a digit must be 0 to 9, got 10"),
        (
            "",
            {"digits": [1, 10**400]},
            "a digit must be 0 to 9, got a number of 401 digits",
        ),
        ("", {"digits": [1, True]}, "digits must be a tuple of whole numbers, got [1, True]"),
        ("", {"length": 10**9}, "a palindrome must have 2 to 1,000 digits here, got 1000000000"),
        ("", {"length": 3, "digits": [1, 1]}, "give either digits or a length, not both"),
        ("", {"seed": -1}, "seed must be 0 to 9,007,199,254,740,991, got -1"),
        ("/accuracy", {}, "the request needs 'length', and has none"),
        ("/accuracy", {"length": 5, "sequences": 501}, "sequences must be 1 to 500, got 501"),
        ("/sweep", {"sequences": 0}, "sequences must be 1 to 500, got 0"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_a_line(
    path: str, body: dict[str, Any], error: str, client: TestClient, network: str
) -> None:
    response = client.post(f"/api/remember{path}", json={"network": network} | body)
    assert (response.status_code, response.json()) == (400, {"error": error})


@pytest.mark.parametrize(("path", "body"), [("", {}), ("/accuracy", {"length": 5}), ("/sweep", {})])
def test_a_network_that_is_not_there_is_refused(
    path: str, body: dict[str, Any], client: TestClient
) -> None:
    response = client.post(f"/api/remember{path}", json={"network": "../x"} | body)
    assert response.status_code == 404
    assert response.json() == {"error": "there is no such network here: choose one of the list"}


def test_a_closed_tab_ends_the_sweep(
    playground: Playground, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = Event()

    def slow(
        model: SequenceClassifier,
        task: Task,
        *,
        count: int,
        seed: int,
        is_lesson: bool,
        stop: Event,
    ) -> Score:
        if task.length > 5:
            assert stop.wait(30)
            ended.set()
        return score_length(model, task, count=count, seed=seed, is_lesson=is_lesson, stop=stop)

    monkeypatch.setattr(room, "score_length", slow)
    body = json.dumps({"network": playground.networks.networks()[0].id}).encode()
    head = (
        f"POST /api/remember/sweep HTTP/1.1\r\nhost: localhost\r\ncontent-length: {len(body)}\r\n"
    )
    with (
        served(playground) as port,
        socket.create_connection(("127.0.0.1", port), timeout=30) as asking,
    ):
        asking.sendall(head.encode() + b"content-type: application/json\r\n\r\n" + body)
        came = b""
        while b'"length": 5' not in came:
            came += asking.recv(4096)
        asking.close()
        assert ended.wait(30)


def test_a_network_whose_numbers_are_not_finite_is_refused() -> None:
    model, task = make_net("rnn", 5)
    with torch.no_grad():
        model.weight_p[0, 0] = torch.nan
    sequence = torch.tensor([[1, 2, 3, 2, 1]])
    with pytest.raises(RefusedError) as refused:
        answer(model, task, sequence, torch.arange(6), Event())
    assert refused.value.status == 409
    assert str(refused.value) == "this network's numbers are not finite: choose another one"
