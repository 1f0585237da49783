"""What the classification of nodes is asked to do."""

from dataclasses import dataclass
from pathlib import Path

from unroll.errors import ConfigError
from unroll.field_types import check_types
from unroll.graph_data.names import PLANETOID_NAMES
from unroll.study.running.command_line import command_line
from unroll.training.node_recipes import NodeRecipe, find_node_recipe

MOST_DRAWN = 20_000
"""Nodes; in a drawing of more none could be told from the next."""
MOST_SEEDS = 1_000
MOST_EPOCHS = 10**6


@dataclass(frozen=True, kw_only=True)
class ClassifySettings:
    """Train the network of a paper to classify the nodes of a graph, by the paper's rule."""

    data: str = "karate"
    """karate, cora, citeseer, pubmed, or a folder with edges.csv and nodes.csv."""
    root: Path | None = None
    """Read cora, citeseer or pubmed from here (ROOT/Cora/raw/ind.cora.* or ROOT/ind.cora.*)
    instead of fetching it."""
    model: str = "gcn"
    """gcn (Kipf & Welling 2017) or gat (Veličković et al. 2018)."""
    seeds: int = 10
    """Train with seeds 0 … N−1."""
    epochs: int | None = None
    """At most so many epochs, instead of the paper's; just so many without validation nodes."""

    def __post_init__(self) -> None:
        check_types(self)
        check_epochs(self.epochs)
        self.resolve_recipe()
        check_graph_data(self.data, self.root)
        if not 1 <= self.seeds <= MOST_SEEDS:
            bound = "1 or more" if self.seeds < 1 else f"at most {MOST_SEEDS:,}"
            raise ConfigError(f"seeds must be {bound}, got {self.seeds}")

    def resolve_recipe(self) -> NodeRecipe:
        """Return the paper's recipe with the number of epochs that was given."""
        return find_node_recipe(self.model, self.data).with_epochs(self.epochs)

    def command(self, out: str) -> str:
        """Return the command line that asks for this, with only what is not the default."""
        return command_line("graph classify", self, out)


def check_graph_data(data: str, root: Path | None) -> None:
    """Raise ConfigError for a name that is none, and for a root where none is needed."""
    if not data:
        raise ConfigError("data must name a graph or a folder, got nothing")
    if root is not None and data not in PLANETOID_NAMES:
        raise ConfigError(
            f"root: {data} needs none; it is where files of {', '.join(PLANETOID_NAMES)} lie"
        )


def check_epochs(epochs: int | None) -> None:
    """Raise ConfigError for a number of epochs that nobody can train."""
    if epochs is not None and not 1 <= epochs <= MOST_EPOCHS:
        bound = "1 or more" if epochs < 1 else f"at most {MOST_EPOCHS:,}"
        raise ConfigError(f"epochs must be {bound}, got {epochs}")
