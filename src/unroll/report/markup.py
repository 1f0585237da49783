r"""The light markup of prose and captions, made into HTML that holds nothing but our own tags.

    `code`   *emphasis*   **strong**   $h_t$ (a formula, see `unroll.report.equation`)

A backslash before one of  \ ` * $  makes it stand for itself; `inert` does so for a whole text.
"""

import re
from html import escape

from unroll.report.equation import inline_math
from unroll.report.latex import inline_latex

_TOKEN = re.compile(
    r"\\(?P<literal>[\\`*$])"
    r"|`(?P<code>(?:\\[\\`*$]|[^`\\]|\\)+?)`"
    r"|\$(?=\S)(?P<math>[^$\n]+)(?<=\S)\$(?!\d)"
    r"|\*\*(?=\S)(?P<strong>.+?)(?<=\S)\*\*(?!\*)"
    r"|\*(?=\S)(?P<emphasis>[^*]+)(?<=\S)\*",
    re.DOTALL,
)
_LITERAL = re.compile(r"\\([\\`*$])")


def inert(text: str) -> str:
    r"""Return `text` with every mark made to stand for itself; for names that users choose.

    >>> print(inert("my*cell*"))
    my\*cell\*
    """
    return re.sub(r"([\\`*$])", r"\\\1", text)


def inline(text: str) -> str:
    """Return marked-up `text` as HTML.

    >>> inline("**never** `a < b`")
    '<strong>never</strong> <code>a &lt; b</code>'
    """
    parts = []
    end = 0
    for match in _TOKEN.finditer(text):
        parts.append(escape(text[end : match.start()]))
        parts.append(_element(match))
        end = match.end()
    parts.append(escape(text[end:]))
    return "".join(parts)


def paragraphs(text: str) -> str:
    """Return marked-up `text` as HTML paragraphs, parted where it has a blank line."""
    parts = (part.strip() for part in re.split(r"\n\s*\n", text))
    return "\n".join(f"<p>{inline(part)}</p>" for part in parts if part)


def inline_markdown(text: str) -> str:
    r"""Return marked-up `text` as Markdown, with formulas as LaTeX between dollar signs.

    >>> print(inline_markdown(r"**never** $h_t$, 2 < 3, a\*b"))
    **never** $h_{t}$, 2 &lt; 3, a\*b
    """
    parts = []
    end = 0
    for match in _TOKEN.finditer(text):
        parts.append(literal_markdown(text[end : match.start()]))
        parts.append(_mark(match))
        end = match.end()
    parts.append(literal_markdown(text[end:]))
    return "".join(parts)


def _mark(match: re.Match[str]) -> str:
    """Return one mark as Markdown spells it."""
    kind, held = match.lastgroup, match[match.lastgroup or 0]
    if kind == "math":
        return inline_latex(held)
    if kind == "code":
        code = _LITERAL.sub(r"\1", held)
        fence = "``" if "`" in code else "`"
        return f"{fence}{code}{fence}"
    if kind == "strong":
        return f"**{inline_markdown(held)}**"
    if kind == "emphasis":
        return f"*{inline_markdown(held)}*"
    return f"\\{held}"


def literal_markdown(text: str) -> str:
    r"""Return a text, which holds no marks, such that Markdown shows it as it is.

    >>> print(literal_markdown("a_b <script>"))
    a\_b &lt;script>
    """
    return re.sub(r"([\\`*_\[\]#|$])", r"\\\1", text.replace("&", "&amp;").replace("<", "&lt;"))


def plain(text: str) -> str:
    """Return marked-up `text` without its marks; not escaped.

    >>> plain("**never *more* than** `a`")
    'never more than a'
    """
    return _TOKEN.sub(_held, text)


def _held(match: re.Match[str]) -> str:
    """Return what one mark holds, without the marks inside."""
    held = match[match.lastgroup or 0]
    if match.lastgroup == "code":
        return _LITERAL.sub(r"\1", held)
    return plain(held) if match.lastgroup in ("strong", "emphasis") else held


def _element(match: re.Match[str]) -> str:
    """Return the HTML of one mark and what it holds."""
    kind, held = match.lastgroup, match[match.lastgroup or 0]
    if kind == "code":
        code = _LITERAL.sub(r"\1", held)
        return f"<code>{escape(code)}</code>"
    if kind == "math":
        return inline_math(held)
    if kind == "strong":
        return f"<strong>{inline(held)}</strong>"
    if kind == "emphasis":
        return f"<em>{inline(held)}</em>"
    return escape(held)
