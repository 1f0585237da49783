"""From words to commands, and what is said of words that are none."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from unroll.cli import parse
from unroll.cli.reading import read_command
from unroll.cli.study import BenchCommand, GradientsCommand, MemoryCommand, ReportCommand
from unroll.cli.text import ScoreCommand, TrainCommand, WriteCommand
from unroll.errors import ConfigError


def test_values_have_the_kinds_of_their_fields() -> None:
    command = parse(
        "memory --cells gru leaky.py:Leaky --lengths 5 10 --rate 3e-3 --json --out a/b".split()
    )
    assert isinstance(command, MemoryCommand)
    assert command.measure.cells == ("gru", "leaky.py:Leaky")
    assert command.measure.lengths == (5, 10)
    assert command.measure.rate == 0.003
    assert command.output.json
    assert not command.output.quiet
    assert command.out == Path("a/b")


@pytest.mark.parametrize(
    "words",
    [
        "--test-lengths 20 --seeds 4",
        "--test_lengths=20 --seeds=4",
    ],
)
def test_ways_to_write_the_same(words: str) -> None:
    command = parse(["memory", *words.split()])
    assert isinstance(command, MemoryCommand)
    assert (command.measure.seeds, command.measure.test_lengths) == (4, (20,))


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("memory --seeds 9 --seeds=4", "--seeds is given twice: 9 and 4; give it once"),
        ("study --only 1.3 --only 3.2", "--only is given twice: 1.3 and 3.2; give it once"),
        (
            "memory --lengths 5 10 --seeds 2 --lengths 20",
            "--lengths is given twice: 5 10 and 20; give it once, with all its values",
        ),
    ],
)
def test_an_option_given_twice_is_refused(words: str, told: str) -> None:
    with pytest.raises(ConfigError) as raised:
        parse(words.split())
    assert str(raised.value) == told


def test_a_switch_may_be_given_twice() -> None:
    assert parse(["memory", "--json", "--json"]) == parse(["memory", "--json"])


def test_words_without_an_option_stand_before_and_after_options() -> None:
    score = parse("text score --places 4 runs/a letter.txt".split())
    assert isinstance(score, ScoreCommand)
    assert (score.run, score.file, score.reading.places) == (Path("runs/a"), Path("letter.txt"), 4)
    train = parse("text train --steps 3 book.txt --seed 1".split())
    assert isinstance(train, TrainCommand)
    assert (train.training.book, train.training.steps) == (Path("book.txt"), 3)
    assert parse(["report", "x"]) == ReportCommand(directory=Path("x"))


@pytest.mark.parametrize("value", ["-", "-h", "-5", "a=b", "a  b", "-- he said", "--a word"])
def test_a_value_may_begin_with_a_dash_or_hold_anything(value: str) -> None:
    for words in ([f"--prompt={value}"], ["--prompt", value]):
        write = parse(["text", "write", "run", *words])
        assert isinstance(write, WriteCommand)
        assert write.writing.prompt == value


@pytest.mark.parametrize("value", ["--", "--x", "--x=y", "--help"])
def test_a_value_that_looks_like_an_option_is_given_behind_its_sign(value: str) -> None:
    write = parse(["text", "write", "run", f"--prompt={value}", "--beams=2", "--until", "-"])
    assert isinstance(write, WriteCommand)
    assert (write.writing.prompt, write.writing.until) == (value, "-")


@dataclass(frozen=True, kw_only=True)
class Strict:
    """Has an option that must be given, and is none of ours."""

    rate: float
    """Must be given."""
    steps: tuple[int, ...] = ()
    """May be left out."""


def test_numbers_may_be_negative() -> None:
    for words in ("--rate -1e-3 --steps -1 2 -3", "--rate=-.001 --steps -1 2 -3"):
        read = read_command(Strict, words.split(), "strict")
        assert read == Strict(rate=-0.001, steps=(-1, 2, -3))


def test_an_option_may_have_to_be_given() -> None:
    with pytest.raises(ConfigError) as told:
        read_command(Strict, ["--steps", "3"], "strict")
    assert str(told.value) == "--rate is missing: strict --help begins with an example"


def test_several_words_may_stand_without_a_name() -> None:
    bench = parse("bench lstm own.py:Mine --seeds 2 gru -- rnn".split())
    assert isinstance(bench, BenchCommand)
    assert bench.measure.cells == ("lstm", "own.py:Mine", "gru", "rnn")
    assert bench.measure.seeds == 2
    with pytest.raises(ConfigError) as told:
        parse(["bench", "--seeds", "2"])
    assert str(told.value) == (
        "CELL is missing: name at least one; unroll bench --help begins with an example"
    )


def test_after_two_dashes_no_word_is_an_option() -> None:
    score = parse("text score --places 4 run -- --json".split())
    assert isinstance(score, ScoreCommand)
    assert (score.run, score.file, score.output.json) == (Path("run"), Path("--json"), False)
    several = parse("memory --lengths 5 10 --".split())
    assert isinstance(several, MemoryCommand)
    assert several.measure.lengths == (5, 10)


def test_a_list_may_be_empty_and_the_settings_decide() -> None:
    looked = parse("gradients --trained-at --json".split())
    assert isinstance(looked, GradientsCommand)
    assert (looked.measure.trained_at, looked.output.json) == ((), True)


@pytest.mark.parametrize(
    ("typed", "path"),
    [("~/runs", "HOME/runs"), ("~", "HOME"), ("~nobody/x", "~nobody/x"), ("a/~/b", "a/~/b")],
)
def test_the_users_home_is_found_where_the_shell_does_not_look(
    typed: str, path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    command = parse(["memory", f"--out={typed}"])
    assert isinstance(command, MemoryCommand)
    assert command.out == Path(path.replace("HOME", str(tmp_path)))


COMMANDS = (
    "study, memory, gradients, optimisers, gates, ablation, check, bench, text, graph, report, app"
)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            "",
            f"a command is missing: name one of {COMMANDS}; unroll --help tells what they do",
        ),
        (
            "text",
            "a command is missing: name one of fetch, train, write, score, copies, context; "
            "unroll text --help tells what they do",
        ),
        (
            "memry",
            "unknown command 'memry': expected one of ablation, app, bench, check, gates, "
            "gradients, graph, memory, optimisers, report, study, text (nearest: memory)",
        ),
        (
            "graph clasify",
            "unknown command 'clasify': expected one of classify, compare, depth, horizon, reach "
            "(nearest: classify)",
        ),
        (
            "memory --seedz 3",
            "unknown option '--seedz' (nearest: --seeds): unroll memory --help lists what there is",
        ),
        (
            "memory --xyzzy",
            "unknown option '--xyzzy': unroll memory --help lists what there is",
        ),
        ("memory -s 3", "unknown option '-s': unroll memory --help lists what there is"),
        (
            "text train --book x",
            "unknown option '--book' (nearest: BOOK, without a name): unroll text train --help "
            "lists what there is",
        ),
        ("memory --out=", "--out must be a path, got ''"),
        ("memory --lengths=", "--lengths must be a whole number, got ''"),
        ("memory --rate 1,5", "--rate must be a number, got '1,5'"),
        (
            "text write run --prompt --greedy",
            "--prompt needs a value, got nothing",
        ),
        ("memory --seeds x", "--seeds must be a whole number, got 'x'"),
        ("memory --seeds 1.5", "--seeds must be a whole number, got '1.5'"),
        ("memory --lengths 5 x", "--lengths must be a whole number, got 'x'"),
        ("memory --rate fast", "--rate must be a number, got 'fast'"),
        ("memory --seeds", "--seeds needs a whole number, got nothing"),
        ("memory --out --json", "--out needs a path, got nothing"),
        ("memory --json=yes", "--json takes no value, got 'yes': leave it out"),
        ("memory rnn", "'rnn' is one word too many: unroll memory --help lists what there is"),
        (
            "text score run",
            "FILE is missing: unroll text score --help begins with an example",
        ),
        ("report x --format pdf", "unknown format 'pdf': expected one of figures, html, md"),
    ],
)
def test_what_cannot_be_used_is_told_in_one_line(words: str, message: str) -> None:
    with pytest.raises(ConfigError) as told:
        parse(words.split())
    assert str(told.value) == message
