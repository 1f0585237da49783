"""The notebook as a page: `mkdocs.yml` names this file among its hooks.

Its outputs are put in after Markdown has been read, so that nothing in them is taken for Markdown.
"""

import json
import re
from html import escape
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

NOTEBOOK = "notebook.ipynb"
PAGE = "notebook.md"
OUTPUTS = "<div class='outputs' id='outputs-{}'></div>"
DOWNLOAD = f"To run it yourself: [{NOTEBOOK}]({NOTEBOOK})."
PLACE = re.compile(r"<div class='outputs' id='outputs-(\d+)'></div>")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the page; the notebook itself is copied beside it."""
    cells = map(_markdown, *_cells(config))
    files.append(File.generated(config, PAGE, content="\n\n".join([*cells, DOWNLOAD])))
    return files


def on_page_content(html: str, page: Page, config: MkDocsConfig, files: Files) -> str:  # noqa: ARG001 - as MkDocs calls it
    """Put in what came of each cell."""
    if page.file.src_uri != PAGE:
        return html
    _, cells = _cells(config)
    return PLACE.sub(lambda found: _outputs(cells[int(found[1])]), html)


def _cells(config: MkDocsConfig) -> tuple[range, list[dict[str, Any]]]:
    cells = json.loads((Path(config.docs_dir) / NOTEBOOK).read_text(encoding="utf-8"))["cells"]
    return range(len(cells)), cells


def _markdown(number: int, cell: dict[str, Any]) -> str:
    text = "".join(cell["source"])
    if cell["cell_type"] == "markdown":
        return text
    return f"```python\n{text}\n```\n\n{OUTPUTS.format(number)}"


def _outputs(cell: dict[str, Any]) -> str:
    return "\n".join(map(_output, cell["outputs"]))


def _output(output: dict[str, Any]) -> str:
    """Return one output: as HTML where there is HTML, else as plain text."""
    data = output.get("data", {"text/plain": output.get("text", [])})
    if "text/html" in data:
        return "".join(data["text/html"])
    return f"<pre><code>{escape(''.join(data['text/plain']))}</code></pre>"
