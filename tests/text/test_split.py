import pytest
from hypothesis import given
from hypothesis import strategies as st

from unroll.errors import ConfigError
from unroll.text import Extent, Splits, shortest_text, split_text


def test_a_thousand_characters_by_hand() -> None:
    assert split_text(1000, 30) == Splits(Extent(0, 855), Extent(855, 900), Extent(900, 1000))


def test_shakespeare_is_cut_where_everybody_cuts_it() -> None:
    splits = split_text(1_115_394, 256)
    assert splits.validation == (int(0.9 * 1_115_394), 1_115_394)
    assert splits.training.characters == 953_661


@given(st.integers(0, 10**9), st.integers(1, 300))
def test_splits_cover_the_text_and_hold_a_window_each(more: int, window: int) -> None:
    characters = shortest_text(window) + more
    splits = split_text(characters, window)
    assert splits.training.start == 0
    assert splits.training.stop == splits.tuning.start
    assert splits.tuning.stop == splits.validation.start
    assert splits.validation.stop == characters
    assert sum(split.characters for split in splits) == characters
    assert min(split.characters for split in splits) > window
    assert splits.validation.characters == -(-characters // 10)
    trained = splits.training.characters + splits.tuning.characters
    assert splits.tuning.characters == -(-trained // 20)


@pytest.mark.parametrize("window", [1, 2, 7, 30, 64, 100])
def test_the_shortest_text_is_the_shortest(window: int) -> None:
    def smallest(characters: int) -> int:
        held_out = characters * 9 // 10
        tuning = held_out * 19 // 20
        return min(tuning, held_out - tuning, characters - held_out)

    by_trying = next(n for n in range(10**5) if smallest(n) >= window + 1)
    assert shortest_text(window) == by_trying


def test_a_shorter_text_is_refused_in_one_line() -> None:
    split_text(668, 30)
    with pytest.raises(ConfigError) as caught:
        split_text(667, 30)
    assert str(caught.value) == (
        "the text has 667 characters, and windows of 30 need 668, so that training, tuning and "
        "validation hold one each; give a longer text or a shorter window"
    )


def test_a_window_of_nothing_is_refused() -> None:
    with pytest.raises(ConfigError) as caught:
        split_text(1000, 0)
    assert str(caught.value) == "window: must be 1 character or more, got 0"
