"""The copy meter beside brute force, on texts of few letters where everything repeats."""

import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from unroll.errors import ConfigError
from unroll.probes.copying import CopyIndex, CopyIndexError, Copying, Span

LETTERS = st.lists(st.integers(0, 2), min_size=1, max_size=40)


def ids(text: str) -> NDArray[np.uint8]:
    return np.frombuffer(text.encode("latin-1"), dtype=np.uint8)


def longest_matches(book: list[int], texts: list[list[int]]) -> list[int]:
    """Try every length at every place."""
    lengths = []
    for text in texts:
        for start in range(len(text)):
            parts = [text[start : start + n] for n in range(len(text) - start + 1)]
            found = [
                len(part)
                for part in parts
                if any(book[at : at + len(part)] == part for at in range(len(book) + 1))
            ]
            lengths.append(max(found))
    return lengths


def maximal(lengths: list[int], shortest: int) -> list[tuple[int, int]]:
    """Every match that no other match holds."""
    matches = {(start, start + n) for start, n in enumerate(lengths) if n}
    outer = [
        (a, b)
        for a, b in matches
        if not any((c <= a and b <= d) and (c, d) != (a, b) for c, d in matches)
    ]
    return sorted((a, b - a) for a, b in outer if b - a >= shortest)


def covered(lengths: list[int], least: int) -> float:
    inside = {m for start, n in enumerate(lengths) if n >= least for m in range(start, start + n)}
    return len(inside) / len(lengths)


@settings(max_examples=150, deadline=None)
@given(
    book=LETTERS, texts=st.lists(LETTERS, min_size=1, max_size=3), scale=st.sampled_from((1, 300))
)
def test_spans_equal_brute_force(book: list[int], texts: list[list[int]], scale: int) -> None:
    # Ids of 300 apart need two bytes, which the library sorts in another way.
    arrays = [np.array(text) * scale for text in texts]
    copying = CopyIndex(np.array(book) * scale).measure(*arrays, shortest=1)
    lengths = longest_matches(book, texts)
    assert [(span.start, span.length) for span in copying.spans] == maximal(lengths, 1)
    assert copying.longest.length == max(lengths)
    assert copying.longest.start == lengths.index(max(lengths))
    assert copying.characters == len(lengths)
    joined = [letter for text in texts for letter in text]
    for span in (*copying.spans, copying.longest):
        there = book[span.book_start : span.book_start + span.length]
        assert joined[span.start : span.start + span.length] == there
    for least in (1, 2, 3, 5, 9):
        assert copying.share(least) == covered(lengths, least)


def test_a_planted_passage_is_found_where_it_stands() -> None:
    random = np.random.default_rng(0)
    book = random.integers(1, 60, 20_000)
    text = random.integers(1, 60, 5_000)
    text[700:950] = book[12_345:12_595]
    # What follows the passage must differ, or it would be longer.
    text[950] = book[12_595] % 59 + 1
    text[699] = book[12_344] % 59 + 1
    copying = CopyIndex(book).measure(text)
    assert copying.longest == Span(700, 250, 12_345)
    assert copying.spans == (copying.longest,)
    assert copying.share(10) == copying.share(250) == 250 / 5_000
    assert copying.share(251) == 0


def test_the_book_itself_is_one_span() -> None:
    book = ids("the king said to the king: ")
    copying = CopyIndex(book).measure(book)
    assert copying.spans == (Span(0, len(book), 0),)
    assert copying.share(10) == 1


def test_no_span_goes_from_one_text_into_the_next() -> None:
    index = CopyIndex(ids("once upon a time there was"))
    whole = index.measure(ids("upon a time there"))
    apart = index.measure(ids("upon a ti"), ids("me there"), shortest=5)
    assert whole.longest == Span(0, 17, 5)
    assert [span[:2] for span in apart.spans] == [(0, 9), (9, 8)]


def test_a_match_does_not_go_on_behind_the_books_end() -> None:
    """The book's end and the text before another text's are followed by the same border."""
    copying = CopyIndex(ids("xyab")).measure(ids("ab"), ids("ab"), ids("b"), shortest=1)
    assert [span[:2] for span in copying.spans] == [(0, 2), (2, 2), (4, 1)]


@pytest.mark.parametrize("highest", [254, 255, 256, 65_535])
def test_the_border_is_no_character(highest: int) -> None:
    """Where characters use up a type's numbers, the border takes a wider one."""
    copying = CopyIndex(np.array([7, highest])).measure(np.array([highest, 0]), shortest=1)
    assert copying.spans == (Span(0, 1, 1),)


def test_a_text_of_other_characters_has_no_span() -> None:
    copying = CopyIndex(ids("aaaa")).measure(ids("bbb"))
    assert copying.longest.length == 0
    assert copying.spans == ()
    assert copying.share(10) == 0


def test_longest_spans_come_first() -> None:
    copying = CopyIndex(ids("abcdefgh-12345-XYZ")).measure(ids("123_abcdef_XYZ"), shortest=3)
    assert [span.length for span in copying.longest_spans(2)] == [6, 3]
    assert copying.longest_spans(2)[0] == Span(4, 6, 0)


@pytest.mark.parametrize(
    ("wrong", "what"),
    [
        (np.zeros((2, 2), dtype=np.uint8), r"uint8 \(2, 2\)"),
        (np.zeros(0, dtype=np.uint8), r"uint8 \(0,\)"),
        (np.zeros(3), r"float64 \(3,\)"),
        (np.array([-1, 2]), r"int64 \(2,\)"),
    ],
)
def test_what_is_no_text_is_refused(wrong: NDArray[np.int64], what: str) -> None:
    said = "must be ids .characters,., one or more integers from 0, got "
    with pytest.raises(ConfigError, match=f"^copying: the book {said}{what}$"):
        CopyIndex(wrong)
    with pytest.raises(ConfigError, match=f"^copying: the text {said}{what}$"):
        CopyIndex(ids("a")).measure(wrong)


def test_lengths_out_of_range_are_refused() -> None:
    index = CopyIndex(ids("a"))
    with pytest.raises(ConfigError, match=r"^copying: shortest must be 1 or more, got 0$"):
        index.measure(ids("a"), shortest=0)
    with pytest.raises(ConfigError, match=r"^copying: spans of 10 characters or more were kept, "):
        index.measure(ids("a")).share(9)


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pydivsufsort", None)
    with pytest.raises(CopyIndexError) as error:
        CopyIndex(ids("a")).measure(ids("a"))
    assert str(error.value) == (
        "the copy meter needs the package 'pydivsufsort', which is not installed: "
        "pip install 'unroll-lab[text]'"
    )


def test_shares_count_overlapping_spans_once() -> None:
    copying = Copying(
        characters=10, shortest=2, longest=Span(0, 4, 0), spans=(Span(0, 4, 0), Span(2, 3, 9))
    )
    assert copying.share(2) == 0.5
    assert copying.share(4) == 0.4
