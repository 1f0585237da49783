from collections.abc import Sequence
from dataclasses import replace

import pytest

from tests.study.made_up_views import CURRICULUM, T, gradient_view, memory_view, probe, trial
from unroll.report.charts import Palette
from unroll.report.page import render
from unroll.report.section import Block, Check, Figure, Notice, Prose, Section, Table
from unroll.study.document import Views, build_document
from unroll.study.gradients.prediction import Prediction, predict, prediction_blocks
from unroll.study.gradients.sections import gradient_sections
from unroll.study.gradients.summary import gradient_lines, gradient_table, summarise_gradients
from unroll.study.gradients.view import GradientView, Probe
from unroll.study.memory.view import MemoryView, label_cells

REGIMES = [
    probe("rnn", "orthogonal:3", norms=(0.1,) * 5, radius=3.0, decay=1.1),
    probe("rnn", "orthogonal:0.5", norms=(1e-9, 1e-7, 1e-5, 1e-3, 0.1), radius=0.5, decay=0.3),
    probe("rnn", "orthogonal", norms=(0.1, 0.2, 0.3, 0.3, 0.3), radius=1.0, decay=0.8),
]
LSTM = probe("lstm", norms=(0.0, 0.0, 0.0, 1e-300, 0.1), decay=0.7)


def tell(views: Sequence[GradientView]) -> tuple[Section, ...]:
    labels = label_cells(cell for view in views for cell in view.cells)
    return gradient_sections(views, labels=labels, palette=Palette.of(labels.values()))


def prose(section: Section, role: str) -> str:
    return next(b.text for b in section.blocks if isinstance(b, Prose) and b.role == role)


def tables(blocks: Sequence[Block]) -> list[Table]:
    return [block for block in blocks if isinstance(block, Table)]


def checks(section: Section) -> list[Check]:
    return [block for block in section.blocks if isinstance(block, Check)]


def prediction(
    initialisation: str,
    gradient: float,
    solved: int,
    *,
    way: str = "at full length",
    length: int = 10,
    seeds: int = 2,
) -> Prediction:
    accuracies = [1.0] * solved + [0.11] * (seeds - solved)
    return Prediction(
        cell="rnn",
        initialisation=initialisation,
        encoding="scalar",
        length=length,
        way=way,
        gradients=(gradient,) * seeds,
        accuracies=tuple(accuracies),
        solved=solved,
        steps=(100,) * seeds,
    )


def verdict(*predictions: Prediction) -> str:
    _, said = prediction_blocks(predictions)
    assert isinstance(said, Prose)
    assert said.role == "follows"
    return said.text


def test_both_questions_are_answered() -> None:
    first, second = tell([gradient_view([*REGIMES, LSTM])])
    assert [s.number for s in (first, second)] == ["1.1", "1.7"]
    assert prose(first, "measured") == (
        "Each step back changes ‖∂h(T)/∂h(k)‖ with `orthogonal:0.5` (ρ = 0.50) by a factor of "
        "**0.30**, with `orthogonal` (ρ = 1.00) by a factor of **0.80** and with `orthogonal:3` "
        "(ρ = 3.00) by a factor of **1.10** (medians over seeds)."
    )
    assert prose(second, "measured") == (
        "At the first digit, 4 steps before the loss, most arrives in RNN, untrained, "
        "orthogonal:3 (‖∂L/∂h(1)‖ = 1.0e-01) and least in LSTM, untrained, uniform (0: it "
        "underflowed)."
    )


def test_without_the_vanilla_rnn_only_what_arrives_is_told() -> None:
    assert [section.number for section in tell([gradient_view([LSTM])])] == ["1.7"]
    assert tell([gradient_view([])]) == ()


def test_regimes_are_in_order_and_named_by_what_the_matrix_does() -> None:
    first, _ = tell([gradient_view(REGIMES)])
    (figure,) = (block for block in first.blocks if isinstance(block, Figure))
    assert list(dict.fromkeys(row["regime"] for row in figure.rows)) == [
        "contracting: orthogonal:0.5",
        "keeping: orthogonal",
        "expanding: orthogonal:3",
    ]
    (table,) = tables(first.blocks)
    assert [row[0] for row in table.rows] == ["orthogonal:0.5", "orthogonal", "orthogonal:3"]
    assert table.rows[0][1:5] == ("0.500", "0.80", "0.300", "-4.0")
    assert figure.rows[0]["term_norm"] is None
    assert figure.rows[0]["jacobian_norm"] == pytest.approx(1e-4)
    assert figure.rows[0]["predicted"] == pytest.approx(0.5**4)


def test_only_orthogonal_matrices_are_said_to_be_orthogonal() -> None:
    first, _ = tell([gradient_view([probe("rnn", "uniform"), probe("rnn", "xavier")])])
    assert "orthogonal" not in prose(first, "ran")


def test_the_checks_are_green_where_all_ways_agree() -> None:
    own = probe("own.py:Own", "own", difference=None)
    found = checks(tell([gradient_view([*REGIMES, LSTM, own])])[0])
    assert [check.label for check in found] == [
        "The closed form of the RNN equals automatic differentiation",
        "The closed form of the LSTM equals automatic differentiation",
        "The terms of the time steps add up to automatic differentiation's gradient",
    ]
    assert all(check.passed for check in found)
    assert found[0].detail.startswith("largest difference 1.0e-15")
    assert found[0].detail.endswith("3 networks, float64")
    assert found[2].detail.startswith("largest difference 1.0e-16")
    assert found[2].detail.endswith("5 networks, float64")


@pytest.mark.parametrize(
    ("planted", "passed"),
    [
        (probe("lstm", difference=1e-3), [True, False, True]),
        (probe("lstm", steps_difference=1e-3), [True, True, False]),
        # Where the largest entry is 1e9, a difference of 1e-3 is a rounding.
        (probe("lstm", difference=1e-3, largest_gradient=1e9), [True, True, True]),
        (probe("lstm", difference=float("nan")), [True, False, True]),
    ],
)
def test_a_planted_disagreement_turns_its_check_red(planted: Probe, passed: list[bool]) -> None:
    view = gradient_view([*REGIMES, LSTM, planted])
    assert [check.passed for check in checks(tell([view])[0])] == passed


def test_the_table_tells_underflow_and_outcomes() -> None:
    trained = [
        probe("lstm", seed=seed, accuracy=accuracy, trained_at=5, condition="trained")
        for seed, accuracy in enumerate((1.0, 0.2))
    ]
    view = gradient_view([LSTM, *trained])
    (section,) = tell([view])
    (table,) = tables(section.blocks)
    assert table.rows == (
        ("lstm", "untrained, uniform", "0 (underflow)", "0 (underflow)", "0.700", "0.700"),
        (
            "lstm",
            "trained at T = 5: 1 of 2 solved",
            "0.1 (0.1–0.1)",
            "0.2 (0.2–0.2)",
            "0.500",
            "0.500",
        ),
    )
    assert summarise_gradients(view)["networks"][0]["by_time"]["h"][:3] == [0.0, 0.0, 0.0]
    assert list(gradient_table(view).columns[2].cells)[:2] == ["0 (underflow)", "0.1"]


def test_the_terminal_is_told_each_difference_of_its_own() -> None:
    # The steps disagree with the rest, the closed form does not.
    lines = gradient_lines(gradient_view([probe("lstm", steps_difference=1e-3)]))
    closed, steps = (" ".join(line.split()) for line in lines)
    assert closed.startswith(
        "closed form against automatic differentiation, float64: largest difference 1.0e-15"
    )
    assert "e-03" not in closed
    assert steps.startswith(
        "sum over the time steps against automatic differentiation: largest difference 1.0e-03"
    )


def test_several_protocols_are_told_apart_and_named_apart() -> None:
    views = [
        gradient_view(REGIMES),
        gradient_view([LSTM]),
        gradient_view([LSTM], encoding="one-hot"),
    ]
    first, second = tell(views)
    figures = [b.id for s in (first, second) for b in s.blocks if isinstance(b, Figure)]
    assert figures == ["gradient-regimes", "gradient-over-time", "gradient-over-time-1"]
    headings = [b.text for b in second.blocks if isinstance(b, Prose) and b.role is None]
    assert headings == ["**Digits enter as one number 0–9**", "**Digits enter one-hot**"]


def test_what_could_not_be_measured_is_told_once() -> None:
    view = replace(gradient_view([LSTM]), failures=("own: it broke", "own: it broke"))
    (section,) = tell([view])
    assert [b.text for b in section.blocks if isinstance(b, Notice)] == [
        "Not measured: own: it broke"
    ]
    assert gradient_lines(view)[-1] == "failed: own: it broke"


def test_the_whole_page_of_gradients_alone() -> None:
    document = build_document(Views(gradients=(gradient_view([*REGIMES, LSTM]),)))
    assert [section.number for section in document.sections] == ["1.1", "1.7"]
    assert "The gradients, by hand" in render(document)


def predicted(gradients: GradientView, *memory: MemoryView) -> list[Prediction]:
    return predict([gradients], memory, {"rnn": "rnn", "lstm": "lstm"})


def test_probes_meet_trials_of_the_same_start_alone() -> None:
    looked_at = gradient_view([probe("rnn", norms=(1e-3,) * 5), probe("rnn", "orthogonal")])
    same = memory_view([trial("rnn", {T: 0.3}, seed=seed) for seed in range(2)])
    others = memory_view(
        [
            trial("rnn", {7: 1.0}, length=7),
            trial("lstm", {T: 1.0}),
            trial("rnn", {T: 1.0}, encoding="one-hot"),
            trial("rnn", {T: 1.0}, hidden_size=9),
            trial("rnn", {T: 1.0}, initialisation="xavier"),
            trial("rnn", {T: 1.0}, task="palindrome-half"),
        ]
    )
    assert predicted(looked_at, others) == []
    (found,) = predicted(looked_at, same, others)
    assert (found.initialisation, found.way, found.accuracies, found.solved, found.length) == (
        "uniform",
        "at full length",
        (0.3, 0.3),
        0,
        T,
    )
    assert found.gradient == 1e-3


def test_each_way_of_training_is_a_row_of_its_own() -> None:
    memory = [
        memory_view([trial("rnn", {T: 0.1})]),
        memory_view([trial("rnn", {T: 1.0}, curriculum=CURRICULUM)], curriculum=CURRICULUM),
        memory_view([trial("rnn", {T: 0.2}, trained="readout")], trained="readout"),
    ]
    found = predicted(gradient_view([probe("rnn")]), *memory)
    assert [(p.way, p.solved) for p in found] == [
        ("at full length", 0),
        ("by the curriculum", 1),
        ("readout only", 0),
    ]
    table, _ = prediction_blocks(found)
    assert isinstance(table, Table)
    assert table.rows[0] == (
        "rnn",
        "uniform",
        T,
        "0.1",
        "at full length",
        "0.100",
        "0 of 1",
        "10",
    )


def test_a_trial_that_two_recipes_share_counts_once() -> None:
    shared = trial("rnn", {T: 1.0})
    views = [memory_view([shared]), memory_view([shared], recipe="assignment-tuned")]
    (found,) = predicted(gradient_view([probe("rnn")]), *views)
    assert found.accuracies == (1.0,)


def test_a_trained_network_is_no_start() -> None:
    looked_at = gradient_view([probe("rnn", trained_at=T, condition="trained", trial="key")])
    assert predicted(looked_at, memory_view([trial("rnn", {T: 1.0})])) == []


def test_a_counter_example_is_named() -> None:
    text = verdict(prediction("identity:1", 0.5, 0), prediction("identity:2.5", 1e-30, 2))
    assert text == (
        "**The size of the gradient at the start does not by itself predict success.** RNN with "
        "`identity:1` receives 5.0e-01 at the first of 10 digits and ends at an accuracy of 0.110 "
        "after 100 steps at full length; RNN with `identity:2.5` receives 1.0e-30 and is solved "
        "in 100 steps."
    )
    nothing = verdict(prediction("identity:1", 0.5, 0), prediction("identity:2.5", 0.0, 2))
    assert "receives exactly 0 (underflow) and is solved" in nothing


def test_the_clearest_counter_example_is_named() -> None:
    text = verdict(
        prediction("xavier", 0.5, 0), prediction("uniform", 0.7, 0), prediction("chrono", 1e-9, 2)
    )
    assert "RNN with `uniform` receives 7.0e-01" in text
    assert "xavier" not in text


def test_where_more_gradient_went_with_success_they_go_together() -> None:
    assert verdict(prediction("xavier", 0.5, 2), prediction("uniform", 1e-30, 0)) == (
        "Among these networks none that received clearly more gradient failed where one that "
        "received less succeeded: here the gradient at the start and success go together."
    )


@pytest.mark.parametrize(
    "predictions",
    [
        # All succeed, however little arrives; all fail, however much.
        (prediction("xavier", 0.5, 2), prediction("uniform", 1e-30, 2)),
        (prediction("xavier", 0.5, 0), prediction("uniform", 1e-30, 0)),
        # Nothing that could be compared: one each of two lengths.
        (prediction("xavier", 0.5, 0, length=20), prediction("uniform", 1e-30, 2)),
        # Too near to one another to tell.
        (prediction("xavier", 0.5, 0), prediction("uniform", 0.4, 2)),
    ],
    ids=["all solved", "none solved", "two lengths", "no clear difference"],
)
def test_nothing_goes_together_where_nothing_shows_it(predictions: tuple[Prediction, ...]) -> None:
    assert "go together" not in verdict(*predictions)


def test_a_frozen_network_that_solves_it_needs_no_gradient() -> None:
    plain = prediction("identity:2.5", 1e-30, 2)
    frozen = "RNN with `identity:2.5` solves it with its recurrence frozen as well: it is a memory "
    assert frozen in verdict(plain, prediction("identity:2.5", 1e-30, 2, way="readout only"))
    assert frozen not in verdict(plain, prediction("identity:2.5", 1e-30, 1, way="readout only"))


def test_a_curriculum_that_helps_is_told() -> None:
    def said(plain: int, helped: int, start: str = "uniform", length: int = 10) -> bool:
        text = verdict(
            prediction("uniform", 0.1, plain),
            prediction(start, 0.1, helped, way="by the curriculum", length=length),
        )
        return (
            "RNN with `uniform` fails at full length and is solved by the curriculum from the same "
            "start: what was missing was not gradient but a way in." in text
        )

    assert said(0, 2)
    assert not said(0, 1)
    assert not said(2, 2)
    assert not said(0, 2, start="xavier")
    assert not said(0, 2, length=20)


def test_one_network_says_nothing() -> None:
    assert verdict(prediction("uniform", 0.1, 0)) == (
        "Too few of these networks were trained to say."
    )
    assert prediction_blocks([]) == []
