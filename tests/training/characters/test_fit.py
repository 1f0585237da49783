import contextlib
import json
import math
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch
from filelock import FileLock

from tests.training.characters.cases import (
    DROPPING,
    TINY,
    WINDOWS,
    Recorder,
    lasting,
    tiny_book,
    train_tiny,
)
from unroll.errors import ConfigError, StoreError, UnrollError
from unroll.models import CharacterModel
from unroll.records.checkpoints import step_name
from unroll.text import BookError, CorpusError, make_book
from unroll.training.characters import session, stage_steps
from unroll.training.characters.checkpoint import hash_weights
from unroll.training.characters.clock import WorkClock
from unroll.training.characters.evaluation import Figures, carried, windowed
from unroll.training.characters.fit import Point, resume
from unroll.training.characters.run import open_run
from unroll.training.characters.settings import TextRecipe


def refused(kind: type[UnrollError], function: Callable[[], object]) -> str:
    with pytest.raises(kind) as caught:
        function()
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Recorder]:
    recorder = Recorder()
    out = tmp_path_factory.mktemp("run") / "out"
    train_tiny(out, DROPPING, steps=40, watcher=recorder, seed=5)
    return out, recorder


@pytest.fixture
def copy(finished: tuple[Path, Recorder], tmp_path: Path) -> Path:
    """A run that was interrupted after its last checkpoint."""
    shutil.copytree(finished[0], tmp_path / "run")
    (tmp_path / "run" / "result.json").unlink()
    return tmp_path / "run"


def test_a_run_is_what_was_asked_for(finished: tuple[Path, Recorder]) -> None:
    out, recorder = finished
    run = open_run(out)
    assert (run.recipe, run.seed, run.steps, run.minutes, run.threads) == (DROPPING, 5, 40, None, 1)
    assert run.corpus.book_sha256 == tiny_book().sha256
    assert run.splits.validation.stop == 4000
    assert run.stages == stage_steps(40)
    assert (
        run.result == recorder.of("finished")[0][0] == json.loads((out / "result.json").read_text())
    )
    assert sorted(path.name for path in out.iterdir()) == [
        ".lock",
        "checkpoints",
        "corpus",
        "result.json",
        "run.json",
        "stages",
    ]
    kept = [path.name for path in (out / "checkpoints").glob("*.safetensors")]
    assert sorted(kept) == [
        "best.safetensors",
        "step-00000000.safetensors",
        "step-00000040.safetensors",
    ]


def test_the_result_is_the_best_weights_figures(finished: tuple[Path, Recorder]) -> None:
    run = open_run(finished[0])
    result = run.result
    assert result is not None
    model = run.load_model("best")
    ids, extent = run.corpus.ids, run.splits.validation
    told = result["validation"]
    assert told["carried_nats"] == carried(model, ids, extent).loss_nats
    assert told["accuracy"] == carried(model, ids, extent).accuracy
    assert told["bits_per_char"] == pytest.approx(told["carried_nats"] / math.log(2))
    for T in (256, 64, 30):
        assert told[f"w{T}_nats"] == windowed(model, ids, extent, T).loss_nats
    assert result["parameters"] == model.parameter_count
    assert result["best_weights_sha256"] == hash_weights(model.state_dict())
    assert result["weights_sha256"] == hash_weights(run.load_model("last").state_dict())
    assert (result["steps"], result["stopped"]) == (40, "budget")
    looks = [point for point in result["curve"] if point["tuning_nats"] is not None]
    best = min(looks, key=lambda point: point["tuning_nats"])
    assert (result["best_step"], result["tuning_nats"]) == (best["step"], best["tuning_nats"])


def test_training_learns(tmp_path: Path) -> None:
    book = tiny_book()
    result = train_tiny(tmp_path / "out", replace(TINY, hidden_size=32), steps=300, book=book)
    counts = [book.text().count(letter) / 4000 for letter in set(book.text())]
    unigram = -sum(share * math.log(share) for share in counts)
    # Words in random order: within a word most letters follow from those before.
    assert result["validation"]["carried_nats"] < unigram / 2
    assert result["training"]["accuracy"] > 0.5


@pytest.mark.parametrize("recipe", [DROPPING, WINDOWS])
def test_a_seed_decides_everything(tmp_path: Path, recipe: TextRecipe) -> None:
    first = train_tiny(tmp_path / "a", recipe, steps=12, seed=1)
    torch.rand(3)
    assert lasting(train_tiny(tmp_path / "b", recipe, steps=12, seed=1)) == lasting(first)
    other = train_tiny(tmp_path / "c", recipe, steps=12, seed=2)
    assert other["weights_sha256"] != first["weights_sha256"]


def test_the_watcher_hears_of_all(finished: tuple[Path, Recorder]) -> None:
    out, recorder = finished
    result = open_run(out).result
    assert result is not None
    curve = result["curve"]
    assert recorder.told[0] == ("started", 40)
    assert [step for step, _ in recorder.of("stepped")] == [point["step"] for point in curve]
    assert [p.loss_nats for _, p in recorder.of("stepped")] == [p["training_nats"] for p in curve]
    looks = [point for point in curve if point["tuning_nats"] is not None]
    assert [(step, look.loss_nats) for step, _, look in recorder.of("evaluated")] == [
        (point["step"], point["tuning_nats"]) for point in looks
    ]
    run = open_run(out)
    for step, weights in recorder.of("stage"):
        assert hash_weights(weights) == hash_weights(run.load_model(step).state_dict())
    assert [step for step, _ in recorder.of("stage")] == list(stage_steps(40))
    assert recorder.of("noted") == []


def test_a_point_is_the_mean_since_the_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fine = train_tiny(tmp_path / "fine", steps=40)["curve"]
    assert [point["step"] for point in fine] == list(range(1, 41))
    monkeypatch.setattr(session, "_POINTS", 8)
    coarse = train_tiny(tmp_path / "coarse", steps=40)["curve"]
    before = 0
    for point in coarse:
        part = [p["training_nats"] for p in fine[before : point["step"]]]
        # The same float64 numbers, added in another order.
        assert point["training_nats"] == pytest.approx(sum(part) / len(part), rel=1e-9)
        before = point["step"]
    assert before == 40


def test_resuming_a_finished_run_returns_its_result(finished: tuple[Path, Recorder]) -> None:
    out, recorder = finished
    again = Recorder()
    assert resume(out, again) == recorder.of("finished")[0][0]
    assert [told[0] for told in again.told] == ["finished"]


def test_a_damaged_newest_checkpoint_is_skipped_and_told(
    finished: tuple[Path, Recorder], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "_SAVE_SECONDS", 0.0)
    out = tmp_path / "out"
    train_tiny(out, DROPPING, steps=40, seed=5)
    (out / "result.json").unlink()
    damaged = out / "checkpoints" / "step-00000040.safetensors"
    damaged.write_bytes(damaged.read_bytes()[:-9])
    (out / "checkpoints" / "best.safetensors").write_bytes(b"")
    recorder = Recorder()
    result = resume(out, recorder)
    assert {**lasting(result), "best_step": 0, "tuning_nats": 0} == {
        **lasting(finished[1].of("finished")[0][0]),
        "best_step": 0,
        "tuning_nats": 0,
    }
    noted = [text for (text,) in recorder.of("noted")]
    assert noted[0].startswith(f"skipped {out}/checkpoints/best.safetensors: ")
    assert noted[1].startswith(f"skipped {damaged}: truncated: ")
    assert "are lost" in noted[2]
    assert result["notes"] == noted


def test_a_run_without_a_checkpoint_begins_anew(
    copy: Path, finished: tuple[Path, Recorder]
) -> None:
    shutil.rmtree(copy / "checkpoints")
    shutil.rmtree(copy / "stages")
    result = resume(copy, Recorder())
    assert lasting(result) == lasting(finished[1].of("finished")[0][0])


def test_a_run_with_nothing_to_go_on_from_is_refused(copy: Path) -> None:
    for path in (copy / "checkpoints").glob("*.safetensors"):
        path.write_bytes(b"")
    told = refused(StoreError, lambda: resume(copy, Recorder()))
    assert told.startswith(f"{copy}/checkpoints: no checkpoint can be used: ")


def test_other_threads_and_versions_are_told(copy: Path) -> None:
    facts = json.loads((copy / "run.json").read_text())
    facts["environment"]["torch"] = "1.0"
    (copy / "run.json").write_text(json.dumps(facts))
    recorder = Recorder()
    before = torch.get_num_threads()
    resume(copy, recorder, threads=2)
    assert torch.get_num_threads() == before
    ((told,),) = recorder.of("noted")
    assert told.startswith("goes on with torch ")
    assert told.endswith(
        " instead of 1.0, 2 threads instead of 1: the weights may differ in their last bits from "
        "an undisturbed run's"
    )


def test_a_note_on_going_on_is_kept_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "_SAVE_SECONDS", 0.0)

    class Ending(Recorder):
        def __init__(self, last: str) -> None:
            super().__init__()
            self.last = last

        def saved(self, path: Path) -> None:
            if path.name == self.last:
                raise KeyboardInterrupt

    out, recorder = tmp_path / "out", Recorder()
    with pytest.raises(KeyboardInterrupt):
        train_tiny(out, DROPPING, watcher=Ending(step_name(10)))
    with pytest.raises(KeyboardInterrupt):
        resume(out, Ending(step_name(20)), threads=2)
    result = resume(out, recorder, threads=2)
    ((told,),) = recorder.of("noted")
    assert told.startswith("goes on with 2 threads instead of 1: ")
    assert result["notes"] == [told]


def test_one_that_ends_after_every_save_of_the_best_keeps_all_stages(
    finished: tuple[Path, Recorder], tmp_path: Path
) -> None:
    """A look's save comes before the stage's: a sitting may end between the two."""
    out = tmp_path / "out"
    stages: set[int] = set()
    known: set[int] = set()

    class Ending(Recorder):
        def evaluated(self, step: int, training: Point, tuning: Figures) -> None:
            super().evaluated(step, training, tuning)
            self.looked = step

        def saved(self, path: Path) -> None:
            looked = getattr(self, "looked", 0)
            if path.name == "best.safetensors" and looked not in known:
                known.add(looked)
                raise KeyboardInterrupt

        def on_stage(self, step: int, model: CharacterModel) -> None:  # noqa: ARG002
            stages.add(step)

    with pytest.raises(KeyboardInterrupt):
        train_tiny(out, DROPPING, steps=40, seed=5, watcher=Ending())
    for _ in range(len(finished[1].of("evaluated"))):
        with contextlib.suppress(KeyboardInterrupt):
            resume(out, Ending())
    assert lasting(resume(out, Ending())) == lasting(finished[1].of("finished")[0][0])
    assert open_run(out).stages == stage_steps(40)
    assert stages == set(stage_steps(40))
    assert known > {0}


def test_the_best_is_saved_besides_and_not_instead(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where every look is the best so far, and comes before the next save is due."""
    now = 0.0

    class Clock(WorkClock):
        def wall(self) -> float:
            return now

    class Passing(Recorder):
        def stepped(self, step: int, point: Point) -> None:
            nonlocal now
            now += 0.5
            super().stepped(step, point)

    monkeypatch.setattr(session, "WorkClock", Clock)
    recorder = Passing()
    train_tiny(tmp_path / "out", replace(TINY, evaluations=40), steps=40, watcher=recorder)
    saved = [name for (name,) in recorder.of("saved")]
    assert saved.count("best.safetensors") > 2
    kept = [name for name in saved if name != "best.safetensors"]
    assert kept == [f"step-{step:08d}.safetensors" for step in range(0, 41, 4)]


def test_more_characters_than_a_byte_counts_are_trained_on(tmp_path: Path) -> None:
    letters = [chr(0x4E00 + n) for n in range(300)]
    book = make_book("many", "many, made up", lambda: iter(["".join(letters * 10)]))
    result = train_tiny(tmp_path / "out", TINY, steps=3, book=book)
    run = open_run(tmp_path / "out")
    assert run.corpus.vocabulary.size > 300
    assert run.corpus.ids.dtype.itemsize == 2
    assert (
        result["validation"]["carried_nats"]
        == carried(run.load_model(), run.corpus.ids, run.splits.validation).loss_nats
    )


def test_early_stop(tmp_path: Path) -> None:
    recipe = replace(TINY, rate=0.3, patience=2, evaluations=40, schedule="constant")
    recorder = Recorder()
    result = train_tiny(tmp_path / "out", recipe, steps=400, watcher=recorder)
    assert result["stopped"] == "early"
    assert result["steps"] < 400
    looks = [point["step"] for point in result["curve"] if point["tuning_nats"] is not None]
    assert looks[-3] == result["best_step"]
    assert result["notes"][-1] == (
        f"step {result['steps']:,}: stopped early, after 2 looks at the tuning split without a "
        f"better one than at step {result['best_step']:,}"
    )
    run = open_run(tmp_path / "out")
    assert run.stages[-1] == result["steps"]


def test_a_loss_that_is_no_number_ends_training(tmp_path: Path) -> None:
    recipe = replace(TINY, rate=1e38, optimiser="rmsprop", schedule="constant")
    result = train_tiny(tmp_path / "out", recipe, steps=40)
    assert result["stopped"] == "diverged"
    assert "a lower rate may help" in result["notes"][0]
    assert resume(tmp_path / "out", Recorder()) == result


def test_minutes_become_steps_before_step_1(tmp_path: Path) -> None:
    result = train_tiny(tmp_path / "out", steps=None, minutes=0.01)
    run = open_run(tmp_path / "out")
    assert (run.minutes, run.steps) == (0.01, result["steps"])
    assert run.calibration is not None
    assert run.calibration["step_seconds"] > 0


def test_no_global_randomness_is_used_or_changed(tmp_path: Path) -> None:
    before = torch.random.get_rng_state()
    train_tiny(tmp_path / "out", DROPPING, steps=3)
    assert torch.equal(torch.random.get_rng_state(), before)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"steps": None}, "training: say either steps or minutes"),
        ({"minutes": 1.0}, "training: say either steps or minutes"),
        ({"steps": 0}, "steps: must be 1 or more, got 0"),
        ({"steps": None, "minutes": math.nan}, "minutes: must be a number above 0, got nan"),
        ({"threads": 0}, "threads: must be 1 or more, got 0"),
        ({"threshold": 0}, "threshold: a character stands at least 1 time, got 0"),
        (
            {"book": tiny_book(100)},
            "the text has 100 characters, and windows of 8 need 179, so that training, tuning and "
            "validation hold one each; give a longer text or a shorter window",
        ),
    ],
)
def test_what_cannot_be_trained_is_told(
    tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    assert refused(ConfigError, lambda: train_tiny(tmp_path / "out", **changes)) == message
    assert not (tmp_path / "out" / "run.json").exists()


def test_more_streams_than_the_text_holds_are_told(tmp_path: Path) -> None:
    recipe = replace(TINY, batch_size=1000)
    told = refused(ConfigError, lambda: train_tiny(tmp_path / "out", recipe))
    assert told.startswith("feed: B=1000 and T=8 need 8,000 characters to train on, got 3,420")
    assert not (tmp_path / "out").exists()


def test_a_directory_in_use_is_refused(finished: tuple[Path, Recorder], tmp_path: Path) -> None:
    out = finished[0]
    assert refused(StoreError, lambda: train_tiny(out)) == (
        f"{out}: already holds a run; go on with it by --resume {out}, or choose another --out"
    )
    (tmp_path / "letters.txt").write_text("mine")
    assert refused(StoreError, lambda: train_tiny(tmp_path)) == (
        f"{tmp_path}: holds something that is not a run (letters.txt); choose an empty or new "
        "directory with --out"
    )
    assert refused(StoreError, lambda: train_tiny(tmp_path / "letters.txt")).startswith(
        f"{tmp_path / 'letters.txt'}: "
    )


def test_a_beginning_that_was_interrupted_is_begun_again(tmp_path: Path) -> None:
    (tmp_path / "corpus").mkdir()
    (tmp_path / ".run.json.1.part").write_text("{")
    train_tiny(tmp_path, steps=2)
    assert not (tmp_path / ".run.json.1.part").exists()


def test_no_run_there_is_told(tmp_path: Path) -> None:
    empty, none = tmp_path / "an empty one", tmp_path / "none"
    empty.mkdir()
    (tmp_path / "letter.txt").write_text("Dear")
    give = "give a directory that unroll text train wrote"
    train = f"{give}, or train there: unroll text train BOOK --out"
    told = {
        empty: f"an empty directory; {train} '{empty}'",
        none: f"no such directory; {train} {none}",
        tmp_path / "letter.txt": f"is a file; {give}",
        tmp_path: f"no run here (no run.json); {give}",
    }
    for path, what in told.items():
        assert refused(StoreError, partial(resume, path, Recorder())) == f"{path}: {what}"


def test_the_directory_of_a_study_is_named_as_such(tmp_path: Path) -> None:
    (tmp_path / "unroll.sqlite").touch()
    what = (
        f"{tmp_path}: holds the results of a study, not a training of unroll text; unroll report "
        f"{tmp_path} draws them; for text give a directory that unroll text train wrote"
    )
    assert refused(StoreError, lambda: open_run(tmp_path)) == what
    run = tmp_path / "text" / "key"
    run.mkdir(parents=True)
    (run / "run.json").touch()
    assert refused(StoreError, lambda: open_run(tmp_path)) == f"{what}, {run} for one"


AGAIN = "put a copy back, or train again: unroll text train BOOK --out DIRECTORY"


def test_half_a_run_is_told_by_what_is_missing(copy: Path) -> None:
    shutil.rmtree(copy / "checkpoints")
    run = open_run(copy)
    kept = ", ".join(map(str, run.stages))
    choose = f"put a copy back, or choose a step that is kept with --stage: {kept}"
    best = copy / "checkpoints" / "best.safetensors"
    assert refused(StoreError, run.load_model) == f"{best}: missing; {choose}"
    assert refused(StoreError, lambda: run.load_model("last")) == (
        f"{copy}/checkpoints: missing; {choose}"
    )
    (copy / "result.json").unlink(missing_ok=True)
    assert refused(StoreError, lambda: resume(copy, Recorder())) == (
        f"{copy}/checkpoints: holds no checkpoint, and the training had come to step "
        f"{run.stages[-1]}; {AGAIN}"
    )
    shutil.rmtree(copy / "stages")
    assert refused(StoreError, open_run(copy).load_model) == (
        f"{best}: missing, and no other weights are kept; {AGAIN}"
    )
    array = copy / "corpus" / "corpus.ids"
    array.write_bytes(b"")
    size = len(run.corpus.ids)
    assert refused(CorpusError, lambda: open_run(copy)) == (
        f"{array}: damaged: 0 bytes instead of {size:,}; {AGAIN}"
    )
    shutil.rmtree(copy / "corpus")
    assert refused(CorpusError, lambda: open_run(copy)) == (
        f"{copy}/corpus: missing, the book that the run was trained on; {AGAIN}"
    )


def test_a_damaged_result_is_told_how_it_is_written_anew(copy: Path) -> None:
    path = copy / "result.json"
    anew = f"remove it, and unroll text train --resume {copy} writes it anew"
    path.write_text("{")
    assert refused(StoreError, lambda: open_run(copy)) == f"{path}: damaged: not JSON; {anew}"
    path.write_text('{"validation": 1, "training": 1, "best_step": 1, "steps": 1}')
    assert refused(StoreError, lambda: open_run(copy)) == (
        f"{path}: damaged: without curve, stopped; {anew}"
    )
    path.unlink()
    assert resume(copy, Recorder())["steps"] == open_run(copy).steps


def test_another_book_is_refused(copy: Path, tmp_path: Path) -> None:
    other = tiny_book(seed=1, name="other")
    told = refused(StoreError, lambda: resume(copy, Recorder(), book=other))
    assert told.startswith(f"{copy}: a run on another book, 'tiny', SHA-256 ")
    train_tiny(tmp_path / "other", book=other, steps=1)
    shutil.rmtree(copy / "corpus")
    shutil.copytree(tmp_path / "other" / "corpus", copy / "corpus")
    assert refused(CorpusError, lambda: resume(copy, Recorder())) == (
        f"{copy}/corpus: of another book than the run: 'other', and the run is of 'tiny'"
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": 9}, "of format version 9, and this unroll reads 1; use another directory or"),
        ({"recipe": {}}, "damaged (recipe: 'name' is missing); put a copy back, or train"),
        ({"seed": None}, "damaged (int() argument must be"),
        (None, "damaged: not JSON; put a copy back, or train again: unroll text train"),
    ],
)
def test_a_run_that_cannot_be_read_is_refused(copy: Path, change: Any, message: str) -> None:
    path = copy / "run.json"
    facts = json.loads(path.read_text())
    path.write_text("{" if change is None else json.dumps({**facts, **change}))
    assert refused(StoreError, lambda: open_run(copy)).startswith(f"{path}: {message}")


def test_a_run_that_is_being_written_is_refused(copy: Path) -> None:
    code = (
        "import sys, filelock; lock = filelock.FileLock(sys.argv[1]); lock.acquire(); "
        "print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(copy / ".lock")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        told = refused(StoreError, lambda: resume(copy, Recorder()))
        holder.communicate()
    assert told == (
        f"{copy}: is being written by another process; wait for it, or choose another --out"
    )
    resume(copy, Recorder())
    with FileLock(copy / ".lock", timeout=0):
        pass


def test_a_stage_that_is_not_kept_is_told(finished: tuple[Path, Recorder]) -> None:
    run = open_run(finished[0])
    assert refused(ConfigError, lambda: run.load_model(7)) == (
        "stage: the weights of step 7 are not kept; choose best, last or one of 0, 1, 3, 10, 30, 40"
    )


def test_a_cell_of_the_users_is_trained_and_must_stay_the_same(tmp_path: Path) -> None:
    source = tmp_path / "own.py"
    source.write_text("from unroll.cells import GRU\n\nclass Own(GRU):\n    pass\n")
    recipe = replace(TINY, cell=f"{source}:Own")
    train_tiny(tmp_path / "out", recipe, steps=2)
    source.write_text(source.read_text() + "\n")
    assert refused(StoreError, lambda: open_run(tmp_path / "out")) == (
        f"{tmp_path}/out: {source} has changed since the run began: its weights belong to another "
        "cell"
    )


def test_an_empty_book_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    refused(BookError, lambda: train_tiny(tmp_path / "out", book=tiny_book(1)))
    assert not (tmp_path / "out").exists()
