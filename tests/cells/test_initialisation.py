import math
from typing import Any

import pytest
import torch
from torch import Tensor

from unroll.cells import GRU, LSTM, RNN, Cell, initialise, parse_initialisation
from unroll.cells.initialisation import INITIALISATIONS, check_initialisation
from unroll.errors import ConfigError

CELLS: tuple[type[Cell[Any]], ...] = (RNN, LSTM, GRU)
GATED: tuple[type[Cell[Any]], ...] = (LSTM, GRU)
D, H = 20, 48

every_cell = pytest.mark.parametrize("kind", CELLS)
every_gated_cell = pytest.mark.parametrize("kind", GATED)


def input_size(name: str) -> int:
    """Return D, the numbers that a step reads: thresholds are for one."""
    return 1 if name.startswith("thresholds") else D


def begin(kind: type[Cell[Any]], name: str, *, seed: int = 0, T: int | None = None) -> Cell[Any]:
    """Return a cell of sizes D and H whose every parameter was 7 before it was drawn."""
    cell = kind(input_size(name), H)
    with torch.no_grad():
        for parameter in cell.parameters():
            parameter.fill_(7)
    generator = torch.Generator().manual_seed(seed)
    initialise(cell, parse_initialisation(name), length=T, generator=generator)
    return cell


def biases(cell: Cell[Any]) -> list[Tensor]:
    return [p for name, p in cell.named_parameters() if name.startswith("bias")]


def blocks(cell: Cell[Any], weight: Tensor) -> list[Tensor]:
    """Return the rows of each gate, H at a time."""
    assert len(weight) == len(cell.gates) * H
    return list(torch.split(weight.detach(), H))


def assert_fills(numbers: Tensor, bound: float) -> None:
    """Hold that numbers spread over −bound … bound, and no further.

    Of 48 or more uniform numbers, all stay below 0.8 of the bound with probability 0.8⁴⁸ < 1e-4,
    and a mean of n of them is beyond 4 of its standard deviations with probability 1e-4.
    """
    assert len(numbers.flatten()) >= H
    assert 0.8 * bound < float(numbers.abs().max()) <= bound * (1 + 1e-6)  # float32's rounding
    assert abs(float(numbers.mean())) < 4 * bound / math.sqrt(3 * numbers.numel())


@every_cell
def test_uniform_is_pytorchs_own(kind: type[Cell[Any]]) -> None:
    cell = begin(kind, "uniform")
    for parameter in cell.parameters():
        for block in torch.split(parameter.detach(), H):
            assert_fills(block, 1 / math.sqrt(H))


@every_cell
def test_a_new_cell_is_uniform(kind: type[Cell[Any]]) -> None:
    new = kind(D, H, generator=torch.Generator().manual_seed(5))  # type: ignore[call-arg] # of each built-in
    drawn = begin(kind, "uniform", seed=5)
    for name, parameter in new.named_parameters():
        assert torch.equal(parameter, drawn.get_parameter(name))


@every_cell
def test_xavier_counts_the_fans_of_one_gate(kind: type[Cell[Any]]) -> None:
    cell = begin(kind, "xavier")
    for block in blocks(cell, cell.weight_x):
        assert_fills(block, math.sqrt(6 / (D + H)))
    for block in blocks(cell, cell.weight_h):
        assert_fills(block, math.sqrt(6 / (H + H)))


@every_cell
@pytest.mark.parametrize(("name", "gain"), [("orthogonal", 1.0), ("orthogonal:1.5", 1.5)])
def test_orthogonal_is_a_multiple_of_a_rotation_for_each_gate(
    kind: type[Cell[Any]], name: str, gain: float
) -> None:
    cell = begin(kind, name)
    square = blocks(cell, cell.weight_h)
    for W in square:
        # float32 sums of 48 products of size 1/48: an error of a few 1e-7.
        torch.testing.assert_close(W.T @ W, gain**2 * torch.eye(H), rtol=0, atol=1e-5)
    distinct = {float(W[0, 0]) for W in square}
    assert len(distinct) == len(cell.gates)
    for block in blocks(cell, cell.weight_x):
        assert_fills(block, math.sqrt(6 / (D + H)))


@every_cell
@pytest.mark.parametrize(("name", "gain"), [("identity", 1.0), ("identity:2.5", 2.5)])
def test_identity_is_a_multiple_of_the_identity_for_each_gate(
    kind: type[Cell[Any]], name: str, gain: float
) -> None:
    cell = begin(kind, name)
    for W in blocks(cell, cell.weight_h):
        assert torch.equal(W, gain * torch.eye(H))
    for block in blocks(cell, cell.weight_x):
        assert_fills(block, math.sqrt(6 / (D + H)))


@every_cell
@pytest.mark.parametrize("name", ["xavier", "orthogonal", "orthogonal:3", "identity"])
def test_biases_are_zero(kind: type[Cell[Any]], name: str) -> None:
    assert all(bool((bias == 0).all()) for bias in biases(begin(kind, name)))


@pytest.mark.parametrize(("name", "value"), [("forget-bias", 1.0), ("forget-bias:3", 3.0)])
@pytest.mark.parametrize(("kind", "rows"), [(LSTM, (48, 96)), (GRU, (48, 96))])
def test_forget_bias_sets_the_gate_that_keeps_and_nothing_else(
    kind: type[Cell[Any]], rows: tuple[int, int], name: str, value: float
) -> None:
    # Rows by hand: the second of i, f, g, o and the second of r, z, n, H = 48 rows each.
    cell, uniform = begin(kind, name), begin(kind, "uniform")
    kept = torch.zeros(len(cell.bias), dtype=torch.bool)
    kept[slice(*rows)] = True
    assert bool((cell.bias[kept] == value).all())
    assert torch.equal(cell.bias[~kept], uniform.bias[~kept])
    for other, parameter in uniform.named_parameters():
        if other != "bias":
            assert torch.equal(cell.get_parameter(other), parameter)


@pytest.mark.parametrize("T", [10, 100, 1000])
def test_chrono_spreads_the_lstms_memory_over_the_length(T: int) -> None:
    i, f, g, o = torch.split(begin(LSTM, "chrono", T=T).bias.detach(), H)
    # A gate σ(b) keeps for about 1 + eᵇ steps: uniform from 2 to T.
    steps = f.exp()
    assert float(steps.min()) >= 1 - 1e-6
    assert (T - 1) * 0.9 < float(steps.max()) <= (T - 1) * (1 + 1e-5)
    # The mean of 48 uniform numbers is within 4 of its standard deviations, (T − 2) / √(12 · 48).
    assert abs(float(steps.mean()) - T / 2) < 4 * (T - 2) / math.sqrt(12 * H)
    assert torch.equal(i, -f)
    assert bool((g == 0).all())
    assert bool((o == 0).all())


def test_chrono_sets_the_grus_update_gate() -> None:
    cell = begin(GRU, "chrono", T=50)
    assert isinstance(cell, GRU)
    r, z, n = torch.split(cell.bias.detach(), H)
    assert -1e-6 <= float(z.min()) < float(z.max()) <= math.log(49) + 1e-5
    assert float(z.max()) > math.log(40)
    for zero in (r, n, cell.bias_nh):
        assert bool((zero == 0).all())


@every_gated_cell
@pytest.mark.parametrize("T", [2, 3])
def test_chrono_of_a_shortest_length_stays_finite(kind: type[Cell[Any]], T: int) -> None:
    # log U(1, T − 1) has no room at T = 2; U(1, 2) is taken there.
    keep = begin(kind, "chrono", T=T).bias.detach()[H : 2 * H]
    assert 0 <= float(keep.min()) <= float(keep.max()) <= math.log(2) + 1e-6


@every_gated_cell
def test_chrono_without_a_length_refuses_and_draws_nothing(kind: type[Cell[Any]]) -> None:
    cell = kind(D, H)
    before = {name: p.clone() for name, p in cell.named_parameters()}
    with pytest.raises(ConfigError) as caught:
        initialise(cell, parse_initialisation("chrono"))
    assert str(caught.value) == "initialisation 'chrono' needs the length T of the sequences"
    assert all(torch.equal(p, before[name]) for name, p in cell.named_parameters())


@pytest.mark.parametrize("name", ["forget-bias", "forget-bias:3", "chrono"])
def test_an_rnn_has_no_gate_to_set(name: str) -> None:
    message = (
        f"initialisation '{name}' sets the gate that keeps the state, and RNN has none: choose "
        "another, or leave that cell out"
    )
    with pytest.raises(ConfigError) as caught:
        check_initialisation(RNN, parse_initialisation(name))
    assert str(caught.value) == message
    with pytest.raises(ConfigError) as caught:
        begin(RNN, name, T=10)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("kind", "name"),
    [(k, name) for k in GATED for name in INITIALISATIONS if (k, name) != (GRU, "latch")],
)
def test_a_seed_decides_every_parameter(kind: type[Cell[Any]], name: str) -> None:
    first, again, other = (begin(kind, name, seed=seed, T=10) for seed in (1, 1, 2))
    for parameter, same in zip(first.parameters(), again.parameters(), strict=True):
        assert torch.equal(parameter, same)
        assert bool((parameter != 7).any())
    assert not torch.equal(first.weight_x, other.weight_x)


def test_a_generator_leaves_the_global_one_alone() -> None:
    before = torch.random.get_rng_state()
    for name in INITIALISATIONS:
        cell = LSTM(input_size(name), H, generator=torch.Generator().manual_seed(0))
        generator = torch.Generator().manual_seed(0)
        initialise(cell, parse_initialisation(name), length=10, generator=generator)
    assert torch.equal(torch.random.get_rng_state(), before)


@pytest.mark.parametrize("name", [*INITIALISATIONS, "forget-bias:3", "identity:2.5"])
def test_an_initialisation_keeps_the_name_it_was_chosen_by(name: str) -> None:
    assert parse_initialisation(name).name == name


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "identitty",
            "unknown initialisation 'identitty': expected one of chrono, forget-bias, identity, "
            "latch, orthogonal, thresholds, uniform, xavier (nearest: identity)",
        ),
        ("uniform:2", "initialisation 'uniform:2': uniform takes no number; write 'uniform'"),
        ("chrono:20", "initialisation 'chrono:20': chrono takes no number; write 'chrono'"),
        ("identity:big", "initialisation 'identity:big': 'big' is not a number after 'identity:'"),
        ("forget-bias:", "initialisation 'forget-bias:': '' is not a number after 'forget-bias:'"),
        (
            "orthogonal:nan",
            "initialisation 'orthogonal:nan': 'nan' is not a number after 'orthogonal:'",
        ),
        (
            "orthogonal:inf",
            "initialisation 'orthogonal:inf': 'inf' is not a number after 'orthogonal:'",
        ),
    ],
)
def test_a_wrong_name_is_told_in_full(text: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_initialisation(text)
    assert str(caught.value) == message


def test_a_latch_is_set_exactly_and_nothing_else_is() -> None:
    rnn = begin(RNN, "latch", seed=3)
    same = begin(RNN, "identity:2.5", seed=3)
    assert all(torch.equal(p, same.get_parameter(name)) for name, p in rnn.named_parameters())
    lstm, uniform = begin(LSTM, "latch", seed=3), begin(LSTM, "uniform", seed=3)
    i, f, g, o = blocks(lstm, lstm.weight_h)
    assert torch.equal(g, 5 * torch.eye(H))
    drawn = blocks(uniform, uniform.weight_h)
    assert all(torch.equal(block, drawn[n]) for n, block in ((0, i), (1, f), (3, o)))
    assert torch.equal(lstm.weight_x, uniform.weight_x)
    bias_i, bias_f, bias_g, bias_o = torch.split(lstm.bias.detach(), H)
    drawn_i, _, drawn_g, _ = torch.split(uniform.bias.detach(), H)
    assert bool((bias_f == 4).all())
    assert bool((bias_o == 3).all())
    assert torch.equal(bias_i, drawn_i)
    assert torch.equal(bias_g, drawn_g)


@torch.no_grad()
@pytest.mark.parametrize("kind", [RNN, LSTM])
def test_a_latched_cell_keeps_the_signs_of_its_first_steps(kind: type[Cell[Any]]) -> None:
    # A frozen one: what it holds after 300 random digits is what it held after 20.
    cell = begin(kind, "latch")
    digits = torch.eye(D)[torch.randint(10, (16, 300), generator=torch.Generator().manual_seed(1))]
    state = cell.initial_state(16)
    held = []
    for step in range(300):
        output, state = cell(digits[:, step], state)
        held.append(output.sign())
    assert bool((held[299] == held[20]).float().mean() > 0.999)
    first, second = held[299][0], held[299][1]
    assert not torch.equal(first, second)


@every_gated_cell
def test_thresholds_lie_evenly_where_the_digits_are(kind: type[Cell[Any]]) -> None:
    cell, usual = begin(kind, "thresholds:2", seed=1), begin(kind, "thresholds:9", seed=1)
    rows = cell.gate_rows("g" if kind is LSTM else "n")
    assert bool((cell.weight_x[rows] == 2).all())
    thresholds = (-cell.bias[rows] / 2).detach()
    assert torch.allclose(thresholds, torch.linspace(-0.5, 9.5, H))
    assert cell.keep_gate is not None
    assert bool((cell.bias[cell.gate_rows(cell.keep_gate)] == 5).all())
    assert torch.equal(cell.weight_h, usual.weight_h)


@torch.no_grad()
def test_half_of_an_rnn_senses_the_digit_and_the_other_half_hears_of_it() -> None:
    cell = begin(RNN, "thresholds:3")
    half = H // 2
    assert bool((cell.weight_h[:half] == 0).all())
    assert torch.equal(cell.weight_h[half:, half:], torch.eye(half))
    assert bool((cell.weight_x[half:] == 0).all())
    # After one step each digit has a code of its own in the first half, and none in the second.
    h, _ = cell(torch.arange(10.0).unsqueeze(1), cell.initial_state(10))
    assert len({tuple((row > 0).tolist()) for row in h[:, :half]}) == 10
    assert bool((h[:, half:] == 0).all())


@pytest.mark.parametrize(
    ("kind", "name", "size", "message"),
    [
        (
            GRU,
            "latch",
            1,
            "initialisation 'latch' is known for an RNN and for an LSTM's gates g, f and o, and "
            "GRU is neither: choose another, or leave that cell out",
        ),
        (
            LSTM,
            "thresholds",
            10,
            "initialisation 'thresholds' compares a digit that enters as one number, and here it "
            "enters as 10: choose another, or a recipe with scalar digits",
        ),
    ],
)
def test_what_a_cell_or_a_digit_cannot_take_is_told_in_full(
    kind: type[Cell[Any]], name: str, size: int, message: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        check_initialisation(kind, parse_initialisation(name), size)
    assert str(caught.value) == message
