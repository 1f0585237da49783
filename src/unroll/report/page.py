"""One document as one self-contained HTML page, and one figure as a drawing.

The page loads nothing: the libraries that draw its charts, its style and its data lie inside it,
and its content policy runs no script but our own two, known by their digests.
"""

import base64
import functools
import hashlib
import json
import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from importlib import resources
from itertools import groupby
from typing import TYPE_CHECKING, Any

from unroll.report.charts.frame import fitted
from unroll.report.charts.palette import NIGHT
from unroll.report.equation import display_math
from unroll.report.extra import Extra
from unroll.report.markup import inline, paragraphs
from unroll.report.section import (
    ROLES,
    Block,
    Check,
    Document,
    Figure,
    Part,
    Scalar,
    Section,
)

if TYPE_CHECKING:
    import jinja2
    import markupsafe
    import vl_convert
else:
    jinja2, markupsafe, vl_convert = Extra("jinja2"), Extra("markupsafe"), Extra("vl_convert")

_EXPORTS = "window.vegaEmbed = vegaEmbed;"
_STYLES = ("tokens.css", "page.css", "blocks.css", "media.css")
_DRAWING_PX = 680
_SHOWN_COMMANDS = 2
_SHOWN_CHARACTERS = 180
"""More commands or characters than that, about two lines, are folded below a figure."""


@dataclass(frozen=True, kw_only=True)
class _Chapter:
    """Sections that follow each other in one part."""

    part: Part | None
    """The part, whose heading stands above them."""
    anchor: str
    """Where a link to the part leads."""
    sections: tuple[tuple[str, Section], ...]
    """The sections, each with the anchor that a link to it leads to."""


def render(document: Document) -> str:
    """Return the whole page.

    Raises: MissingExtraError without the extra `report`; ValueError when two figures share an id.
    """
    sections = [block for section in document.sections for block in section.blocks]
    blocks = [*document.opening, *sections]
    ids = Counter(block.id for block in blocks if isinstance(block, Figure))
    if repeated := [id_ for id_, count in ids.items() if count > 1]:
        raise ValueError(f"render: every figure needs an id of its own, got twice: {repeated}")
    checks = [block for block in blocks if isinstance(block, Check)]
    scripts = [_chart_libraries(), _asset("page.js")]
    template = _environment().get_template("page.html")
    page: str = template.render(
        document=document,
        chapters=_chapters(document.sections),
        roles=ROLES,
        checks=checks,
        failed=[check for check in checks if not check.passed],
        style=markupsafe.Markup("\n".join(_asset(name) for name in _STYLES)),
        scripts=[markupsafe.Markup(script) for script in scripts],
        digests=[_digest(script) for script in scripts],
        night=NIGHT,
    )
    return page


def figure_svg(figure: Figure) -> str:
    """Return `figure` as an SVG drawing on light ground.

    Raises: MissingExtraError without the extra `report`.
    """
    drawing: str = vl_convert.vegalite_to_svg(json.dumps(fitted(figure.spec, _DRAWING_PX)))
    return drawing


def _chapters(sections: Sequence[Section]) -> list[_Chapter]:
    """Return the sections by part.

    A question's anchor is its number, so that `report.html#1.3` leads there whatever else the
    report holds; a section without a number of its own is counted.
    """
    counted = Counter(section.number for section in sections)
    anchored = [
        (
            section.number
            if counted[section.number] == 1 and re.fullmatch(r"[\w.]+", section.number)
            else f"section-{place}",
            section,
        )
        for place, section in enumerate(sections, start=1)
    ]
    groups = groupby(anchored, key=lambda pair: pair[1].part)
    return [
        _Chapter(part=part, anchor=f"part-{place}", sections=tuple(found))
        for place, (part, found) in enumerate(groups, start=1)
    ]


@functools.cache
def _environment() -> "jinja2.Environment":
    """Return the templates, with the filters that they use."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("unroll.report", "assets"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["inline"] = lambda text: markupsafe.Markup(inline(text))
    environment.filters["paragraphs"] = lambda text: markupsafe.Markup(paragraphs(text))
    environment.filters["equation"] = lambda text: markupsafe.Markup(display_math(text))
    environment.filters["data"] = lambda value: markupsafe.Markup(_script_data(value))
    environment.filters["sheet"] = _sheet
    environment.filters["unbroken"] = lambda value: markupsafe.Markup(_unbroken(value))
    environment.tests["a"] = lambda block, kind: type(block).__name__ == kind
    environment.tests["failing"] = _is_failing
    environment.tests["long"] = _is_long
    return environment


def _is_failing(section: Section) -> bool:
    """Return whether a claim of `section` did not hold."""
    return any(_failed(block) for block in section.blocks)


def _failed(block: Block) -> bool:
    """Return whether `block` is a claim that did not hold."""
    return isinstance(block, Check) and not block.passed


def _is_long(command: str) -> bool:
    """Return whether `command` takes more than about two lines."""
    return command.count("\n") >= _SHOWN_COMMANDS or len(command) > _SHOWN_CHARACTERS


def _unbroken(value: Scalar) -> str:
    """Return a number as HTML in which no line ends within the brackets of its range."""
    return re.sub(r"\([^()]*\)", r'<span class="unbroken">\g<0></span>', escape(str(value)))


@functools.cache
def _chart_libraries() -> str:
    """Return Vega, Vega-Lite and Vega-Embed as one script; made once, as it takes seconds."""
    script: str = vl_convert.javascript_bundle(_EXPORTS)
    return script.replace("</script", r"<\/script").replace("<!--", r"<\!--")


def _asset(name: str) -> str:
    """Return the text of one of the files that lie beside this module."""
    return resources.files("unroll.report").joinpath("assets", name).read_text(encoding="utf-8")


def _digest(script: str) -> str:
    """Return the digest by which the content policy knows `script`."""
    return "sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


def _sheet(rows: Sequence[Mapping[str, Scalar]]) -> dict[str, Any]:
    """Return rows with the names of their fields said once, which is half of their size."""
    heads = list(rows[0]) if rows else []
    return {"heads": heads, "values": [[row.get(head) for head in heads] for row in rows]}


def _script_data(value: Any) -> str:
    """Return `value` as JSON that can stand in a script element, whatever texts it holds."""
    text = json.dumps(_finite(value), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.replace("<", r"\u003c").replace(">", r"\u003e").replace("&", r"\u0026")


def _finite(value: Any) -> Any:
    """Return `value` with null for each number that JSON has no word for."""
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
