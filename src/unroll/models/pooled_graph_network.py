"""Graph layers with one answer a graph."""

from torch import Tensor, nn

from unroll.errors import ConfigError
from unroll.graphs import Propagation
from unroll.models.graph_network import GraphNetwork


class PooledGraphNetwork(nn.Module):
    """Every node of a graph votes; the votes' mean and the strongest votes are the answer.

        (a_i, b_i) = network(x)_i,   y = mean over i of a_i + max over i of b_i

    Neither knows an order of the nodes: graphs that differ in their numbering alone get the same
    scores, but for rounding. The mean counts how often something is seen, the maximum whether it
    is seen at all. `network` answers with 2K numbers a node.

    Shapes: x (B·N, D), B graphs of N nodes side by side; matrix of B·N nodes -> (B, K).
    Raises: ConfigError when x has no multiple of N rows.
    """

    def __init__(self, network: GraphNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(self, x: Tensor, matrix: Propagation, nodes: int) -> Tensor:
        """Return the scores of every graph of so many nodes."""
        if nodes < 1 or len(x) % nodes:
            raise ConfigError(
                f"pooled graph network: x must have {nodes} rows a graph, got {len(x)} rows"
            )
        votes: Tensor = self.network(x, matrix)
        usual, strongest = votes.view(len(x) // nodes, nodes, -1).chunk(2, dim=2)
        scores: Tensor = usual.mean(1) + strongest.amax(1)
        return scores
