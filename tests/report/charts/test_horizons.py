import json
from typing import Any

import pytest

from unroll.report.charts import Palette, horizons_by_unit
from unroll.report.page import figure_svg
from unroll.report.section import Figure
from unroll.report.travel_rows import Kind, TravelHorizonRow, Unit

PALETTES: dict[Unit, Palette] = {
    "steps": Palette.of(["rnn"]),
    "characters": Palette.of_series(["quick"]),
    "hops": Palette.of(["on a path"]),
}
LINES: dict[Unit, str] = {"steps": "rnn", "characters": "quick", "hops": "on a path"}


def row(
    unit: Unit,
    network: str,
    last: int | None,
    failed: int | None,
    *,
    seed: int = 0,
    kind: Kind = "learned",
    trained_to: int | None = None,
) -> TravelHorizonRow:
    return TravelHorizonRow(
        unit=unit,
        line=LINES[unit],
        network=network,
        kind=kind,
        trained_to=trained_to,
        seed=seed,
        last_passed=last,
        first_failed=failed,
    )


ROWS = [
    row("hops", "GCN", 2, 4),
    row("steps", "RNN", 9, 19),
    row("steps", "RNN", 4, 9, seed=1),
    row("steps", "RNN", 19, 29, seed=2),
    row("steps", "far", 9_999, None, kind="retained", trained_to=29),
    row("steps", "frozen", 999, None, kind="frozen", trained_to=29),
    row("characters", "quick", None, 1),
]


def lanes(figure: Figure) -> dict[str, dict[str, Any]]:
    """Return the drawn lanes by network, from top to bottom."""
    found = [row for rows in figure.spec["datasets"].values() for row in rows if "colour" in row]
    return {lane["network"]: lane for lane in sorted(found, key=lambda lane: float(lane["y"]))}


def test_networks_stand_by_unit_with_median_range_and_mark() -> None:
    found = lanes(horizons_by_unit(ROWS, palettes=PALETTES))
    assert list(found) == ["RNN", "far", "frozen", "quick", "GCN"]
    assert {name: lane["said"] for name, lane in found.items()} == {
        "RNN": "9 (4–19)",
        "far": "9,999 or more",
        "frozen": "999 or more",
        "quick": "none",
        "GCN": "2",
    }
    assert (found["RNN"]["low"], found["RNN"]["reached"], found["RNN"]["high"]) == (4, 9, 19)
    assert [lane["kind"].partition(":")[0] for lane in found.values()] == [
        "learned",
        "retained",
        "by construction",
        "learned",
        "learned",
    ]


def test_a_path_is_thick_as_far_as_it_was_trained() -> None:
    found = lanes(horizons_by_unit(ROWS, palettes=PALETTES))
    assert [lane["near"] for lane in found.values()] == [9, 29, 1, 1, 2]


def test_open_and_missing_ends_are_told() -> None:
    figure = horizons_by_unit(ROWS, palettes=PALETTES)
    assert "Arrow: the furthest distance tested was passed" in figure.caption
    assert "Cross: not even the nearest distance tested was passed." in figure.caption
    assert figure.alt.endswith("GCN: 2 hops, learned: trained at that distance.")
    drawing = figure_svg(figure)
    assert drawing.count("→") == 2
    assert drawing.count("×") == 1
    plain = horizons_by_unit(ROWS[:1], palettes=PALETTES).caption
    assert plain.startswith(
        "How far information travels: from 1 to the median seed's horizon (1 seed). Thick:"
    )
    assert "Arrow" not in plain
    assert "Cross" not in plain


def test_some_seeds_may_pass_nothing() -> None:
    rows = [row("hops", "GCN", last, 2, seed=n) for n, last in enumerate((None, None, 1))]
    assert lanes(horizons_by_unit(rows, palettes=PALETTES))["GCN"]["said"] == "none (none–1)"
    rows = [row("hops", "GCN", last, 2, seed=n) for n, last in enumerate((None, 1, 1))]
    assert lanes(horizons_by_unit(rows, palettes=PALETTES))["GCN"]["said"] == "1 (none–1)"


def test_the_axis_holds_what_lies_beyond_ten_thousand() -> None:
    rows = [*ROWS, row("steps", "further", 100_000, None, kind="retained", trained_to=9)]
    spec = json.dumps(horizons_by_unit(rows, palettes=PALETTES).spec)
    assert '"values": [1, 10, 100, 1000, 10000, 100000]' in spec


def test_no_rows_are_refused() -> None:
    with pytest.raises(ValueError, match=r"^horizons: no rows: leave the figure out"):
        horizons_by_unit([], palettes=PALETTES)
