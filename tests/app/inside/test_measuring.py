"""Which units follow what, against cells stepped by hand and numpy's correlation."""

import numpy as np
import pytest
from starlette.testclient import TestClient

from tests.app.inside.cases import Floats, step_by_hand
from unroll.app.inside.held_out import read_held_out
from unroll.probes.features import inside_brackets, inside_quotes, line_position
from unroll.training.characters.run import Run

# As TOLERANCE, after a mean of products over 300 characters.
TOLERANCE_R = 1e-4


def correlations(x: Floats, y: Floats) -> Floats:
    """Return Pearson's r of each column of x (n, U) with y (n,)."""
    r: Floats = np.asarray(np.corrcoef(np.column_stack([x, y]).T))
    return r[-1, :-1]


def test_followers_have_the_correlation_that_numpy_finds(
    client: TestClient, lstm: str, run: Run
) -> None:
    answer = client.get(f"/api/inside/units?run={lstm}").json()
    extent = run.splits.validation
    ids = run.corpus.ids[extent.start : extent.stop]
    text, n = run.corpus.vocabulary.decode(ids), len(ids) - 1
    first, second = slice(0, n // 2), slice(n // 2, n)
    assert answer["halves"] == [n // 2, n - n // 2]
    assert answer["layers"] == 2
    values = {
        "quotes": inside_quotes(text),
        "brackets": inside_brackets(text),
        "line_position": line_position(text),
    }
    states = step_by_hand(run.load_model("best"), ids[:n])
    for feature in (one for one in answer["features"] if one["name"] in values):
        followers, y = feature["followers"], values[feature["name"]]
        sizes = [abs(one["chosen"]) for one in followers]
        assert len(sizes) == 5
        assert sizes == sorted(sizes, reverse=True)
        for x in states.values():
            assert np.abs(correlations(x[first], y[first])).max() <= sizes[0] + TOLERANCE_R
        for one in (one for one in followers if (one["layer"], one["part"]) in states):
            x = states[one["layer"], one["part"]][:, one["unit"] - 1 : one["unit"]]
            for half, told in ((first, one["chosen"]), (second, one["told"])):
                assert correlations(x[half], y[half])[0] == pytest.approx(told, abs=TOLERANCE_R)


def test_a_large_model_reads_less(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    n = run.splits.validation.characters - 1
    monkeypatch.setattr("unroll.app.inside.held_out.LEAST_CHARACTERS", 40)
    lengths = [len(read_held_out(run, parameters).ids) for parameters in (1, 10**8, 10**12)]
    assert lengths == [n, 300, 40]
    for parameters in (1, 10**8, 10**12):
        held_out = read_held_out(run, parameters)
        start, stop = held_out.passage()
        assert held_out.half <= start < stop <= len(held_out.ids)
        assert all(one.values.shape == held_out.ids.shape for one in held_out.features)
        assert all(np.isfinite(one.values).all() for one in held_out.features)
