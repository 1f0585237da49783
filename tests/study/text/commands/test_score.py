"""What a text costs a trained model, against its plain step and against the law of averages."""

import math
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.study.text.commands.runs import TEXT, write_book
from unroll.decoding import TensorStep, score_tokens
from unroll.study.text.commands.score import PIECE, read_losses, run_score, score_text
from unroll.study.text.settings import ScoreSettings
from unroll.training.characters.run import Run


def test_losses_are_those_of_one_step_after_another_across_pieces(run: Run) -> None:
    model = run.load_model("best")
    ids = run.corpus.ids[: 2 * PIECE + 40]
    step = TensorStep(model.step, vocabulary_size=model.vocabulary_size)
    plain = score_tokens(step, model.initial_state(1), ids[:1].tolist(), ids[1:].tolist())
    losses = read_losses(model, ids)
    # The same products in another order, in float32.
    np.testing.assert_allclose(-losses.nats, plain.log_probabilities_nats, atol=1e-4)


@pytest.mark.parametrize("characters", [2, PIECE, PIECE + 1, PIECE + 2])
def test_every_character_but_the_first_is_scored(run: Run, characters: int) -> None:
    told: list[tuple[int, int]] = []
    losses = read_losses(
        run.load_model("best"), run.corpus.ids[:characters], lambda *one: told.append(one)
    )
    assert len(losses.nats) == len(losses.expected) == characters - 1
    assert told[-1] == (characters, characters)


def test_the_mean_is_told_in_both_units(run: Run, tmp_path: Path) -> None:
    told = score_text(run, write_book(tmp_path))
    losses = read_losses(run.load_model("best"), run.corpus.ids)
    assert told["nats_per_char"] == pytest.approx(float(losses.nats.mean()))
    assert told["bits_per_char"] == pytest.approx(told["nats_per_char"] / math.log(2))
    assert told["characters"] == len(TEXT)
    assert told["predictions"] == len(losses.nats) == len(TEXT) - 1
    assert told["notes"] == []


def test_the_most_surprising_places_come_first(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "one.txt"
    path.write_text(TEXT[:300] + "Q" + TEXT[301:600], encoding="utf-8")
    told = score_text(run, path, ScoreSettings(places=3))
    bits = [one["bits"] for one in told["most_surprising"]]
    assert len(bits) == 3
    assert bits == sorted(bits, reverse=True)
    places = {one["position"]: one for one in told["most_surprising"]}
    assert places[300]["character"] == "Q"
    assert places[300]["before"] == TEXT[260:300]
    assert told["unknown_characters"] == 1
    (note,) = told["notes"]
    assert note == (
        "the model does not know 'Q' (U+0051): read as the unknown symbol '\ufffd'; 1 of 600 "
        "characters"
    )


def test_the_number_of_threads_is_given_back(run: Run, tmp_path: Path) -> None:
    before = torch.get_num_threads()
    outcome = run_score(run.path, write_book(tmp_path), ScoreSettings(places=0), quiet=True)
    assert torch.get_num_threads() == before
    assert "bits a character" in outcome.text
    assert "most surprising" not in outcome.text
    assert len(outcome.text.splitlines()) == 2


@pytest.mark.parametrize(
    ("characters", "told"), [(2, "1 prediction"), (216, "215 predictions"), (1300, "1,299 predict")]
)
def test_what_the_mean_is_over_is_counted(
    run: Run, tmp_path: Path, characters: int, told: str
) -> None:
    path = tmp_path / "one.txt"
    path.write_text(TEXT[:characters], encoding="utf-8")
    outcome = run_score(run.path, path, ScoreSettings(places=0), quiet=True)
    line = outcome.text.splitlines()[1]
    assert line.startswith(f"  over {told}")
    assert line.endswith(", of each character but the first, the state carried through")
