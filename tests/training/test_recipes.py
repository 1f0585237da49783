import dataclasses
import math
from typing import Any

import pytest

from unroll.errors import ConfigError
from unroll.training import RECIPES, CellChoice, Recipe, find_recipe
from unroll.training.recipes import BY_INITIALISATION


def test_the_assignments_recipe_is_the_missions_protocol() -> None:
    recipe = find_recipe("assignment")
    assert dataclasses.asdict(recipe) == {
        "name": "assignment",
        "summary": recipe.summary,
        "encoding": "scalar",
        "initialisation": "uniform",
        "hidden_size": 128,
        "batch_size": 128,
        "optimiser": "rmsprop",
        "rates": (1e-3,),
        "clip_norm": 10.0,
        "max_steps": 10_000,
        "stop_loss_nats": 1e-3,
        "curriculum": None,
        "by_cell": {},
    }


def test_the_tuned_recipe_differs_in_its_rates_only() -> None:
    # Report A's 0.001, 0.0007 and 0.0004, and report B's 1e-4.
    tuned, plain = find_recipe("assignment-tuned"), find_recipe("assignment")
    assert tuned.rates == (1e-3, 7e-4, 4e-4, 1e-4)
    same = dataclasses.replace(tuned, name=plain.name, summary=plain.summary, rates=plain.rates)
    assert same == plain


def test_the_learned_recipe_changes_neither_width_nor_batch_nor_budget() -> None:
    learned, plain = find_recipe("learned"), find_recipe("assignment")
    for name in ("hidden_size", "batch_size", "max_steps"):
        assert getattr(learned, name) == getattr(plain, name)
    assert (learned.encoding, learned.clip_norm) == ("one-hot", 1.0)
    assert learned.curriculum is not None
    assert learned.curriculum.start == 4


def test_a_recipe_has_values_of_its_own_for_some_cells() -> None:
    learned = find_recipe("learned")
    rnn, other = learned.for_cell("rnn"), learned.for_cell("mine.py:Cell")
    assert (rnn.initialisation, rnn.optimiser, rnn.rates) == ("identity:1", "rmsprop", (3e-4,))
    assert other == dataclasses.replace(learned, by_cell={})
    assert rnn.clip_norm == other.clip_norm == learned.clip_norm
    assert rnn.for_cell("lstm") == rnn


def test_the_learned_recipe_for_a_scalar_digit_differs_in_input_and_beginning_only() -> None:
    learned, scalar = find_recipe("learned"), find_recipe("learned-scalar")
    assert (scalar.encoding, learned.encoding) == ("scalar", "one-hot")
    for cell in ("rnn", "lstm", "gru"):
        one, other = learned.for_cell(cell), scalar.for_cell(cell)
        same = dataclasses.replace(
            other,
            name=one.name,
            summary=one.summary,
            encoding=one.encoding,
            initialisation=one.initialisation,
        )
        assert same == one


def test_the_latch_is_not_called_learned() -> None:
    latch = find_recipe("latch")
    assert "by initialisation, not learned" in latch.summary
    assert {latch.for_cell(cell).initialisation for cell in ("rnn", "lstm")} == {"latch"}
    assert latch.curriculum is None
    assert {"latch"} == BY_INITIALISATION


def test_every_recipe_is_found_by_its_own_name() -> None:
    assert all(find_recipe(name).name == name for name in RECIPES)
    assert all(recipe.summary for recipe in RECIPES.values())


def test_an_unknown_recipe_is_answered_with_the_nearest() -> None:
    with pytest.raises(ConfigError) as caught:
        find_recipe("asignment")
    assert str(caught.value).startswith("unknown recipe 'asignment': expected one of assignment, ")
    assert str(caught.value).endswith("(nearest: assignment)")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"hidden_size": 0}, "hidden_size must be above 0, got 0"),
        ({"batch_size": -1}, "batch_size must be above 0, got -1"),
        ({"max_steps": 0}, "max_steps must be above 0, got 0"),
        ({"clip_norm": 0.0}, "clip_norm must be above 0, got 0.0"),
        ({"clip_norm": math.nan}, "clip_norm must be above 0, got nan"),
        ({"rates": ()}, "rate must be a number above 0, got none"),
        ({"rates": (0.0,)}, "rate must be a number above 0, got 0.0"),
        ({"rates": (1e-3, math.nan)}, "rate must be a number above 0, got 0.001, nan"),
        ({"rates": (math.inf,)}, "rate must be a number above 0, got inf"),
        (
            {"by_cell": {"rnn": CellChoice(initialisation="uniform", optimiser="sgd", rates=())}},
            "rate must be a number above 0, got none",
        ),
    ],
)
def test_a_value_that_cannot_be_used_is_told_in_full(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Recipe(name="mine", summary="", **change)
    assert str(caught.value) == message


def test_later_cells_are_trained_as_their_likes() -> None:
    learned = find_recipe("learned")
    lstm, gru = learned.for_cell("lstm"), learned.for_cell("gru")
    assert learned.for_cell("peephole") == lstm
    assert learned.for_cell("min-lstm") == lstm
    assert learned.for_cell("linear") == lstm
    assert learned.for_cell("min-gru") == gru
    assert learned.for_cell("bidirectional:gru") == gru
    assert learned.for_cell("bidirectional:peephole") == lstm
    other = learned.for_cell("mine.py:Cell")
    assert learned.for_cell("bidirectional:mine.py:Cell") == other
