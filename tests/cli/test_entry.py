"""The command line as its user meets it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

import unroll
from tests.cli.refusals import fail
from unroll.cli import main
from unroll.study.running.inline import InlineExecutor

QUICKEST = "--lengths 3 --seeds 1 --max-steps 20 --hidden-size 8 --batch-size 8".split()


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--version"])
    assert capsys.readouterr().out == f"unroll {unroll.__version__}\n"


def test_memory_prints_one_json_object_and_nothing_else(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = [sys.executable, "-m", "unroll.cli", "memory", "--cells", "rnn", *QUICKEST]
    done = subprocess.run(
        [*command, "--json", "--out", str(tmp_path / "out")],
        capture_output=True,
        text=True,
        check=True,
    )
    summary = json.loads(done.stdout)
    assert summary["settings"]["lengths"] == [3]
    (trial,) = summary["trials"]
    assert {
        "cell",
        "length",
        "seed",
        "rate",
        "accuracy",
        "solved",
        "steps",
        "seconds",
        "evaluation_seconds",
        "tested",
    } <= set(trial)
    assert (trial["cell"], trial["length"], trial["seed"], trial["rate"]) == ("rnn", 3, 0, 1e-3)
    assert trial["tested"][0]["length"] == 3
    assert summary["horizon"]["rnn"]["per_seed"] == [None]
    assert summary["horizon"]["rnn"]["median"] is None
    assert summary["rate_search"] == []
    assert (
        f"[1/1] rnn T=3 seed 0, rmsprop 0.001: accuracy {trial['accuracy']:.3f} after 20 steps"
        in done.stderr
    )
    assert (tmp_path / "out" / "report.html").exists()
    main(["report", str(tmp_path / "out")])
    assert capsys.readouterr().out == f"report: {tmp_path / 'out' / 'report.html'}\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["study", "--preset", "quik"],
            "unroll: unknown preset 'quik': expected one of full, quick, smoke (nearest: quick)",
        ),
        (
            ["memory", "--recipe", "asignment"],
            "unroll: unknown recipe 'asignment': expected one of assignment, assignment-tuned, "
            "latch, learned, learned-scalar (nearest: assignment)",
        ),
        (
            ["memory", "--lengths", "1"],
            "unroll: lengths: a length must be 2 digits or more, got 1",
        ),
        (["memory", "--seeds", "0"], "unroll: seeds must be 1 or more, got 0"),
        (["memory", "--workers", "0"], "unroll: workers must be 1 or more, got 0"),
        (["memory", "--rate", "-1"], "unroll: rate must be a number above 0, got -1.0"),
        (
            ["memory", "--cells", "lstmm"],
            "unroll: unknown cell 'lstmm': expected one of FILE.py:CLASS, MODULE:CLASS, "
            "bidirectional:CELL, gru, linear, lstm, min-gru, min-lstm, peephole, rnn "
            "(nearest: lstm)",
        ),
        (
            ["memory", "--init", "orthogonl"],
            "unroll: unknown initialisation 'orthogonl': expected one of chrono, forget-bias, "
            "identity, latch, orthogonal, thresholds, uniform, xavier (nearest: orthogonal)",
        ),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_2(
    arguments: list[str],
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert fail(arguments, capsys) == message
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("arguments", [["memory", "--cellz", "rnn"], ["memory", "--lengths", "x"]])
def test_an_unknown_option_or_value_exits_with_2(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert arguments[1] in captured.err


def test_a_command_whose_trials_all_fail_says_so_and_exits_with_1(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("unroll.study.execute.WorkerPool", lambda _: InlineExecutor())
    (tmp_path / "cells.py").write_text(
        "from unroll.cells import RNN\n"
        "class Bad(RNN):\n"
        "    def forward(self, x, state):\n"
        "        if len(x) == 8: raise RuntimeError('eight')\n"
        "        return super().forward(x, state)\n"
    )
    with pytest.raises(SystemExit) as ended:
        main(
            [
                "memory",
                "--cells",
                f"{tmp_path}/cells.py:Bad",
                *QUICKEST,
                "--workers",
                "1",
                "--out",
                str(tmp_path / "out"),
            ]
        )
    assert ended.value.code == 1
    assert "1 of 1 trial failed: RuntimeError: eight" in capsys.readouterr().out


def test_ctrl_c_outside_a_run_is_no_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def interrupt(directory: Path, form: str) -> Path:  # noqa: ARG001 - as it is called
        raise KeyboardInterrupt(directory)

    monkeypatch.setattr("unroll.study.run.write_report", interrupt)
    with pytest.raises(SystemExit) as ended:
        main(["report", str(tmp_path)])
    assert ended.value.code == 130
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("only", ["", " , "])
def test_a_study_of_no_question_is_refused(only: str, capsys: pytest.CaptureFixture[str]) -> None:
    told = fail(["study", "--only", only], capsys)
    assert told == "unroll: only: name at least one question, such as 1.3"


def test_an_empty_part_of_a_list_of_questions_is_no_question(
    capsys: pytest.CaptureFixture[str],
) -> None:
    told = fail(["study", "--only", "3.1,,9.9,"], capsys)
    assert told.startswith("unroll: unknown question '9.9': expected one of 1.1, ")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            "--only 9.9",
            "unknown question '9.9': expected one of 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.7, 2.1a, "
            "2.1b, 2.1c, 2.2, 2.3, 3.1, 3.2, 3.3, 3.4a, 3.4b, GAT",
        ),
        (
            "--book short.txt",
            "the text has 18 characters, and windows of 30 need 668, so that training, tuning and "
            "validation hold one each; give a longer text or a shorter window",
        ),
        (
            "--preset smoke --only 2.2 --book none.txt",
            "none.txt: no such file or folder; give a UTF-8 text file or a folder of .txt files",
        ),
    ],
)
def test_a_study_that_cannot_be_is_refused_and_nothing_is_written(
    words: str,
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("short.txt").write_text("There was a king.\n")
    assert fail(["study", *words.split()], capsys) == f"unroll: {message}"
    assert [path.name for path in tmp_path.iterdir()] == ["short.txt"]
