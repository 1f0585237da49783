"""Titles: short, and no two the same."""

from dataclasses import replace
from pathlib import Path

from tests.app.trained import LSTM
from unroll.app.catalogue.found import FoundRun
from unroll.app.catalogue.titles import titles_of
from unroll.training.characters.settings import TextRecipe

RUN = FoundRun(
    id="1", path=Path("runs/text-fable"), state="finished", book="fable", recipe=LSTM, steps=1500
)


def titles(*runs: FoundRun) -> list[str]:
    numbered = [replace(run, id=str(number)) for number, run in enumerate(runs)]
    return list(titles_of(numbered).values())


def with_recipe(recipe: TextRecipe) -> FoundRun:
    return replace(RUN, recipe=recipe)


def test_a_run_is_called_by_its_book_and_size() -> None:
    assert titles(RUN) == ["fable · LSTM 2 × 24"]


def test_runs_of_other_sizes_need_no_more() -> None:
    other = with_recipe(replace(LSTM, cell="gru", layers=1))

    assert titles(RUN, other) == ["fable · LSTM 2 × 24", "fable · GRU 1 × 24"]


def test_runs_are_told_apart_by_what_differs() -> None:
    assert titles(RUN, replace(RUN, seed=1)) == [
        "fable · LSTM 2 × 24 · seed 0",
        "fable · LSTM 2 × 24 · seed 1",
    ]
    assert titles(RUN, with_recipe(replace(LSTM, name="best", dropout=0.2))) == [
        "fable · LSTM 2 × 24 · tiny",
        "fable · LSTM 2 × 24 · best",
    ]
    assert titles(RUN, replace(RUN, steps=20_000)) == [
        "fable · LSTM 2 × 24 · 1,500 steps",
        "fable · LSTM 2 × 24 · 20,000 steps",
    ]


def test_runs_that_differ_in_nothing_are_told_apart_by_their_folders() -> None:
    hashed = replace(RUN, path=Path("runs/study/text/" + "0123456789abcdef" * 2))

    assert titles(RUN, replace(RUN, path=Path("other/again")), hashed) == [
        "fable · LSTM 2 × 24 · text-fable",
        "fable · LSTM 2 × 24 · again",
        "fable · LSTM 2 × 24 · 01234567",
    ]
    assert titles(RUN, replace(RUN, path=Path("other/text-fable"))) == [
        "fable · LSTM 2 × 24 · runs/text-fable",
        "fable · LSTM 2 × 24 · other/text-fable",
    ]


def test_a_damaged_run_is_called_by_its_folder() -> None:
    damaged = replace(RUN, recipe=None, state="damaged", path=Path("runs/caf\udce9"))

    assert titles(damaged) == ["caf?"]
