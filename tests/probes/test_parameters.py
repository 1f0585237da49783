import pytest

from unroll.cells.source import BUILT_IN, find_cell
from unroll.errors import ConfigError
from unroll.probes import check_parameters, parameter_formula


def test_the_models_have_as_many_as_the_formula_says() -> None:
    rows = check_parameters(count=20, seed=0)
    assert [row.cell for row in rows] == ["rnn", "lstm", "gru"] * 20
    assert [row.formula for row in rows] == [row.model for row in rows]
    sizes = {(row.n, row.d, row.K) for row in rows}
    # Twenty draws out of 400,000: the same one twice would say that they are not drawn.
    assert len(sizes) == 20
    assert all(1 <= n <= 128 and 1 <= d <= 64 and 1 <= K <= 50 for n, d, K in sizes)


def test_numbers_worked_out_on_paper() -> None:
    # n = 2, d = 3, K = 4: one gate has 6 + 4 + 2 = 12, the readout 4 · 3 = 12.
    assert parameter_formula("rnn", 2, 3, 4) == 12 + 12
    assert parameter_formula("lstm", 2, 3, 4) == 48 + 12
    assert parameter_formula("gru", 2, 3, 4) == 36 + 2 + 12
    # What comes from x alone has 6 + 2 = 8.
    assert parameter_formula("peephole", 2, 3, 4) == 48 + 6 + 12
    assert parameter_formula("min-gru", 2, 3, 4) == 16 + 12
    assert parameter_formula("min-lstm", 2, 3, 4) == 24 + 12
    assert parameter_formula("linear", 2, 3, 4) == 8 + 2 + 12
    # Two LSTMs of one unit: 4 (3 + 1 + 1) each.
    assert parameter_formula("bidirectional:lstm", 2, 3, 4) == 40 + 12


def test_every_built_in_cell_has_as_many_as_its_formula_says() -> None:
    rows = check_parameters(count=12, seed=1, cells=tuple(BUILT_IN))
    assert [row.cell for row in rows] == list(BUILT_IN) * 12
    assert [row.formula for row in rows] == [row.model for row in rows]


@pytest.mark.parametrize("name", list(BUILT_IN))
def test_two_ends_have_as_many_as_two_halves(name: str) -> None:
    for n, d, K in ((2, 1, 1), (14, 5, 3), (40, 2, 10)):
        spec = f"bidirectional:{name}"
        cell = find_cell(spec).load()(d, n)
        in_cell = sum(parameter.numel() for parameter in cell.parameters())
        assert parameter_formula(spec, n, d, K) == in_cell + K * (n + 1)


def test_the_seed_decides_the_sizes() -> None:
    assert check_parameters(count=2, seed=1) == check_parameters(count=2, seed=1)
    assert check_parameters(count=2, seed=1) != check_parameters(count=2, seed=2)


def test_what_has_no_formula_is_refused() -> None:
    with pytest.raises(ConfigError) as caught:
        parameter_formula("lstmm", 1, 1, 1)
    assert str(caught.value) == (
        "unknown cell 'lstmm': expected one of gru, linear, lstm, min-gru, min-lstm, peephole, rnn "
        "(nearest: lstm)"
    )
    with pytest.raises(ConfigError) as caught:
        parameter_formula("rnn", 0, 1, 1)
    assert str(caught.value) == (
        "parameter_formula: n, d and K must be 1 or more, got n=0, d=1, K=1"
    )
    with pytest.raises(ConfigError) as caught:
        check_parameters(count=0)
    assert str(caught.value) == "check_parameters: count must be 1 or more, got 0"
    with pytest.raises(ConfigError) as caught:
        parameter_formula("bidirectional:gru", 7, 1, 1)
    assert str(caught.value) == ("parameter_formula: n must be even for bidirectional:gru, got n=7")
    with pytest.raises(ConfigError) as caught:
        check_parameters(cells=("min-grus",))
    assert str(caught.value) == (
        "unknown cell 'min-grus': expected one of gru, linear, lstm, min-gru, min-lstm, peephole, "
        "rnn (nearest: min-gru)"
    )
