from typing import Any

import networkx
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from unroll.errors import ConfigError
from unroll.seeding import make_generator
from unroll.tasks.recall import MarkedRecall

tasks = st.builds(
    MarkedRecall,
    shape=st.sampled_from(["path", "tree"]),
    distance=st.integers(1, 5),
    classes=st.integers(2, 6),
)


@given(task=tasks, seed=st.integers(0, 2**31))
def test_the_marked_node_lies_at_the_distance_and_has_the_answer(
    task: MarkedRecall, seed: int
) -> None:
    batch = task.sample(7, make_generator(seed, "test"))
    N, K = task.nodes, task.classes
    graph = networkx.Graph(task.graph().edges.T.tolist())
    assert graph.number_of_nodes() == N
    assert batch.features.shape == (7 * N, 2 * K)
    assert torch.equal(batch.features.sum(1), torch.ones(7 * N))
    for b in range(7):
        rows = batch.features[b * N : (b + 1) * N]
        marked = [i for i in range(N) if int(rows[i].argmax()) < K]
        assert marked == [int(batch.sources[b]) - b * N]
        assert int(rows[marked[0]].argmax()) == int(batch.answers[b])
        reader = int(batch.readers[b]) - b * N
        assert networkx.shortest_path_length(graph, reader, marked[0]) == task.distance


def test_every_leaf_is_marked_some_time_and_labels_are_even() -> None:
    task = MarkedRecall(shape="tree", distance=2)
    batch = task.sample(4000, make_generator(0, "test"))
    sources = (batch.sources - batch.readers).bincount(minlength=7) / 4000
    assert sources[:3].tolist() == [0, 0, 0]
    # Shares of 4,000 draws have a standard deviation of 0.007.
    torch.testing.assert_close(sources[3:], torch.full((4,), 0.25), atol=0.035, rtol=0)
    answers = batch.answers.bincount() / 4000
    torch.testing.assert_close(answers, torch.full((4,), 0.25), atol=0.035, rtol=0)


def test_inputs_are_counted() -> None:
    assert MarkedRecall(shape="path", distance=1, classes=2).possible == 4
    assert MarkedRecall(shape="tree", distance=1, classes=2).possible == 2 * 2**3


def test_a_stream_goes_on() -> None:
    stream = MarkedRecall(shape="path", distance=2).stream(3, make_generator(0, "test"))
    first, second = next(stream), next(stream)
    assert not torch.equal(first.features, second.features)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            {"shape": "ring", "distance": 2},
            "unknown shape 'ring': expected one of path, tree",
        ),
        (
            {"shape": "tree", "distance": 11},
            "recall: distance on a tree must be 1 to 10 hops, got 11",
        ),
        (
            {"shape": "path", "distance": 0},
            "recall: distance on a path must be 1 to 100 hops, got 0",
        ),
        (
            {"shape": "path", "distance": 1, "classes": 1},
            "recall: classes must be 2 or more, got 1",
        ),
    ],
)
def test_what_cannot_be_used_is_refused(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        MarkedRecall(**settings)
    assert str(caught.value) == message
