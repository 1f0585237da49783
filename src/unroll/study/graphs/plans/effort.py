"""What a step costs that is not arithmetic, for estimates of time."""

CALLS = {"gcn": 4e6, "gat": 2.2e7}
"""Uses of a parameter that take as long as the calls of one layer, forward, backward and updated:
on graphs of a few dozen nodes they cost more than the numbers do."""


def call_work(layers: int, model: str = "gcn") -> float:
    """Return what the calls of a step come to, as uses of a parameter."""
    return layers * CALLS[model]
