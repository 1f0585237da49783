"""Units that follow features: against numpy's correlation, and with units planted by hand."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from unroll.cells import RNN
from unroll.errors import ConfigError, ShapeError
from unroll.models import CharacterModel
from unroll.probes import TextFeature, Unit, follow, text_features, unit_activity
from unroll.probes.following import Moments
from unroll.text import Vocabulary

VOCABULARY = Vocabulary("\n ()abc")
H, PLANTED = 6, 4
# Sums of a few thousand terms in another order, in float64.
TOLERANCE = 1e-10

Floats = NDArray[np.float64]


def make_text(characters: int = 2400, seed: int = 0) -> str:
    generator = np.random.default_rng(seed)
    words = ["(ab) ", "c a ", "b", "(a b c)", "\n", "cab "]
    text = ""
    while len(text) < characters:
        text += words[generator.integers(len(words))]
    return text[:characters]


def make_model() -> CharacterModel:
    """Return a model of one-hot characters, one of whose units latches at a bracket.

        h = tanh(3 h + 9 [ "(" ] − 9 [ ")" ])

    keeps its sign between brackets; the others are small and random.
    """
    generator = torch.Generator().manual_seed(1)
    V = VOCABULARY.size
    cell = RNN(V, H, generator=generator)
    opening, closing = VOCABULARY.encode("()").tolist()
    with torch.no_grad():
        cell.weight_x[PLANTED] = 0
        cell.weight_h[PLANTED] = 0
        cell.bias[PLANTED] = 0
        cell.weight_h[PLANTED, PLANTED] = 3
        cell.weight_x[PLANTED, opening] = 9
        cell.weight_x[PLANTED, closing] = -9
    model = CharacterModel(
        [cell], hidden_size=H, vocabulary_size=V, embedding_size=None, generator=generator
    )
    return model.double()


def features_of(text: str) -> list[TextFeature]:
    """Return the features of all characters but the last."""
    return [
        make_feature(feature.name, feature.values[:-1], feature.is_number, feature.marks[:-1])
        for feature in text_features(text)
    ]


def make_feature(
    name: str, values: Floats, is_number: bool = False, marks: NDArray[np.bool_] | None = None
) -> TextFeature:
    return TextFeature(
        name=name,
        title=name,
        definition=name,
        values=values,
        marks=values == 1 if marks is None else marks,
        is_number=is_number,
    )


def test_correlations_from_pieces_are_numpys() -> None:
    generator = np.random.default_rng(0)
    y = generator.normal(size=(3001, 3))
    # A spread of 0.01 beside a mean of 1,000 would be lost in sums of squares.
    x = np.hstack([1e3 + 1e-2 * generator.normal(size=(3001, 4)), y[:, :1] - 2 * y[:, 1:2]])
    moments = Moments()
    for start, stop in ((0, 1), (1, 7), (7, 2000), (2000, 3001)):
        moments.add(x[start:stop], y[start:stop])
    wanted = np.corrcoef(x.T, y.T)[5:, :5]
    # x itself is rounded at 1e-16 of its mean: 1e-11 of its spread.
    assert np.abs(moments.correlations() - wanted).max() < 1e-9


def test_what_is_constant_has_no_correlation() -> None:
    generator = np.random.default_rng(0)
    x, y = generator.normal(size=(90, 3)), generator.normal(size=(90, 2))
    x[:, 1] = 0.7
    y[:, 0] = 0
    moments = Moments()
    with np.errstate(all="ignore"):
        moments.add(x[:50], y[:50])
        moments.add(x[50:], y[50:])
        found = moments.correlations()
    assert np.isnan(found).tolist() == [[True] * 3, [False, True, False]]


def test_a_planted_unit_is_found_and_told_of_the_other_half() -> None:
    model, text = make_model(), make_text()
    ids = VOCABULARY.encode(text)[:-1]
    features = features_of(text)
    found = {one.feature: one for one in follow(model, ids, features)}
    best = found["brackets"].followers[0]
    assert best.unit == Unit(0, "h", PLANTED)
    activity, _ = unit_activity(model, torch.from_numpy(ids.astype(np.int64)))
    brackets = next(feature for feature in features if feature.name == "brackets").values
    h, half = activity[0]["h"][:, PLANTED].numpy(), len(ids) // 2
    assert best.chosen == pytest.approx(np.corrcoef(h[:half], brackets[:half])[0, 1], abs=TOLERANCE)
    assert best.told == pytest.approx(np.corrcoef(h[half:], brackets[half:])[0, 1], abs=TOLERANCE)
    assert best.told is not None
    assert best.told > 0.99


def test_every_correlation_and_their_order_are_those_of_numpy() -> None:
    model, text = make_model(), make_text(seed=5)
    ids = VOCABULARY.encode(text)[:-1]
    features = features_of(text)
    activity, _ = unit_activity(model, torch.from_numpy(ids.astype(np.int64)))
    h, half = activity[0]["h"].numpy().T, len(ids) // 2
    for feature, found in zip(features, follow(model, ids, features, top=H), strict=True):
        if found.lack:
            continue
        first, second = (
            np.corrcoef(np.vstack([h[:, part], feature.values[part]]))[-1, :-1]
            for part in (slice(0, half), slice(half, None))
        )
        order = np.argsort(-np.abs(first)).tolist()
        assert [one.unit.number for one in found.followers] == order
        told = [one.told for one in found.followers]
        assert told == pytest.approx(second[order].tolist(), abs=TOLERANCE)


def test_the_choice_never_sees_the_second_half() -> None:
    model, text = make_model(), make_text(seed=2)
    ids = VOCABULARY.encode(text)
    inside = next(one for one in text_features(text) if one.name == "brackets").values
    turned = inside.copy()
    turned[len(ids) // 2 :] = 1 - turned[len(ids) // 2 :]
    (honest,) = follow(model, ids, [make_feature("inside", inside)])
    (other,) = follow(model, ids, [make_feature("turned", turned)])
    assert [one.unit for one in other.followers] == [one.unit for one in honest.followers]
    assert [one.chosen for one in other.followers] == [one.chosen for one in honest.followers]
    told = [-one.told for one in honest.followers if one.told is not None]
    assert [one.told for one in other.followers] == pytest.approx(told, abs=TOLERANCE)


def test_a_constant_feature_has_a_reason_and_no_unit() -> None:
    text = "abc " * 300
    ids = VOCABULARY.encode(text)[:-1]
    found = {one.feature: one for one in follow(make_model(), ids, features_of(text))}
    assert found["brackets"].followers == ()
    assert found["brackets"].lack == (
        "true of 0 of 599 characters, and 50 of either kind are needed"
    )
    assert found["line_position"].lack == "0 line ends among 599 characters, and 10 are needed"
    assert found["word_end"].lack is None


def test_a_unit_that_stands_still_is_never_chosen() -> None:
    model, text = make_model(), make_text()
    cell: Any = model.cells[0]
    with torch.no_grad():
        cell.weight_x[:3] = 0
        cell.weight_h[:3] = 0
    ids = VOCABULARY.encode(text)[:-1]
    for found in follow(model, ids, features_of(text), top=H):
        assert {one.unit.number for one in found.followers} <= {3, 4, 5}


def test_a_diverged_network_has_no_followers() -> None:
    model, text = make_model(), make_text()
    with torch.no_grad():
        for parameter in model.cells[0].parameters():
            parameter.fill_(float("nan"))
    ids = VOCABULARY.encode(text)[:-1]
    found = follow(model, ids, features_of(text))
    assert [one.followers for one in found] == [()] * 6


class EndedError(Exception):
    pass


def test_it_tells_what_is_read_and_can_be_ended() -> None:
    model, text = make_model(), make_text()
    ids = VOCABULARY.encode(text)[:-1]
    heard: list[int] = []
    follow(model, ids, features_of(text), told=heard.append)
    assert sum(heard) == len(ids)
    assert max(heard) <= 500

    def end(characters: int) -> None:
        raise EndedError(characters)

    with pytest.raises(EndedError) as caught:
        follow(model, ids, features_of(text), told=end)
    assert str(caught.value) == "500"


@pytest.mark.parametrize(
    ("make", "kind", "message"),
    [
        (
            lambda n: np.zeros(n - 1),
            ShapeError,
            "follow: x must have a value for each of 20 characters, got 19",
        ),
        (
            lambda n: np.array([0.0] * (n - 1) + [np.nan]),
            ConfigError,
            "follow: x must be finite, got nan or inf: leave the last character out, whose next "
            "one is not known",
        ),
    ],
)
def test_features_that_do_not_fit_are_refused(
    make: Callable[[int], Floats], kind: type[Exception], message: str
) -> None:
    with pytest.raises(kind) as caught:
        follow(make_model(), VOCABULARY.encode("abc a" * 4), [make_feature("x", make(20))])
    assert str(caught.value) == message


def test_a_text_of_one_character_is_refused() -> None:
    with pytest.raises(ConfigError) as caught:
        follow(make_model(), VOCABULARY.encode("a"), [make_feature("x", np.zeros(1))])
    assert str(caught.value) == "follow: a text needs two characters or more, got 1"
