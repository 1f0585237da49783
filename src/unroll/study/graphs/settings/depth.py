"""What the study of depth is asked to do."""

from dataclasses import dataclass
from pathlib import Path

from unroll.errors import ConfigError
from unroll.field_types import check_types
from unroll.study.graphs.settings.classify import MOST_SEEDS, check_epochs, check_graph_data
from unroll.study.running.command_line import command_line

DEEPEST = 64


@dataclass(frozen=True, kw_only=True)
class DepthSettings:
    """Stack graph convolutions ever deeper, plain and residual, beside smoothing alone."""

    data: str = "karate"
    """karate, cora, citeseer, pubmed, or a folder with edges.csv and nodes.csv."""
    root: Path | None = None
    """Read cora, citeseer or pubmed from here (ROOT/Cora/raw/ind.cora.* or ROOT/ind.cora.*)
    instead of fetching it."""
    depths: tuple[int, ...] = (1, 2, 4, 8, 16)
    """Layers of the networks, and hops k of Âᵏ X."""
    seeds: int = 3
    """Train with seeds 0 … N−1."""
    epochs: int | None = None
    """Epochs of each training, instead of 200 for networks and 100 for readouts."""

    def __post_init__(self) -> None:
        check_types(self)
        check_graph_data(self.data, self.root)
        if not self.depths:
            raise ConfigError("depths must name at least one number of layers, such as 8")
        for depth in self.depths:
            if not 1 <= depth <= DEEPEST:
                raise ConfigError(f"depths: a depth must be 1 … {DEEPEST} layers, got {depth}")
            if self.depths.count(depth) > 1:
                raise ConfigError(f"depths: {depth} is given twice")
        if not 1 <= self.seeds <= MOST_SEEDS:
            bound = "1 or more" if self.seeds < 1 else f"at most {MOST_SEEDS:,}"
            raise ConfigError(f"seeds must be {bound}, got {self.seeds}")
        check_epochs(self.epochs)

    def command(self, out: str) -> str:
        """Return the command line that asks for this, with only what is not the default."""
        return command_line("graph depth", self, out)
