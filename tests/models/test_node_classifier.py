from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from unroll.errors import ConfigError
from unroll.graph_data.karate import karate_club
from unroll.graphs import SparseFeatures, a_hat, attention
from unroll.models import GATClassifier, GCNClassifier, SmoothedReadout
from unroll.models.node_classifier import drop, drop_features
from unroll.probes.smoothing import smoothed
from unroll.seeding import make_generator

CLUB = karate_club()
MATRIX = a_hat(CLUB)


def assert_same(one: Tensor, other: Tensor) -> None:
    # float32 sums of some hundred numbers around 1, in another order.
    torch.testing.assert_close(one, other, atol=1e-5, rtol=1e-4)


def features() -> Tensor:
    x = torch.rand(34, 9, generator=make_generator(0, "features"))
    return x * (x > 0.6)


MODELS: dict[str, Callable[[], nn.Module]] = {
    "gcn": lambda: GCNClassifier(9, 5, 3, generator=make_generator(0, "weights")),
    "gat": lambda: GATClassifier(
        9, 4, 3, heads=2, output_heads=3, generator=make_generator(0, "weights")
    ),
    "smoothing": lambda: SmoothedReadout(9, 3, hops=4, generator=make_generator(0, "weights")),
}


def test_the_convolutions_are_the_papers_equation() -> None:
    model = GCNClassifier(9, 5, 3, generator=make_generator(0, "weights"))
    x, a = features(), MATRIX.to_dense()
    wanted = a @ torch.relu(a @ x @ model.first.weight) @ model.second.weight
    assert_same(model(x, MATRIX), wanted)
    assert sum(p.numel() for p in model.parameters()) == 9 * 5 + 5 * 3


def test_the_attention_is_the_papers_equation() -> None:
    model = GATClassifier(9, 4, 3, heads=2, output_heads=3, generator=make_generator(0, "weights"))
    h = features()
    for layer in (model.first, model.second):
        weights = torch.zeros(34, 34, layer.heads)
        entries = (MATRIX.targets.long(), MATRIX.sources.long())
        weights[entries] = attention(layer, h, MATRIX)
        values = (h @ layer.weight).view(34, layer.heads, layer.head_size)
        gathered = torch.einsum("ijk,jkf->ikf", weights, values)
        assert layer.bias is not None
        if layer is model.first:
            h = functional.elu(gathered.flatten(1) + layer.bias)
        else:
            h = gathered.mean(1) + layer.bias
    assert_same(model(features(), MATRIX), h)


def test_the_readout_is_one_of_smoothed_features() -> None:
    model = SmoothedReadout(9, 3, hops=4, generator=make_generator(0, "weights"))
    wanted = smoothed(MATRIX, features(), 4) @ model.weight + model.bias
    assert_same(model(features(), MATRIX), wanted)


@pytest.mark.parametrize("name", MODELS)
def test_sparse_features_are_the_same_features(name: str) -> None:
    model = MODELS[name]()
    sparse = SparseFeatures.from_dense(features())
    assert_same(model(sparse, MATRIX), model(features(), MATRIX))


@pytest.mark.parametrize("name", MODELS)
def test_nodes_in_another_order_get_the_same_scores(name: str) -> None:
    model = MODELS[name]()
    order = torch.randperm(34, generator=make_generator(0, "order"))
    other = a_hat(CLUB.relabelled(order))
    scores = model(features(), MATRIX)
    assert_same(model(features()[order], other), scores[order])


@pytest.mark.parametrize("name", ["gcn", "gat"])
def test_dropout_comes_with_a_generator_and_not_without(name: str) -> None:
    model = MODELS[name]()
    x, quiet = features(), model_scores(model, None)
    assert torch.equal(model_scores(model, None), quiet)
    noisy = model_scores(model, 0)
    assert torch.equal(model_scores(model, 0), noisy)
    assert not torch.equal(model_scores(model, 1), noisy)
    assert not torch.equal(noisy, quiet)
    assert x.isfinite().all()


def model_scores(model: nn.Module, seed: int | None) -> Tensor:
    generator = None if seed is None else make_generator(seed, "dropout")
    scores: Tensor = model(features(), MATRIX, generator)
    return scores


def test_dropout_leaves_the_mean() -> None:
    x = torch.ones(200, 200)
    dropped = drop(x, 0.4, make_generator(0, "dropout"))
    assert sorted(set(dropped.flatten().tolist())) == pytest.approx([0, 1 / 0.6])
    # Of 40,000 draws the share's standard deviation is 0.0025.
    assert float((dropped == 0).float().mean()) == pytest.approx(0.4, abs=0.015)
    assert drop(x, 0.0, make_generator(0, "dropout")) is x
    assert drop(x, 0.4, None) is x


def test_dropout_of_sparse_features_keeps_their_places() -> None:
    sparse = SparseFeatures.from_dense(torch.eye(400))
    dropped = drop_features(sparse, 0.5, make_generator(0, "dropout"))
    assert isinstance(dropped, SparseFeatures)
    assert torch.equal(dropped.columns, sparse.columns)
    assert set(dropped.values.tolist()) == {0.0, 2.0}
    assert drop_features(sparse, 0.5, None) is sparse


@pytest.mark.parametrize("share", [-0.1, 1.0, float("nan")])
def test_a_share_that_cannot_be_dropped_is_refused(share: float) -> None:
    with pytest.raises(ConfigError) as caught:
        GCNClassifier(9, 5, 3, dropout=share)
    assert str(caught.value) == f"dropout must be at least 0 and below 1, got {share}"
    with pytest.raises(ConfigError) as caught:
        GATClassifier(9, 5, 3, attention_dropout=share)
    assert str(caught.value) == f"attention_dropout must be at least 0 and below 1, got {share}"
