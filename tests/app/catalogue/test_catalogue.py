"""Runs: listed as they are, loaded as they are, refused in one line."""

import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from filelock import FileLock

from tests.app.catalogue.opened import catalogue_of, refused
from unroll.app.catalogue.catalogue import GONE, Catalogue
from unroll.app.search import known_as
from unroll.decoding import SamplingSettings, sample
from unroll.study.text.commands.write import write_texts
from unroll.study.text.settings import WriteSettings
from unroll.training.characters.run import open_run

HOSTILE_IDS = ("", "../x", "/etc/passwd", "..%2f..%2fetc", "lstm", "text/lstm", "\0", "\ud800", "*")


def test_lists_runs_as_their_files_say(runs: Path) -> None:
    listed = {run.path.name: run for run in catalogue_of(runs).runs()}

    assert listed.keys() == {"lstm", "gru"}
    for name, run in listed.items():
        result = json.loads((runs / name / "result.json").read_text())
        assert run.state == "finished"
        assert run.book == "fable"
        assert run.bits_per_char == result["validation"]["bits_per_char"]
        assert run.steps == result["steps"] == run.stages[-1]
        assert run.recipe is not None
        assert run.recipe.cell == name
        assert run.problem is None


def test_begins_with_the_run_that_predicts_best(runs: Path) -> None:
    catalogue = catalogue_of(runs)
    bits = {run.id: run.bits_per_char or 99 for run in catalogue.runs()}

    assert catalogue.default() == min(bits, key=lambda run_id: bits[run_id])


def test_begins_with_a_persons_own_run_before_the_playgrounds(runs: Path) -> None:
    by_bits = sorted(catalogue_of(runs).runs(), key=lambda run: run.bits_per_char or 99)
    best, other = (run.path for run in by_bits)

    assert Catalogue([runs], own=best).default() == known_as(other)
    assert Catalogue([best], own=best).default() == known_as(best)


def test_begins_with_the_book_that_was_trained_on_last(runs: Path) -> None:
    by_bits = sorted(catalogue_of(runs).runs(), key=lambda run: run.bits_per_char or 99)
    best, other = (run.path for run in by_bits)
    facts = json.loads((other / "run.json").read_text())
    facts["book"]["name"] = "another"
    (other / "run.json").write_text(json.dumps(facts))
    os.utime(best / "run.json", ns=(0, 0))

    assert catalogue_of(runs).default() == known_as(other)


def test_without_a_finished_run_begins_with_the_newest(runs: Path) -> None:
    for name in ("lstm", "gru"):
        (runs / name / "result.json").unlink()
    os.utime(runs / "gru" / "run.json", ns=(0, 0))

    assert catalogue_of(runs).default() == known_as(runs / "lstm")


def test_without_a_run_begins_with_none(tmp_path: Path) -> None:
    assert catalogue_of(tmp_path).default() is None
    assert catalogue_of(tmp_path / "none").runs() == ()


def test_writes_what_the_command_writes(runs: Path) -> None:
    settings = WriteSettings(prompt="Once there", length=60, temperature=0.8, seed=5)
    expected = write_texts(open_run(runs / "lstm"), settings)["texts"][0]["text"]
    loaded = catalogue_of(runs).load(known_as(runs / "lstm"))
    step, state = loaded.new_step()
    vocabulary = loaded.run.corpus.vocabulary

    (written,) = sample(
        step,
        state,
        vocabulary.read_prompt("Once there").ids,
        settings=SamplingSettings(temperature=0.8),
        length=60,
        seed=5,
    )

    assert vocabulary.decode(written.tokens) == expected


@pytest.mark.parametrize("stage", ["best", "last", "10", "0"])
def test_loads_the_weights_of_a_stage(runs: Path, stage: str) -> None:
    loaded = catalogue_of(runs).load(known_as(runs / "gru"), stage)

    expected = open_run(runs / "gru").load_model(
        stage if stage in ("best", "last") else int(stage)  # type: ignore[arg-type] # two words
    )
    assert loaded.stage == stage
    for name, tensor in expected.state_dict().items():
        assert loaded.model.state_dict()[name].equal(tensor), name


@pytest.mark.parametrize("stage", ["11", "-1", "1e3", "../best", "", "٣", "9" * 5000, "\ud800"])
def test_a_stage_that_is_not_kept_is_refused_with_those_that_are(runs: Path, stage: str) -> None:
    error = refused(catalogue_of(runs), known_as(runs / "gru"), stage)

    assert error.status == 404
    assert str(error).endswith("are not kept: choose best, last or one of 0, 1, 3, 10, 30")
    assert len(str(error)) < 150


@pytest.mark.parametrize("run_id", HOSTILE_IDS)
def test_an_id_is_never_a_path(runs: Path, run_id: str) -> None:
    error = refused(catalogue_of(runs), run_id)

    assert (str(error), error.status) == (
        "there is no such run here: choose one of the list",
        404,
    )


def test_a_path_of_a_run_is_no_id(runs: Path) -> None:
    assert refused(catalogue_of(runs), str(runs / "lstm")).status == 404


def test_a_run_that_comes_later_is_found(trained: Path, tmp_path: Path) -> None:
    catalogue = catalogue_of(tmp_path)
    assert catalogue.runs() == ()

    shutil.copytree(trained / "text" / "gru", tmp_path / "new")

    assert catalogue.load(known_as(tmp_path / "new")).run.recipe.cell == "gru"


def test_a_run_deleted_while_loaded_is_gone_and_the_other_is_not(runs: Path) -> None:
    catalogue = catalogue_of(runs)
    lstm, gru = known_as(runs / "lstm"), known_as(runs / "gru")
    catalogue.load(lstm)
    shutil.rmtree(runs / "lstm")

    error = refused(catalogue, lstm)

    assert (str(error), error.status) == (GONE, 410)
    assert [run.id for run in catalogue.runs()] == [gru]
    assert refused(catalogue, lstm).status == 410
    assert catalogue.load(gru).run.recipe.cell == "gru"


def test_weights_that_are_replaced_are_read_again(runs: Path) -> None:
    catalogue, run_id = catalogue_of(runs), known_as(runs / "gru")
    before = catalogue.load(run_id)
    assert catalogue.load(run_id) is before

    best = runs / "gru" / "checkpoints" / "best.safetensors"
    os.utime(best, ns=(1, 1))

    assert catalogue.load(run_id) is not before


def test_a_run_that_is_being_trained_can_be_written_with(runs: Path) -> None:
    folder = runs / "lstm"
    (folder / "result.json").unlink()
    catalogue = catalogue_of(runs)

    with FileLock(folder / ".lock"):
        (run,) = (run for run in catalogue.runs() if run.path == folder)
        assert (run.state, run.bits_per_char) == ("training", None)
        assert catalogue.load(run.id, "last").run.result is None

    (run,) = (run for run in catalogue.runs() if run.path == folder)
    assert run.state == "interrupted"


def test_stages_appear_as_they_come(runs: Path) -> None:
    folder = runs / "gru"
    (folder / "result.json").unlink()
    last = folder / "stages" / "step-00000030.safetensors"
    kept = last.rename(folder / "later")
    catalogue = catalogue_of(runs)
    (run,) = (run for run in catalogue.runs() if run.path == folder)
    assert run.stages == (0, 1, 3, 10)
    assert refused(catalogue, run.id, "30").status == 404

    kept.rename(last)

    (run,) = (run for run in catalogue.runs() if run.path == folder)
    assert run.stages == (0, 1, 3, 10, 30)
    assert catalogue.load(run.id, "30").stage == "30"


def test_a_book_that_is_cut_off_meanwhile_does_not_end_the_server(runs: Path) -> None:
    catalogue, run_id = catalogue_of(runs), known_as(runs / "gru")
    loaded = catalogue.load(run_id)
    ids = loaded.run.corpus.ids
    file = runs / "gru" / "corpus" / "corpus.ids"
    expected = np.frombuffer(file.read_bytes(), ids.dtype)
    # A view of the file would end this very process below.
    assert ids.base is None

    os.truncate(file, 0)

    assert (ids == expected).all()
    assert not ids.flags.writeable
    assert refused(catalogue, run_id).status == 409


def test_stages_and_runs_of_one_book_share_it_in_memory(runs: Path) -> None:
    catalogue = catalogue_of(runs)

    loaded = [
        catalogue.load(known_as(runs / name), stage)
        for name, stage in (("gru", "best"), ("gru", "0"), ("lstm", "best"))
    ]

    assert len({id(one.run.corpus.ids) for one in loaded}) == 1
    assert [one.run.corpus.name for one in loaded] == ["fable"] * 3
