"""The three experiments whose contestants classify: what each promises, on a few steps."""

import functools
from typing import Any

import pytest
import torch

from unroll.study.graphs.compare import before, distance, images

EXPERIMENTS = {
    experiment.name: experiment
    for experiment in (distance.EXPERIMENT, before.EXPERIMENT, images.EXPERIMENT)
}
PAIRS = [
    (name, variant, contestant)
    for name, experiment in EXPERIMENTS.items()
    for contestant, variants in experiment.contestants.items()
    for variant in variants
]


@functools.cache
def measured(name: str, variant: str, contestant: str) -> dict[str, Any]:
    """Train for two steps, once for all tests."""
    return EXPERIMENTS[name].measure(variant, contestant, 0, 2, id)


every_pair = pytest.mark.parametrize(("name", "variant", "contestant"), PAIRS)


@every_pair
def test_every_pair_is_tested_in_every_case_of_its_variant(
    name: str, variant: str, contestant: str
) -> None:
    values = measured(name, variant, contestant)
    cases = [case.name for case in EXPERIMENTS[name].cases if case.variant == variant]
    assert [row["case"] for row in values["cases"]] == cases
    assert all(row["examples"] == 1000 for row in values["cases"])
    assert all(0 <= row["value"] <= 1 for row in values["cases"])
    assert [point["step"] for point in values["curve"]] == [1, 2]


@every_pair
def test_what_is_claimed_holds_even_of_networks_hardly_trained(
    name: str, variant: str, contestant: str
) -> None:
    claimed = {
        ("distance", "far", "GCN"): 1,
        ("before", "main", "GCN"): 1,
        ("images", "main", "GCN"): 2,
        ("images", "direction", "GCN"): 2,
    }
    checks = measured(name, variant, contestant)["checks"]
    assert len(checks) == claimed.get((name, variant, contestant), 0)
    assert all(check["passed"] for check in checks)


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_contestants_have_equally_many_parameters(name: str) -> None:
    experiment = EXPERIMENTS[name]
    for variant in {case.variant for case in experiment.cases}:
        sizes = [
            measured(name, variant, contestant)["parameters"]
            for contestant, variants in experiment.contestants.items()
            if variant in variants
        ]
        assert max(sizes) <= 1.03 * min(sizes)


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_every_experiment_has_a_case_to_be_lost_and_says_what_guessing_gives(name: str) -> None:
    experiment = EXPERIMENTS[name]
    assert {case.role for case in experiment.cases} == {"trained", "further", "losing"}
    assert all(case.chance for case in experiment.cases)
    names = [case.name for case in experiment.cases]
    assert len(set(names)) == len(names)
    assert set(experiment.remarks) <= set(names)
    assert experiment.task


def test_a_gcn_of_undirected_paths_is_right_of_every_other_word() -> None:
    # Words and their reversals, with equal scores but for rounding: one of each two is right.
    values = before.measure("main", before.GCN, 0, 20, id)
    assert [row["value"] for row in values["cases"]] == [0.5, 0.5]


def test_a_check_that_fails_says_so() -> None:
    # With directed edges the network does tell a path from its reversal.
    words = before.make_cases("main", 0)[before.TRAINED]
    contest = [before.answer_on_paths(before.make_gcn(0), is_directed=way) for way in (True, False)]
    scores = [answer(words) - answer(words.reversed()) for answer in contest]
    assert scores[0].abs().max() > 1e-3
    assert scores[1].abs().max() < 1e-5


def test_test_examples_depend_on_the_seed_alone() -> None:
    one, same, other = (distance.make_cases("main", seed)["16 nodes"] for seed in (0, 0, 1))
    assert all(torch.equal(a, b) for a, b in zip(one, same, strict=True))
    assert not torch.equal(one.classes, other.classes)
