"""Part 2 planned, and carried out on a small text of a user's in this process."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.study.undrawn import carry_out
from unroll.errors import ConfigError, UnrollError
from unroll.records import Store
from unroll.study.presets import PRESETS
from unroll.study.running.inline import InlineExecutor
from unroll.study.text.part import LOOKS, TextPart, Training, WritingSettings
from unroll.study.text.plan import plan_text
from unroll.study.text.presets import FULL_TEXT, QUICK_TEXT
from unroll.study.text.settings import ContextSettings, CopiesSettings, TrainSettings
from unroll.study.text.view import load_texts

BOOK = "The king went to the sea. He saw a ship there, white as milk, and it came to him.\n\n"
TINY = TrainSettings(steps=4, hidden_size=8, batch_size=2, window=16, embedding=4)
PART = TextPart(
    trainings=(Training(name="tiny", settings=TINY, seeds=2),),
    writing=WritingSettings(
        measured=60, samples=2, length=30, prompts=2, beams=(1, 2), temperatures=(1.0,)
    ),
    copies=CopiesSettings(characters=100),
    context=ContextSettings(positions=3, furthest=4, warm=4, gradients=2),
)


@pytest.fixture
def part(tmp_path: Path) -> TextPart:
    book = tmp_path / "book.txt"
    book.write_text(BOOK * 60, encoding="utf-8")
    return PART.of_book(book)


def test_each_network_is_trained_and_then_looked_into(part: TextPart) -> None:
    plan = plan_text(part)
    kinds = [job.kind for job in plan.measurements]
    assert kinds == ["text-training"] * 2 + ["text-writing", "text-copies", "text-context"] * 2
    trainings = {job.key: job for job in plan.measurements[:2]}
    for job in plan.measurements[2:]:
        assert job.folder == trainings[job.after or ""].folder == Path("text") / (job.after or "")
    assert len({job.key for job in plan.measurements}) == 8


def test_a_copy_of_the_book_is_the_same_and_another_text_is_not(part: TextPart) -> None:
    assert part.book is not None
    copy = part.book.with_name("copy.txt")
    copy.write_bytes(part.book.read_bytes())
    keys = [job.key for job in plan_text(part).measurements]
    assert [job.key for job in plan_text(part.of_book(copy)).measurements] == keys
    copy.write_text(f"{BOOK * 60}More.", encoding="utf-8")
    assert not set(keys) & {job.key for job in plan_text(part.of_book(copy)).measurements}


def test_a_book_that_is_too_short_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    book = tmp_path / "short.txt"
    book.write_text("Too short.", encoding="utf-8")
    with pytest.raises(UnrollError, match="windows of 16 need"):
        carry_out(PART.of_book(book), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_what_cannot_be_repeated_or_told_apart_is_refused() -> None:
    with pytest.raises(ConfigError, match="training a: steps must be given"):
        Training(name="a", settings=TrainSettings())
    training = Training(name="a", settings=TINY)
    with pytest.raises(ConfigError, match="two trainings are called a"):
        TextPart(trainings=(training, training))


def test_all_of_it_is_recorded_and_the_same_again_runs_nothing(
    part: TextPart, tmp_path: Path
) -> None:
    out, executor = tmp_path / "out", InlineExecutor()
    result = carry_out(part, out, executor)
    assert executor.calls == 8
    assert result.succeeded
    assert result.summary["failures"] == []
    seeds = result.summary["trainings"][0]["seeds"]
    assert [seed["seed"] for seed in seeds] == [0, 1]
    assert seeds[0]["weights_sha256"] != seeds[1]["weights_sha256"]
    with Store.read(out) as store:
        (view,) = load_texts(store)
    assert view.names == ("tiny",)
    for network in view.trainings[0].networks:
        assert network.writing is not None
        assert network.copies is not None
        assert network.context is not None
        assert [beam["width"] for beam in network.writing["beams"]] == [1, 2]
        assert network.writing["stages"][-1]["step"] == 4
        greedy = next(e for e in network.writing["grid"] if not e["temperature"])
        assert network.writing["beams"][0]["text"] == greedy["texts"][0]["text"]
    again = InlineExecutor()
    carry_out(part, out, again)
    assert again.calls == 0


def test_a_training_goes_on_in_the_folder_that_a_killed_one_left(
    part: TextPart, tmp_path: Path
) -> None:
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    part = replace(part, trainings=(replace(part.trainings[0], seeds=1),))
    job = plan_text(part).measurements[0]
    expected = carry_out(part, whole).summary["trainings"][0]["seeds"][0]["weights_sha256"]
    # Killed before anything was decided: what lies there is no run, and is made anew.
    assert job.folder is not None
    with Store.create(cut):
        pass
    (cut / job.folder).mkdir(parents=True)
    (cut / job.folder / "half").write_text("written")
    found = carry_out(part, cut).summary["trainings"][0]["seeds"][0]["weights_sha256"]
    assert found == expected


def test_a_training_is_looked_into_for_what_is_asked(part: TextPart, tmp_path: Path) -> None:
    training = replace(part.trainings[0], seeds=1, looks=("copies",))
    part = replace(part, trainings=(training,))
    assert [job.kind for job in plan_text(part).measurements] == ["text-training", "text-copies"]
    carry_out(part, tmp_path / "out")
    with Store.read(tmp_path / "out") as store:
        (view,) = load_texts(store)
    (network,) = view.trainings[0].networks
    assert network.copies is not None
    assert (network.writing, network.context) == (None, None)
    assert (view.missing, view.problems) == (0, ())


def test_the_full_preset_crosses_windows_and_units_and_overtrains() -> None:
    crossed = FULL_TEXT.trainings[:4]
    recipes = [training.settings.resolve_recipe(465_000) for training in crossed]
    assert [(recipe.window, recipe.hidden_size) for recipe in recipes] == [
        (30, 128), (30, 256), (100, 128), (100, 256),
    ]  # fmt: skip
    # Nothing else differs, so that what follows is of T and units alone.
    first = recipes[0]
    assert {replace(r, window=first.window, hidden_size=128) for r in recipes} == {first}
    assert len({training.settings.steps for training in crossed}) == 1
    overtrained = FULL_TEXT.trainings[-1].settings
    recipe = overtrained.resolve_recipe(100_000)
    assert (recipe.hidden_size, recipe.window, recipe.dropout) == (256, 100, 0.0)
    assert (recipe.patience, overtrained.characters) == (None, 100_000)
    for training in FULL_TEXT.trainings:
        assert (training.seeds, training.looks) == (3, LOOKS)


def test_the_quick_preset_overtrains_too() -> None:
    overtrained = QUICK_TEXT.trainings[-1]
    recipe = overtrained.settings.resolve_recipe(30_000)
    assert (recipe.schedule, recipe.patience, recipe.dropout) == ("constant", None, 0.0)
    read = (overtrained.settings.steps or 0) * recipe.batch_size * recipe.window
    assert read > 20 * (overtrained.settings.characters or 0) * 0.855
    assert "copies" in overtrained.looks


def test_a_book_of_the_users_comes_first_and_takes_the_place_of_the_default() -> None:
    for preset in PRESETS.values():
        parts = preset.of_book(Path("my book.txt")).parts
        assert isinstance(parts[0], TextPart)
        assert parts[0].book == Path("my book.txt")
        assert len(parts) == len(preset.parts)
        assert parts[0].command("out") == (
            f"unroll study --preset {preset.name} --book 'my book.txt' --out out"
        )
