"""What the sections on text share: their part, their headings, and texts as they are shown."""

from collections.abc import Iterable

from unroll.report.markup import inert
from unroll.report.section import Notice
from unroll.study.text.view import TextView
from unroll.study.words import count, spread

PART = "Text"
BLANKS = 3
"""So many blanks at the end of a text, and they are counted instead of shown."""


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


def in_cell(values: Iterable[float | None], form: str) -> str:
    """Return median and range as `spread` does, to be broken before the range and not within."""
    return spread(values, form).replace("–", "\u2060–\u2060")


def shown(text: str) -> str:
    r"""Return a text as a table shows it: blanks that it ends in are counted, not shown.

    >>> shown("and so" + "\n" * 90), shown("and so ")
    ('and so […90 blanks]', 'and so ')
    """
    blanks = len(text) - len(text.rstrip())
    return f"{text.rstrip()} […{blanks} blanks]" if blanks >= BLANKS else text


def quoted(text: str, most: int = 60) -> str:
    r"""Return a text in a sentence: inert, on one line, and no longer than it may be.

    >>> print(quoted("a *b* of\nsome length", 12))
    “a \*b\* of⏎so…”
    """
    shown = text.replace("\n", "⏎")
    shown = shown if len(shown) <= most else f"{shown[: most - 1]}…"
    return f"“{inert(shown)}”"
