import subprocess
import sys
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from tests.training.characters.cases import TINY, WINDOWS
from unroll.errors import ConfigError
from unroll.training.characters import TEXT_PRESETS, best_recipe, read_recipe, stage_steps
from unroll.training.characters.settings import TextRecipe


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"feeding": "rows"},
            "unknown feeding 'rows': expected one of stream, windows (nearest: windows)",
        ),
        (
            {"optimiser": "adam"},
            "unknown optimiser 'adam': expected one of adamw, rmsprop (nearest: adamw)",
        ),
        ({"schedule": ""}, "unknown schedule '': expected one of constant, cosine, step"),
        (
            {"precision": "float16"},
            "unknown precision 'float16': expected one of auto, bfloat16, float32 "
            "(nearest: bfloat16)",
        ),
        ({"hidden_size": 0}, "hidden_size: must be 1 or more, got 0"),
        ({"embedding_size": 0}, "embedding_size: must be 1 or more, got 0"),
        ({"patience": 0}, "patience: must be 1 or more, got 0"),
        ({"rate": 0.0}, "rate: must be a number above 0, got 0.0"),
        ({"rate": float("nan")}, "rate: must be a number above 0, got nan"),
        ({"clip_norm": float("inf")}, "clip_norm: must be a number above 0, got inf"),
        ({"dropout": 1.0}, "dropout: must be 0 or more and below 1, got 1.0"),
        ({"reset_share": 1.0}, "reset_share: must be 0 or more and below 1, got 1.0"),
        ({"readout_gain": 0.0}, "readout_gain: must be a number above 0, got 0.0"),
        ({"weight_decay": -1.0}, "weight_decay: must be a number of 0 or more, got -1.0"),
        ({"final_share": 1.5}, "final_share: must be from 0 to 1, got 1.5"),
        ({"keep_bias": float("nan")}, "keep_bias: must be a number, got nan"),
        ({"betas": (0.9, 1.0)}, "betas: must be two numbers, 0 or more and below 1: (0.9, 1.0)"),
        ({"betas": (0.9,)}, "betas: must be two numbers, 0 or more and below 1: (0.9,)"),
    ],
)
def test_a_value_that_cannot_be_used_is_told(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        replace(TINY, **changes)
    assert str(caught.value) == message


@pytest.mark.parametrize("recipe", [TINY, WINDOWS, *TEXT_PRESETS.values()])
def test_a_recipe_comes_back_from_plain_values(recipe: TextRecipe) -> None:
    assert read_recipe(recipe.as_dict()) == recipe


def test_a_recipe_that_is_not_one_is_refused() -> None:
    values = TINY.as_dict()
    with pytest.raises(ConfigError, match=r"^unknown setting 'drop': .* \(nearest: dropout\)$"):
        read_recipe({**values, "drop": 0.1})
    with pytest.raises(ConfigError, match=r"^recipe: 'rate' is missing$"):
        read_recipe({name: value for name, value in values.items() if name != "rate"})
    for name, value in (("layers", True), ("rate", "fast"), ("betas", 0.9), ("feeding", 1)):
        with pytest.raises(ConfigError, match=f"^recipe: '{name}' cannot be "):
            read_recipe({**values, name: value})


def test_the_presets_are_as_the_assignment_and_the_trials_say() -> None:
    assignment, quick = TEXT_PRESETS["assignment"], TEXT_PRESETS["quick"]
    assert {name: preset.name for name, preset in TEXT_PRESETS.items()} == {
        "assignment": "assignment",
        "quick": "quick",
    }
    assert (assignment.embedding_size, assignment.window, assignment.batch_size) == (None, 30, 64)
    assert (assignment.feeding, assignment.optimiser, assignment.rate) == (
        "windows",
        "rmsprop",
        2e-3,
    )
    assert (assignment.schedule, assignment.decay_factor, assignment.decay_every) == (
        "step",
        0.96,
        5000,
    )
    assert (quick.feeding, quick.optimiser) == ("stream", "adamw")


def test_the_best_recipe_grows_with_the_time() -> None:
    sizes = [best_recipe(1_000_000, minutes, 1).hidden_size for minutes in (0.1, 2, 12)]
    assert sizes == sorted(sizes)
    assert best_recipe(1_000_000, 12, 1) == best_recipe(1_000_000, 6, 2)
    assert best_recipe(100_000, 12, 1).hidden_size < best_recipe(1_000_000, 12, 1).hidden_size
    for wrong in ((0, 1.0, 1), (10, 0.0, 1), (10, float("nan"), 1), (10, 1.0, 0)):
        with pytest.raises(ConfigError, match=r"^best: characters, minutes and threads must be"):
            best_recipe(*wrong)


@pytest.mark.parametrize("steps", [1, 2, 3, 10, 11, 12_345])
def test_stages_are_spaced_in_the_logarithm(steps: int) -> None:
    stages = stage_steps(steps)
    assert stages[0] == 0
    assert stages[-1] == steps
    assert stages == tuple(sorted(set(stages)))
    assert all(str(stage).strip("0") in ("", "1", "3") for stage in stages[:-1])
    assert all(later / earlier <= 10 / 3 for earlier, later in pairwise(stages[1:]))


def test_settings_and_presets_import_no_torch() -> None:
    code = "import sys, unroll.training.characters; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
