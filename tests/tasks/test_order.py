import itertools

import pytest
import torch

from unroll.errors import ConfigError
from unroll.seeding import make_generator
from unroll.tasks.order import A, B, LetterOrder, Words

TASK = LetterOrder(length=6, alphabet=5)


def test_words_hold_one_a_and_one_b_and_say_which_is_first() -> None:
    words = TASK.sample(300, make_generator(0, "test"))
    for letters, answer in zip(words.letters.tolist(), words.classes.tolist(), strict=True):
        assert (letters.count(A), letters.count(B)) == (1, 1)
        assert answer == int(letters.index(A) < letters.index(B))
    assert sorted(set(words.letters.flatten().tolist())) == [0, 1, 2, 3, 4]


def test_all_places_are_as_likely() -> None:
    words = TASK.sample(9000, make_generator(0, "test"))
    places = (words.letters == A).long().argmax(1) * 6 + (words.letters == B).long().argmax(1)
    counts = places.bincount(minlength=36).view(6, 6)
    assert counts.diagonal().tolist() == [0] * 6
    # Each of 30 pairs has 300 ± 17: 5 deviations.
    off = counts[~torch.eye(6, dtype=torch.bool)]
    assert ((off - 300).abs() < 86).all()


def test_a_reversed_word_has_the_other_answer() -> None:
    words = Words(torch.tensor([[3, 0, 2, 1]]), torch.tensor([1]))
    backwards = words.reversed()
    assert backwards.letters.tolist() == [[1, 2, 0, 3]]
    assert backwards.classes.tolist() == [0]


def test_letters_are_one_hot() -> None:
    words = TASK.sample(10, make_generator(0, "test"))
    rows = TASK.one_hot(words)
    assert rows.shape == (10, 6, 5)
    assert torch.equal(rows.argmax(2), words.letters)
    assert torch.equal(rows.sum(2), torch.ones(10, 6))


def test_arcs_put_together_by_their_names_are_the_word() -> None:
    words = TASK.sample(40, make_generator(0, "test"))
    told = TASK.arcs(words, 9, make_generator(1, "test"))
    assert told.shape == (40, 5, 28)
    orders = set()
    for steps, letters in zip(told, words.letters.tolist(), strict=True):
        ends = steps[:, :18].view(5, 2, 9).argmax(2).tolist()
        at = steps[:, 18:].view(5, 2, 5).argmax(2).tolist()
        after = dict(ends)
        letter_of = {
            end: letter
            for pair, both in zip(ends, at, strict=True)
            for end, letter in zip(pair, both, strict=True)
        }
        place = (set(after) - set(after.values())).pop()
        read = [letter_of[place]]
        while place in after:
            place = after[place]
            read.append(letter_of[place])
        assert read == letters
        orders.add(tuple(map(tuple, at)) == tuple(itertools.pairwise(letters)))
    # One in 5! = 120 shuffles leaves the arcs in order.
    assert False in orders


def test_sizes_that_cannot_be_are_refused() -> None:
    with pytest.raises(ConfigError) as caught:
        LetterOrder(length=1)
    assert str(caught.value) == (
        "order: length must be 2 or more and alphabet 3 or more, got 1 and 6"
    )
    with pytest.raises(ConfigError) as caught:
        TASK.arcs(TASK.sample(2, make_generator(0, "test")), 5, make_generator(1, "test"))
    assert str(caught.value) == "order: ids must be 6 or more, one a place, got 5"
