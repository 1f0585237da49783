"""Commands from Python: the same results as from the command line, and they show themselves."""

import json
import sys
from pathlib import Path

import pytest

import unroll
from tests.report.test_notebook import read
from unroll.cli import main
from unroll.errors import ConfigError, StoreError
from unroll.study.running.inline import InlineExecutor

TINY = unroll.MemorySettings(
    cells=("rnn", "lstm"), lengths=(5, 6), seeds=2, max_steps=3, hidden_size=4, batch_size=4
)
BOOK = "There was once a king who slept; Sleeping beauty is red. A fox saw him!\n" * 150
TRAINING = unroll.TrainSettings(
    book=Path("king.txt"), steps=3, hidden_size=8, layers=1, batch_size=2, window=8
)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Be in an empty folder, with workers that need no process, and without the whole report."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("unroll.study.execute.WorkerPool", lambda _: InlineExecutor())
    monkeypatch.setattr(
        "unroll.study.execute.write_document", lambda store, *_: store.directory / "report.html"
    )
    return tmp_path


@pytest.mark.usefixtures("here")
def test_a_run_is_what_the_command_line_runs(capsys: pytest.CaptureFixture[str]) -> None:
    result = unroll.run(TINY, "runs/memory")
    told = capsys.readouterr()
    assert told.out == ""
    assert "4 trials" in told.err or "8 trials" in told.err
    words = "memory --cells rnn lstm --lengths 5 6 --seeds 2 --max-steps 3 --hidden-size 4"
    typed = [*words.split(), "--batch-size", "4", "--out", "runs/memory", "--quiet"]
    main(typed)
    assert capsys.readouterr().out == f"{result}\n"
    main([*typed, "--json"])
    assert json.loads(capsys.readouterr().out) == json.loads(json.dumps(result.summary))


def test_a_result_shows_its_tables_and_figures(here: Path) -> None:
    result = unroll.run(TINY, here / "memory", quiet=True)
    page = read(result._repr_html_())
    assert len(page.found("table")) == 1
    assert [image["alt"] for image in page.found("img")] == [result.figures["accuracy"].block.alt]
    shown = "".join(page.text)
    assert "More in .figures: rnn-loss-curves" in shown
    assert {"1.2", "1.3", "1.6"} <= set(result.sections)
    assert result.figures["accuracy"].block.rows
    assert result.tables
    assert set(result.horizons) == {"rnn", "lstm"}
    assert result.horizons["rnn"].unit == "steps"
    assert repr(result) == str(result) == result.text


def test_what_is_recorded_is_opened_again_and_nothing_is_trained(here: Path) -> None:
    result = unroll.run(TINY, "memory", quiet=True)
    again = unroll.open_results("memory")
    assert again.summary["memory"][0]["trials"] == result.summary["trials"]
    assert again.horizons == result.horizons
    assert list(again.figures) == list(result.figures)
    assert again.text.startswith("In short:\n  · rnn remembers ")
    with pytest.raises(StoreError):
        unroll.open_results(here / "nothing")


def test_a_users_cell_cannot_put_elements_into_a_notebook(here: Path) -> None:
    name = "<img onerror=x>.py"
    (here / name).write_text("from unroll.cells import RNN\nclass Mine(RNN):\n    pass\n")
    settings = unroll.MemorySettings(
        cells=(f"{name}:Mine",), lengths=(5,), seeds=1, max_steps=2, hidden_size=4, batch_size=4
    )
    result = unroll.run(settings, "memory", quiet=True)
    for html in (result._repr_html_(), result.sections._repr_html_()):
        assert all("onerror" not in image for image in read(html).found("img"))


def test_a_graph_is_run_in_this_process_and_shows_its_updates(tmp_path: Path) -> None:
    result = unroll.run(unroll.ReachSettings(), tmp_path, quiet=True)
    assert result.summary["updates"] == 4
    assert len(read(result._repr_html_()).found("img")) == 1


def test_the_horizon_in_hops_is_a_horizon(here: Path) -> None:
    settings = unroll.HopSettings(
        shapes=("path",), models=("gcn",), distances=(1, 2), seeds=1, steps=2, hidden_size=8
    )
    horizons = unroll.run(settings, here / "hops", quiet=True).horizons
    assert {horizon.unit for horizon in horizons.values()} == {"hops"}


def test_a_book_is_trained_on_written_and_looked_into(here: Path) -> None:
    (here / "king.txt").write_text(BOOK)
    trained = unroll.run(TRAINING, "runs/king", quiet=True)
    assert trained.succeeded
    assert list(trained.figures) == ["text-loss", "text-accuracy"]
    written = unroll.run(
        unroll.WriteSettings(prompt="A fox", length=9, samples=2), "runs/king", quiet=True
    )
    texts = [text["prompt"] + text["text"] for text in written.summary["texts"]]
    assert written.text == "\n\n".join(texts)
    assert all(len(text) == len("A fox") + 9 for text in texts)
    copied = unroll.run(unroll.CopiesSettings(characters=100), "runs/king", quiet=True)
    assert list(copied.figures) == ["text-copies", "text-copies-by-stage"]
    settings = unroll.ContextSettings(positions=4, furthest=8, warm=8, gradients=2)
    context = unroll.run(settings, "runs/king", quiet=True)
    assert context.horizons["king"].unit == "characters"
    for result in (trained, written, copied, context):
        page = read(result._repr_html_())
        assert page.found("table")
        assert [image["alt"] for image in page.found("img")] == [
            result.figures[name].block.alt for name in (result.leading or tuple(result.figures))
        ]
        for figure in result.figures.values():
            assert figure.block.command.endswith("runs/king")
    assert unroll.open_results("runs/king").summary == trained.summary


def test_a_training_that_is_not_finished_says_how_to_go_on(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (here / "king.txt").write_text(BOOK)
    with monkeypatch.context() as patch:
        patch.setattr("unroll.training.characters.fit.write_result", interrupt)
        with pytest.raises(KeyboardInterrupt):
            unroll.run(TRAINING, "runs/king", quiet=True)
    opened = unroll.open_results("runs/king")
    assert opened.text == (
        "runs/king: the training is not finished; unroll text train --resume runs/king goes on"
    )
    assert not opened.succeeded
    assert opened.figures == {}
    assert "goes on" in opened._repr_html_()
    assert unroll.run(TRAINING, "runs/king", quiet=True).succeeded


def interrupt(*_: object) -> None:
    """Do as Ctrl-C does."""
    raise KeyboardInterrupt


def test_without_the_extra_a_result_is_its_text(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = unroll.run(TINY, here / "memory", quiet=True)

    for package in ("altair", "vl_convert"):
        monkeypatch.setitem(sys.modules, package, None)
    page = read(result._repr_html_())
    assert page.found("img") == []
    assert len(page.found("table")) == 1
    assert "Not drawn: a report needs the package" in "".join(page.text)


def test_what_cannot_be_run_is_one_line_and_nothing_is_written(here: Path) -> None:
    with pytest.raises(ConfigError) as raised:
        unroll.run("memory", here / "out")  # type: ignore[arg-type]
    assert str(raised.value) == (
        "run: settings must be one of AblationSettings, BenchSettings, ClassifySettings, "
        "CompareSettings, ContextSettings, CopiesSettings, DepthSettings, GateSettings, "
        "GradientSettings, HopSettings, MemorySettings, OptimiserSettings, Preset, ReachSettings, "
        "TextPart, TrainSettings, WriteSettings, got str"
    )
    with pytest.raises(ConfigError) as raised:
        unroll.run(TINY, here / "out", workers=0)
    assert str(raised.value) == "workers must be 1 or more, got 0"
    assert not (here / "out").exists()
