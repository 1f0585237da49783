import functools
from typing import Any

import pytest
import torch

from unroll.graphs import a_hat
from unroll.seeding import make_generator
from unroll.study.graphs.compare import palindrome
from unroll.study.graphs.compare.dilution import digit_weights, readout_accuracy
from unroll.study.graphs.compare.palindrome import (
    EXPERIMENT,
    FEW,
    GCN,
    LAYERS,
    MAIN,
    SHUFFLED,
    TASK,
)

PAIRS = [
    (variant, contestant)
    for contestant, variants in EXPERIMENT.contestants.items()
    for variant in variants
]
every_pair = pytest.mark.parametrize(("variant", "contestant"), PAIRS)


@functools.cache
def measured(variant: str, contestant: str) -> dict[str, Any]:
    """Train for two steps, once for all tests."""
    return EXPERIMENT.measure(variant, contestant, 0, 2, id)


@every_pair
def test_every_pair_is_tested_in_every_case_of_its_variant(variant: str, contestant: str) -> None:
    values = measured(variant, contestant)
    cases = [case.name for case in EXPERIMENT.cases if case.variant == variant]
    assert [row["case"] for row in values["cases"]] == cases
    assert all(row["examples"] == 1000 for row in values["cases"])
    assert all(check["passed"] for check in values["checks"])


def test_those_that_meet_have_nearly_equal_parameters() -> None:
    for variant in LAYERS:
        sizes = [measured(v, c)["parameters"] for v, c in PAIRS if v == variant]
        assert max(sizes) < 1.03 * min(sizes)


def test_with_a_layer_too_few_nothing_of_the_first_digit_arrives() -> None:
    (check,) = measured(FEW, GCN)["checks"]
    assert check["claim"] == "With 3 layers the last node does not depend on the first digit"
    assert check["detail"].endswith("0.0e+00")
    # Chance exactly: over all palindromes the answer goes with nothing that is seen.
    assert measured(FEW, GCN)["cases"][0]["value"] == 0.1


def test_the_weights_of_digits_are_the_walks_along_the_path() -> None:
    """Against a count of walks in the matrix itself, for T = 5 and 4 layers."""
    first, second, middle = digit_weights(TASK, palindrome.path_matrix(), 4)
    # One walk leads from end to end: 1/√6 · 1/3 · 1/3 · 1/√6.
    assert first == pytest.approx(1 / 54)
    assert second / first == pytest.approx(20.11, abs=0.01)
    assert middle / first == pytest.approx(9.59, abs=0.01)


def test_no_linear_readout_of_the_sum_is_better_than_chance() -> None:
    every = TASK.every(make_generator(0, "test"))
    for layers in (3, 4, 6):
        assert readout_accuracy(TASK, every, palindrome.path_matrix(), layers) <= 0.11


def test_nodes_in_random_order_change_nothing_for_a_graph_network() -> None:
    every = TASK.every(make_generator(0, "test"))
    few = type(every)(*(part[:20] for part in every))
    network = palindrome.make_network(SHUFFLED, 0).double()
    graph = TASK.graph()
    x = TASK.node_features(few).double().view(20, 5, -1)
    straight = a_hat(graph).to(torch.float64)
    for b in range(20):
        order = few.order[b]
        matrix = a_hat(graph.relabelled(order)).to(torch.float64)
        blank = int((order == 4).nonzero())
        scores = network(x[b][order], matrix)[blank]
        torch.testing.assert_close(scores, network(x[b], straight)[4])


@pytest.mark.slow
def test_four_layers_are_necessary_and_six_learn_it() -> None:
    steps = 1000
    found = {
        variant: EXPERIMENT.measure(variant, GCN, 0, steps, id)["cases"][0]["value"]
        for variant in (FEW, MAIN, "more", "marked")
    }
    assert found[FEW] == 0.1
    assert found["more"] > 0.95
    assert found["marked"] > 0.95
