"""What a reader keeps track of in a text, against texts marked by hand and against brute force."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from unroll.probes import text_features
from unroll.probes.features import (
    capital_next,
    inside_brackets,
    inside_quotes,
    line_end_next,
    line_position,
    word_end_next,
)

TEXTS = st.text(alphabet="ab \"“”„()[]{}\n'’9A", max_size=60)


def marked(text: str, marks: str) -> list[float]:
    """Return 1 for each ^ below a character."""
    assert len(text) == len(marks)
    return [float(mark == "^") for mark in marks]


@pytest.mark.parametrize(
    ("text", "marks"),
    [
        ('say "yes" now', "    ^^^^     "),
        ("say “yes” now", "    ^^^^     "),
        ("er „ja“ und", "   ^^^     "),
        ("it’s 'so' “a” ‘b’", "          ^^  ^^ "),
        ("‘I don’t,’ he", "^^^^^^^^^    "),
        ("‘a “b” c’ d", "^^^^^^^^   "),
        ("“a ‘b’ c” d", "^^^^^^^^   "),
        ("“a ‘b” c’ d", "^^^^^      "),
        ("‚a‘ ‘b’ d’e", "^^  ^^     "),
        ("‘a ‘b’ c’ d", "^^^^^      "),
        ("‘a\n\nb’ ‘90’s", "^^^    ^^^^^"),
        ("the ’90s ‘of’9’", "         ^^^^^ "),
        ('a "b\nc" d', "  ^^^^   "),
        ('a "b\n\nc" d', "  ^^^  ^^^"),
        ('""', "^ "),
        ("a ” b", "     "),
    ],
)
def test_inside_quotes(text: str, marks: str) -> None:
    assert inside_quotes(text).tolist() == marked(text, marks)


@pytest.mark.parametrize(
    ("text", "marks"),
    [
        ("f(x) + g[y{z}]", " ^^     ^^^^^ "),
        ("a (b (c) d) e", "  ^^^^^^^^   "),
        ("a) b (c", "     ^^"),
        ("(a\nb) (c\n\nd", "^^^^  ^^^  "[:11]),
    ],
)
def test_inside_brackets(text: str, marks: str) -> None:
    assert inside_brackets(text).tolist() == marked(text, marks)


@given(TEXTS)
def test_brackets_are_the_levels_of_each_paragraph(text: str) -> None:
    wanted = []
    for n in range(len(text)):
        paragraph = text[: n + 1].rpartition("\n\n")[2] if text[n] != "\n" else text[: n + 1]
        if paragraph.endswith("\n\n"):
            wanted.append(0.0)
            continue
        paragraph = text[: n + 1].rpartition("\n\n")[2]
        levels = re.sub(r"[^()\[\]{}]", "", paragraph)
        # Taking whole pairs out leaves closing ones without partner, then opening ones.
        levels = re.sub(r"[\[{]", "(", re.sub(r"[\]}]", ")", levels))
        while "()" in levels:
            levels = levels.replace("()", "")
        wanted.append(float("(" in levels))
    assert inside_brackets(text).tolist() == wanted


@given(TEXTS)
def test_the_place_in_the_line(text: str) -> None:
    wanted = [n - text.rfind("\n", 0, n + 1) for n in range(len(text))]
    assert line_position(text).tolist() == wanted


@given(TEXTS)
def test_what_comes_next_is_not_known_of_the_last(text: str) -> None:
    for values_of, pattern in (
        (line_end_next, r"(?=\n)"),
        (word_end_next, r"(?<=[ab9A])(?![ab9A])"),
        (capital_next, r"(?=A)"),
    ):
        places = {found.start() for found in re.finditer(pattern, text)}
        values = values_of(text)
        assert values[:-1].tolist() == [float(n + 1 in places) for n in range(len(text) - 1)]
        assert np.isnan(values[-1:]).all()


def test_features_have_a_value_and_a_mark_for_each_character() -> None:
    text = 'He said "it (is) so".\nNo.'
    features = {feature.name: feature for feature in text_features(text)}
    assert list(features) == [
        "quotes",
        "brackets",
        "line_position",
        "line_end",
        "word_end",
        "capital",
    ]
    for feature in features.values():
        assert feature.values.shape == feature.marks.shape == (len(text),)
    assert features["quotes"].values.tolist() == inside_quotes(text).tolist()
    assert features["quotes"].marks.sum() == len('"it (is) so')
    assert features["line_position"].marks.tolist() == [c == "\n" for c in text]


def test_of_too_little_there_is_no_correlation() -> None:
    text = '"' + "a" * 48 + '"' + "b" * 49 + "\n" * 10
    quotes, _, position, line_end, *_ = text_features(text)
    assert quotes.lack(0, 108) == ("true of 49 of 108 characters, and 50 of either kind are needed")
    assert quotes.lack(0, 20) == "true of 20 of 20 characters, and 50 of either kind are needed"
    assert position.lack(0, 109) is None
    assert position.lack(0, 108) == "9 line ends among 108 characters, and 10 are needed"
    assert line_end.lack(0, 109) is not None
    (longer, *_) = text_features('"' + "a" * 49 + '"' + "b" * 49)
    assert longer.lack(0, 100) is None
