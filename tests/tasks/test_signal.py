import itertools

import pytest
import torch
from torch import Tensor

from unroll.errors import ConfigError
from unroll.graphs import propagate
from unroll.tasks.signal import (
    LAWS,
    NOISE,
    SCORED_FROM,
    STEPS,
    SignalBatch,
    Signals,
    stream_signals,
)

every_law = pytest.mark.parametrize("law", LAWS)


def draw(law: str = "wave", nodes: int = 8, graphs: int = 3, signals: int = 1) -> list[SignalBatch]:
    generator = torch.Generator().manual_seed(0)
    return Signals(law=law).sample(nodes, graphs, generator, signals=signals)


def by_the_law(law: str, batch: SignalBatch) -> Tensor:
    """Return where nodes go but for the noise from step 1 on, with a dense matrix: (N, T − 1)."""
    numbers, dense = LAWS[law], batch.matrix.to_dense().double()
    x = batch.positions.squeeze(2).double()
    now, before = x[:, 1:], x[:, :-1]
    force = -numbers.spring * now - numbers.coupling * (now - dense @ now)
    return now + (1 - numbers.damping) * (now - before) + force


@every_law
def test_what_no_law_foresees_is_noise_of_the_variance_said(law: str) -> None:
    batch = draw(law, nodes=16, graphs=40)[0]
    noise = batch.following.squeeze(2).double()[:, 1:] - by_the_law(law, batch)
    # 12,000 numbers: the variance's standard error is 1.3%, the mean's 0.0018; four of each.
    assert abs(float(noise.square().mean()) / NOISE**2 - 1) < 0.052
    assert abs(float(noise.mean())) < 0.0074
    # Nothing carries over: neither to the next step nor to the neighbours.
    scale = noise.numel() * NOISE**2
    later = float((noise[:, 1:] * noise[:, :-1]).sum()) / scale
    beside = batch.matrix.to_dense().double().fill_diagonal_(0) @ noise
    joint = float((noise * beside).sum()) / scale
    assert abs(later) < 0.04
    assert abs(joint) < 0.04


@every_law
def test_the_best_prediction_is_the_law_without_its_noise(law: str) -> None:
    batch = draw(law)[0]
    got = Signals(law=law).best_prediction(batch).squeeze(2)
    wanted = by_the_law(law, batch).float()
    # Positions of size 1 in float32.
    torch.testing.assert_close(got[:, 1:], wanted, rtol=0, atol=1e-5)


@every_law
def test_the_best_prediction_errs_by_the_floor(law: str) -> None:
    cases = draw(law, nodes=16, graphs=40, signals=2)
    errors = [case.error(Signals(law=law).best_prediction(case)).item() for case in cases]
    # 15,360 numbers: a standard error of 1.1%; four of them.
    assert abs(sum(errors) / 2 - 1) < 0.046


def test_what_follows_is_what_is_read_a_step_later() -> None:
    batch = draw()[0]
    assert batch.positions.shape == batch.following.shape == (24, STEPS, 1)
    assert torch.equal(batch.positions[:, 1:], batch.following[:, :-1])


def test_only_scored_steps_count_as_errors() -> None:
    batch = draw()[0]
    predicted = batch.following.clone()
    predicted[:, :SCORED_FROM] += 100
    assert batch.error(predicted) == 0
    predicted[:, SCORED_FROM:] += NOISE
    # Sums of float32 numbers of size 1.
    assert abs(batch.error(predicted).item() - 1) < 1e-4


def test_uncoupled_nodes_do_not_hear_each_other_and_a_diffusion_has_no_past() -> None:
    for law, by_others, by_past in (
        ("wave", True, True),
        ("uncoupled", False, True),
        ("diffusion", True, False),
    ):
        batch, task = draw(law)[0], Signals(law=law)
        others, past = batch.positions.clone(), batch.positions.clone()
        others[1:] += 1
        past[:, :-1] += 1
        last = task.best_prediction(batch)[0, -1]
        with_others = task.best_prediction(batch._replace(positions=others))[0, -1]
        with_past = task.best_prediction(batch._replace(positions=past))[0, -1]
        assert bool((with_others != last).any()) == by_others
        assert bool((with_past != last).any()) == by_past


def test_graphs_are_connected_and_apart() -> None:
    matrix = draw(nodes=10, graphs=4)[0].matrix
    reached = torch.eye(40)
    for _ in range(10):
        reached = propagate(matrix, reached)
    wanted = torch.kron(torch.eye(4), torch.ones(10, 10))
    assert torch.equal(reached > 0, wanted > 0)


def test_the_smallest_graph_is_a_pair() -> None:
    assert draw(nodes=2, graphs=1)[0].matrix.to_dense().tolist() == [[0.5, 0.5], [0.5, 0.5]]


def test_signals_on_the_same_graphs_differ() -> None:
    first, second = draw(signals=2)
    assert first.matrix is second.matrix
    assert not torch.equal(first.positions, second.positions)


def test_a_stream_goes_on_to_new_graphs() -> None:
    generator = torch.Generator().manual_seed(0)
    batches = list(itertools.islice(stream_signals(Signals(), 6, 2, generator, signals=2), 5))
    assert batches[0].matrix is batches[1].matrix
    assert batches[1].matrix is not batches[2].matrix
    different = {tuple(batch.matrix.sources.tolist()) for batch in batches}
    assert len(different) > 1


def test_the_same_seed_draws_the_same_signals() -> None:
    assert torch.equal(draw()[0].positions, draw()[0].positions)


def test_an_unknown_law_is_refused_with_the_nearest() -> None:
    with pytest.raises(ConfigError) as caught:
        Signals(law="waves")
    assert str(caught.value) == (
        "unknown law 'waves': expected one of diffusion, uncoupled, wave (nearest: wave)"
    )


@pytest.mark.parametrize(
    ("sizes", "problem"),
    [
        ((1, 1, 1), "nodes must be 2 or more, got 1"),
        ((2, 0, 1), "graphs must be 1 or more, got 0"),
        ((2, 1, 0), "signals must be 1 or more, got 0"),
    ],
)
def test_sizes_too_small_are_refused(sizes: tuple[int, int, int], problem: str) -> None:
    nodes, graphs, signals = sizes
    with pytest.raises(ConfigError) as caught:
        draw(nodes=nodes, graphs=graphs, signals=signals)
    assert str(caught.value) == f"signals: {problem}"
