"""The page Write is told the command line's texts, with the model's probabilities."""

import math
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.app.conftest import ADDRESS
from tests.app.write.asking import events, of_kind, refused, text_of
from tests.study.text.commands.runs import small
from unroll.app.application import make_application
from unroll.app.playground import Playground
from unroll.app.settings import AppSettings
from unroll.decoding import TensorStep, Without, score_tokens
from unroll.study.text.commands.train import train_book
from unroll.study.text.commands.write import write_texts
from unroll.study.text.settings import WriteSettings
from unroll.text import UNKNOWN_ID
from unroll.training.characters.run import Run
from unroll.training.characters.watcher import Unwatched

V = 45
"""Characters of the fable, the unknown symbol among them."""


@pytest.mark.parametrize(
    "how",
    [
        {},
        {"temperature": 0.6, "top_k": 5, "top_p": 0.9, "seed": 7},
        {"greedy": True},
        {"stage": "10", "seed": 2**62},
    ],
)
def test_a_text_is_that_of_the_command_line(
    client: TestClient, run: Run, run_id: str, how: dict[str, Any]
) -> None:
    told = events(client, run=run_id, alternatives=3, **how)
    settings = WriteSettings(prompt="The king", length=40, **how)
    (wanted,) = write_texts(run, settings)["texts"]
    assert text_of(told) == wanted["text"]
    assert told[-1]["bits_per_char"] == pytest.approx(wanted["bits_per_char"], rel=1e-6)


def test_each_character_has_the_models_probability_and_alternatives(
    client: TestClient, run: Run, run_id: str
) -> None:
    told = events(client, run=run_id, alternatives=5, temperature=0.5)
    model = run.load_model("best")
    step = Without(TensorStep(model.step, vocabulary_size=model.vocabulary_size), [UNKNOWN_ID])
    ids = run.corpus.vocabulary.encode("The king" + text_of(told)).tolist()
    score = score_tokens(step, model.initial_state(1), ids[:1], ids[1:])
    letters = [*of_kind(told, "read"), *of_kind(told, "character")]
    assert "".join(letter["text"] for letter in letters) == "The king" + text_of(told)
    assert letters[0]["probability"] is None
    probabilities = [letter["probability"] for letter in letters[1:]]
    wanted = [math.exp(nats) for nats in score.log_probabilities_nats]
    assert probabilities == pytest.approx(wanted, rel=1e-4, abs=1e-7)
    for letter in letters[1:]:
        others = [p for _, p in letter["alternatives"]]
        assert len(others) == 5
        assert others == sorted(others, reverse=True)
        assert sum(others) <= 1 + 1e-12
        given = dict(letter["alternatives"])
        assert given.get(letter["text"], letter["probability"]) == letter["probability"]
        assert letter["probability"] >= others[-1] or letter["text"] not in given


def test_what_was_drawn_with_is_told_beside_it(client: TestClient, run_id: str) -> None:
    plain = of_kind(events(client, run=run_id), "character")
    assert [one["drawn"] for one in plain] == pytest.approx([one["probability"] for one in plain])
    likeliest = of_kind(events(client, run=run_id, top_k=1), "character")
    assert {one["drawn"] for one in likeliest} == {1.0}


def test_it_begins_with_the_prompts_normal_form_and_what_one_should_know(
    client: TestClient, run_id: str
) -> None:
    told = events(client, run=run_id, prompt="Q\r\na\u0308 king")
    assert told[0] == {
        "kind": "begin",
        "prompt": "Q\nä king",
        "told": 8,
        "notes": [
            "the model does not know 'Q' (U+0051), 'ä' (U+00E4): read as the unknown symbol "
            "'\ufffd'"
        ],
    }
    assert [one["text"] for one in of_kind(told, "read")] == list("\ufffd\n\ufffd king")


def test_an_empty_prompt_is_the_books_own_opening(
    client: TestClient, run: Run, run_id: str
) -> None:
    (wanted,) = write_texts(run, WriteSettings(length=40))["texts"]
    told = events(client, run=run_id, prompt="")
    assert told[0]["prompt"] == wanted["prompt"]
    assert told[0]["notes"] == [
        f"no prompt given: begins with '{wanted['prompt']}', as fable does somewhere"
    ]
    assert text_of(told) == wanted["text"]
    ready = client.get("/api/write/ready", params={"run": run_id})
    assert ready.json() == {"opening": wanted["prompt"], "book": "fable", "characters": V}


def test_of_a_long_prompt_the_end_is_told_and_all_of_it_read(
    client: TestClient, run: Run, run_id: str
) -> None:
    prompt = ("The king went home. " * 150)[:2900] + "Once there"
    told = events(client, run=run_id, prompt=prompt, length=20)
    assert told[0]["told"] == len(of_kind(told, "read")) == 2000
    assert "".join(one["text"] for one in of_kind(told, "read")) == prompt[-2000:]
    (wanted,) = write_texts(run, WriteSettings(prompt=prompt, length=20))["texts"]
    assert text_of(told) == wanted["text"]


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        (
            {"prompt": "a" * 20_001},
            "the prompt may have at most 20,000 characters, got 20,001: shorten it, the end is "
            "what the model goes on from",
        ),
        ({"length": 2001}, "length must be 1 to 2,000, got 2001"),
        ({"length": True}, "length must be a whole number, got True"),
        ({"length": 10**400}, f"length must be 1 to 2,000, got 1{'0' * 39}…"),
        ({"temperature": 0}, "temperature must be 0.01 to 100.0, got 0.0"),
        (
            {"top_k": V + 1},
            f"top-k must be at most V = {V}, the characters of the model, got {V + 1}",
        ),
        ({"top_p": 1.5}, "top-p must be above 0 and at most 1, got 1.5"),
        (
            {"greedy": True, "top_k": 3},
            "greedy draws nothing: leave out temperature, top_k and top_p",
        ),
        ({"alternatives": 11}, "alternatives must be 0 to 10, got 11"),
        ({"prompt": "\ufeff"}, "the prompt has no character to begin with: type one"),
    ],
)
def test_what_cannot_be_written_is_refused_in_one_line(
    client: TestClient, run_id: str, asked: dict[str, Any], error: str
) -> None:
    given = {"run": run_id, "prompt": "The", "length": 10, **asked}
    assert refused(client, "write", **given) == (400, error)


@pytest.mark.parametrize("asked", [{"run": "../lstm"}, {"stage": "11"}, {"stage": "../best"}])
def test_a_run_or_stage_that_is_not_there_is_not_found(
    client: TestClient, run_id: str, asked: dict[str, Any]
) -> None:
    given = {"run": run_id, "prompt": "The", "length": 10, **asked}
    status, error = refused(client, "write", **given)
    assert status == 404
    assert "\n" not in error


def test_a_nul_and_a_letter_beyond_16_bits_are_unknown_characters(
    client: TestClient, run_id: str
) -> None:
    told = events(client, run=run_id, prompt="a\0\U0001d538")
    assert [one["text"] for one in of_kind(told, "read")] == ["a", "\ufffd", "\ufffd"]
    assert len(text_of(told)) == 40


def test_weights_of_a_training_that_is_not_finished_say_so(tmp_path: Path) -> None:
    book = tmp_path / "tales.txt"
    book.write_text("The king sat by the fire and slept. " * 60, encoding="utf-8")
    train_book(small(book, steps=3), tmp_path / "run", Unwatched())
    (tmp_path / "run" / "result.json").unlink()
    unfinished = Playground(settings=AppSettings(runs=(tmp_path,), out=tmp_path / "app"))
    with TestClient(make_application(unfinished), base_url=ADDRESS) as client:
        (found,) = client.get("/api/runs").json()["runs"]
        told = events(client, run=found["id"], stage="3", prompt="The")
    assert told[0]["notes"] == ["this training is not finished; these are its weights so far"]
