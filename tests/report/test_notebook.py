"""Blocks as HTML for a notebook: whole, inert, and readable without the libraries of charts."""

import re
import sys
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree

import pytest
from rich.table import Table as Grid

from unroll.report.notebook import CLASS, STYLE, block_html, framed, told_html
from unroll.report.section import (
    Block,
    Check,
    Column,
    Command,
    Equation,
    Figure,
    Notice,
    Progress,
    Prose,
    Section,
    Table,
)

EVIL = '</script><img src=x onerror="alert(1)"> & "quoted" \'too\''
VOID = {"img", "br"}
SPEC: dict[str, Any] = {
    "data": {"values": [{"a": 1, "b": EVIL}, {"a": 2, "b": "plain"}]},
    "mark": "bar",
    "encoding": {"x": {"field": "a", "type": "quantitative"}, "y": {"field": "b"}},
    "height": 60,
}
FIGURE = Figure(id="bars", spec=SPEC, caption=f"Bars. {EVIL}", alt=f"Two bars. {EVIL}", rows=())
TABLE = Table(
    columns=(Column(title=EVIL), Column(title="accuracy", numeric=True)),
    rows=((EVIL, 0.5), ("none", None)),
    caption=EVIL,
    highlight=frozenset({1}),
)
BLOCKS: tuple[Block, ...] = (
    Prose(text=f"{EVIL}\n\nSecond."),
    Equation(text="h_t = tanh(W x_t)"),
    TABLE,
    FIGURE,
    Command(text=EVIL, label=EVIL),
    Check(label=EVIL, passed=False, detail=EVIL),
    Check(label="It held.", passed=True),
    Notice(text=EVIL),
    Progress(done=1, total=3, unit=EVIL),
)


class Reader(HTMLParser):
    """Reads HTML as a browser would, and holds that every element is closed where it must be."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def found(self, tag: str) -> list[dict[str, str | None]]:
        """Return the attributes of every element of a name."""
        return [attributes for name, attributes in self.elements if name == tag]


def read(text: str) -> Reader:
    """Read a whole output."""
    reader = Reader()
    reader.feed(text)
    reader.close()
    assert reader.open == []
    return reader


def whole() -> str:
    """Return a section of every kind of block, as an output."""
    return framed([block_html(Section(number="1.1", title=EVIL, blocks=BLOCKS))])


def test_every_kind_of_block_is_whole_and_holds_no_element_of_a_users() -> None:
    page = read(whole())
    assert page.found("script") == []
    assert [image["alt"] for image in page.found("img")] == [FIGURE.alt]
    assert not [name for _, given in page.elements for name in given if name.startswith("on")]
    shown = "".join(page.text)
    # The title; prose, notice, progress; two of a command and of a check; caption of the figure;
    # caption, head and cell of the table.
    assert shown.count(EVIL) == 12
    for words in ("1.1 ", "Second.", "0.5", "Failed.", "✓ It held.", "Still running: 1 of 3"):
        assert words in shown


def test_a_drawing_fetches_nothing_and_is_the_figure() -> None:
    (image,) = read(block_html(FIGURE)).found("img")
    head, _, drawing = (image["src"] or "").partition(",")
    assert head == "data:image/svg+xml;charset=utf-8"
    svg = ElementTree.fromstring(unquote(drawing))
    assert svg.tag == "{http://www.w3.org/2000/svg}svg"
    texts = [node.text for node in svg.iter("{http://www.w3.org/2000/svg}text")]
    assert "plain" in texts
    assert {node.tag.rpartition("}")[2] for node in svg.iter()} <= {
        *("svg", "g", "path", "text", "rect", "line", "defs", "clipPath", "title", "style"),
    }


def test_the_style_concerns_nothing_but_the_output() -> None:
    selectors = [head.strip() for head in re.findall(r"([^{}<>]+){[^}]*}", STYLE)]
    assert len(selectors) > 10
    for selector in selectors:
        # The output itself, or something inside it.
        assert all(part.split()[0] == f".{CLASS}" for part in selector.split(",")), selector


def test_numbers_stand_flush_right_and_what_is_missing_is_a_dash() -> None:
    page = read(block_html(TABLE))
    kinds = [given.get("class") for name, given in page.elements if name == "td"]
    assert kinds == [None, "number", None, "number"]
    assert [row.get("class") for row in page.found("tr")] == [None, None, "heeded"]
    assert "–" in page.text


def test_a_terminals_table_is_one_too_and_lines_keep_their_columns() -> None:
    grid = Grid(box=None)
    grid.add_column("cell")
    grid.add_column("‖∂ℓ/∂h‖", justify="right")
    grid.add_row(EVIL, "0.25")
    page = read(told_html([f"A line. {EVIL}", grid, "name   value\nother  [bold]1[/]", ""]))
    assert [name for name, _ in page.elements if name in ("p", "pre", "table")] == [
        "p",
        "table",
        "pre",
    ]
    shown = "".join(page.text)
    assert shown.count(EVIL) == 2
    assert "name   value\nother  [bold]1[/]" in shown


def test_without_the_extra_a_figure_is_told_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    page = read(block_html(replace(FIGURE, alt="Two bars.")))
    assert page.found("img") == []
    assert "".join(page.text).split("\n") == [
        "Two bars.",
        "Not drawn: a report needs the package 'vl_convert', which is not installed: "
        "pip install 'unroll-lab[report]'",
    ]
