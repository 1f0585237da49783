"""Fit a network that classifies the nodes of one graph, by the stopping rule of a paper."""

import math
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn
from torch.nn import functional

from unroll.errors import ConfigError
from unroll.graphs import Graph
from unroll.records.schema import finite_or_none
from unroll.training.node_recipes import NodeRecipe
from unroll.training.optimisers import Adam

CURVE_POINTS = 100
"""Most points of a training curve."""
PROGRESS_EVERY = 10
"""Epochs between two calls of `on_progress`."""

Scores = Callable[[torch.Generator | None], Tensor]
"""The scores of all nodes (N, K); with a generator as in training, with dropout."""


@dataclass(kw_only=True)
class NodeFit:
    """What came of fitting a network to a graph."""

    epochs: int = 0
    """Optimisation steps taken."""
    best_epoch: int = 0
    """The epoch whose parameters were kept."""
    seconds: float = 0.0
    """Wall-clock time, validation included."""
    curve: list[dict[str, float | None]] = field(default_factory=list)
    """{"epoch", "train_loss_nats", "validation_loss_nats", "validation_accuracy"}, at most
    CURVE_POINTS of them evenly over the epochs, the last among them, all without dropout; None
    without validation."""


def fit_nodes(
    model: nn.Module,
    scores_of: Scores,
    graph: Graph,
    recipe: NodeRecipe,
    generator: torch.Generator,
    *,
    decayed: Iterable[nn.Parameter],
    on_progress: Callable[[int], object] = id,
) -> NodeFit:
    """Minimise the training nodes' cross-entropy + λ/2 ‖decayed‖², and keep what the rule says.

    All nodes go through the network in each step. The rule watches the validation nodes after each
    step, without dropout. "window": stop once the loss, the term of λ included, is above its mean
    over the window before; the last parameters stay. "patience": stop when for so many epochs
    neither loss nor accuracy was as good as the best; the parameters stay that last had both.
    Without validation nodes the recipe's unwatched epochs are all run, and the last stay.

    `on_progress` is called with the number of epochs, every few of them.
    Raises: ConfigError for a graph without labels or without training nodes.
    """
    labels, train = training_nodes(graph)
    terms = list(decayed)
    optimisers = _make_adams(model, terms, recipe)
    watch = _Watch(model, recipe, graph, terms)
    fit, points = NodeFit(), []
    start = time.perf_counter()
    for fit.epochs in range(1, watch.most + 1):
        loss = functional.cross_entropy(scores_of(generator)[train], labels[train])
        for optimiser in optimisers:
            optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call] # torch leaves it untyped
        for optimiser in optimisers:
            optimiser.step()
        with torch.no_grad():
            scores = scores_of(None)
            must_stop = watch.see(fit.epochs, scores)
            train_loss = functional.cross_entropy(scores[train], labels[train]).item()
        points.append({"epoch": fit.epochs, "train_loss_nats": finite_or_none(train_loss)})
        points[-1] |= watch.seen
        if fit.epochs % PROGRESS_EVERY == 0:
            on_progress(fit.epochs)
        if must_stop:
            break
    watch.restore()
    fit.best_epoch = watch.best_epoch
    fit.seconds = time.perf_counter() - start
    fit.curve = points[:: -math.ceil(len(points) / CURVE_POINTS)][::-1]
    return fit


def training_nodes(graph: Graph) -> tuple[Tensor, Tensor]:
    """Return a graph's labels and who is trained on; ConfigError where it has neither."""
    if graph.labels is None or graph.train is None or not bool(graph.train.any()):
        raise ConfigError(
            f"{graph.name}: labels and training nodes are needed to learn classes: give a label "
            "to some nodes, and split train to at least one of each class"
        )
    return graph.labels, graph.train


def accuracy_on(scores: Tensor, labels: Tensor, nodes: Tensor | None) -> float | None:
    """Return the share of `nodes` (N,) whose largest score is their label's; None without any."""
    if nodes is None or not bool(nodes.any()):
        return None
    return (scores[nodes].argmax(1) == labels[nodes]).double().mean().item()


def _make_adams(model: nn.Module, terms: list[nn.Parameter], recipe: NodeRecipe) -> list[Adam]:
    """Return one Adam for what is decayed, and one for the others."""
    chosen = {id(parameter) for parameter in terms}
    others = [parameter for parameter in model.parameters() if id(parameter) not in chosen]
    return [Adam(terms, recipe.rate, l2=recipe.l2), Adam(others, recipe.rate)]


class _Watch:
    """Watches the validation nodes, says when to stop and knows what is to be kept."""

    def __init__(
        self, model: nn.Module, recipe: NodeRecipe, graph: Graph, terms: list[nn.Parameter]
    ) -> None:
        self.model, self.recipe, self.terms = model, recipe, terms
        is_watched = graph.validation is not None and bool(graph.validation.any())
        self.labels, self.nodes = graph.labels, graph.validation if is_watched else None
        self.most = recipe.epochs if is_watched else recipe.unwatched_epochs
        self.seen: dict[str, float | None] = {
            "validation_loss_nats": None,
            "validation_accuracy": None,
        }
        self.best_epoch = 0
        self._losses: list[float] = []
        self._lowest, self._highest, self._since = math.inf, 0.0, 0
        self._kept: dict[str, Tensor] | None = None

    def see(self, epoch: int, scores: Tensor) -> bool:
        """Look at the scores after an epoch; return whether training is over."""
        if self.nodes is None or self.labels is None:
            self.best_epoch = epoch
            return False
        nodes = self.nodes
        loss = functional.cross_entropy(scores[nodes], self.labels[nodes]).item()
        accuracy = accuracy_on(scores, self.labels, nodes) or 0.0
        self.seen = {
            "validation_loss_nats": finite_or_none(loss),
            "validation_accuracy": accuracy,
        }
        if self.recipe.rule == "window":
            return self._see_window(epoch, loss)
        return self._see_patience(epoch, loss, accuracy)

    def restore(self) -> None:
        """Give the model the parameters that are to be kept."""
        if self._kept is not None:
            self.model.load_state_dict(self._kept)

    def _see_window(self, epoch: int, loss: float) -> bool:
        self.best_epoch = epoch
        penalty = sum(float(term.square().sum()) for term in self.terms)
        self._losses.append(loss + self.recipe.l2 / 2 * penalty)
        before = self._losses[-1 - self.recipe.patience : -1]
        is_full = epoch > self.recipe.patience + 1
        return is_full and self._losses[-1] > sum(before) / len(before)

    def _see_patience(self, epoch: int, loss: float, accuracy: float) -> bool:
        is_low, is_high = loss <= self._lowest, accuracy >= self._highest
        if is_low and is_high:
            self.best_epoch = epoch
            self._kept = {name: t.clone() for name, t in self.model.state_dict().items()}
        self._since = 0 if is_low or is_high else self._since + 1
        self._lowest = min(self._lowest, loss)
        self._highest = max(self._highest, accuracy)
        return self._since == self.recipe.patience
