"""The report as Markdown, read back by another library's reader of Markdown."""

import re
from html import escape, unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from tests.report.samples import full_document
from unroll.report.markdown import to_markdown
from unroll.report.markup import inline_markdown, literal_markdown
from unroll.report.section import Column, Document, Figure, Part, Prose, Section, Table

READER = MarkdownIt("commonmark", {"html": True}).enable("table")


def read(text: str) -> str:
    html: str = READER.render(text)
    return html


@given(st.text(st.sampled_from([*"ab1 \\`*_[]#|$<>&!()~"]), min_size=1).map(str.strip).filter(bool))
def test_a_text_is_read_as_it_is_written(text: str) -> None:
    # In the middle of a line, where a list or a heading cannot begin.
    found = re.fullmatch(r"<p>x (.*) x</p>\n", read(f"x {literal_markdown(text)} x"), re.DOTALL)
    assert found
    assert unescape(found[1]) == text


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        ("**never** *a* `b < c`", "<strong>never</strong> <em>a</em> <code>b &lt; c</code>"),
        (r"my\*cell\*", "my*cell*"),
        ("a_b_c </script>", "a_b_c &lt;/script&gt;"),
    ],
)
def test_marks_are_read_as_such(marked: str, expected: str) -> None:
    assert read(inline_markdown(marked)) == f"<p>{expected}</p>\n"


def test_formulas_are_latex() -> None:
    assert inline_markdown("the slope $h_t^2$") == "the slope $h_{t}^{2}$"


def test_a_book_is_inert_in_a_table() -> None:
    book = "</td><script>alert(1)</script> | a\nb"
    table = Table(columns=(Column(title="text", verbatim=True),), rows=((book,),), caption="Here")
    section = Section(number="2.1", title="Text", blocks=(table,))
    html = read(to_markdown(Document(title="t", question="q", sections=(section,))))
    (cell,) = re.findall(r"<td>(.*?)</td>", html, re.DOTALL)
    assert cell == escape(book, quote=False).replace("\n", "<br>")


def test_the_whole_report_is_there() -> None:
    document = full_document()
    text = to_markdown(document)
    html = read(text)
    for section in document.sections:
        assert f"\n### {section.number} {section.title}\n" in text
    figures = [b for s in document.sections for b in s.blocks if isinstance(b, Figure)]
    figures += [block for block in document.opening if isinstance(block, Figure)]
    assert figures
    for figure in figures:
        assert f'src="figures/{figure.id}.svg"' in html
    assert html.count("<h4>What") == 4
    assert html.count("<table>") >= sum(
        isinstance(b, Table) for s in document.sections for b in s.blocks
    )


def test_the_command_of_a_figure_is_a_block_of_code_that_it_cannot_leave() -> None:
    command = "unroll text --prompt '```\n</script>'"
    figure = Figure(id="f", spec={}, caption="Here.", alt="a [b]", rows=(), command=command)
    section = Section(number="1.1", title="A *b* </script>", blocks=(figure,))
    html = read(to_markdown(Document(title="t", sections=(section,))))
    (typed,) = re.findall(r'<pre><code class="language-bash">(.*?)</code></pre>', html, re.DOTALL)
    assert unescape(typed) == command + "\n"
    assert "<h2>1.1 A *b* &lt;/script&gt;</h2>" in html
    assert 'alt="a [b]"' in html
    assert "<script" not in html


def test_levels_follow_the_parts() -> None:
    part = Part(number="2", title="Text")
    asked = Prose(role="asked", text="Why?")
    sections = (
        Section(number="2.1", title="In it", part=part, blocks=(asked,)),
        Section(number="", title="Alone", blocks=(asked,)),
    )
    text = to_markdown(Document(title="t", about="a study", sections=sections))
    assert [line for line in text.splitlines() if line.startswith("#")] == [
        "# t",
        "## 2 Text",
        "### 2.1 In it",
        "#### What is asked",
        "## Alone",
        "### What is asked",
    ]
    assert "unroll · a study" in text
