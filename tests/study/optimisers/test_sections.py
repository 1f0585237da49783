import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest
from rich.console import Console

from tests.study.running.test_trial import SETTINGS
from unroll.records import MeasurementRecord, TrialRecord
from unroll.records.schema import CurvePoint, TrialStatus
from unroll.report.page import render
from unroll.report.section import Block, Check, Document, Figure, Prose, Section, Table
from unroll.study.optimisers.blocks import OptimiserBlocks
from unroll.study.optimisers.ravine_sentences import ravine_sentence
from unroll.study.optimisers.ravine_view import Walk, read_walks
from unroll.study.optimisers.sections import optimiser_section
from unroll.study.optimisers.sentences import (
    adaptive_sentence,
    best_losses_sentence,
    edge_sentence,
    large_rates_sentence,
    momentum_sentence,
    steps_sentence,
    usable_sentence,
)
from unroll.study.optimisers.summary import (
    optimiser_failures,
    optimiser_notes,
    optimiser_table,
    summarise_optimisers,
)
from unroll.study.optimisers.view import OptimiserTrial, OptimiserView

STEPS = 200
SOLVED = 0.995
PROTOCOL = {"recipe": "assignment", "max_steps": STEPS, "clip_norm": 10.0, "length": 5}

Results = Mapping[tuple[str, float], Sequence[float | None]]


def trial(
    optimiser: str,
    rate: float,
    seed: int,
    loss_nats: float | None,
    *,
    solved_at: int | None = None,
    status: TrialStatus = "budget",
    start_nats: float | None = None,
) -> OptimiserTrial:
    """Return a trial whose loss is the same all along, with a curve point every 20 steps."""
    settings = replace(SETTINGS, optimiser=optimiser, rate=rate, seed=seed, max_steps=STEPS)
    # 100 batches on end are right enough when they began 100 steps before.
    turn = STEPS if solved_at is None else solved_at - 100
    curve = tuple(
        CurvePoint(step=step, loss_nats=loss_nats, accuracy=SOLVED if step > turn else 0.0)
        for step in range(20, STEPS + 1, 20)
    )
    begun = 2.3 + seed / 10 if start_nats is None else start_nats
    return OptimiserTrial(
        settings=settings,
        record=TrialRecord(
            key=settings.key, settings=settings.as_dict(), status=status, steps=STEPS
        ),
        training=curve,
        start=CurvePoint(step=0, loss_nats=begun, accuracy=0.1),
    )


def view_of(
    results: Results,
    solved_at: Mapping[tuple[str, float], Sequence[int | None]] | None = None,
    walks: Sequence[Walk] = (),
) -> OptimiserView:
    """Return a view of trials with these final losses by seed; None is one that diverged."""
    steps = solved_at or {}
    trials = [
        trial(
            *key,
            seed,
            loss,
            solved_at=steps[key][seed] if key in steps else None,
            status="diverged" if loss is None else "budget",
        )
        for key, losses in results.items()
        for seed, loss in enumerate(losses)
    ]
    return OptimiserView(
        trials=tuple(trials),
        walks=tuple(walks),
        protocol=PROTOCOL,
        missing=0,
        commands=("unroll optimisers --out runs",),
    )


def walk(optimiser: str, angle: float, steps: int | None, **change: Any) -> Walk:
    made = Walk(
        optimiser=optimiser,
        angle_degrees=angle,
        curvature=50.0,
        steps=200,
        rates=(0.01, 0.1, 0.3),
        rate=0.1,
        steps_to_goal=steps,
        diverged=False,
        points=((-10.0, 1.0), (0.1, 0.0)),
        losses=(75.0, 0.005),
        equal_rate=0.03,
        equal_steps_to_goal=steps,
    )
    return replace(made, **change)


def typical() -> OptimiserView:
    results = {
        ("sgd", 0.1): (0.9, 0.8, 0.7),
        ("sgd", 1.0): (3.0, 3.1, 3.2),
        ("momentum", 0.01): (0.1, 0.2, 0.3),
        ("momentum", 0.1): (0.5, None, 0.5),
        ("adam", 0.001): (0.02, 0.02, 0.02),
        ("adam", 0.01): (0.002, 0.001, 0.003),
        ("adam", 0.1): (2.0, 2.0, 2.0),
    }
    solved = {("adam", 0.001): (120, 140, 160), ("adam", 0.01): (180, 180, 200)}
    walks = [
        *(walk("sgd", angle, 102) for angle in (0.0, 45.0)),
        walk("adam", 0.0, 55),
        walk("adam", 45.0, 76, rate=0.3),
    ]
    return view_of(results, solved, walks)


def blocks_of(section: Section | None, kind: type[Block]) -> list[Any]:
    assert section is not None
    return [block for block in section.blocks if isinstance(block, kind)]


def prose(section: Section | None, role: str) -> str:
    text: str = next(b.text for b in blocks_of(section, Prose) if b.role == role)
    return text


def test_the_final_loss_is_the_mean_of_the_last_hundred_batches() -> None:
    curve = tuple(
        CurvePoint(step=step, loss_nats=loss, accuracy=0.0)
        for step, loss in ((20, 9.0), (40, 9.0), (100, 2.0), (120, 1.0), (140, 1.0))
    )
    made = replace(trial("sgd", 0.1, 0, 1.0), training=curve)
    # 60 steps at 2 nats and 40 at 1 nat.
    assert made.final_loss_nats == pytest.approx(1.6, rel=1e-15)
    unknown = replace(curve[-1], loss_nats=None)
    assert replace(made, training=(*curve[:-1], unknown)).final_loss_nats is None
    assert replace(made, training=()).final_loss_nats is None


def test_solved_is_when_a_hundred_batches_on_end_were_right() -> None:
    assert trial("sgd", 0.1, 0, 1.0, solved_at=140).steps_to_solve == 140
    assert trial("sgd", 0.1, 0, 1.0, solved_at=140).outcome == "solved"
    assert trial("sgd", 0.1, 0, 1.0, solved_at=STEPS + 20).steps_to_solve is None
    assert trial("sgd", 0.1, 0, 1.0).outcome == "not solved within 200 steps"
    # Fewer than 100 batches prove nothing.
    early = trial("sgd", 0.1, 0, 1.0, solved_at=100)
    assert early.steps_to_solve == 100
    assert replace(early, training=early.training[:4]).steps_to_solve is None


def test_the_best_rate_has_the_lowest_median_final_loss() -> None:
    results = {
        ("sgd", 0.1): (0.5, 0.5, 0.5),
        ("sgd", 0.3): (0.1, 0.4, 9.0),  # its mean is the highest, its median the lowest
        ("sgd", 1.0): (0.01, None, None),  # its best seed is the best of all
    }
    view = view_of(results)
    assert view.best_rate("sgd") == 0.3
    assert [t.final_loss_nats for t in view.best("sgd")] == [0.1, 0.4, 9.0]


def test_among_equal_losses_the_fewest_steps_and_then_the_lower_rate_are_best() -> None:
    results = {("sgd", rate): (0.5,) for rate in (0.1, 0.3, 1.0)}
    assert view_of(results).best_rate("sgd") == 0.1
    solved = {("sgd", 0.1): (None,), ("sgd", 0.3): (180,), ("sgd", 1.0): (140,)}
    assert view_of(results, solved).best_rate("sgd") == 1.0


def test_an_optimiser_that_always_diverges_has_no_best_rate() -> None:
    view = view_of({("sgd", 0.1): (None, None), ("adam", 0.1): (0.5, 0.4)})
    assert view.best_rate("sgd") is None
    assert view.best("sgd") == ()
    assert best_losses_sentence(view) == (
        "Final training loss at the best rate: Adam 0.45 (0.4–0.5) nats at 0.1. SGD ended without "
        "a loss at every rate. Guessing costs ln 10 = 2.303 nats."
    )
    assert large_rates_sentence(view) == "Diverged: SGD at 0.1 (2 of 2 seeds)."


def test_the_usable_range_is_the_widest_run_of_rates_that_every_seed_solves() -> None:
    rates = (0.001, 0.003, 0.01, 0.03, 0.1)
    results = {("adam", rate): (0.1, 0.1) for rate in rates}
    solved: dict[tuple[str, float], tuple[int | None, ...]] = {
        ("adam", 0.001): (120, 120),
        ("adam", 0.003): (120, None),
        ("adam", 0.01): (120, 120),
        ("adam", 0.03): (120, 120),
    }
    view = view_of(results, solved)
    assert view.usable("adam") == (0.01, 0.03)
    assert usable_sentence(view) == (
        "**The U.** Rates at which every seed solved the task: Adam 0.01–0.03 (0.5 decades), as "
        "far as the grid can tell."
    )


def test_what_follows_is_told_from_the_records() -> None:
    view = typical()
    assert steps_sentence(view) == (
        "Steps until the task was solved, each at its best rate: Adam 180 (180–200). "
        "SGD: no seed within 200 steps. momentum: no seed within 200 steps. "
        "Adam was sooner at 0.001, 140 (120–160), but ended higher there."
    )
    assert momentum_sentence(view).endswith(
        "Here momentum ended at 0.2 nats and SGD at 0.8, 4 times lower, each at its best rate. "
        "Where they agree, plain SGD at ten times the rate takes steps as long. Median final "
        "losses of that SGD and of momentum, in nats, by momentum's rate: 0.8 against 0.2 at "
        "0.01, 3.1 against 0.5 at 0.1; in short, momentum lower at 0.01 and 0.1."
    )
    assert adaptive_sentence(view) == (
        "**Adaptive rates.** Adam divides each parameter's gradient by its running size, so that "
        "the rate says about how long a step is, whatever the size of the gradient. The best "
        "rates: SGD 0.1, momentum 0.01 and Adam 0.01. Loss in nats at step 100, each at its best "
        "rate: SGD 0.8 (0.7–0.9), momentum 0.2 (0.1–0.3), Adam 0.002 (0.001–0.003)."
    )
    assert usable_sentence(view) == (
        "**The U.** Rates at which every seed solved the task: Adam 0.001–0.01 (1.0 decades); SGD "
        "and momentum at none, as far as the grid can tell. The widest: **Adam**."
    )
    assert large_rates_sentence(view) == (
        "Too large, and no better than guessing at the end (median): SGD at 1. Diverged: momentum "
        "at 0.1 (1 of 3 seeds)."
    )
    assert edge_sentence(view) == (
        "The best rate of SGD and momentum is the lowest tried: a better one may lie beyond."
    )


def test_contrary_numbers_are_told_as_they_are() -> None:
    # Here momentum is worse, RMSProp as good as Adam, and plain SGD the soonest.
    results = {
        ("sgd", 0.1): (0.01, 0.01),
        ("sgd", 0.3): (0.02, 0.02),
        ("momentum", 0.01): (0.5, 0.5),
        ("momentum", 0.03): (0.02, 0.021),
        ("rmsprop", 0.1): (0.1, 0.1),
        ("adam", 0.1): (0.1, 0.1),
    }
    solved = {("sgd", 0.1): (120, 120), ("adam", 0.1): (160, 180), ("momentum", 0.03): (160, 180)}
    view = view_of(results, solved)
    told = steps_sentence(view)
    assert "momentum 170 (160–180), Adam 170 (160–180). The fewest: **SGD**." in told
    assert "RMSProp: no seed within 200 steps." in told
    told = momentum_sentence(view)
    assert "momentum ended at 0.0205 nats and SGD at 0.01, 2 times higher" in told
    assert told.endswith(
        "within a tenth of each other at 0.03, where momentum does no more than a larger rate "
        "does; SGD lower at 0.01."
    )
    assert adaptive_sentence(view).endswith(
        "here Adam ended at 0.1 nats and RMSProp at 0.1, about the same."
    )
    assert large_rates_sentence(view) == (
        "No trial diverged; the norm of every gradient is clipped at 10."
    )
    assert edge_sentence(view) == (
        "The best rate of SGD is the lowest tried: a better one may lie beyond. The best rate of "
        "momentum is the highest tried: a better one may lie beyond. One rate alone, which shows "
        "no U, was tried for RMSProp and Adam."
    )


def test_a_tie_has_two_winners() -> None:
    results = {("rmsprop", 0.1): (0.1,), ("adam", 0.1): (0.1,)}
    view = view_of(results, {("rmsprop", 0.1): (140,), ("adam", 0.1): (140,)})
    assert "The fewest: **RMSProp and Adam**." in steps_sentence(view)
    assert "The widest: **RMSProp and Adam**." in usable_sentence(view)


def test_where_nobody_solves_the_task_nobody_is_said_to() -> None:
    view = view_of({("sgd", 0.1): (2.0,), ("adam", 0.1): (1.0,)})
    assert steps_sentence(view) == (
        "At its best rate, no optimiser solved the task with every seed within 200 steps."
    )
    assert usable_sentence(view) == (
        "**The U.** At none of the rates tried did every seed solve the task."
    )
    assert momentum_sentence(view) == ""


def test_turning_the_ravine_is_told_with_its_reason_where_there_is_one() -> None:
    assert ravine_sentence(typical()) == (
        "**The ravine.** Steps to the goal along the axes: Adam (rate 0.1) 55, SGD (rate 0.1) 102. "
        "Steps to the goal turned by 45°: Adam (rate 0.3, the largest tried) 76, SGD (rate 0.1) "
        "102. Turning it made no difference to SGD, whose step turns with the gradient. Turned, it "
        "took Adam longer: the division treats each axis on its own, and the turned floor lies "
        "along neither. All at the same rate, 0.03, along the axes: Adam 55, SGD 102."
    )


def test_a_ravine_with_contrary_numbers_has_no_reason_given() -> None:
    steps = {"sgd": (50, 60), "adam": (70, 70), "rmsprop": (None, 90)}
    walks = [
        walk(name, angle, taken)
        for name, both in steps.items()
        for angle, taken in zip((0.0, 45.0), both, strict=True)
    ]
    told = ravine_sentence(view_of({("sgd", 0.1): (1.0,)}, walks=walks))
    assert (
        "along the axes: SGD (rate 0.1) 50, Adam (rate 0.1) 70; not within 200 steps: RMSProp"
        in told
    )
    assert "Turning it made no difference to Adam." in told
    assert "Turned, it took SGD longer. Turned, it took RMSProp fewer steps." in told


def test_the_check_is_red_when_one_trial_began_elsewhere() -> None:
    view = typical()
    (check,) = OptimiserBlocks(view=view).same_start()
    assert check.passed
    assert check.detail == (
        "Validation before the first step, which must be the same for all trials of a seed: "
        "seed 0: 2.300000 nats in 7 trials; seed 1: 2.400000 nats in 7 trials; "
        "seed 2: 2.500000 nats in 7 trials"
    )
    other = trial("adam", 0.1, 0, 2.0, start_nats=2.300001)
    (check,) = OptimiserBlocks(view=replace(view, trials=(*view.trials[1:], other))).same_start()
    assert not check.passed
    assert "seed 0: 2.300000–2.300001 nats in 7 trials" in check.detail
    alone = view_of({("sgd", 0.1): (1.0, 1.0)})
    assert OptimiserBlocks(view=alone).same_start() == []


def test_the_section_answers_the_question_with_every_figure() -> None:
    section = optimiser_section([typical()])
    assert section is not None
    assert section.number == "1.4"
    assert [figure.id for figure in blocks_of(section, Figure)] == [
        "optimiser-descents",
        "optimiser-rates",
        "ravine-paths",
    ]
    (table,) = blocks_of(section, Table)
    assert table.rows == (
        ("SGD", "0.1", "0.8 (0.7–0.9)", "0 of 3", "–", "none"),
        ("momentum", "0.01", "0.2 (0.1–0.3)", "0 of 3", "–", "none"),
        (
            "Adam",
            "0.01",
            "0.002 (0.001–0.003)",
            "3 of 3",
            "180 (180–200)",
            "0.001–0.01 (1.0 decades)",
        ),
    )
    assert "SGD at 0.1 and 1; momentum at 0.01 and 0.1; Adam at" in prose(section, "ran")
    assert prose(section, "follows").startswith("Steps until the task was solved")
    (check,) = blocks_of(section, Check)
    assert check.passed
    render(Document(title="t", question="q", sections=(section,)))


def test_two_protocols_have_figures_of_their_own_and_one_ravine() -> None:
    section = optimiser_section([typical(), typical()])
    names = [figure.id for figure in blocks_of(section, Figure)]
    assert len(names) == len(set(names)) == 5
    headings = [block.text for block in blocks_of(section, Prose) if "T = 5, recipe" in block.text]
    assert len(headings) == 2
    assert section is not None
    render(Document(title="t", question="q", sections=(section,)))


def test_nothing_recorded_is_no_section() -> None:
    assert optimiser_section([]) is None
    assert optimiser_section([view_of({})]) is None


def all_diverged() -> OptimiserView:
    return view_of({("sgd", 0.1): (None, None), ("adam", 0.1): (None, None)})


def all_failed() -> OptimiserView:
    view = all_diverged()
    trials = (
        replace(
            t,
            record=replace(t.record, status="failed", error="ValueError: no"),
            training=(),
            start=None,
        )
        for t in view.trials
    )
    return replace(view, trials=tuple(trials))


@pytest.mark.parametrize("make", [all_diverged, all_failed])
def test_a_comparison_without_any_result_is_told_too(make: Callable[[], OptimiserView]) -> None:
    section = optimiser_section([make()])
    assert [figure.id for figure in blocks_of(section, Figure)] == ["optimiser-rates"]
    assert section is not None
    render(Document(title="t", question="q", sections=(section,)))
    text = prose(section, "measured")
    assert text.startswith("SGD and Adam ended without a loss at every rate.")
    assert optimiser_failures(all_failed()) == "4 of 4 trials failed: ValueError: no"
    assert optimiser_failures(typical()) == ""


def test_the_summary_and_the_table_say_the_same_in_80_columns() -> None:
    view = typical()
    summary = summarise_optimisers(view)
    assert len(summary["trials"]) == 21
    assert summary["optimisers"]["adam"] == {
        "rates": [0.001, 0.01, 0.1],
        "best_rate": 0.01,
        "final_loss_nats": [0.002, 0.001, 0.003],
        "steps_to_solve": [180, 180, 200],
        "rates_that_solve": [0.001, 0.01],
    }
    stream = io.StringIO()
    console = Console(file=stream, width=80)
    above, below = optimiser_notes(view)
    console.print(optimiser_table(view))
    lines = stream.getvalue().splitlines()
    assert len(lines) == 4
    assert lines[-1].split()[:3] == ["Adam", "0.01", "0.002"]
    assert all(len(line) <= 80 for line in (*lines, *above.splitlines(), *below.splitlines()))
    assert below == (
        "ravine along the axes, steps: Adam 55, SGD 102\n"
        "ravine turned by 45°, steps: Adam 76, SGD 102"
    )


def test_a_measurement_that_failed_has_no_walks() -> None:
    record = MeasurementRecord(
        key="k", kind="ravine", settings={"angle_degrees": 0.0}, values=None, error="lost, twice"
    )
    assert read_walks(record) == []
