from dataclasses import replace

import pytest

from tests.report.study_samples import OPTIMISERS, rate_rows
from unroll.report.charts import Palette, best_rates, loss_by_rate
from unroll.report.page import figure_svg
from unroll.report.rows import RateRow

PALETTE = Palette.of_optimisers(OPTIMISERS)


def trial(rate: float, loss: float | None, seed: int = 0, status: str = "solved") -> RateRow:
    return RateRow(
        optimiser="adam",
        rate=rate,
        seed=seed,
        final_loss_nats=loss,
        steps_to_solve=None,
        status=status,
    )


def test_every_trial_is_drawn_and_the_diverged_stand_at_the_top() -> None:
    rows = rate_rows()
    figure = loss_by_rate(rows, palette=PALETTE)
    (points,) = figure.spec["datasets"].values()
    trials = [point for point in points if point["kind"] == "trial"]
    assert len(trials) == len(rows)
    lost = [point for point in trials if point["lost"]]
    assert len(lost) == sum(row.status == "diverged" for row in rows) > 0
    assert min(p["y"] for p in lost) > max(p["y"] for p in trials if not p["lost"])
    assert ">diverged<" in figure_svg(figure)


def test_a_trial_that_diverged_with_a_finite_loss_has_still_diverged() -> None:
    rows = [trial(0.1, 0.5), trial(1.0, 0.01, status="diverged at step 9")]
    assert best_rates(rows) == {"adam": 0.1}
    assert "1 trial diverged: the cross at the top" in loss_by_rate(rows, palette=PALETTE).caption


def test_best_rate_is_that_of_the_lowest_median() -> None:
    rows = [
        *(trial(0.1, loss, seed) for seed, loss in enumerate((0.2, 0.2, 0.2))),
        *(trial(1.0, loss, seed) for seed, loss in enumerate((0.1, 0.3, 0.01))),
        *(trial(9.0, loss, seed) for seed, loss in enumerate((0.001, None, None))),
    ]
    assert best_rates(rows) == {"adam": 1.0}
    (points,) = loss_by_rate(rows, palette=PALETTE).spec["datasets"].values()
    lines = [point for point in points if point["kind"] == "line"]
    assert [point["best"] for point in lines] == [False, True, False]
    assert [round(point["y"], 2) for point in lines[:2]] == [-0.7, -1.0]


def test_of_equal_rates_the_lower_is_best_and_of_none_there_is_none() -> None:
    assert best_rates([trial(1.0, 0.1), trial(0.1, 0.1)]) == {"adam": 0.1}
    rows = [trial(1.0, None, status="diverged")]
    assert best_rates(rows) == {}
    figure = loss_by_rate(rows, palette=PALETTE)
    assert figure.alt == (
        "Median final training loss in nats by learning rate. adam (none): diverged at 1."
    )
    assert figure_svg(figure).startswith("<svg")


def test_caption_and_alt_text_say_what_is_drawn() -> None:
    rows = [trial(0.1, 0.5), trial(1.0, None, status="diverged")]
    figure = loss_by_rate(rows, palette=PALETTE)
    assert figure.caption == (
        "Training loss at the end against the learning rate; each mark is one trial. 1 seed each; "
        "ring: the rate of the lowest loss. 1 trial diverged: the cross at the top, up to which a "
        "line runs where its median trial did. Optimisers are set side by side at each rate."
    )
    assert figure.alt == (
        "Median final training loss in nats by learning rate. adam (best 0.1): 0.5 at 0.1, "
        "diverged at 1."
    )


def test_a_trial_that_failed_is_not_called_diverged() -> None:
    rows = [trial(0.1, 0.5), trial(1.0, None, status="failed")]
    figure = loss_by_rate(rows, palette=PALETTE)
    assert "1 trial diverged or failed: the cross at the top" in figure.caption
    assert ">diverged or failed<" in figure_svg(figure)


def test_a_loss_of_zero_has_a_place() -> None:
    figure = loss_by_rate([trial(0.1, 0.0), trial(1.0, 0.5)], palette=PALETTE)
    assert ">0 (underflow)<" in figure_svg(figure)


def test_an_unknown_optimiser_needs_a_style() -> None:
    with pytest.raises(ValueError, match="has no style for lion"):
        loss_by_rate([replace(trial(0.1, 0.5), optimiser="lion")], palette=PALETTE)


def test_no_rows_are_refused() -> None:
    with pytest.raises(ValueError, match="loss-by-rate: no rows"):
        loss_by_rate([], palette=PALETTE)
