import json
from typing import Any

import altair as alt
import pytest
from jsonschema import Draft7Validator

from tests.report.soundness import TOP, fault_of, is_sound
from unroll.report.charts import frame
from unroll.report.charts.unchecked import unchecked

NO: Any = "no"
WRONG = {"x": {"field": "x", "type": "quantitive"}}


def draw(mark: Any) -> alt.Chart:
    return alt.Chart(frame.data([{"x": 1.0}]), mark=mark).encode(x=alt.X("x:Q"))


def test_what_is_drawn_here_is_held_against_the_schema() -> None:
    assert frame.finished(draw("point"), height=9)["mark"] == {"type": "point"}
    with unchecked(), pytest.raises(AssertionError, match="was expected"):
        frame.finished(draw("pint"), height=9)


def test_a_fault_is_named() -> None:
    spec = draw("point").to_dict()
    assert fault_of(spec) is None
    assert "'quantitive' is not one of" in str(fault_of({**spec, "encoding": WRONG}))


SOUND: dict[str, Any] = {
    "data": {"name": "rows"},
    "layer": [
        {"mark": {"type": "line"}, "encoding": {"x": {"field": "x", "type": "quantitative"}}},
        {"mark": "rule", "encoding": {"y": {"datum": 3}, "color": {"value": "#000"}}},
    ],
}


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"layer": []},
        {"layer": [{"mark": "rule", "encoding": {"y": {"datum": 3, "axis": {"grid": "no"}}}}]},
        {"layer": [{"mark": "rule", "encoding": {"y": {"datum": 3, "axis": {"grid": True}}}}]},
        {"layer": [{"mark": {"type": "bar", "width": []}}]},
        {"layer": [{"encoding": {}}]},
        {"layer": None},
        {"height": "container"},
        {"height": "tall"},
        {"params": [{"name": "room", "value": 0}]},
        {"params": [{"value": 0}]},
        {"unheard": 1},
        {"mark": "point"},
    ],
    ids=json.dumps,
)
def test_what_is_sound_here_is_sound_to_jsonschema_alone(changed: dict[str, Any]) -> None:
    chart = SOUND | changed
    alone = Draft7Validator({**alt.load_schema(), **TOP}).is_valid(chart)
    assert is_sound(TOP["$ref"], json.dumps(chart)) == alone


def test_the_checks_of_the_users_own_charts_are_as_they_were() -> None:
    with unchecked():
        assert alt.Axis(grid=NO).grid == NO
    with pytest.raises(alt.utils.schemapi.SchemaValidationError):
        alt.Axis(grid=NO)
    with alt.utils.schemapi.debug_mode(False):
        with unchecked():
            pass
        assert alt.Axis(grid=NO).grid == NO


def test_rows_are_lists_in_what_is_finished() -> None:
    spec = frame.finished(draw("point"), height=9)
    assert list(spec["datasets"].values()) == [[{"x": 1.0}]]
