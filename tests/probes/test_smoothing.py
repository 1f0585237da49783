import itertools

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional

from unroll.errors import ConfigError
from unroll.graph_data.karate import karate_club
from unroll.graphs import SparseFeatures, a_hat
from unroll.probes.smoothing import dirichlet_energy, mean_cosine, smoothed
from unroll.seeding import make_generator

CLUB = karate_club()
MATRIX = a_hat(CLUB).to(torch.float64)


def rows(seed: int = 0) -> torch.Tensor:
    return torch.randn(34, 3, generator=make_generator(seed, "rows"), dtype=torch.float64)


@pytest.mark.parametrize("k", [0, 1, 5])
def test_smoothing_is_a_power_of_the_matrix(k: int) -> None:
    wanted = torch.linalg.matrix_power(MATRIX.to_dense(), k) @ rows()
    torch.testing.assert_close(smoothed(MATRIX, rows(), k), wanted)
    sparse = SparseFeatures.from_dense(rows())
    torch.testing.assert_close(smoothed(MATRIX, sparse, k), wanted)


def test_smoothing_back_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"^smoothed: k must be 0 hops or more, got -1$"):
        smoothed(MATRIX, rows(), -1)


@given(st.integers(0, 100))
def test_the_energy_is_the_sum_over_edges(seed: int) -> None:
    x = rows(seed)
    scaled = x / (CLUB.degrees + 1).sqrt().unsqueeze(1)
    one, other = CLUB.edges
    # Each edge stands in both directions, and a loop's term is 0.
    wanted = (scaled[one] - scaled[other]).square().sum() / 2 / x.square().sum()
    assert dirichlet_energy(MATRIX, x) == pytest.approx(float(wanted))
    assert dirichlet_energy(MATRIX, 1e-4 * x) == pytest.approx(float(wanted))
    assert 0 <= dirichlet_energy(MATRIX, x) <= 2


def test_the_energy_falls_with_each_hop_to_0_where_rows_only_follow_degrees() -> None:
    energies = [dirichlet_energy(MATRIX, smoothed(MATRIX, rows(), k)) for k in range(0, 60, 4)]
    assert all(after < before for before, after in itertools.pairwise(energies))
    assert energies[-1] < 1e-4
    stationary = (CLUB.degrees + 1).double().sqrt().unsqueeze(1)
    # The difference of two equal sums, rounded in float64.
    assert dirichlet_energy(MATRIX, stationary) < 1e-7
    assert dirichlet_energy(MATRIX, torch.zeros(34, 2)) == 0


def test_the_mean_cosine_is_over_all_pairs() -> None:
    x = rows()
    pairs = list(itertools.combinations(range(34), 2))
    one, other = torch.tensor(pairs).T
    wanted = functional.cosine_similarity(x[one], x[other]).mean()
    assert mean_cosine(x) == pytest.approx(float(wanted))


def test_rows_of_zeros_are_alike() -> None:
    x = torch.zeros(4, 2)
    assert mean_cosine(x) == 1
    x[0] = torch.tensor([1.0, 0.0])
    # Three pairs of zeros among six.
    assert mean_cosine(x) == pytest.approx(0.5)
    assert mean_cosine(torch.tensor([[1e-20, 0.0], [5.0, 0.0]])) == pytest.approx(1)


def test_one_node_has_no_pair() -> None:
    with pytest.raises(ConfigError, match=r"^mean_cosine: needs at least 2 nodes, got 1$"):
        mean_cosine(torch.ones(1, 3))


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_rows_that_are_not_finite_are_not_taken_for_alike(number: float) -> None:
    x = rows().float()
    x[3, 1] = number
    end = (
        ": rows must be finite, and that of node 3 is not: scale the features down, or train at "
        "a lower rate"
    )
    with pytest.raises(ConfigError) as energy:
        dirichlet_energy(MATRIX, x)
    assert str(energy.value) == f"dirichlet_energy{end}"
    with pytest.raises(ConfigError) as cosine:
        mean_cosine(x)
    assert str(cosine.value) == f"mean_cosine{end}"


def test_large_float32_numbers_are_squared_without_overflow() -> None:
    x = rows().float()
    assert dirichlet_energy(MATRIX, 1e30 * x) == pytest.approx(dirichlet_energy(MATRIX, x))
    assert mean_cosine(1e30 * x) == pytest.approx(mean_cosine(x))
