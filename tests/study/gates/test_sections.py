from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.study.running.test_trial import SETTINGS
from unroll.records import MeasurementRecord, RequestRecord, Store, TrialRecord
from unroll.report.page import render
from unroll.report.section import (
    Block,
    Check,
    Command,
    Document,
    Equation,
    Figure,
    Notice,
    Prose,
    Section,
    Table,
)
from unroll.study.gates.sections import gate_section
from unroll.study.gates.view import GateView, view_gates
from unroll.study.parts import THROUGH_TIME

H = 2
PROTOCOL = {
    "recipe": "assignment",
    "max_steps": 10,
    "hidden_size": H,
    "length": 5,
    "digits": None,
}
COUNTS = [
    {"cell": cell, "n": n, "d": 1, "K": 10, "formula": 100 * n, "model": 100 * n}
    for n in range(1, 21)
    for cell in ("rnn", "lstm", "gru")
]


def network(accuracy: float, **changes: Any) -> dict[str, Any]:
    """Return a look at a network of two units over palindromes of five digits."""
    gate = {
        "mean": [0.6, 0.2, 0.2, 0.2],
        "size": [0.6, 0.2, 0.2, 0.2],
        "most": 0.9,
        "negative": 0.0,
        "closed": 0.25,
        "open": 0.25,
    }
    return {
        "accuracy": accuracy,
        "gates": dict.fromkeys("ifgoch", gate),
        "keep": [0.9, 1.0],
        "time_constants": [9.49, None],
        "kept": [0.7, 1.0],
        "digit_share": [0.2, 0.9],
        "by_step": {
            "memory_first": [1.0, 0.9, 0.8, 0.7],
            "written_first": [1.0, 0.05, 0.03, 0.01],
            "written_read": [1.0, 0.9, 0.8, 0.7],
        },
        "silenced": [
            {"silent": "written", "from": 2, "accuracy": 1.0},
            {"silent": "kept", "from": 2, "accuracy": 0.1},
        ],
        **changes,
    }


def look(accuracy: float, **changes: Any) -> dict[str, Any]:
    """Return what is recorded of one network."""
    return {
        "count": 500,
        "held_out": False,
        "before": network(0.1, time_constants=[1.0, 2.0]),
        "after": network(accuracy, **changes),
        "palindrome": [3, 1, 4, 1, 3],
        "answer": 3 if accuracy > 0.5 else 8,
        "maps": {name: [[0.1, 0.2, 0.3, 0.4], [0.4, 0.3, 0.2, 0.1]] for name in "ifogc"},
    }


def make_view(
    directory: Path,
    looks: list[dict[str, Any] | None],
    counts: list[dict[str, Any]] | None = COUNTS,
    error: str | None = None,
) -> GateView:
    """Return a view of LSTMs by seed; a look that is None failed, no counts are missing."""
    with Store.create(directory) as store:
        keys = []
        for seed, values in enumerate(looks):
            trial = replace(SETTINGS, cell="lstm", cell_class="lstm", length=5, seed=seed)
            settings = {"trial": trial.as_dict(), "digits": None, "count": 500}
            keys.append(f"look{seed}")
            record = MeasurementRecord(
                key=keys[-1], kind="gates", settings=settings, values=values, error=error
            )
            store.add_measurement(record)
            if values is None:
                store.add_trial(
                    TrialRecord(
                        key=trial.key,
                        settings=trial.as_dict(),
                        status="failed",
                        error="RuntimeError: *odd*",
                    ),
                    weights=None,
                    curves={},
                    evaluations=[],
                )
        if counts is not None:
            store.add_measurement(
                MeasurementRecord(
                    key="counts", kind="parameters", settings={}, values={"rows": counts}
                )
            )
        request = RequestRecord(
            kind="gates",
            settings=PROTOCOL,
            command="unroll gates --length 5",
            trials=(),
            measurements=(*keys, "counts"),
            started="2026-01-01T00:00:00+00:00",
        )
        return view_gates(store, [request])


def told(*views: GateView) -> Section:
    section = gate_section(views)
    assert section is not None
    render(Document(title="t", question="q", sections=(section,)))
    return section


def blocks(section: Section, kind: type[Block]) -> list[Any]:
    return [block for block in section.blocks if isinstance(block, kind)]


def prose(section: Section, role: str) -> str:
    text: str = next(block.text for block in blocks(section, Prose) if block.role == role)
    return text


def test_nobody_asked() -> None:
    assert gate_section([]) is None


def test_the_question_is_answered_from_the_records(tmp_path: Path) -> None:
    section = told(make_view(tmp_path, [look(1.0)]))
    assert (section.number, section.part) == ("1.5", THROUGH_TIME)
    roles = [block.role for block in blocks(section, Prose) if block.role]
    assert roles == ["asked", "ran", "measured", "follows"]
    assert prose(section, "ran") == (
        "LSTM (1 seed), recipe `assignment` at T = 5, 2 units, at most 10 steps. Each network is "
        "looked into as it began and with the parameters of its best validation, over 500 "
        "palindromes (*not held out*: there are too few of that length to keep any apart)."
    )
    assert prose(section, "measured") == (
        "LSTM, seed 0 answers 1.000 of them right after training, 0.100 before (chance 0.100)."
    )
    assert prose(section, "follows") == (
        "In the trained LSTM, seed 0, the gates $i$, $f$ and $o$ are neither more nor less like "
        "switches than before training: 50% of their values lie below 0.1 or above 0.9, 50% did. "
        "The input gate is more open at step 1 than afterwards, so that less is written of "
        "distractors: mean 0.60 at step 1, 0.20 after it. The median time constant is endless "
        "(1.5 before training), and 2 of 2 units reach the T − 2 = 3 that are needed "
        "(0 before): by $f$ alone, most units would hold 37% or more of what step 1 wrote. At step "
        "4 the first digit explains more than half of the variance of $c$ in 1 of 2 units; it "
        "explains 1% of the variance of what that step writes, $i ⊙ g$, and the digit just read "
        "explains 70%. So the digit is hardly written again by then. With nothing written "
        "from step 2 on it answers 1.000 right, with nothing kept from step 2 on 0.100: keeping "
        "alone carries the digit, writing alone does not solve the length."
    )
    figures = blocks(section, Figure)
    assert [figure.command for figure in figures] == ["unroll gates --length 5"] * len(figures)
    assert not blocks(section, Command)
    assert len(blocks(section, Equation)) == 1


def test_the_verdicts_turn_with_the_numbers(tmp_path: Path) -> None:
    changes: dict[str, Any] = {
        "gates": {
            name: {**network(1.0)["gates"]["i"], "size": [0.2, 0.6, 0.6, 0.6], "open": 0.5}
            for name in "ifgoch"
        },
        "time_constants": [0.5, 1.5],
        "by_step": {**network(1.0)["by_step"], "written_first": [1.0, 0.5, 0.8, 0.9]},
        "silenced": [
            {"silent": "written", "from": 2, "accuracy": 0.2},
            {"silent": "kept", "from": 2, "accuracy": 0.3},
        ],
    }
    follows = prose(told(make_view(tmp_path, [look(1.0, **changes)])), "follows")
    for words in (
        "are more like switches than before training: 75%",
        "does not shut the distractors out; it is more open after step 1 than at it",
        "0 of 2 units reach the T − 2 = 3 that are needed",
        "by $f$ alone, most units would hold less than 37% of what step 1 wrote",
        "it explains 90% of the variance of what that step writes",
        "the digit is still written again then, out of the network's own state",
        "neither alone solves the length",
    ):
        assert words in follows


def test_maps_are_of_what_was_read_with_the_longest_on_top(tmp_path: Path) -> None:
    section = told(make_view(tmp_path, [look(0.2), look(1.0)]))
    maps, constants = blocks(section, Figure)
    assert "Trained LSTM, seed 1. The palindrome is 31413; its last digit" in maps.caption
    assert "the network answers 3, rightly" in maps.caption
    # Unit 1 never forgets: it is on top.
    top = [row["value"] for row in maps.rows if (row["gate"], row["unit"]) == ("i", 0)]
    assert top == [0.4, 0.3, 0.2, 0.1]
    assert [row["digit"] for row in maps.rows[:4]] == [3, 1, 4, 1]
    conditions = {row["condition"] for row in constants.rows}
    assert conditions == {"untrained", "trained at T = 5"}
    assert len(constants.rows) == 2 * 2 * H


def test_tables_are_filled_from_the_records(tmp_path: Path) -> None:
    section = told(make_view(tmp_path, [look(1.0)]))
    gates, digits, silenced, units, parameters = blocks(section, Table)
    assert [column.title for column in gates.columns] == [
        "LSTM gate", "untrained", "trained", "step 1", "steps 2–3", "step 4", "below 0.1",
        "above 0.9",
    ]  # fmt: skip
    assert gates.rows[0] == ("i", "0.30", "0.30", "0.60", "0.20", "0.20", "25%", "25%")
    assert gates.rows[4] == ("|c|", "0.30", "0.30", "0.60", "0.20", "0.20", "–", "–")
    assert digits.rows[3] == (4, "70%", "1%", "70%")
    assert silenced.rows == (
        ("nothing", "1.000", "1.000"),
        ("from step 2 on", "1.000", "0.100"),
    )
    assert units.rows[0] == (1, "90.0%", "2.0", "endless", "100%")
    assert len(parameters.rows) == 20
    assert parameters.rows[2] == (3, 1, 10, "300 = 300", "300 = 300", "300 = 300")


def test_a_wrong_parameter_count_turns_the_check_red(tmp_path: Path) -> None:
    right = blocks(told(make_view(tmp_path / "right", [look(1.0)])), Check)[-1]
    assert (right.passed, right.detail) == (True, "60 models of 20 random sizes")
    counts = [{**row, "model": 301 if row["n"] == 3 else row["model"]} for row in COUNTS]
    section = told(make_view(tmp_path / "wrong", [look(1.0)], counts))
    wrong = blocks(section, Check)[-1]
    assert not wrong.passed
    assert wrong.detail == (
        "3 of 60 models differ, first RNN with n = 3, d = 1, K = 10: formula 300, model 301"
    )
    table = blocks(section, Table)[-1]
    assert table.highlight == {2}
    assert table.rows[2][3:] == ("300 ≠ 301",) * 3


def test_a_network_that_is_not_solved_is_told(tmp_path: Path) -> None:
    section = told(make_view(tmp_path, [look(0.4)]))
    (notice,) = blocks(section, Notice)
    assert notice.text == (
        "**Not solved:** LSTM, seed 0 answers 0.400 of the palindromes of T = 5 right, and 0.99 "
        "counts as solved. What its gates do is not how a palindrome is remembered."
    )
    assert [check.label for check in blocks(section, Check)] == [
        "The formula gives the number of parameters that each model has"
    ]
    assert prose(section, "follows").endswith(
        "It has not solved T = 5, so none of this explains how one does."
    )
    assert "the network answers 8, wrongly" in blocks(section, Figure)[0].caption


def test_solved_and_unsolved_seeds_are_both_told(tmp_path: Path) -> None:
    section = told(make_view(tmp_path, [look(0.4), look(1.0)]))
    check = blocks(section, Check)[0]
    assert check.label == "Trained networks that solve T = 5: 1 of 2"
    assert check.detail == "LSTM, seed 1: accuracy 1.000; solved from 0.99 on"
    assert len(blocks(section, Notice)) == 1
    assert "In the trained LSTM, seed 1" in prose(section, "follows")


def test_a_trial_that_failed_is_told_with_its_reason(tmp_path: Path) -> None:
    section = told(make_view(tmp_path, [None], error="its trial has no weights"))
    assert [notice.text for notice in blocks(section, Notice)] == [
        r"**LSTM, seed 0 could not be measured:** RuntimeError: \*odd\*"
    ]
    assert blocks(section, Figure) == []
    assert prose(section, "measured") == "No network could be looked into."
    assert prose(section, "follows").startswith("Nothing:")


def test_what_is_not_recorded_yet_is_told(tmp_path: Path) -> None:
    section = told(make_view(tmp_path, [], counts=None))
    (notice,) = blocks(section, Notice)
    assert notice.text == "1 measurement of the last command not recorded yet."
    assert blocks(section, Check) == blocks(section, Table) == []


def test_two_protocols_have_figures_of_their_own(tmp_path: Path) -> None:
    view = make_view(tmp_path, [look(1.0)])
    section = told(view, replace(view, protocol={**PROTOCOL, "digits": "31413"}))
    names = [figure.id for figure in blocks(section, Figure)]
    assert names == ["gate-maps-lstm", "time-constants", "gate-maps-lstm-1", "time-constants-1"]
    assert "**Recipe `assignment`, T = 5, at most 10 steps, digits 31413**" in prose(
        section, "follows"
    )
    assert len([table for table in blocks(section, Table) if "formula" in table.caption]) == 1


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_each_cell_has_its_equation(tmp_path: Path, cell: str) -> None:
    view = make_view(tmp_path, [look(1.0)])
    values = {"r": view.looks[0].maps["i"]}
    gates = view.looks[0].after.gates
    if cell == "gru":
        maps = dict.fromkeys("rznh", values["r"])
        network_look = replace(view.looks[0].after, gates=dict.fromkeys("rznh", gates["i"]))
        changed = replace(
            view.looks[0],
            settings=replace(view.looks[0].settings, cell="gru"),
            maps=maps,
            before=network_look,
            after=network_look,
        )
        view = replace(view, looks=(changed,))
    (equation,) = blocks(told(view), Equation)
    assert equation.text.startswith("g = tanh" if cell == "lstm" else "r = σ")
