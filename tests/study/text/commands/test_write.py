"""Texts of a trained model, drawn, searched, and beside the book's own."""

import math
from pathlib import Path

import numpy as np
import pytest

from tests.study.text.commands.runs import TEXT, write_book
from unroll.decoding import SamplingSettings, TensorStep, Without, sample
from unroll.errors import ConfigError
from unroll.study.text.commands.score import read_losses
from unroll.study.text.commands.write import run_write, write_texts
from unroll.study.text.settings import WriteSettings
from unroll.text import UNKNOWN_ID
from unroll.training.characters.run import Run


def test_a_text_is_that_of_the_plain_path(run: Run) -> None:
    (told,) = write_texts(run, WriteSettings(prompt="The king", length=60, seed=5))["texts"]
    model = run.load_model("best")
    step = Without(TensorStep(model.step, vocabulary_size=model.vocabulary_size), [UNKNOWN_ID])
    (plain,) = sample(
        step,
        model.initial_state(1),
        run.corpus.vocabulary.encode("The king").tolist(),
        settings=SamplingSettings(),
        length=60,
        seed=5,
    )
    assert told["text"] == run.corpus.vocabulary.decode(plain.tokens)


def test_samples_are_the_same_alone_and_together(run: Run) -> None:
    three = write_texts(run, WriteSettings(prompt="A fox", length=40, samples=3))["texts"]
    assert [one["number"] for one in three] == [0, 1, 2]
    (first,) = write_texts(run, WriteSettings(prompt="A fox", length=40))["texts"]
    assert first["text"] == three[0]["text"]
    assert len({one["text"] for one in three}) == 3


def test_what_is_streamed_is_what_is_told(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    settings = WriteSettings(prompt="A fox", length=40, samples=2, temperature=0.7)
    outcome = run_write(run.path, settings, quiet=False)
    together = write_texts(run, settings)["texts"]
    assert [one["text"] for one in outcome.summary["texts"]] == [one["text"] for one in together]
    texts = [f"A fox{one['text']}\n" for one in outcome.summary["texts"]]
    assert capsys.readouterr().out == (
        f"── sample 1 of 2, seed 0 ──\n{texts[0]}── sample 2 of 2, seed 0 ──\n{texts[1]}"
    )


def test_bits_are_those_of_reading_the_text_again(run: Run) -> None:
    settings = WriteSettings(prompt="The queen", length=80)
    (told,) = write_texts(run, settings)["texts"]
    ids = run.corpus.vocabulary.encode("The queen" + told["text"])
    losses = read_losses(run.load_model("best"), ids).nats[-80:]
    # Writing rules the unknown symbol out, which takes its small share of each distribution.
    assert told["bits_per_char"] == pytest.approx(losses.mean() / math.log(2), abs=0.05)


def test_greedy_is_one_beam_and_top_k_of_one(run: Run) -> None:
    greedy = write_texts(run, WriteSettings(prompt="A", length=30, greedy=True))["texts"][0]
    beam = write_texts(run, WriteSettings(prompt="A", length=30, beams=1))["beams"][0]
    only = write_texts(run, WriteSettings(prompt="A", length=30, top_k=1))["texts"][0]
    assert greedy["text"] == beam["text"] == only["text"]
    assert beam["nats_per_char"] == pytest.approx(-beam["log_probability_nats"] / 30)


def test_a_beam_ends_with_until(run: Run) -> None:
    settings = WriteSettings(prompt="A fox", length=120, beams=4, until="a")
    beams = write_texts(run, settings)["beams"]
    assert beams[0]["ended"]
    assert all(beam["text"].endswith("a") for beam in beams if beam["ended"])


def test_an_end_that_the_model_never_saw_is_refused(run: Run) -> None:
    with pytest.raises(ConfigError) as error:
        write_texts(run, WriteSettings(prompt="A", beams=2, until="?"))
    assert str(error.value) == (
        "until '?' can never be written: the model does not know '?' (U+003F): read as the "
        "unknown symbol '\ufffd'"
    )


def test_more_choices_than_characters_are_refused(run: Run) -> None:
    V = run.corpus.vocabulary.size
    with pytest.raises(ConfigError) as error:
        write_texts(run, WriteSettings(prompt="A", top_k=V + 1))
    assert str(error.value) == (
        f"top-k must be at most V = {V}, the characters of the model, got {V + 1}"
    )


def test_a_stage_that_is_not_kept_is_refused(run: Run) -> None:
    with pytest.raises(ConfigError, match="the weights of step 7 are not kept"):
        write_texts(run, WriteSettings(prompt="A", stage="7"))


def test_unknown_characters_of_a_prompt_are_told(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    outcome = run_write(run.path, WriteSettings(prompt="Œ fox", length=5), quiet=False)
    note = "the model does not know 'Œ' (U+0152): read as the unknown symbol '\ufffd'"
    assert outcome.summary["notes"] == [note]
    captured = capsys.readouterr()
    assert captured.err == f"note: {note}\n"
    assert captured.out.startswith("Œ fox")


def test_without_a_prompt_one_that_fits_is_taken_and_told(run: Run) -> None:
    told = write_texts(run, WriteSettings(length=5))
    assert told["prompt"] == "The king saw"
    assert told["notes"] == [
        "no --prompt given: begins with 'The king saw', as tales does somewhere"
    ]


def test_the_books_own_continuation_stands_beside(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    book = write_book(tmp_path)
    settings = WriteSettings(prompt="down to the", length=20, beside=book)
    outcome = run_write(run.path, settings, quiet=True)
    own = outcome.summary["beside"]
    place = TEXT.index("down to the")
    assert own["position"] == place
    assert own["text"] == TEXT[place + 11 : place + 31]
    ids = run.corpus.vocabulary.encode("down to the" + own["text"])
    losses = read_losses(run.load_model("best"), ids).nats[-20:]
    # The same weights by another path in float32.
    assert own["bits_per_char"] == pytest.approx(np.mean(losses) / math.log(2), rel=1e-4)
    shown = capsys.readouterr().out
    assert f"tales.txt, {own['bits_per_char']:.2f} bits a character" in shown


def test_confidence_is_told_and_without_a_terminal_nothing_is_coloured(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = WriteSettings(prompt="A fox", length=12, show_confidence=True)
    outcome = run_write(run.path, settings, quiet=False)
    (told,) = outcome.summary["texts"]
    assert len(told["probabilities"]) == 12
    assert all(0 < p <= 1 for p in told["probabilities"])
    captured = capsys.readouterr()
    assert captured.out == f"A fox{told['text']}\n"
    assert captured.err.splitlines()[-1] == (
        "note: standard output shows no colours; --json tells the probabilities"
    )
