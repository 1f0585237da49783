from hypothesis import given
from hypothesis import strategies as st

from unroll.study.text.written import LOOPED, count_words, find_loop, words_of


def test_words_are_runs_of_letters_of_any_language() -> None:
    assert words_of("Äiti söi 3 leipää, het was ’s ochtends; don't_x") == [
        "äiti", "söi", "leipää", "het", "was", "s", "ochtends", "don't", "x",
    ]  # fmt: skip


def test_a_word_that_is_cut_off_does_not_count() -> None:
    words = count_words("the cat sat on the ma", {"the", "cat", "on"})
    assert words == (5, 3 / 4, 4 / 5)
    assert count_words("the cat sat on the ma.", {"the", "cat", "on"}).number == 6


def test_only_words_of_three_letters_are_looked_up() -> None:
    assert count_words("x of y to the cat.", {"x", "of", "y", "cat"}) == (6, 1 / 2, 1.0)
    assert count_words("x y z!", {"x", "y", "z"}) == (3, 0.0, 1.0)


def test_a_text_without_words_has_none() -> None:
    assert count_words("123 !?", {"the"}) == (0, 0.0, 0.0)


@given(st.text("ab ", min_size=1, max_size=12), st.integers(2, 6), st.text("xyz", max_size=9))
def test_what_is_repeated_to_the_end_is_found(passage: str, times: int, before: str) -> None:
    text = before + passage * times
    loop = find_loop(text)
    if len(passage) * times < LOOPED:
        return
    assert loop is not None
    tail = text[loop.start :]
    # By definition: each character of the loop is the one a period before it.
    assert tail[loop.period :] == tail[: -loop.period]
    assert loop.period <= len(passage)
    assert loop.start <= len(before)


def test_ordinary_text_is_no_loop() -> None:
    assert find_loop("It was the best of times, it was the worst of times, it was three") is None
    assert find_loop("") is None
