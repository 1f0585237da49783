import json
from typing import Any

import pytest

from unroll.errors import ConfigError
from unroll.study.graphs.hop_horizon import hop_horizon
from unroll.study.graphs.plans.hops import plan_hops
from unroll.study.graphs.settings.hops import HopSettings
from unroll.study.graphs.view import Look


def measured(**settings: Any) -> dict[str, Any]:
    """Return the values of the first job, as they come out of a store."""
    job = plan_hops(HopSettings(**settings)).measurements[0]
    values: dict[str, Any] = json.loads(json.dumps(job.measure(job)))
    return values


@pytest.mark.parametrize("shape", ["path", "tree"])
@pytest.mark.parametrize("model", ["gcn", "gat"])
def test_two_hops_are_learned(shape: str, model: str) -> None:
    values = measured(
        shapes=(shape,), models=(model,), residual=("plain",), distances=(2,), seeds=1, steps=150
    )
    assert values["accuracy"] > 0.95
    assert values["chance"] == 0.25
    assert values["layers"] == 2
    assert values["nodes"] == (3 if shape == "path" else 7)
    # What the answer hangs on has more influence than before.
    assert values["influence"]["trained"] > values["influence"]["untrained"] > 0
    assert values["below"] == {"layers": 1, "influence": 0.0}
    assert values["curve"][-1]["step"] == values["steps"]


def test_one_hop_has_no_layer_less() -> None:
    values = measured(
        shapes=("path",), models=("gcn",), residual=("residual",), distances=(1,), steps=2, seeds=1
    )
    assert values["below"] == {"layers": 0, "influence": 0.0}


def test_a_plan_has_every_combination_once_and_leaves_large_trees_out() -> None:
    plan = plan_hops(HopSettings(distances=(1, 8), seeds=2))
    # 2 models, plain and residual, 2 seeds: at 1 and 8 on paths, at 1 on trees.
    assert len(plan.measurements) == 8 * 3
    assert len({job.key for job in plan.measurements}) == 24
    work = [job.work for job in plan.measurements]
    assert work == sorted(work, reverse=True)
    assert plan.intention[1:] == ("  on a tree not at 8 hops: too many nodes",)


def make_look(distance: int, seed: int, accuracy: float) -> Look:
    settings = {"distance": distance, "seed": seed, "steps": 600}
    return Look(settings=settings, values={"accuracy": accuracy})


def test_a_horizon_is_the_last_distance_before_the_first_that_failed() -> None:
    scores = {0: (1.0, 0.9, 0.89, 1.0), 1: (0.95, 0.3, 0.3, 0.3), 2: (1.0, 1.0, 1.0, 1.0)}
    horizon = hop_horizon(
        [
            make_look(distance, seed, accuracy)
            for seed, row in scores.items()
            for distance, accuracy in zip((1, 2, 4, 8), row, strict=True)
        ]
    )
    assert horizon.unit == "hops"
    assert horizon.per_seed == (2, 1, 8)
    assert horizon.median == 2
    assert horizon.criterion == "accuracy 0.9 or more, with as many layers as hops"
    assert horizon.budget == "600 steps at most"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"shapes": ()}, "shapes must name at least one of path, tree"),
        (
            {"models": ("gnc",)},
            "models: unknown model 'gnc': expected one of gat, gcn (nearest: gcn)",
        ),
        (
            {"residual": ("both",)},
            "residual: unknown kind of layers 'both': expected one of plain, residual",
        ),
        ({"residual": ("plain", "plain")}, "residual: plain is given twice"),
        ({"distances": ()}, "distances must name at least one number of hops, such as 4"),
        (
            {"distances": (33,)},
            "distances: on a path or tree a distance must be 1 to 32 hops, got 33",
        ),
        ({"distances": (2, 2)}, "distances: 2 is given twice"),
        (
            {"distances": (8, 9)},
            "distances: on a tree at least one must be 7 hops or less, got 8, 9: add one, or leave "
            "the tree out: --shapes path",
        ),
        ({"seeds": 0}, "seeds must be 1 to 1,000, got 0"),
        ({"hidden_size": 6}, "hidden-size must be a multiple of gat's 4 heads, got 6"),
    ],
)
def test_what_cannot_be_asked_is_refused(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        HopSettings(**settings)
    assert str(caught.value) == message


def test_the_command_names_what_is_not_the_default() -> None:
    assert HopSettings().command("runs/x") == "unroll graph horizon --out runs/x"
    settings = HopSettings(shapes=("path",), distances=(1, 2), residual=("plain",))
    command = "unroll graph horizon --shapes path --residual plain --distances 1 2 --out runs/x"
    assert settings.command("runs/x") == command
