"""What came of a command: plain values, words, and pictures that show themselves in a notebook."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from html import escape
from typing import Any, TypeVar

from rich.table import Table as Grid

from unroll.records import Horizon
from unroll.report.extra import MissingExtraError
from unroll.report.notebook import block_html, framed, told_html
from unroll.report.section import Block, Check, Figure, Section, Table
from unroll.report.shown import Shelf, Shown

B = TypeVar("B", Figure, Table, Check)

FIGURES_SHOWN = 2
"""A result shows so many figures by itself; the others are asked for by name."""


def _no_sections() -> Sequence[Section]:
    return ()


@dataclass(frozen=True, kw_only=True, repr=False)
class Result:
    """What came of a command.

    As the value of a notebook's cell it shows its tables and its leading figures; printed, it is
    what the command prints. Figures and sections are made when they are first asked for.
    Raises: MissingExtraError, on that, without the extra `report`.
    """

    summary: dict[str, Any]
    """All numbers under plain names, as `--json` prints them."""
    text: str
    """What the command prints; empty where it is on standard output already."""
    succeeded: bool = True
    """Whether there is a result that did not fail."""
    horizons: Mapping[str, Horizon] = field(default_factory=dict)
    """How far information travelled, by the name of the network; empty where that was not asked."""
    told: tuple[str | Grid, ...] = ()
    """Lines and tables for a person; where there are none, the text stands for them."""
    tell: Callable[[], Sequence[Section]] = _no_sections
    """Makes the sections of a report on it."""
    leading: tuple[str, ...] = ()
    """Names of the figures that are shown; where there are none of them, it is the first ones."""
    tables_shown: int = 0
    """How many of the sections' tables are shown, where what is told has none of its own."""

    @cached_property
    def sections(self) -> Shelf[Section]:
        """Sections of the report by the number of their question, or else by their title."""
        return Shelf("section", {section.number or section.title: section for section in self._all})

    @cached_property
    def figures(self) -> Shelf[Figure]:
        """Figures by name; each one's `block.rows` are the measurements behind it."""
        return Shelf("figure", {figure.id: figure for figure in self._blocks(Figure)})

    @property
    def tables(self) -> tuple[Shown[Table], ...]:
        """Tables of the sections, in reading order."""
        return tuple(map(Shown, self._blocks(Table)))

    @property
    def checks(self) -> tuple[Shown[Check], ...]:
        """Claims that the run itself tested, in reading order."""
        return tuple(map(Shown, self._blocks(Check)))

    @cached_property
    def _all(self) -> tuple[Section, ...]:
        return tuple(self.tell())

    def _blocks(self, kind: type[B]) -> list[B]:
        blocks: list[Block] = [block for section in self._all for block in section.blocks]
        return [block for block in blocks if isinstance(block, kind)]

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        try:
            figures, tables = self.figures, self.tables[: self.tables_shown]
        except MissingExtraError as error:
            told = told_html(self.told if self.told and not self.tables_shown else (self.text,))
            return framed([told, f'<p class="soft">Not drawn: {escape(str(error))}</p>'])
        told = told_html(self.told or (() if tables else (self.text,)))
        pictures = [block_html(figures[name].block) for name in self._shown_names]
        return framed([told, *pictures, *(block_html(table.block) for table in tables), self._more])

    @property
    def _shown_names(self) -> list[str]:
        known = [name for name in self.leading if name in self.figures]
        return (known or list(self.figures))[:FIGURES_SHOWN]

    @property
    def _more(self) -> str:
        """Name the figures that are not shown."""
        others = [name for name in self.figures if name not in self._shown_names]
        names = ", ".join(f"<code>{escape(name)}</code>" for name in others)
        return f'<p class="soft">More in .figures: {names}</p>' if others else ""
