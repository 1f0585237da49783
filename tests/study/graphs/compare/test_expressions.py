from typing import Any

import pytest
import torch

from unroll.models.tree_classifier import TreeClassifier
from unroll.study.graphs.compare import expressions
from unroll.study.graphs.compare.expressions import EXPERIMENT
from unroll.tasks.expressions import ExpressionBatch

PARTS = [(name, variant) for name, of in EXPERIMENT.contestants.items() for variant in of]


def measure(contestant: str, variant: str, steps: int = 2) -> dict[str, Any]:
    return EXPERIMENT.measure(variant, contestant, 0, steps, id)


@pytest.fixture(autouse=True)
def few_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expressions, "TESTED", 24)


@pytest.mark.parametrize(("contestant", "variant"), PARTS)
def test_a_measurement_has_the_cases_of_its_variant_and_passes_its_checks(
    contestant: str, variant: str
) -> None:
    steps: list[int] = []
    values = EXPERIMENT.measure(variant, contestant, 0, 2, steps.append)
    wanted = [case.name for case in EXPERIMENT.cases if case.variant == variant]
    assert [case["case"] for case in values["cases"]] == wanted
    assert all(case["examples"] == 24 and 0 <= case["value"] <= 1 for case in values["cases"])
    assert [point["step"] for point in values["curve"]] == steps == [1, 2]
    checks = 2 if contestant == "Tree-LSTM" else 1
    assert [check["passed"] for check in values["checks"]] == [True] * checks


def test_contestants_have_as_many_parameters_within_three_percent() -> None:
    networks = {name: expressions.make_contestant(name, 0)[0] for name in EXPERIMENT.contestants}
    counts = {sum(p.numel() for p in network.parameters()) for network in networks.values()}
    assert counts == {2978, 2930}
    assert 2978 < 1.03 * 2930


def test_the_same_seed_measures_the_same() -> None:
    first, second = (measure("Tree-LSTM", "main") for _ in range(2))
    assert first["cases"] == second["cases"]
    assert first["curve"] == second["curve"]


@pytest.mark.parametrize("variant", ["main", "calculator"])
def test_sizes_tested_are_those_that_the_case_says(variant: str) -> None:
    for name, batches in expressions.make_cases(variant, 0).items():
        sizes = [batch.symbols.shape[1] // 2 for batch in batches]
        first, last = name.split()[0].split("–")
        assert (min(sizes), max(sizes)) == (int(first), int(last))
        assert max(sizes) <= 12 or min(sizes) > 12


@pytest.mark.parametrize("contestant", EXPERIMENT.contestants)
def test_both_cells_begin_with_an_open_forget_gate(contestant: str) -> None:
    network, _ = expressions.make_contestant(contestant, 0)
    H = 16 if isinstance(network, TreeClassifier) else 24
    bias = dict(network.named_parameters())["cell.bias"]
    assert (bias == 1).nonzero().flatten().tolist() == list(range(H, 2 * H))


def test_unbalanced_classes_fail_their_check() -> None:
    batch = expressions.make_cases("main", 0)["7–12 operators"][0]
    unbalanced = batch._replace(targets=torch.ones_like(batch.targets))
    (check,) = expressions.check_balance({"x": [batch, unbalanced]})
    assert not check["passed"]
    assert check["detail"] == "shares: 0.500, 1.000"


def test_accuracy_is_the_share_answered_right() -> None:
    def says_true(batch: ExpressionBatch) -> torch.Tensor:
        return torch.tensor([[0.0, 1.0]]).expand(len(batch.targets), 2)

    for batches in expressions.make_cases("main", 0).values():
        assert expressions.accuracy(says_true, batches) == 0.5


@pytest.mark.slow
def test_a_tree_beats_a_row_of_symbols_but_not_without_brackets() -> None:
    def last_case(contestant: str, variant: str) -> float:
        value: float = measure(contestant, variant, 120)["cases"][-1]["value"]
        return value

    tree = last_case("Tree-LSTM", "main")
    assert tree > 0.9 > 0.75 > last_case("LSTM, prefix order", "main")
    assert tree > 0.9 > 0.75 > last_case("LSTM, postfix order", "main")
    assert last_case("LSTM, infix order", "calculator") > last_case("Tree-LSTM", "calculator")
