import pytest
import torch

from tests.cells.test_cell import assert_close
from tests.test_scan_tree import slow_forest
from unroll.cells import TreeLSTM
from unroll.errors import ConfigError, ShapeError
from unroll.models.tree_classifier import TreeClassifier

CHILDREN = torch.tensor(
    [
        [[1, 2], [-1, -1], [3, 4], [-1, -1], [-1, -1]],
        [[4, 1], [3, 2], [-1, -1], [-1, -1], [-1, -1]],
        [[1, -1], [2, -1], [3, -1], [4, -1], [-1, -1]],
    ]
)


def make_model() -> TreeClassifier:
    generator = torch.Generator().manual_seed(0)
    return TreeClassifier(TreeLSTM(3, 4, generator=generator), 2, generator=generator).double()


def test_scores_are_read_off_the_slow_oracle_s_roots() -> None:
    model = make_model()
    inputs = torch.randn(3, 5, 3, dtype=torch.float64)
    scores = model(inputs, CHILDREN)
    for tree in range(3):
        h, _ = slow_forest(model.cell, inputs[tree], CHILDREN[tree])
        assert_close(scores[tree], model.weight_p @ h[0] + model.bias_p)


def test_trees_of_a_batch_are_independent() -> None:
    model = make_model()
    inputs = torch.randn(3, 5, 3, dtype=torch.float64)
    disturbed = inputs.clone()
    disturbed[1] += 1
    changed = (model(inputs, CHILDREN) - model(disturbed, CHILDREN)).abs().amax(1)
    assert changed[[0, 2]].max() < 1e-12 < changed[1]


def test_has_as_many_parameters_as_the_formula_says() -> None:
    model = make_model()
    readout = 2 * (4 + 1)
    assert sum(p.numel() for p in model.parameters()) == 4 * 4 * (3 + 1) + 5 * 2 * 4**2 + readout


@pytest.mark.parametrize(
    ("inputs", "children", "problem"),
    [
        ((3, 5, 2), (3, 5, 2), "inputs must be (B, M, D=3), got (3, 5, 2): axis D differs"),
        ((3, 5, 3), (3, 4, 2), "children must be (B=3, M=5, K=2), got (3, 4, 2): axis M differs"),
        ((3, 5, 3), (3, 5, 1), "children must be (B=3, M=5, K=2), got (3, 5, 1): axis K differs"),
    ],
)
def test_a_wrong_shape_is_told_in_full(
    inputs: tuple[int, ...], children: tuple[int, ...], problem: str
) -> None:
    with pytest.raises(ShapeError) as caught:
        make_model()(torch.zeros(inputs), torch.full(children, -1))
    assert str(caught.value) == f"tree classifier: {problem}"


def test_fewer_than_one_class_is_refused() -> None:
    with pytest.raises(ConfigError) as caught:
        TreeClassifier(TreeLSTM(3, 4), 0)
    assert str(caught.value) == "tree classifier: classes must be 1 or more, got 0"
