import html
import re
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unroll.report.markup import inert, inline, paragraphs, plain

# XML, by which the tests see that tags are closed, has no place for control characters.
TEXTS = st.text(st.characters(exclude_categories=["Cc", "Cs"]) | st.sampled_from("\\`*$<>&_{}"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a `b < c` d", "a <code>b &lt; c</code> d"),
        ("*one* **two**", "<em>one</em> <strong>two</strong>"),
        ("**one *two***", "<strong>one <em>two</em></strong>"),
        ("3 * 4 * 5", "3 * 4 * 5"),
        ("$5 and $6", "$5 and $6"),
        (r"\*not\* \`this\`", "*not* `this`"),
        ("$h_t$", "<math><msub><mi>h</mi><mi>t</mi></msub></math>"),
        ("</script><b>", "&lt;/script&gt;&lt;b&gt;"),
        ("**<b>**", "<strong>&lt;b&gt;</strong>"),
    ],
)
def test_inline(text: str, expected: str) -> None:
    assert inline(text) == expected


def test_paragraphs_are_parted_by_blank_lines() -> None:
    assert paragraphs("one\ntwo\n \n\nthree\n") == "<p>one\ntwo</p>\n<p>three</p>"


def test_plain_leaves_out_the_marks() -> None:
    assert plain("**at least *0.95*** of $T$ `x*y`") == "at least 0.95 of T x*y"


@given(TEXTS)
def test_any_text_gives_closed_elements(text: str) -> None:
    ET.fromstring(f"<p>{inline(text)}</p>")


@given(TEXTS)
def test_inert_text_is_read_as_it_stands(text: str) -> None:
    assert html.unescape(inline(inert(text))) == text
    assert plain(inert(text)) == text


@given(TEXTS.filter(lambda text: "`" not in text and text))
def test_inert_text_is_read_as_it_stands_within_code(text: str) -> None:
    inside = re.fullmatch("<code>(.*)</code>", inline(f"`{inert(text)}`"), re.DOTALL)
    assert inside is not None
    assert html.unescape(inside[1]) == text
