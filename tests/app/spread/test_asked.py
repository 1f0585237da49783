import pytest

from tests.app.spread.graphs import ask
from unroll.app.refusal import RefusedError
from unroll.errors import ConfigError


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"kind": "gin"}, "kind must be gcn or gat, got 'gin'"),
        ({"kind": "\udcff\n"}, "kind must be gcn or gat, got '\\udcff\\n'"),
        ({"nodes": 25}, "nodes must be 1 to 24, got 25"),
        ({"nodes": 0}, "nodes must be 1 to 24, got 0"),
        ({"layers": 13}, "layers must be 1 to 12, got 13"),
        ({"heads": 10**40}, "heads must be 1 to 4, got a number of 41 digits"),
        ({"seed": -1}, "seed must be 0 to 9,007,199,254,740,991, got -1"),
        ({"source": 6}, "source must be 0 to 5, got 6"),
        ({"targets": (1,)}, "sources and targets must be one of each an edge, got 6 and 1"),
        (
            {"sources": (0,) * 61, "targets": (1,) * 61},
            "a graph may have at most 60 edges here, got 61",
        ),
        ({"sources": (0,), "targets": (6,)}, "an edge's target must be 0 to 5, got 6"),
        ({"sources": (-1,), "targets": (0,)}, "an edge's source must be 0 to 5, got -1"),
        (
            {"sources": (3,), "targets": (3,)},
            "an edge must join two nodes, got 3 twice: each node hears itself without one",
        ),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(changes: dict[str, object], said: str) -> None:
    with pytest.raises(RefusedError) as refused:
        ask(**changes)
    assert str(refused.value) == said
    assert refused.value.status == 400


def test_a_value_of_another_kind_is_named() -> None:
    with pytest.raises(ConfigError) as refused:
        ask(sources=[0, "1"], targets=[1, 2])
    assert str(refused.value) == (
        "sources must be a tuple of whole numbers, got [0, '1']: write sources=(0, 1)"
    )
