"""What one part of a layer does along a text, against cells stepped by hand."""

import base64
import math
import threading
from typing import Any

import numpy as np
import pytest

from tests.app.inside.cases import TOLERANCE, Floats, Post, step_by_hand
from unroll.app.catalogue.loading import LoadedRun
from unroll.app.inside.activity import show_activity
from unroll.app.inside.asked import ActivityAsked
from unroll.app.inside.held_out import WARM
from unroll.probes.features import inside_quotes
from unroll.training.characters.run import Run


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


def test_of_a_large_part_one_unit_is_sent(
    loaded: LoadedRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("unroll.app.inside.activity.MOST_NUMBERS", 24 * 10)
    for characters, is_whole in ((10, True), (11, False)):
        asked = ActivityAsked(run="x", text="a" * characters)
        answer = show_activity(loaded, asked, threading.Event())
        assert (answer["all"] is not None) is is_whole
        assert len(answer["values"]) == characters
