"""The commands under `unroll text` as their user meets them."""

import errno
import json
import shutil
from pathlib import Path

import pytest

from tests.cli.refusals import fail
from tests.study.text.commands.runs import TEXT, small, write_book
from tests.text.gutenberg_host import Answer, serving
from unroll.cli import main
from unroll.records.atomic import describe_os_error, write_atomically
from unroll.study.text.commands.train import train_book
from unroll.training.characters import precision
from unroll.training.characters.watcher import Unwatched

QUICKEST = "--hidden-size 8 --layers 1 --batch-size 2 --window 8".split()


@pytest.fixture(scope="module")
def run_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cli")
    train_book(small(write_book(folder), steps=3), folder / "run", Unwatched())
    return folder / "run"


def tree(folder: Path) -> dict[str, bytes]:
    """Return everything that a folder holds."""
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_book_is_trained_on_and_written_like(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    write_book(tmp_path)
    main(["text", "train", "tales.txt", "--steps", "3", *QUICKEST, "--json"])
    captured = capsys.readouterr()
    summary = json.loads(captured.out)
    assert summary["run"] == "runs/text-tales"
    assert summary["steps"] == 3
    assert f"tales.txt\n{'':10}{len(TEXT):,} characters" in captured.err
    main(["text", "train", "--resume", "runs/text-tales", "--json"])
    captured = capsys.readouterr()
    assert json.loads(captured.out)["weights_sha256"] == summary["weights_sha256"]
    main("text write runs/text-tales --prompt fox --length 20 --seed 3".split())
    first = capsys.readouterr()
    assert first.out.startswith("fox")
    assert len(first.out) == len("fox") + 20 + 1
    main("text write runs/text-tales --prompt fox --length 20 --seed 3 --json".split())
    assert json.loads(capsys.readouterr().out)["texts"][0]["text"] == first.out[3:-1]
    main(["text", "score", "runs/text-tales", "tales.txt", "--json", "--quiet"])
    captured = capsys.readouterr()
    assert json.loads(captured.out)["bits_per_char"] > 0
    assert captured.err == ""


def test_a_run_that_is_not_there_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    none = tmp_path / "none"
    for arguments in (
        ["train", "--resume", str(none)],
        ["write", str(none)],
        ["score", str(none), __file__],
        ["copies", str(none)],
        ["context", str(none)],
    ):
        assert fail(["text", *arguments], capsys) == (
            f"unroll: {none}: no such directory; give a directory that unroll text train wrote, "
            f"or train there: unroll text train BOOK --out {none}"
        )
    assert not none.exists()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "holds 0 characters of text"),
        (b"a", "holds 1 character of text"),
        (b"abc\0def" * 100, "a binary file (it holds NUL bytes); give a UTF-8 text file"),
        (b"caf\xe9 " * 100, "not UTF-8 at byte 3 (0xE9); it is likely ISO-8859-1: iconv"),
        (b"The king sat. " * 3, "the text has 42 characters, and windows of 8 need"),
    ],
)
def test_a_book_that_cannot_be_read_is_refused_and_nothing_is_written(
    content: bytes, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    book, out = tmp_path / "book.txt", tmp_path / "run"
    book.write_bytes(content)
    arguments = ["text", "train", str(book), "--steps", "1", *QUICKEST, "--out", str(out)]
    assert message in fail(arguments, capsys)
    assert not out.exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["train", "--steps", "0"], "steps must be 1 or more, got 0"),
        (["train", "--steps", "5", "--minutes", "1"], "give --steps or --minutes, not both"),
        (["train", "--seed", "-1"], "seed must be 0 … 2^63 − 1, got -1"),
        (
            ["train", "--steps", "1", "--cell", "lstmm"],
            "unknown cell 'lstmm': expected one of FILE.py:CLASS, MODULE:CLASS, "
            "bidirectional:CELL, gru, linear, lstm, min-gru, min-lstm, peephole, rnn "
            "(nearest: lstm)",
        ),
        (
            ["train", "--steps", "1", "--cell", "bidirectional:gru"],
            "cell 'bidirectional:gru': a bidirectional network reads what it is to predict; name a "
            "cell that reads forwards only",
        ),
        (
            ["train", "--resume", "runs/x", "--steps", "5"],
            "--resume goes on with a run as it began: leave out --steps, or begin another with "
            "--out",
        ),
        (
            ["train", "--resume", "runs/x", "--out", "runs/y"],
            "give --out or --resume, not both: a resumed run stays where it is",
        ),
        (
            ["fetch", "grim"],
            "unknown book 'grim': expected one of grimm, sherlock (nearest: grimm); or a number "
            "at Project Gutenberg",
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
    assert fail(["text", *arguments], capsys) == f"unroll: {message}"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--temperature", "nan"], "temperature must be positive and finite, got nan"),
        (["--temperature", "-1"], "temperature must be positive and finite, got -1.0"),
        (["--top-p", "0"], "top-p must be above 0 and at most 1, got 0.0"),
        (["--top-k", "5000"], "top-k must be at most V = 35, the characters of the model, got"),
        (["--beams", "0"], "beams must be 1 or more, got 0"),
        (["--prompt", ""], "prompt is empty: give at least one character to begin with"),
        (["--beams", "2", "--until", "?"], "until '?' can never be written: the model does not"),
        (["--stage", "2"], "stage: the weights of step 2 are not kept; choose best, last or one"),
        (["--beside", "none.txt"], "none.txt: no such file or folder"),
    ],
)
def test_what_cannot_be_written_is_refused_and_the_run_stays_as_it_is(
    options: list[str], message: str, run_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = tree(run_dir)
    told = fail(["text", "write", str(run_dir), *options], capsys)
    assert told.startswith(f"unroll: {message}")
    assert tree(run_dir) == before


def test_a_run_of_another_format_or_vocabulary_is_refused(
    run_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    newer = tmp_path / "newer"
    newer.mkdir()
    facts = json.loads((run_dir / "run.json").read_text())
    (newer / "run.json").write_text(json.dumps({**facts, "format": 99}))
    assert fail(["text", "write", str(newer)], capsys).startswith(
        f"unroll: {newer / 'run.json'}: of format version 99, and this unroll reads 1"
    )
    other = tmp_path / "other"
    book = tmp_path / "abc.txt"
    book.write_text("abc " * 300)
    train_book(small(book, steps=1), other, Unwatched())
    best = "checkpoints/best.safetensors"
    for name in (best, f"{best}.sha256"):
        (other / name).write_bytes((run_dir / name).read_bytes())
    assert "vocabulary" in fail(["text", "write", str(other)], capsys)


def test_a_vocabulary_of_thousands_is_told_with_a_threshold(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    book = tmp_path / "many.txt"
    book.write_text("".join(chr(0x4E00 + n % 1500) + "a" * 150 for n in range(1500)))
    arguments = ["text", "train", str(book), "--steps", "1", *QUICKEST]
    main([*arguments, "--out", str(tmp_path / "run")])
    told = " ".join(capsys.readouterr().err.split())
    assert "note: the vocabulary has 1,501 different characters" in told
    assert "--threshold" in told


def test_a_book_is_fetched_and_then_known_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with serving({"/cache/epub/2591/pg2591.txt": [Answer()]}) as host:
        main(["text", "fetch", "grimm", "--mirror", host.address])
    told = capsys.readouterr().out
    assert "recorded now, on first use" in told
    assert told.endswith("next: unroll text train grimm\n")
    with serving({}):
        main(["text", "fetch", "grimm", "--json"])
    summary = json.loads(capsys.readouterr().out)
    assert (summary["number"], summary["name"], summary["characters"]) == (2591, "grimm", 28)


def test_a_full_disk_is_told_and_nothing_is_lost(
    run_dir: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    book, out = write_book(tmp_path), tmp_path / "run"

    def refuse(path: Path, data: bytes) -> None:
        if "step-00000001" in path.name:
            raise describe_os_error(path, OSError(errno.ENOSPC, "full"))
        write_atomically(path, data)

    with monkeypatch.context() as full:
        full.setattr("unroll.study.text.commands.stage_samples.write_atomically", refuse)
        arguments = small(book, steps=3).command(str(out)).split()[1:]
        assert fail([*arguments, "--quiet"], capsys) == (
            f"unroll: {out / 'stages' / 'step-00000001.json'}: no disk space left; free some and "
            "run the command again"
        )
    main(["text", "train", "--resume", str(out), "--json", "--quiet"])
    resumed = json.loads(capsys.readouterr().out)
    main(["text", "train", "--resume", str(run_dir), "--json", "--quiet"])
    assert resumed["weights_sha256"] == json.loads(capsys.readouterr().out)["weights_sha256"]


@pytest.mark.parametrize(
    "options",
    [
        ["--window", "8", "--threshold", "100000"],
        ["--window", "5000"],
        ["--window", "8", "--precision", "bfloat16"],
    ],
    ids=["threshold", "window", "precision"],
)
def test_what_is_refused_is_neither_measured_nor_left_behind(
    options: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(precision, "has_native_bfloat16", lambda: False)
    write_book(tmp_path)
    refused = fail(["text", "train", "tales.txt", *QUICKEST[:-2], *options], capsys)
    assert (
        refused.startswith(f"unroll: {options[-2].removeprefix('--')}") or "windows of" in refused
    )
    assert [path.name for path in tmp_path.iterdir()] == ["tales.txt"]


def test_copies_without_stages_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    write_book(tmp_path)
    main(["text", "train", "tales.txt", *QUICKEST, "--steps", "2", "--out", "run", "--quiet"])
    capsys.readouterr()
    shutil.rmtree(tmp_path / "run" / "stages")
    assert fail(["text", "copies", "run"], capsys) == (
        "unroll: run/stages: no weights of any stage, and copies are counted at each; put a copy "
        "back, or train again: unroll text train BOOK --out DIRECTORY"
    )
