"""How long is an epoch of the papers' networks on Cora, beside PyTorch Geometric?

    python -m benchmarks.cora_epoch --root DIR [--quick] [--repetitions N]

An epoch is a step of training, dropout and Adam with its L2 term included, and a look at all nodes
without dropout. The peer has its graph normalised once, and takes Cora's features dense or as
PyTorch's CSR tensor with dropout on the non-zeros alone. Both sides in one process of one thread,
in turn, in CPU seconds. DIR holds ind.cora.* or Cora/raw/ind.cora.*; without it the cache is looked
in, and where Cora is not, nothing is measured.
"""

import argparse
import statistics
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch_geometric.nn import GATConv, GCNConv

from benchmarks.graph_sides import (
    best,
    csr_adjacency,
    edge_list,
    in_turn,
    needs_huge_pages,
    run_with_huge_pages,
)
from benchmarks.timing import Options, print_table, spread
from unroll.graph_data.loading import find_cora, load_graph
from unroll.graphs import Graph, SparseFeatures, a_hat
from unroll.models import GATClassifier, GCNClassifier
from unroll.seeding import make_generator
from unroll.training.node_recipes import GAT, GCN, NodeRecipe

EPOCHS = 10
"""Between two looks at the clock."""

Scores = Callable[[torch.Generator | None], Tensor]


def sparse_and_dense(graph: Graph) -> tuple[SparseFeatures, Tensor]:
    """Return the graph's features in both forms."""
    features = graph.features
    assert features is not None
    if isinstance(features, SparseFeatures):
        return features, features.to_dense()
    return SparseFeatures.from_dense(features), features


class Peer(nn.Module):
    """The same two networks of torch_geometric's layers."""

    def __init__(self, recipe: NodeRecipe, graph: Graph, width: int, form: str) -> None:
        super().__init__()
        self.rate, self.is_gcn = recipe.feature_dropout, recipe.model == "gcn"
        matrix = a_hat(graph)
        self.edges = csr_adjacency(matrix) if form == "CSR" else edge_list(matrix)
        self.weights = (matrix.weights,) if self.is_gcn and form != "CSR" else ()
        if self.is_gcn:
            self.first = GCNConv(width, recipe.hidden_size, normalize=False, bias=False)
            self.second = GCNConv(recipe.hidden_size, graph.classes, normalize=False, bias=False)
            return
        drop, heads = recipe.attention_dropout, recipe.heads
        rest = {"dropout": drop, "add_self_loops": False}
        self.first = GATConv(width, recipe.hidden_size, heads, **rest)
        self.second = GATConv(heads * recipe.hidden_size, graph.classes, concat=False, **rest)

    def forward(self, x: Tensor) -> Tensor:
        """Return the scores of each node."""
        hidden = self.first(self.drop(x), self.edges, *self.weights)
        hidden = self.drop(torch.relu(hidden) if self.is_gcn else functional.elu(hidden))
        scores: Tensor = self.second(hidden, self.edges, *self.weights)
        return scores

    def drop(self, x: Tensor) -> Tensor:
        """Return x with dropout; of a CSR tensor on its non-zeros alone."""
        if x.layout == torch.strided:
            return functional.dropout(x, self.rate, self.training)
        values = functional.dropout(x.values(), self.rate, self.training)
        return torch.sparse_csr_tensor(
            x.crow_indices(), x.col_indices(), values, x.shape, check_invariants=False
        )


def epochs_of(
    network: nn.Module, decayed: nn.Module, scores_of: Scores, graph: Graph, recipe: NodeRecipe
) -> Callable[[], None]:
    """Return what trains EPOCHS epochs each time it is called."""
    train, validation, labels = graph.train, graph.validation, graph.labels
    assert train is not None
    assert validation is not None
    assert labels is not None
    terms = list(decayed.parameters())
    others = [p for p in network.parameters() if all(p is not term for term in terms)]
    groups: list[dict[str, Any]] = [{"params": terms, "weight_decay": recipe.l2}]
    groups += [{"params": others}] if others else []
    optimiser = torch.optim.Adam(groups, lr=recipe.rate)
    generator = make_generator(0, "dropout")

    def epochs() -> None:
        for _ in range(EPOCHS):
            network.train()
            loss = functional.cross_entropy(scores_of(generator)[train], labels[train])
            optimiser.zero_grad()
            torch.autograd.backward(loss)
            optimiser.step()
            network.eval()
            with torch.no_grad():
                scores = scores_of(None)[validation]
                functional.cross_entropy(scores, labels[validation]).item()

    return epochs


def our_epochs(recipe: NodeRecipe, graph: Graph, *, dense: bool) -> Callable[[], None]:
    """Return our side, on sparse features or on dense ones."""
    sparse, full = sparse_and_dense(graph)
    x, matrix, width = full if dense else sparse, a_hat(graph), sparse.width
    network: GCNClassifier | GATClassifier
    if recipe.model == "gcn":
        network = GCNClassifier(width, recipe.hidden_size, graph.classes)
    else:
        network = GATClassifier(width, recipe.hidden_size, graph.classes, heads=recipe.heads)
    decayed = network.first if recipe.l2_on == "first layer" else network
    return epochs_of(network, decayed, lambda g: network(x, matrix, g), graph, recipe)


def peer_epochs(recipe: NodeRecipe, graph: Graph, features: str, form: str) -> Callable[[], None]:
    """Return the peer's side, on CSR or dense features and with either form of the graph."""
    _, dense = sparse_and_dense(graph)
    x = dense.to_sparse_csr() if features == "sparse" else dense
    network = Peer(recipe, graph, dense.shape[1], form)
    decayed = network.first if recipe.l2_on == "first layer" else network
    return epochs_of(network, decayed, lambda _: network(x), graph, recipe)


def rows_of(recipe: NodeRecipe, graph: Graph, options: Options) -> list[list[str]]:
    """Return a line for each side, the ratio to ours on sparse features in each."""
    forms = [(x, form) for x in ("sparse", "dense") for form in ("CSR", "edge index")]
    actions = [our_epochs(recipe, graph, dense=dense) for dense in (False, True)]
    actions += [peer_epochs(recipe, graph, *form) for form in forms]
    times = in_turn(actions, options.repetitions)
    names = ["ours, sparse features", "ours, dense features"]
    names += [f"torch_geometric, {x} features, {form}" for x, form in forms]
    marked = {2 + best(times[2:4]), 4 + best(times[4:6])}
    rows = []
    for number, (name, taken) in enumerate(zip(names, times, strict=True)):
        ratios = [theirs / ours for theirs, ours in zip(taken, times[0], strict=True)]
        shown = f"{name} (its best)" if number in marked else name
        milliseconds = statistics.median(taken) / EPOCHS * 1e3
        cells = [recipe.model.upper(), shown, f"{milliseconds:.2f}"]
        rows.append([*cells, spread(ratios) if number else ""])
    return rows


def main(options: Options, root: Path | None = None) -> None:
    """Measure and print, in a child process with huge pages."""
    folder = find_cora(root)
    if folder is None:
        print("\n### An epoch on Cora\n\nNot measured: Cora is neither in --root nor in the cache.")
        return
    if needs_huge_pages():
        run_with_huge_pages("benchmarks.cora_epoch", options, "--root", str(folder))
        return
    torch.set_num_threads(1)
    # PyTorch says of every CSR tensor that its support is in beta.
    warnings.simplefilter("ignore", UserWarning)
    graph = load_graph("cora", folder)
    rows = [row for recipe in (GCN, GAT) for row in rows_of(recipe, graph, options)]
    print_table("An epoch on Cora, CPU time", ["network", "side", "ms an epoch", "ratio"], rows)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="An epoch of the papers' networks on Cora.")
    parser.add_argument("--repetitions", type=int, default=9, help="rounds of ten epochs a side")
    parser.add_argument("--quick", action="store_true", help="show that everything runs")
    parser.add_argument(
        "--root", type=Path, default=None, help="folder of Cora; default: the cache"
    )
    given = parser.parse_args()
    main(Options(repetitions=given.repetitions, quick=given.quick), given.root)
