from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn

from unroll.errors import ConfigError
from unroll.graph_data.karate import karate_club
from unroll.graphs import Graph, a_hat, graph_from_pairs
from unroll.models import GCNClassifier
from unroll.seeding import make_generator
from unroll.training.node_recipes import GAT, GAT_PUBMED, GCN, NodeRecipe, find_node_recipe
from unroll.training.nodes import NodeFit, accuracy_on, fit_nodes, training_nodes

WATCHED = graph_from_pairs(
    [(0, 1)],
    nodes=4,
    labels=torch.tensor([0, 1, 0, 1]),
    train=torch.tensor([True, True, False, False]),
    validation=torch.tensor([False, False, True, True]),
)


class Scripted(nn.Module):
    """Scores whose validation is told in advance, epoch by epoch; the parameter counts epochs."""

    def __init__(self, gaps: list[float]) -> None:
        super().__init__()
        self.gaps = gaps
        self.theta = nn.Parameter(torch.zeros(()))
        self.looks = 0

    def scores(self, generator: torch.Generator | None) -> Tensor:
        scores = torch.zeros(4, 2)
        scores[:2, 0] = self.theta
        if generator is None:
            # By how much both validation nodes are right.
            gap = self.gaps[min(self.looks, len(self.gaps) - 1)]
            scores[2:] = torch.tensor([[gap, 0.0], [0.0, gap]])
            self.looks += 1
        return scores


def run(gaps: list[float], recipe: NodeRecipe) -> tuple[NodeFit, Scripted]:
    model = Scripted(gaps)
    generator = make_generator(0, "dropout")
    return fit_nodes(model, model.scores, WATCHED, recipe, generator, decayed=[]), model


def test_a_window_stops_where_the_loss_rises_above_its_mean() -> None:
    recipe = replace(GCN, patience=3)
    rising = [0.1 * step for step in range(20)]
    # Looked at from the fifth epoch on: it falls until epoch 8, and at 9 it jumps.
    fit, _ = run([*rising[:8], 0.0], recipe)
    assert (fit.epochs, fit.best_epoch) == (9, 9)
    fit, _ = run([5.0, 4.0, 3.0, 2.0, 1.0], recipe)
    assert fit.epochs == 5
    # Not a number above the mean of the window, though above the epoch before.
    fit, _ = run([0.0, 0.1, 0.2, 0.8, 0.5, 0.9, 1.0, 1.1], replace(recipe, epochs=8))
    assert fit.epochs == 8


def test_patience_ends_when_neither_loss_nor_accuracy_is_as_good_as_the_best() -> None:
    recipe = replace(GAT, patience=4)
    fit, _ = run([0.1, 0.5, 0.9, -0.5], recipe)
    assert (fit.epochs, fit.best_epoch) == (7, 3)
    # An accuracy as high as the best resets the count and keeps nothing, its loss being higher.
    fit, _ = run([0.9, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, -0.5], recipe)
    assert (fit.epochs, fit.best_epoch) == (11, 1)


def test_the_parameters_of_the_best_epoch_are_kept() -> None:
    club = karate_club()
    graph = replace(club, validation=club.test, test=None)
    recipe = replace(GAT, epochs=60, patience=60, feature_dropout=0.0)
    network = GCNClassifier(34, 4, 2, generator=make_generator(0, "weights"))
    matrix = a_hat(graph)
    seen: list[Tensor] = []

    def scores_of(generator: torch.Generator | None) -> Tensor:
        scores: Tensor = network(club.features, matrix, generator)
        if generator is None:
            seen.append(scores.detach().clone())
        return scores

    fit = fit_nodes(network, scores_of, graph, recipe, make_generator(0, "dropout"), decayed=[])
    assert torch.equal(network(club.features, matrix), seen[fit.best_epoch - 1])
    best = fit.curve[fit.best_epoch - 1]
    # Every epoch is a point of a short curve.
    assert len(fit.curve) == fit.epochs
    losses = [point["validation_loss_nats"] or 0.0 for point in fit.curve[: fit.best_epoch]]
    assert best["validation_loss_nats"] == min(losses)


def train_club(
    recipe: NodeRecipe, seed: int, told: Callable[[int], object] = id
) -> tuple[NodeFit, float]:
    club = karate_club()
    network = GCNClassifier(34, 16, 2, generator=make_generator(seed, "weights"))
    matrix = a_hat(club)
    fit = fit_nodes(
        network,
        lambda generator: network(club.features, matrix, generator),
        club,
        recipe,
        make_generator(seed, "dropout"),
        decayed=network.first.parameters(),
        on_progress=told,
    )
    assert club.labels is not None
    accuracy = accuracy_on(network(club.features, matrix), club.labels, club.test)
    assert accuracy is not None
    return fit, accuracy


def test_without_validation_all_epochs_are_run_and_the_last_is_kept() -> None:
    told: list[int] = []
    fit, accuracy = train_club(GCN.with_epochs(110), 0, told.append)
    assert (fit.epochs, fit.best_epoch) == (110, 110)
    assert told == list(range(10, 111, 10))
    # Chance is a half; two labelled members tell the sides of the 32 others, but for a few.
    assert accuracy >= 0.9
    assert len(fit.curve) == 55
    assert fit.curve[-1]["epoch"] == 110
    assert fit.curve[0]["validation_loss_nats"] is None
    first, last = fit.curve[0]["train_loss_nats"], fit.curve[-1]["train_loss_nats"]
    assert first is not None
    assert last is not None
    assert last < first / 2


def test_the_same_seed_gives_the_same_run() -> None:
    (one, first), (other, second) = (train_club(GCN.with_epochs(20), 3) for _ in range(2))
    assert (one.curve, first) == (other.curve, second)
    assert train_club(GCN.with_epochs(20), 4)[0].curve != one.curve


def test_the_term_of_the_square_falls_on_what_it_is_told_to() -> None:
    def norms(strength: float) -> list[float]:
        club = karate_club()
        network = GCNClassifier(34, 8, 2, generator=make_generator(0, "weights"))
        fit_nodes(
            network,
            lambda generator: network(club.features, a_hat(club), generator),
            club,
            replace(GCN.with_epochs(30), l2=strength),
            make_generator(0, "dropout"),
            decayed=network.first.parameters(),
        )
        return [float(layer.weight.detach().norm()) for layer in (network.first, network.second)]

    (weak, _), (strong, second) = norms(0.0), norms(10.0)
    assert strong < weak / 2
    assert second > 0.5


def test_accuracy_is_of_the_nodes_that_are_asked_for() -> None:
    scores, labels = torch.eye(3), torch.tensor([0, 2, 2])
    assert accuracy_on(scores, labels, torch.tensor([True, True, False])) == 0.5
    assert accuracy_on(scores, labels, torch.tensor([False, False, True])) == 1
    assert accuracy_on(scores, labels, torch.zeros(3, dtype=torch.bool)) is None
    assert accuracy_on(scores, labels, None) is None


@pytest.mark.parametrize("graph", [replace(WATCHED, train=None), graph_from_pairs([], nodes=2)])
def test_a_graph_that_nothing_is_known_of_is_refused(graph: Graph) -> None:
    with pytest.raises(ConfigError) as caught:
        training_nodes(graph)
    assert str(caught.value) == (
        "graph: labels and training nodes are needed to learn classes: give a label to some nodes, "
        "and split train to at least one of each class"
    )


def test_recipes_are_found_by_model_and_graph() -> None:
    assert find_node_recipe("gcn", "cora") is GCN
    assert find_node_recipe("gat", "cora") is GAT
    assert find_node_recipe("gat", "pubmed") is GAT_PUBMED
    assert GCN.with_epochs(None) is GCN
    with pytest.raises(ConfigError, match=r"^unknown model 'gan': expected one of gat, gcn"):
        find_node_recipe("gan", "cora")
    with pytest.raises(ConfigError, match=r"^epochs must be 1 or more, got 0$"):
        GCN.with_epochs(0)
