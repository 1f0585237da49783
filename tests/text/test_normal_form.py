import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.text.samples import DUTCH, FINNISH
from unroll.text.normal_form import Normaliser, begins_anew, normalise

# What joins its neighbours: accents, Hangul letters, kana marks, Indic vowel signs, line ends.
JOINING = "aeo \n\r\u0300\u0301\u0308\u0323\u1100\u1161\u11a8가か\u3099ে\u09be\u09d7\ufeff中"
texts = st.text(st.one_of(st.sampled_from(JOINING), st.characters(exclude_categories=["Cs"])))


def by_hand(text: str) -> str:
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    return unicodedata.normalize("NFC", text)


@given(texts)
def test_a_whole_text_is_normalised_as_unicode_says(text: str) -> None:
    assert normalise(text) == by_hand(text)


@given(texts, st.lists(st.integers(0, 30)))
def test_pieces_give_what_the_whole_gives(text: str, cuts: list[int]) -> None:
    normaliser, out, rest = Normaliser(), [], text
    for cut in cuts:
        out.append(normaliser.feed(rest[:cut]))
        rest = rest[cut:]
    out.append(normaliser.feed(rest, final=True))
    assert "".join(out) == by_hand(text)


@given(texts)
def test_one_character_at_a_time_gives_what_the_whole_gives(text: str) -> None:
    normaliser = Normaliser()
    out = [normaliser.feed(character) for character in text]
    assert "".join([*out, normaliser.feed("", final=True)]) == by_hand(text)


def test_what_begins_anew_is_never_joined_to_what_stands_before_it() -> None:
    # By Unicode's own table: no such character has a combining class, none is a later part of
    # what another decomposes into, and none decomposes into something that begins otherwise.
    later: set[str] = set()
    for code in range(sys.maxunicode + 1):
        parts = unicodedata.normalize("NFD", chr(code))
        later.update(parts[1:])
    for code in range(sys.maxunicode + 1):
        if begins_anew(chr(code)):
            first = unicodedata.normalize("NFD", chr(code))[0]
            assert unicodedata.combining(first) == 0
            assert first not in later, hex(code)


@pytest.mark.parametrize("text", [FINNISH, DUTCH])
def test_decomposed_letters_become_one_character(text: str) -> None:
    decomposed = unicodedata.normalize("NFD", text)
    assert len(decomposed) > len(text)
    assert normalise(decomposed) == text


def test_nothing_but_the_stated_is_changed() -> None:
    text = "“Ĳ” – ‘ĳs’ … ﬁn\t A\u00a0b\u2028c\x0c"
    assert normalise(text) == text


def test_a_piece_is_given_out_as_soon_as_it_is_settled() -> None:
    normaliser = Normaliser()
    assert normaliser.feed("Ha") == "H"
    assert normaliser.feed("\u0308n") == "ä"
    assert normaliser.feed("\r") == ""
    assert normaliser.feed("\n!") == "n\n"
    assert normaliser.feed("", final=True) == "!"
