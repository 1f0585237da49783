import json
import sys
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.text.samples import DUTCH, FINNISH, book_of, shared
from unroll.errors import ConfigError
from unroll.text import (
    UNKNOWN,
    UNKNOWN_ID,
    Vocabulary,
    VocabularyError,
    build_vocabulary,
    count_characters,
    read_book,
    warn_of_size,
)

texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=2)


def vocabulary_of(text: str, threshold: int = 1) -> Vocabulary:
    return build_vocabulary(Counter(text), threshold)


@given(texts)
def test_characters_are_counted_over_pieces(text: str) -> None:
    book = book_of("xy" + text)
    counts = count_characters(book)
    assert counts == Counter(book.text())
    assert list(counts) == sorted(counts)


@given(texts, texts)
def test_known_text_comes_back_and_the_rest_is_unknown(text: str, other: str) -> None:
    vocabulary = vocabulary_of(text)
    assert vocabulary.decode(vocabulary.encode(text)) == text
    ids = vocabulary.encode(other)
    assert ids.dtype == vocabulary.dtype
    by_hand = [sorted(set(text)).index(one) + 1 if one in text else UNKNOWN_ID for one in other]
    assert ids.tolist() == by_hand
    expected = "".join(one if one in text else UNKNOWN for one in other)
    assert vocabulary.decode(ids) == expected


def test_finnish_and_dutch_letters_are_numbered_by_code_point() -> None:
    vocabulary = vocabulary_of(FINNISH + DUTCH)
    letters = "Åäéëïöüĳ"
    assert vocabulary.decode(vocabulary.encode(letters)) == letters
    ids = vocabulary.encode(letters).tolist()
    assert ids == sorted(ids)
    assert UNKNOWN_ID not in ids
    assert vocabulary == vocabulary_of(DUTCH + FINNISH)


@given(texts, st.integers(1, 4))
def test_rare_characters_are_unknown(text: str, threshold: int) -> None:
    text += "a" * threshold
    vocabulary = vocabulary_of(text, threshold)
    assert vocabulary.known == "".join(sorted(c for c in set(text) if text.count(c) >= threshold))
    assert vocabulary.size == len(vocabulary.known) + 1


@pytest.mark.parametrize(("known", "dtype"), [(255, "uint8"), (256, "uint16"), (65_535, "uint16")])
def test_an_id_takes_the_fewest_bytes(known: int, dtype: str) -> None:
    vocabulary = Vocabulary("".join(map(chr, range(0x10000, 0x10000 + known))))
    last = vocabulary.encode(vocabulary.known[-1])
    assert (last.dtype.name, last.tolist()) == (dtype, [known])
    assert vocabulary.decode(last) == vocabulary.known[-1]


def test_too_many_characters_are_refused() -> None:
    with pytest.raises(VocabularyError) as caught:
        Vocabulary("".join(map(chr, range(0x10000, 0x20000))))
    assert str(caught.value) == (
        "vocabulary: 65,536 different characters, and at most 65,535 can be numbered; raise the "
        "threshold below which a character is rare"
    )


@pytest.mark.parametrize("known", ["ba", "aa"])
def test_characters_out_of_order_are_refused(known: str) -> None:
    with pytest.raises(VocabularyError) as caught:
        Vocabulary(known)
    assert str(caught.value) == "vocabulary: characters must be sorted and stand once each"


def test_a_threshold_that_cannot_be_is_refused() -> None:
    with pytest.raises(ConfigError) as caught:
        vocabulary_of("abc", 0)
    assert str(caught.value) == "threshold: a character stands at least 1 time, got 0"
    with pytest.raises(ConfigError) as caught:
        vocabulary_of("abca", 3)
    assert str(caught.value) == (
        "threshold: no character stands 3 times, the most frequent 2; choose a lower threshold"
    )


@pytest.mark.parametrize("ids", [[-1], [4], [0, 300]])
def test_ids_beyond_the_vocabulary_are_refused(ids: list[int]) -> None:
    with pytest.raises(VocabularyError) as caught:
        Vocabulary("abc").decode(ids)
    assert str(caught.value) == f"vocabulary: ids must be 0 to 3, got {min(ids)} to {max(ids)}"


def test_nothing_is_encoded_and_decoded_to_nothing() -> None:
    vocabulary = Vocabulary("abc")
    assert vocabulary.encode("").tolist() == []
    assert vocabulary.decode([]) == ""
    assert vocabulary.decode(np.array([2, 0], dtype=np.uint8)) == f"b{UNKNOWN}"


@given(texts)
def test_it_goes_through_json_and_back(text: str) -> None:
    vocabulary = vocabulary_of(text)
    back = Vocabulary.from_json(json.loads(json.dumps(vocabulary.to_json())))
    assert back == vocabulary
    assert back.sha256 == vocabulary.sha256
    assert hash(back) == hash(vocabulary)


def test_vocabularies_differ_when_a_character_does() -> None:
    assert Vocabulary("ab") != Vocabulary("ac")
    assert Vocabulary("ab").sha256 != Vocabulary("ac").sha256


@pytest.mark.parametrize(
    ("kept", "message"),
    [
        ({}, "vocabulary: 'known' must be a string of characters"),
        ({"known": ["a"]}, "vocabulary: 'known' must be a string of characters"),
        ({"known": "ab"}, "vocabulary: its characters are not those of its SHA-256"),
        (
            {"known": "ac", "sha256": Vocabulary("ab").sha256},
            "vocabulary: its characters are not those of its SHA-256",
        ),
    ],
)
def test_what_is_not_a_vocabulary_is_refused(kept: dict[str, object], message: str) -> None:
    with pytest.raises(VocabularyError) as caught:
        Vocabulary.from_json(kept)
    assert str(caught.value) == message


def test_a_prompt_of_known_characters_needs_no_note() -> None:
    vocabulary = vocabulary_of(FINNISH)
    ids, note = vocabulary.read_prompt("a\u0308iti\r\n")
    assert vocabulary.decode(ids) == "äiti\n"
    assert note is None


def test_a_note_says_what_unseen_characters_became() -> None:
    vocabulary = vocabulary_of(FINNISH)
    ids, note = vocabulary.read_prompt("yö №7 €\u0301\x07€")
    assert vocabulary.decode(ids) == "yö �� ����"
    assert note == (
        "the model does not know '\\x07' (U+0007), '7' (U+0037), '\u0301' (U+0301), '€' (U+20AC), "
        "'№' (U+2116): read as the unknown symbol '�'"
    )
    assert vocabulary.describe_unknown("yö") is None


def test_a_note_lists_no_more_than_can_be_read() -> None:
    note = Vocabulary("a").describe_unknown("bcdefghijklm")
    assert note is not None
    assert note.endswith("'i' (U+0069) and 4 more: read as the unknown symbol '�'")


def test_a_bad_byte_on_the_command_line_is_an_unknown_character() -> None:
    ids, note = Vocabulary("ab").read_prompt(b"a\xe4b".decode("utf-8", "surrogateescape"))
    assert ids == [1, 0, 2]
    assert note == "the model does not know '\\udce4' (U+DCE4): read as the unknown symbol '�'"


def test_a_vocabulary_of_thousands_is_told_with_a_threshold_to_use() -> None:
    # 2,000 characters 1 time, 1,500 of them 4 times, 100 of them 1,000 times.
    characters = [chr(0x4E00 + number) for number in range(2000)]
    counts = dict.fromkeys(characters, 1)
    counts |= dict.fromkeys(characters[:1500], 4)
    counts |= dict.fromkeys(characters[:100], 10_000)
    # A threshold of 5 makes 500 + 1,400 · 4 = 6,100 of 1,006,100 unknown; 500 would not do more.
    assert warn_of_size(counts) == (
        "the vocabulary has 2,000 different characters, and the model's first and last layers grow "
        "with it: a threshold of 500 would leave 100 and make 0.61% of the text the unknown symbol"
    )
    assert warn_of_size(counts, 5) is None
    assert warn_of_size(Counter(FINNISH)) is None


def test_where_no_threshold_helps_none_is_offered() -> None:
    counts = {chr(0x4E00 + number): 2 for number in range(1000)}
    assert warn_of_size(counts) == (
        "the vocabulary has 1,000 different characters, and the model's first and last layers grow "
        "with it"
    )


def test_shakespeare_has_its_65_characters() -> None:
    book = read_book(shared("tiny_shakespeare.txt"))
    vocabulary = build_vocabulary(count_characters(book))
    assert vocabulary.size == 66
    assert vocabulary.decode(vocabulary.encode(book.text())) == book.text()


def test_the_last_code_point_there_is_can_be_asked_for() -> None:
    assert Vocabulary("ab").encode(chr(sys.maxunicode)).tolist() == [UNKNOWN_ID]
    assert Vocabulary("a" + chr(sys.maxunicode)).encode(chr(sys.maxunicode)).tolist() == [2]
