import math

import pytest

from tests.study.graphs.made_up import hops_view
from tests.study.horizons.made_up import all_views, beyond, cliff, gradients, looked, texts
from unroll.study.horizons.characters import travels_in_characters
from unroll.study.horizons.curves import legible
from unroll.study.horizons.hops import travels_in_hops
from unroll.study.horizons.section import all_travels
from unroll.study.horizons.steps import travels_in_steps
from unroll.study.horizons.travel import Measured, at, medians, relative, settled
from unroll.study.views import Views


def test_a_digit_lies_one_step_less_back_than_there_are_digits() -> None:
    (learned,) = travels_in_steps(Views(memory=(cliff({3: (1.0,), 5: (1.0,), 9: (0.55,)}),)))
    assert learned.kind == "learned"
    assert learned.horizon.per_seed == (4,)
    assert learned.first_failed == 8
    # 0.55 is half way from the chance of 0.1 to 1.
    assert medians(learned.use) == {2: 1.0, 4: 1.0, 8: pytest.approx(0.5)}
    assert learned.influence == ()


def test_a_cell_tried_at_one_length_says_nothing_against_distance() -> None:
    assert travels_in_steps(Views(memory=(cliff({6: (1.0, 1.0)}),))) == []


def test_influence_in_steps_is_of_the_networks_whose_use_was_measured() -> None:
    views = Views(
        memory=(cliff({3: (1.0,), 5: (1.0,), 6: (0.1,)}),),
        gradients=(
            gradients(
                [
                    looked((1e-9, 1e-6, 1e-4, 1e-2, 1.0)),
                    looked((0.5, 0.6, 0.5, 0.5, 0.2), trained_at=5),
                    looked((4e-3, 1e-6, 1e-4, 1e-2, 2.0), trained_at=6),
                ]
            ),
        ),
    )
    (learned,) = travels_in_steps(views)
    found = {influence.condition: medians(influence.points) for influence in learned.influence}
    assert found["before training"] == pytest.approx({1: 1.0, 2: 1e-2, 3: 1e-4, 4: 1e-6, 5: 1e-9})
    assert found["trained"] == pytest.approx({1: 1.0, 2: 2.5, 3: 2.5, 4: 3.0, 5: 2.5})
    assert found["trained, not solved"][5] == pytest.approx(2e-3)
    # One number a network: at the distance that it was trained at, over that of the nearest.
    assert medians(learned.arriving) == pytest.approx({4: 3.0, 5: 2e-3})


def test_what_is_retained_and_its_control_are_told_apart() -> None:
    views = Views(
        memory=(
            beyond({6: 1.0, 31: 1.0, 101: 0.5}),
            beyond({6: 0.1, 31: 0.1}, trained="readout"),
        )
    )
    retained, frozen = travels_in_steps(views)
    assert (retained.kind, retained.network) == ("retained", "RNN, trained at T ≤ 6")
    assert (retained.trained_to, retained.horizon.median, retained.first_failed) == (5, 30, 100)
    assert (frozen.kind, frozen.network) == ("frozen", "RNN, frozen (identity:1)")
    assert frozen.horizon.median is None


def test_use_of_characters_is_what_foreign_text_takes_away() -> None:
    losses = {"distances": [1, 2, 4], "loss_nats": [3.0, 2.0, 1.0], "full_nats": 1.0}
    (told,) = travels_in_characters([texts(4, **losses, foreign_nats=5.0)])
    # Replacing all from d on leaves d − 1 true characters.
    assert medians(told.use) == {1: 1.0, 2: 0.5, 3: 0.25, 5: 0.0}
    (told,) = travels_in_characters([texts(4, **losses)])
    assert medians(told.use) == {2: 1.0, 3: 0.5, 5: 0.0}


def test_influence_of_characters_is_relative_to_the_last_one_read() -> None:
    (told,) = travels_in_characters([texts()])
    found = medians(told.influence[0].points)
    assert found[1] == 1.0
    assert found[512] == pytest.approx(1 / 512)
    assert medians(told.arriving)[300] == pytest.approx(1 / 300)


@pytest.mark.parametrize(("horizon", "kind"), [(16, "learned"), (512, "retained")])
def test_looking_further_than_the_window_is_retained(horizon: int, kind: str) -> None:
    (told,) = travels_in_characters([texts(horizon)])
    assert told.trained_to is not None
    assert 16 <= told.trained_to < 512
    assert told.kind == kind


def test_a_label_travels_over_hops() -> None:
    told = {t.network: t for t in travels_in_hops([hops_view(seeds=1)])}
    assert len(told) == 8
    path = told["plain GCN on a path"]
    assert path.horizon.median == 4
    assert path.first_failed == 6
    assert medians(path.use) == pytest.approx(
        {1: 1.0, 2: 1.0, 3: 1.0, 4: 1.0, 6: 0.05 / 0.75, 8: 0.05 / 0.75}
    )
    assert medians(path.arriving)[4] == pytest.approx(0.5**3)
    before = path.found("before training")
    assert before is not None
    assert medians(before.points)[4] == pytest.approx(0.2**3)


def test_values_are_over_the_nearest_of_the_same_seed() -> None:
    points = [
        Measured(seed=seed, distance=d, value=value)
        for seed, d, value in ((0, 1, 2.0), (0, 3, 1.0), (1, 1, 4.0), (1, 3, 1.0), (2, 1, 0.0))
    ]
    assert at(relative(points), 3) == [0.5, 0.25]
    assert at(relative(points), 1) == [1.0, 1.0]
    huge = [
        Measured(seed=0, distance=1, value=1e-300),
        Measured(seed=0, distance=2, value=1e300),
        Measured(seed=0, distance=3, value=math.inf),
    ]
    assert [point.value for point in relative(huge)] == [1.0, None, None]


def test_use_is_settled_from_where_no_more_is_lost() -> None:
    use = [Measured(seed=0, distance=d, value=v) for d, v in ((1, 1.0), (2, 0.005), (3, 0.2))]
    assert settled(use) is None
    use.append(Measured(seed=0, distance=5, value=-0.002))
    assert settled(use) == 5


def test_the_curves_have_room_for_a_few_networks() -> None:
    shown = legible(all_travels(all_views()))
    assert [(travel.unit, travel.network) for travel in shown] == [
        ("steps", "RNN, trained at each distance"),
        ("steps", "RNN, trained at T ≤ 6"),
        ("steps", "RNN, frozen (identity:1)"),
        ("characters", "quick"),
        ("hops", "residual GCN on a path"),
        ("hops", "residual GCN on a binary tree"),
    ]


def test_two_series_of_one_short_name_keep_their_long_ones() -> None:
    one = beyond({6: 1.0, 31: 1.0}, trained="readout")
    other = beyond({6: 1.0, 31: 1.0}, trained="readout", hidden_size=16)
    (alone,) = travels_in_steps(Views(memory=(one,)))
    assert alone.network == "RNN, frozen (identity:1)"
    names = {travel.network for travel in travels_in_steps(Views(memory=(one, other)))}
    assert names == {
        "RNN, learned, 8 units: trained up to T = 6, recurrence frozen",
        "RNN, learned, 16 units: trained up to T = 6, recurrence frozen",
    }
