import pytest

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


def test_the_seed_decides_the_sizes() -> None:
    assert check_parameters(count=2, seed=1) == check_parameters(count=2, seed=1)
    assert check_parameters(count=2, seed=1) != check_parameters(count=2, seed=2)


def test_what_has_no_formula_is_refused() -> None:
    with pytest.raises(ConfigError) as caught:
        parameter_formula("lstmm", 1, 1, 1)
    assert str(caught.value) == (
        "unknown cell 'lstmm': expected one of gru, lstm, rnn (nearest: lstm)"
    )
    with pytest.raises(ConfigError) as caught:
        parameter_formula("rnn", 0, 1, 1)
    assert str(caught.value) == (
        "parameter_formula: n, d and K must be 1 or more, got n=0, d=1, K=1"
    )
    with pytest.raises(ConfigError) as caught:
        check_parameters(count=0)
    assert str(caught.value) == "check_parameters: count must be 1 or more, got 0"
