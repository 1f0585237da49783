"""What a report is made of: a document of numbered sections, each a sequence of blocks.

Every text in a block may come from a user (a cell's name, a command): the page escapes all of it.
Prose and captions take a light markup, described in `unroll.report.markup`; text that must not be
read as markup goes through `unroll.report.markup.inert` first.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

Scalar: TypeAlias = str | int | float | bool | None
"""What one cell of a table or of a downloaded CSV file may hold; None is shown as missing."""

Role: TypeAlias = Literal["asked", "ran", "measured", "follows"]
"""The four parts of a question's section."""

ROLES: dict[Role, str] = {
    "asked": "What is asked",
    "ran": "What was run",
    "measured": "What was measured",
    "follows": "What follows",
}
"""Their headings."""


@dataclass(frozen=True, kw_only=True)
class Prose:
    """One or more paragraphs."""

    text: str
    """Marked-up text; a blank line begins a new paragraph."""
    role: Role | None = None
    """The part of the section that begins here; None goes on with the part before."""


@dataclass(frozen=True, kw_only=True)
class Equation:
    """A displayed equation."""

    text: str
    """In the notation of `unroll.report.equation`; each line is one row, aligned at its first =."""
    label: str = ""
    """Shown to the right of the equation, such as `(1)`."""


@dataclass(frozen=True, kw_only=True)
class Column:
    """The head of one column of a table."""

    title: str
    """What the column holds, with its unit."""
    numeric: bool = False
    """Whether its values are set flush right, in figures of one width."""
    verbatim: bool = False
    """Whether its values are texts to be shown to the letter, with their own line breaks."""
    wide: bool = False
    """Whether its values are sentences, which need room even on a phone."""


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table of values, already rounded as they are to be read."""

    columns: tuple[Column, ...]
    """The heads, from left to right."""
    rows: tuple[tuple[Scalar, ...], ...]
    """One value per column in each row."""
    caption: str
    """Marked-up text above the table: what it shows, over how many seeds, with which spread."""
    highlight: frozenset[int] = frozenset()
    """Rows, counted from 0, that the reader should look at."""

    def __post_init__(self) -> None:
        for index, row in enumerate(self.rows):
            if len(row) != len(self.columns):
                raise ValueError(
                    f"Table: row {index} must have {len(self.columns)} values, one per column, "
                    f"got {len(row)}"
                )


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A chart, with the rows that it was drawn from."""

    id: str
    """Unique in the document; also the name of the files that a reader downloads."""
    spec: Mapping[str, Any]
    """A Vega-Lite specification with its data inside."""
    caption: str
    """Marked-up text below the chart: what is drawn, over how many seeds, with which spread."""
    alt: str
    """The same in words, for readers who do not see the chart."""
    rows: tuple[Mapping[str, Scalar], ...]
    """The measurements behind the chart, as the reader downloads them."""
    command: str = ""
    """The command line that measures and draws it again; several, one a line."""


@dataclass(frozen=True, kw_only=True)
class Command:
    """A command line that reproduces what is shown."""

    text: str
    """The command, as it is typed."""
    label: str = "Reproduce this"
    """What the command does."""


@dataclass(frozen=True, kw_only=True)
class Check:
    """A claim that the run itself tested."""

    label: str
    """The claim, marked up."""
    passed: bool
    """Whether it held."""
    detail: str = ""
    """The numbers that decided it, marked up."""


@dataclass(frozen=True, kw_only=True)
class Notice:
    """A remark that the reader must not overlook, such as data that are not held out."""

    text: str
    """Marked-up text."""


@dataclass(frozen=True, kw_only=True)
class Progress:
    """What is already in, while the run that this report tells of is still going on."""

    done: int
    """How many have finished."""
    total: int
    """How many there will be."""
    unit: str = "trials"
    """What is counted, in the plural."""


Block: TypeAlias = Prose | Equation | Table | Figure | Command | Check | Notice | Progress


@dataclass(frozen=True, kw_only=True)
class Part:
    """A part of a report: the sections that follow each other in it stand under its heading."""

    title: str
    """What it is about, in a few words."""
    number: str = ""
    """Its number, with which the numbers of its questions begin; empty for a part without one."""


@dataclass(frozen=True, kw_only=True)
class Section:
    """One question and its answer."""

    number: str
    """The question's number, such as `1.3`; empty for a section without one."""
    title: str
    """The question or its subject, in a few words."""
    blocks: tuple[Block, ...]
    """What is read, from top to bottom."""
    part: Part | None = None
    """The part of the report it belongs to, whose heading stands above its first section."""


@dataclass(frozen=True, kw_only=True)
class Fact:
    """One thing to know about a run, such as its device."""

    label: str
    """What it is."""
    value: str
    """Its value, with its unit."""


@dataclass(frozen=True, kw_only=True)
class Setting:
    """One setting of the run and why it has its value."""

    name: str
    """The setting, as it is spelt on the command line."""
    value: str
    """Its value, with its unit."""
    reason: str = ""
    """Why this value, marked up."""


@dataclass(frozen=True, kw_only=True)
class Document:
    """A whole report."""

    title: str
    """Its heading: the question that it answers."""
    sections: tuple[Section, ...]
    """The answers, in reading order."""
    about: str = ""
    """The small line above the title: what was run, and when."""
    question: str = ""
    """The wider question that the title's is part of, as one sentence; empty for none."""
    lead: str = ""
    """What was found, marked up: the paragraphs under the title."""
    opening: tuple[Block, ...] = ()
    """What the reader sees first, under the lead: one figure, say. Prose here has no role."""
    facts: tuple[Fact, ...] = ()
    """The run at a glance, shown under the lead and the opening: cells, seeds, budget."""
    settings: tuple[Setting, ...] = ()
    """Every setting, listed at the end."""
    settings_of: str = ""
    """What has these settings, as one sentence, marked up."""
    provenance: tuple[Fact, ...] = ()
    """The page's last lines: when, with which versions and on what machine it was measured."""
    progress: Progress | None = None
    """Set while the run is still going on."""
