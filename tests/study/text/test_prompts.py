from unroll.study.text.prompts import CLASSIC, choose_prompts
from unroll.study.text.written import words_of

SENTENCES = (
    "The king went out to see the sea and came back. "
    "He was glad that nobody had seen him go so far. short one. "
    "A HEADING IN LETTERS THAT ARE ALL CAPITALS HERE. "
    "The miller had three sons and an ass and a cat. "
    "Zyx was a word that nobody in the whole land had known. " + "And so it went on. " * 5
)
KNOWN = frozenset(words_of(SENTENCES)) - {"zyx"}


def test_prompts_are_beginnings_of_long_sentences_with_what_follows() -> None:
    chosen = choose_prompts(f"It ends. {SENTENCES}", KNOWN, prompts=9, length=10)
    assert [one.text for one in chosen] == ["The king went", "He was glad", "The miller had"]
    assert chosen[0].truth == " out to se"


def test_prompts_stand_at_even_distances() -> None:
    chosen = choose_prompts(f"It ends. {SENTENCES}", KNOWN, prompts=2, length=10)
    assert [one.text for one in chosen] == ["The king went", "He was glad"]


def test_the_assignments_own_comes_first_where_its_words_are_known() -> None:
    known = KNOWN | {"sleeping", "beauty", "is"}
    chosen = choose_prompts(f"It ends. {SENTENCES}", known, prompts=2, length=10)
    assert [one.text for one in chosen] == [CLASSIC, "The king went"]
    assert chosen[0].truth == ""


def test_a_script_without_capitals_is_cut_instead() -> None:
    text = "".join(chr(0x4E00 + n) for n in range(200))
    chosen = choose_prompts(text, frozenset(), prompts=3, length=30)
    assert len(chosen) == 3
    for one in chosen:
        assert one.text + one.truth in text
        assert len(one.truth) == 30
