"""What the page Look inside is answered, against cells stepped by hand and numpy's correlation."""

import base64
import json
import math
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from starlette.testclient import TestClient

from unroll.app.catalogue.loading import LoadedRun, load_run
from unroll.app.inside import room
from unroll.app.inside.activity import show_activity
from unroll.app.inside.asked import ActivityAsked
from unroll.app.inside.held_out import WARM, read_held_out
from unroll.app.inside.measuring import measure
from unroll.app.refusal import RefusedError
from unroll.probes.features import inside_brackets, inside_quotes, line_position
from unroll.training.characters.run import Run, open_run

# Numbers of about 1 in float32, through some hundred steps with their sums in another order.
TOLERANCE = 1e-5
# The same, after a mean of products over 300 characters.
TOLERANCE_R = 1e-4

Floats = NDArray[np.float64]
Post = Callable[..., Any]


@pytest.fixture
def lstm(client: TestClient) -> str:
    """The id of the run with two layers."""
    runs = client.get("/api/runs").json()["runs"]
    found: str = next(one["id"] for one in runs if one["cell"] == "lstm")
    return found


@pytest.fixture
def activity(client: TestClient, lstm: str) -> Post:
    def post(**asked: Any) -> Any:
        # In ASCII, because httpx2 would not send half of a surrogate pair.
        body = json.dumps({"run": lstm, **asked})
        kind = {"content-type": "application/json"}
        return client.post("/api/inside/activity", content=body, headers=kind)

    return post


@pytest.fixture
def run(trained: Path) -> Run:
    return open_run(trained / "text" / "lstm")


@pytest.fixture
def loaded(trained: Path) -> LoadedRun:
    return load_run(trained / "text" / "lstm", "best")


@torch.no_grad()
def step_by_hand(model: Any, ids: NDArray[Any]) -> dict[tuple[int, str], Floats]:
    """Return h and c of each layer, counted from 1, (T, H): each cell called once a character."""
    states = list(model.initial_state(1))
    found: dict[tuple[int, str], list[Floats]] = {}
    for one in ids.tolist():
        x = model.embed(torch.tensor([one]))
        for n, cell in enumerate(model.cells):
            x, states[n] = cell(x, states[n])
            for name, part in states[n]._asdict().items():
                found.setdefault((n + 1, name), []).append(part[0].double().numpy())
    return {key: np.stack(steps) for key, steps in found.items()}


def correlations(x: Floats, y: Floats) -> Floats:
    """Return Pearson's r of each column of x (n, U) with y (n,)."""
    r: Floats = np.asarray(np.corrcoef(np.column_stack([x, y]).T))
    return r[-1, :-1]


def test_followers_have_the_correlation_that_numpy_finds(
    client: TestClient, lstm: str, run: Run
) -> None:
    answer = client.get(f"/api/inside/units?run={lstm}").json()
    extent = run.splits.validation
    ids = run.corpus.ids[extent.start : extent.stop]
    text, n = run.corpus.vocabulary.decode(ids), len(ids) - 1
    first, second = slice(0, n // 2), slice(n // 2, n)
    assert answer["halves"] == [n // 2, n - n // 2]
    assert answer["layers"] == 2
    values = {
        "quotes": inside_quotes(text),
        "brackets": inside_brackets(text),
        "line_position": line_position(text),
    }
    states = step_by_hand(run.load_model("best"), ids[:n])
    for feature in (one for one in answer["features"] if one["name"] in values):
        followers, y = feature["followers"], values[feature["name"]]
        sizes = [abs(one["chosen"]) for one in followers]
        assert len(sizes) == 5
        assert sizes == sorted(sizes, reverse=True)
        for x in states.values():
            assert np.abs(correlations(x[first], y[first])).max() <= sizes[0] + TOLERANCE_R
        for one in (one for one in followers if (one["layer"], one["part"]) in states):
            x = states[one["layer"], one["part"]][:, one["unit"] - 1 : one["unit"]]
            for half, told in ((first, one["chosen"]), (second, one["told"])):
                assert correlations(x[half], y[half])[0] == pytest.approx(told, abs=TOLERANCE_R)


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


def test_a_passage_is_held_out_and_coloured_by_what_the_cells_do(activity: Post, run: Run) -> None:
    answer = activity(layer=2, part="c", unit=7).json()
    extent = run.splits.validation
    text = run.corpus.vocabulary.decode(run.corpus.ids[extent.start : extent.stop])
    start = text.index(answer["text"])
    assert start >= (len(text) - 1) // 2
    assert "“" in answer["text"]
    before = min(start, WARM)
    ids = run.corpus.ids[extent.start + start - before : extent.start + start + len(answer["text"])]
    states = step_by_hand(run.load_model("best"), ids)[2, "c"][before:]
    # Told with five digits.
    assert answer["values"] == pytest.approx(states[:, 6].tolist(), rel=5e-5, abs=TOLERANCE)
    assert (answer["low"], answer["high"]) == pytest.approx(
        (states[:, 6].min(), states[:, 6].max()), rel=TOLERANCE
    )
    everything = unpack(answer["all"], len(answer["text"]))
    spread = states.max() - states.min()
    assert np.abs(everything - states).max() < spread * (TOLERANCE + 2**-17)
    quotes = next(one for one in answer["features"] if one["name"] == "quotes")["values"]
    assert quotes == inside_quotes(text)[start : start + len(quotes)].tolist()
    assert answer["notes"] == [
        "A passage of fable that the network was not trained on, and on which no unit was chosen. "
        f"It has read the {before} characters before."
    ]


def unpack(told: dict[str, Any], T: int) -> Floats:
    levels = np.frombuffer(base64.b64decode(told["levels"]), dtype="<u2").reshape(-1, T).T
    lows, highs = np.array(told["lows"]), np.array(told["highs"])
    values: Floats = lows + levels / (2**16 - 1) * (highs - lows)
    return values


def test_gates_are_shares_and_parts_are_named(activity: Post) -> None:
    answer = activity(part="f", unit=24).json()
    assert [(part["name"], part["kind"], part["units"]) for part in answer["parts"]] == [
        ("i", "share", 24),
        ("f", "share", 24),
        ("g", "signed", 24),
        ("o", "share", 24),
        ("c", "signed", 24),
        ("h", "signed", 24),
    ]
    assert 0 <= answer["low"] <= answer["high"] <= 1


def test_a_text_of_ones_own_is_read_from_zeros(activity: Post, run: Run) -> None:
    answer = activity(text="Who “is”\r\nthere?", layer=1, part="h", unit=3).json()
    assert answer["text"] == "Who “is”\nthere?"
    ids = run.corpus.vocabulary.encode(answer["text"])
    states = step_by_hand(run.load_model("best"), ids)[1, "h"]
    assert answer["values"] == pytest.approx(states[:, 2].tolist(), rel=5e-5, abs=TOLERANCE)
    features = {one["name"]: one["values"] for one in answer["features"]}
    assert features["quotes"] == inside_quotes(answer["text"]).tolist()
    assert features["line_end"][-2:] == [0, None]
    assert answer["notes"] == ["Your own text, read from a state of zeros."]


@pytest.mark.parametrize("text", ["\x00", "</script>", "é" * 5000, "𝔘"])
def test_odd_texts_are_read_with_a_note(activity: Post, text: str) -> None:
    answer = activity(text=text).json()
    assert len(answer["text"]) == len(answer["values"]) == len(text)
    assert all(map(math.isfinite, answer["values"]))


def test_what_the_model_does_not_know_is_said(activity: Post) -> None:
    assert activity(text="a\x00").json()["notes"] == [
        "Your own text, read from a state of zeros.",
        "In it, the model does not know '\\x00' (U+0000): read as the unknown symbol '�'.",
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


def test_of_a_large_part_one_unit_is_sent(
    loaded: LoadedRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("unroll.app.inside.activity.MOST_NUMBERS", 24 * 10)
    for characters, is_whole in ((10, True), (11, False)):
        asked = ActivityAsked(run="x", text="a" * characters)
        answer = show_activity(loaded, asked, threading.Event())
        assert (answer["all"] is not None) is is_whole
        assert len(answer["values"]) == characters


def test_a_large_model_reads_less(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    n = run.splits.validation.characters - 1
    monkeypatch.setattr("unroll.app.inside.held_out.LEAST_CHARACTERS", 40)
    lengths = [len(read_held_out(run, parameters).ids) for parameters in (1, 10**8, 10**12)]
    assert lengths == [n, 300, 40]
    for parameters in (1, 10**8, 10**12):
        held_out = read_held_out(run, parameters)
        start, stop = held_out.passage()
        assert held_out.half <= start < stop <= len(held_out.ids)
        assert all(one.values.shape == held_out.ids.shape for one in held_out.features)
        assert all(np.isfinite(one.values).all() for one in held_out.features)
