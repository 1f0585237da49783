"""How networks that classify nodes are trained, as their papers do. Imports no torch."""

from dataclasses import dataclass, replace
from typing import Literal

from unroll.errors import ConfigError, unknown_name

MODELS = ("gcn", "gat")
"""The networks of the two papers."""


@dataclass(frozen=True, kw_only=True)
class NodeRecipe:
    """The network of a paper and how it is trained, all nodes in each step.

    A graph without validation nodes is trained for `unwatched_epochs`, and no rule stops it.
    """

    model: Literal["gcn", "gat"]
    """What passes the messages."""
    summary: str
    """One line for the report."""
    hidden_size: int
    """H of the one hidden layer; of GAT, a head's."""
    heads: int = 1
    """Heads of the hidden layer."""
    output_heads: int = 1
    """Heads of the output layer, whose mean is taken."""
    feature_dropout: float
    """Share of each layer's input that is set to 0 in training."""
    attention_dropout: float = 0.0
    """Share of the weights of attention that is set to 0 in training."""
    l2: float
    """λ of the term λ/2 ‖θ‖² in the loss."""
    l2_on: Literal["first layer", "all"]
    """The parameters θ of that term."""
    rate: float
    """Learning rate of Adam."""
    epochs: int
    """Training ends after so many at the latest."""
    rule: Literal["window", "patience"]
    """What stops it: the validation loss above its mean over the last `patience` epochs (the last
    parameters are kept); or `patience` epochs without a validation loss as low, or an accuracy as
    high, as the best (those parameters are kept where both were)."""
    patience: int
    """Epochs that the rule looks back over."""
    unwatched_epochs: int = 200
    """Epochs on a graph without validation nodes."""

    def __post_init__(self) -> None:
        for name in ("epochs", "unwatched_epochs"):
            if getattr(self, name) < 1:
                raise ConfigError(f"{name} must be 1 or more, got {getattr(self, name)}")

    def with_epochs(self, epochs: int | None) -> "NodeRecipe":
        """Return the recipe with at most, and where no rule stops it with, so many epochs."""
        if epochs is None:
            return self
        paper, asked = f"{self.epochs:,} epochs", f"{epochs:,} epoch{'s' * (epochs != 1)}"
        return replace(
            self,
            summary=self.summary.replace(paper, asked)
            if paper in self.summary
            else f"{self.summary}, at most {asked}",
            epochs=epochs,
            unwatched_epochs=epochs,
        )


GCN = NodeRecipe(
    model="gcn",
    summary="Kipf & Welling 2017: 16 hidden units, dropout 0.5, L2 of 5e-4 on the first layer, "
    "Adam at 0.01, at most 200 epochs, stopped by a window of 10 on the validation loss",
    hidden_size=16,
    feature_dropout=0.5,
    l2=5e-4,
    l2_on="first layer",
    rate=0.01,
    epochs=200,
    rule="window",
    patience=10,
)
GAT = NodeRecipe(
    model="gat",
    summary="Veličković et al. 2018: 8 heads of 8 units, dropout 0.6 on features and attention, "
    "L2 of 5e-4, Adam at 0.005, patience of 100 epochs on validation loss and accuracy",
    hidden_size=8,
    heads=8,
    feature_dropout=0.6,
    attention_dropout=0.6,
    l2=5e-4,
    l2_on="all",
    rate=0.005,
    epochs=100_000,
    rule="patience",
    patience=100,
)
GAT_PUBMED = replace(
    GAT,
    summary="Veličković et al. 2018 for PubMed: 8 heads of 8 units and 8 output heads, dropout 0.6 "
    "on features and attention, L2 of 1e-3, Adam at 0.01, patience of 100 epochs on validation "
    "loss and accuracy",
    output_heads=8,
    l2=1e-3,
    rate=0.01,
)

STACK = replace(
    GCN,
    summary="16 hidden units, dropout 0.5 on the features, L2 of 5e-4 on the first layer, Adam at "
    "0.01, 200 epochs of which the best in validation is kept",
    rule="patience",
    patience=200,
    unwatched_epochs=100,
)
"""For stacks of any depth. A window would stop a deep one before its loss begins to fall."""
SMOOTHING = replace(
    STACK,
    summary="no dropout, L2 of 5e-6, Adam at 0.2, 100 epochs of which the best in validation is "
    "kept",
    feature_dropout=0.0,
    l2=5e-6,
    rate=0.2,
    epochs=100,
    patience=100,
)
"""For a linear readout of Âᵏ X, as Wu et al. 2019 train theirs."""


def find_node_recipe(model: str, data: str) -> NodeRecipe:
    """Return the paper's recipe for a model on a graph.

    Raises: ConfigError for a model nobody knows.
    """
    if model == "gcn":
        return GCN
    if model == "gat":
        return GAT_PUBMED if data == "pubmed" else GAT
    raise unknown_name("model", model, MODELS)
