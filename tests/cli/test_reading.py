"""From words to commands, and what is said of words that are none."""

from pathlib import Path

import pytest

from unroll.cli import parse
from unroll.cli.study import MemoryCommand, ReportCommand
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
        "--seeds 9 --test-lengths 7 8 --seeds 4 --test-lengths 20",
    ],
)
def test_ways_to_write_the_same(words: str) -> None:
    command = parse(["memory", *words.split()])
    assert isinstance(command, MemoryCommand)
    assert (command.measure.seeds, command.measure.test_lengths) == (4, (20,))


def test_words_without_an_option_stand_before_and_after_options() -> None:
    score = parse("text score --places 4 runs/a letter.txt".split())
    assert isinstance(score, ScoreCommand)
    assert (score.run, score.file, score.reading.places) == (Path("runs/a"), Path("letter.txt"), 4)
    train = parse("text train --steps 3 book.txt --seed 1".split())
    assert isinstance(train, TrainCommand)
    assert (train.training.book, train.training.steps) == (Path("book.txt"), 3)
    assert parse(["report", "x"]) == ReportCommand(directory=Path("x"))


def test_a_value_may_begin_with_dashes() -> None:
    words = ["text", "write", "run", "--beams", "2", "--prompt=--and then", "--until", "-"]
    write = parse(words)
    assert isinstance(write, WriteCommand)
    assert (write.writing.prompt, write.writing.until) == ("--and then", "-")


COMMANDS = "study, memory, gradients, optimisers, gates, text, graph, report"


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
            "unknown command 'memry': expected one of gates, gradients, graph, memory, optimisers, "
            "report, study, text (nearest: memory)",
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
