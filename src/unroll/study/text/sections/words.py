"""What the sections on text share: their part, headings, commands, and texts as they are shown."""

import shlex
from collections.abc import Sequence
from typing import Any

from unroll.report.markup import inert
from unroll.report.section import Command, Notice
from unroll.study import parts
from unroll.study.reproduction import anew
from unroll.study.text.view import TextView, TrainingView
from unroll.study.words import count, in_cell

PART = parts.TEXT
TRAINED_UNDER = "2.1a"
"""The question whose networks the sections without a number look into."""
BLANKS = 3
"""So many blanks at the end of a text, and they are counted instead of shown."""
NO_WORDS = "no words"
"""What is said in place of a share of words where a text is made of blanks, say."""


def heading(title: str, view: TextView) -> str:
    """Return a section's title; it names the book where there are several."""
    return f"{title} ({view.book['name']})" if view.is_named else title


def problem_notices(view: TextView) -> list[Notice]:
    """Return what failed, and how much is not recorded yet."""
    notices = [
        Notice(text=f"**{inert(problem.label)}:** {inert(problem.error)}")
        for problem in view.problems
    ]
    if view.missing:
        number = count(view.missing, "measurement")
        notices.append(Notice(text=f"{number} on this book not recorded yet."))
    return notices


def study_commands(view: TextView, question: str) -> list[str]:
    """Return the command lines of the study that answer a question about this book alone."""
    return [f"{anew(command)} --only {question}" for command in view.commands]


def write_commands(
    view: TextView, training: TrainingView, question: str, *options: str
) -> list[Command]:
    """Return what to type for a section without figures: its measurements, then a text alike."""
    prompt = (training.looked("writing")[0].writing or {})["prompt"]
    words = ["unroll", "text", "write", training.directory, "--prompt", prompt, *options]
    return [
        Command(text="\n".join(study_commands(view, question))),
        Command(text=shlex.join(words), label="Write so with a network trained as in 2.1a"),
    ]


def shown(text: str) -> str:
    r"""Return a text as a table shows it: blanks that it ends in are counted, not shown.

    >>> shown("and so" + "\n" * 90), shown("and so ")
    ('and so […90 blanks]', 'and so ')
    """
    blanks = len(text) - len(text.rstrip())
    return f"{text.rstrip()} […{blanks} blanks]" if blanks >= BLANKS else text


def word_cell(texts: Sequence[dict[str, Any]], share: str) -> str:
    """Return a share of words in per cent, over the texts that have words at all.

    >>> word_cell([{"number": 4, "known": 0.5}, {"number": 0, "known": 0.0}], "known")
    '50%'
    >>> word_cell([{"number": 0, "known": 0.0}], "known")
    'no words'
    """
    shares = [100 * text[share] for text in texts if text["number"]]
    return f"{in_cell(shares, '{:.0f}')}%" if shares else NO_WORDS


def quoted(text: str, most: int = 60) -> str:
    r"""Return a text in a sentence: inert, on one line, and no longer than it may be.

    >>> print(quoted("a *b* of\nsome length", 12))
    “a \*b\* of⏎so…”
    """
    shown = text.replace("\n", "⏎")
    shown = shown if len(shown) <= most else f"{shown[: most - 1]}…"
    return f"“{inert(shown)}”"
