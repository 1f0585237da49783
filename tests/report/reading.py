"""Reads a rendered page back, as a browser would see its elements."""

import json
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any


@dataclass
class Element:
    """One element: its name, its attributes and all the text inside it."""

    tag: str
    attributes: dict[str, str]
    text: str = ""
    children: list["Element"] = field(default_factory=list)

    def all(self, tag: str | None = None, /, **wanted: str) -> list["Element"]:
        """Return the elements below of this name and these attributes; `class_` means `class`."""
        found = []
        for child in self.children:
            values = {name.rstrip("_"): value for name, value in wanted.items()}
            if (tag is None or child.tag == tag) and values.items() <= child.attributes.items():
                found.append(child)
            found += child.all(tag, **wanted)
        return found

    def one(self, tag: str, /, **wanted: str) -> "Element":
        """Return the only such element."""
        (element,) = self.all(tag, **wanted)
        return element

    @property
    def words(self) -> str:
        """Return the text with its white space as a browser shows it."""
        return " ".join(self.text.split())


VOID = {"meta", "img", "br", "hr", "link", "input", "circle", "path", "mspace"}


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open = [Element("page", {})]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].children.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            closed = self.open.pop()
            assert closed.tag == tag, f"</{tag}> closes <{closed.tag}>"

    def handle_data(self, data: str) -> None:
        for element in self.open:
            element.text += data


def read(html: str) -> Element:
    """Return the page as a tree; every element must be closed in its order."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    (page,) = reader.open
    return page


def chart_data(page: Element) -> dict[str, Any]:
    """Return what the page's script will draw: specification and rows by the figure's id."""
    found = {}
    for figure in page.all("figure", class_="figure"):
        held = json.loads(figure.one("script").text)
        heads, values = held["sheet"]["heads"], held["sheet"]["values"]
        rows = [dict(zip(heads, row, strict=True)) for row in values]
        found[figure.attributes["id"]] = {"spec": held["spec"], "rows": rows}
    return found
