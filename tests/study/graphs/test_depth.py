from pathlib import Path
from typing import Any

import pytest
import torch

from tests.graph_data.planetoid_files import write
from unroll.errors import ConfigError
from unroll.graph_data.karate import karate_club
from unroll.graphs import a_hat
from unroll.probes.smoothing import dirichlet_energy, mean_cosine
from unroll.study.graphs.plans.depth import plan_depth
from unroll.study.graphs.settings import DepthSettings
from unroll.study.running.measurement import run_measurement


def values_of(settings: DepthSettings) -> dict[tuple[str, int], dict[str, Any]]:
    found = {}
    for job in plan_depth(settings).measurements:
        record = run_measurement(job)
        assert record.error is None
        assert record.values is not None
        found[job.settings["variant"], job.settings["depth"]] = record.values
    return found


def test_every_variant_is_measured_at_every_depth() -> None:
    found = values_of(DepthSettings(depths=(1, 6), seeds=1, epochs=25))
    assert list(found) == [
        (variant, depth) for depth in (1, 6) for variant in ("plain", "residual", "smoothing")
    ]
    matrix = a_hat(karate_club())
    for (variant, depth), values in found.items():
        assert 0 <= values["accuracy"] <= 1
        assert values["validation_accuracy"] is None
        assert values["epochs"] == 25
        assert values["dirichlet_start"] == pytest.approx(
            dirichlet_energy(matrix, torch.eye(34)), rel=1e-5
        )
        if variant == "smoothing":
            assert values["parameters"] == 34 * 2 + 2
            power = torch.linalg.matrix_power(matrix.to_dense(), depth)
            assert values["mean_cosine"] == pytest.approx(mean_cosine(power), rel=1e-4)
        else:
            inner = (depth - 1) * (16 * 16 + 16)
            assert values["parameters"] == 34 * 16 + 16 + inner + 16 * 2 + 2
    # With one layer there is nothing that a residual could be added to.
    assert found["plain", 1] == found["residual", 1]
    assert found["plain", 6] != found["residual", 6]
    # Smoothing alone: the deeper, the more alike.
    one, six = found["smoothing", 1], found["smoothing", 6]
    assert six["dirichlet_energy"] < one["dirichlet_energy"] < one["dirichlet_start"]
    assert six["mean_cosine"] > one["mean_cosine"]


def test_sparse_files_are_measured(tmp_path: Path) -> None:
    settings = DepthSettings(data="citeseer", root=write(tmp_path), depths=(2,), seeds=1, epochs=3)
    for values in values_of(settings).values():
        assert 0 <= values["validation_accuracy"] <= 1


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"depths": ()}, "depths must name at least one number of layers, such as 8"),
        ({"depths": (2, 0)}, "depths: a depth must be 1 … 64 layers, got 0"),
        ({"depths": (65,)}, "depths: a depth must be 1 … 64 layers, got 65"),
        ({"depths": (2, 2)}, "depths: 2 is given twice"),
        ({"seeds": 0}, "seeds must be 1 or more, got 0"),
        ({"seeds": 2000}, "seeds must be at most 1,000, got 2000"),
        ({"epochs": 0}, "epochs must be 1 or more, got 0"),
        ({"epochs": 10**20}, f"epochs must be at most 1,000,000, got {10**20}"),
        ({"data": ""}, "data must name a graph or a folder, got nothing"),
    ],
)
def test_settings_that_cannot_be_are_refused(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        DepthSettings(**settings)
    assert str(caught.value) == message


def test_the_command_says_what_is_not_the_default() -> None:
    settings = DepthSettings(depths=(1, 4), seeds=2, epochs=9)
    assert settings.command("out") == (
        "unroll graph depth --depths 1 4 --seeds 2 --epochs 9 --out out"
    )
    plan = plan_depth(settings)
    assert len(plan.measurements) == 2 * 3 * 2
    assert plan.intention == (
        "depth: 1, 4 layers on karate, plain, residual, smoothing; 2 seeds, 9 epochs",
    )
