"""Cells as prose names them."""

import pytest

from unroll.cells.source import BUILT_IN
from unroll.report.names import cell_name


def test_every_cell_of_ours_has_a_name_of_its_own() -> None:
    names = {spec: cell_name(spec) for spec in BUILT_IN}
    assert all(name != spec for spec, name in names.items())
    assert len(set(names.values())) == len(names)


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("min-lstm", "minLSTM"),
        ("bidirectional:peephole", "bidirectional peephole LSTM"),
        ("bidirectional:Leaky", "bidirectional Leaky"),
        ("a.Leaky", "a.Leaky"),
    ],
)
def test_prose_names_cells_as_their_field_does_and_yours_as_you_spell_it(
    label: str, name: str
) -> None:
    assert cell_name(label) == name
