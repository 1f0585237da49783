import pytest

from tests.study.made_up_views import CURRICULUM, T, gradient_view, memory_view, probe, trial
from unroll.report.section import Prose, Table
from unroll.study.gradients.beside_accuracy import gradient_beside_accuracy
from unroll.study.gradients.outcomes import Prediction, prediction_blocks
from unroll.study.gradients.prediction import predict
from unroll.study.gradients.view import GradientView
from unroll.study.memory.view import MemoryView


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


def predicted(gradients: GradientView, *memory: MemoryView) -> list[Prediction]:
    return predict([gradients], memory, {"rnn": "rnn", "lstm": "lstm"})


def test_probes_meet_trials_of_the_same_start_alone() -> None:
    starts = [probe("rnn", seed=seed, norms=(1e-3,) * 5) for seed in range(2)]
    looked_at = gradient_view([*starts, probe("rnn", "orthogonal")])
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


def test_the_larger_budget_counts_and_no_other() -> None:
    views = [
        memory_view([trial("rnn", {T: accuracy}, max_steps=steps)])
        for accuracy, steps in ((0.2, 10), (1.0, 30), (0.3, 20))
    ]
    (found,) = predicted(gradient_view([probe("rnn")]), *views)
    assert found.accuracies == (1.0,)


def test_gradients_and_outcomes_are_of_the_same_seeds() -> None:
    looked_at = gradient_view(
        [probe("rnn", seed=seed, norms=(10.0**-seed,) * 5) for seed in (3, 1, 2)]
    )
    trials = [trial("rnn", {T: seed / 10}, seed=seed) for seed in (0, 1, 3)]
    (found,) = predicted(looked_at, memory_view(trials))
    assert found.gradients == (1e-1, 1e-3)
    assert found.accuracies == (0.1, 0.3)


def test_a_cell_of_the_users_is_known_by_its_file() -> None:
    def known(sha256: str) -> int:
        start = probe("own.py:Own", cell_class="Own", cell_sha256="new")
        trained = trial("lab/own.py:Own", {T: 1.0}, cell_class="Own", cell_sha256=sha256)
        labels = {"own.py:Own": "Own"}
        return len(predict([gradient_view([start])], [memory_view([trained])], labels))

    assert known("new") == 1
    assert known("old") == 0


def test_two_looks_at_one_start_are_one_row() -> None:
    views = [gradient_view([probe("rnn")]), gradient_view([probe("rnn")], max_steps=5)]
    assert len(predict(views, [memory_view([trial("rnn", {T: 1.0})])], {"rnn": "rnn"})) == 1


def test_a_trained_network_is_no_start() -> None:
    looked_at = gradient_view([probe("rnn", trained_at=T, condition="trained", trial="key")])
    assert predicted(looked_at, memory_view([trial("rnn", {T: 1.0})])) == []


def test_a_counter_example_is_named() -> None:
    text = verdict(prediction("identity:1", 0.5, 0), prediction("identity:2.5", 1e-30, 2))
    assert text == (
        "**The size of the gradient at the start does not by itself predict success.** RNN with "
        "`identity:1` receives 0.5 at the first of 10 digits and ends at an accuracy of 0.110 "
        "after 100 steps at full length; RNN with `identity:2.5` receives 1e-30 and is solved "
        "in 100 steps."
    )
    nothing = verdict(prediction("identity:1", 0.5, 0), prediction("identity:2.5", 0.0, 2))
    assert "receives exactly 0 (underflow) and is solved" in nothing


def test_the_clearest_counter_example_is_named() -> None:
    text = verdict(
        prediction("xavier", 0.5, 0), prediction("uniform", 0.7, 0), prediction("chrono", 1e-9, 2)
    )
    assert "RNN with `uniform` receives 0.7" in text
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
    said = verdict(*predictions)
    assert said.startswith("These networks do not tell whether the gradient at the start decides: ")
    assert "go together" not in said


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
            "RNN with `uniform` is not solved at full length within 100 steps and is solved by the "
            "curriculum in 100: one start and one gradient there, two outcomes." in text
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


@pytest.mark.parametrize(
    ("rnn", "lstm", "told"),
    [
        (0.3, 0.2, "it does at T = 6: RNN receives 0.3 and LSTM 0.2, and RNN is ahead in 1.6"),
        (0.2, 0.3, "it does not at T = 6: RNN receives 0.2 and LSTM 0.3, yet RNN is ahead in 1.6"),
    ],
)
def test_the_gradient_stands_beside_who_is_ahead(rnn: float, lstm: float, told: str) -> None:
    looked_at = gradient_view(
        [probe(cell, norms=(norm,) * 5) for cell, norm in (("rnn", rnn), ("lstm", lstm))]
    )
    trained = memory_view([trial("rnn", {T: 0.5}), trial("lstm", {T: 0.1})])
    labels = {"rnn": "rnn", "lstm": "lstm"}
    assert gradient_beside_accuracy([looked_at], [trained], labels) == (
        "**Does the gradient before training predict 1.6?** For RNN and LSTM, begun as there, "
        f"T − 2 steps before the loss, {told}, on one seed."
    )


def test_nothing_stands_beside_what_was_not_looked_at() -> None:
    labels = {"rnn": "rnn", "lstm": "lstm"}
    trained = memory_view([trial("rnn", {T: 0.5}), trial("lstm", {T: 0.1})])
    alone = gradient_view([probe("rnn")])
    both = gradient_view([probe("rnn"), probe("lstm")])
    level = memory_view([trial("rnn", {T: 0.5}), trial("lstm", {T: 0.5})])
    assert gradient_beside_accuracy([alone], [trained], labels) == ""
    assert gradient_beside_accuracy([both], [level], labels) == ""
