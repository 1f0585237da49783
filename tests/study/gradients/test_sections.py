from collections.abc import Sequence
from dataclasses import replace

import pytest

from tests.study.made_up_views import gradient_view, probe
from unroll.report.charts import Palette
from unroll.report.page import render
from unroll.report.section import Block, Check, Figure, Notice, Prose, Section, Table
from unroll.study.document import build_document
from unroll.study.gradients.sections import gradient_sections
from unroll.study.gradients.summary import gradient_lines, gradient_table, summarise_gradients
from unroll.study.gradients.view import GradientView, Probe
from unroll.study.memory.view import label_cells
from unroll.study.views import Views

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
        "orthogonal:3 (‖∂L/∂h(1)‖ = 0.1) and least in LSTM, untrained, uniform (0: it "
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
    summary = summarise_gradients(gradient_view([probe("lstm", steps_difference=4.0)]))
    assert (summary["max_abs_difference"], summary["max_relative_difference"]) == (1e-15, 1e-15)
    assert (summary["steps_difference"], summary["steps_relative_difference"]) == (4.0, 4.0)
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
    assert sum(isinstance(b, Prose) and b.role == "asked" for b in second.blocks) == 1
    headings = [b.text for b in second.blocks if isinstance(b, Prose) and b.role is None]
    assert headings == ["**Digits enter as one number 0–9**", "**Digits enter one-hot**"]


def test_headings_name_what_else_differs() -> None:
    views = [
        gradient_view([LSTM]),
        gradient_view([LSTM], max_steps=1_500, sequences=1),
        gradient_view([LSTM], length=30),
    ]
    (section,) = tell(views)
    assert [b.text for b in section.blocks if isinstance(b, Prose) and b.role is None] == [
        "**Digits enter as one number 0–9; T = 6; 2 sequences**",
        "**Digits enter as one number 0–9; T = 6; 1 sequence; trained by recipe assignment, at "
        "most 1,500 steps**",
        "**Digits enter as one number 0–9; T = 30; 2 sequences**",
    ]


def test_a_state_may_have_any_parts() -> None:
    own = probe("own.py:Own", "own", difference=None)
    of_own = {"trace": own.by_time["h"], "slow": own.by_time["h"]}
    factors = {"trace": 0.5, "slow": 0.6}
    own = replace(own, values={**own.values, "by_time": of_own, "decay_per_step": factors})
    view = gradient_view([LSTM, own])
    (section,) = tell([view])
    (table,) = tables(section.blocks)
    assert [column.title for column in table.columns[2:]] == [
        *(f"‖∂L/∂{part}(1)‖" for part in ("h", "c", "trace", "slow")),
        *(f"{part}: factor per step" for part in ("h", "c", "trace", "slow")),
    ]
    assert table.rows[1][2:] == ("–", "–", "0.1", "0.1", "–", "–", "0.500", "0.600")
    assert "most arrives in OWN, untrained, own (‖∂L/∂trace(1)‖ = 0.1)" in prose(
        section, "measured"
    )
    (figure,) = (block for block in section.blocks if isinstance(block, Figure))
    assert (
        "Solid: the hidden state $h_t$ or `trace`; dashed: the cell state $c_t$ or `slow`."
    ) in figure.caption
    assert [list(column.cells)[1] for column in gradient_table(view).columns[4:]] == [
        "0.1",
        "0.1",
        "0.500",
    ]


def test_what_is_beyond_the_axis_is_held_and_told() -> None:
    jacobian = {"log10_norms": [400.0, 0.0], "decay_measured": 2.0, "spectral_radius": 1e200,
                "mean_slope": 1.0}  # fmt: skip
    huge = probe("rnn", "orthogonal:1e200", norms=(1.0, 1.0))
    huge = replace(huge, values={**huge.values, "jacobian": jacobian})
    first, _ = tell([gradient_view([huge], length=3)])
    (figure,) = (block for block in first.blocks if isinstance(block, Figure))
    assert [row["jacobian_norm"] for row in figure.rows] == [1e300, 1.0]
    assert [row["predicted"] for row in figure.rows] == [1e200, 1.0]
    assert figure.caption.endswith("What exceeds $10^{300}$ is drawn there.")
    (plain,) = (b for b in tell([gradient_view(REGIMES)])[0].blocks if isinstance(b, Figure))
    assert "exceeds" not in plain.caption


def test_vanishing_is_told_only_where_it_happens() -> None:
    def followed(decay: float) -> str:
        return prose(tell([gradient_view([probe("rnn", decay=decay, radius=1.2)])])[0], "follows")

    assert "Where it vanishes" in followed(0.5)
    assert "Where it vanishes" not in followed(1.2)


def test_only_gains_that_were_tried_are_named() -> None:
    first, _ = tell([gradient_view(REGIMES[:2])])
    assert "$W_{hh}$ = $g$ times an orthogonal matrix for $g$ below and above 1;" in prose(
        first, "ran"
    )
    first, _ = tell([gradient_view([probe("rnn"), probe("rnn", "xavier")])])
    assert "Vanilla RNNs as they begin, initialised by `uniform` and `xavier`;" in prose(
        first, "ran"
    )


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


def test_a_checkpoint_is_named_by_its_file_and_namesakes_by_their_content_too() -> None:
    def read(name: str, digest: str) -> Probe:
        return probe("rnn", condition="checkpoint", trained_at=10, checkpoint=name, sha256=digest)

    one = read("12f31b5d00aa", "59b582a0ff")
    assert list(gradient_view([one]).conditions()) == ["checkpoint 12f31b5, trained at T = 10"]
    other, namesake = read("7c7c7c7c00", "59b582a1ff"), read("12f31b5d00aa", "aaaaaaaaff")
    assert list(gradient_view([one, other, namesake]).conditions()) == [
        "checkpoint 12f31b5 (SHA-256 59b582a), trained at T = 10",
        "checkpoint 7c7c7c7, trained at T = 10",
        "checkpoint 12f31b5 (SHA-256 aaaaaaa), trained at T = 10",
    ]
