"""Whether a chart is what Vega-Lite's schema calls one; the charts are drawn without asking it."""

import functools
import json
from collections.abc import Callable, Iterator
from typing import Any

import altair as alt
import pytest

from unroll.report.charts import frame

Finish = Callable[..., dict[str, Any]]


def fault_of(spec: dict[str, Any]) -> str | None:
    """Return what Vega-Lite's schema finds wrong in a chart, or None.

    Left out are its rows, which are any, and the house's look: with `null` for no background it
    is what Vega takes and the schema does not know.
    """
    chart = {name: part for name, part in spec.items() if name not in ("datasets", "config")}
    return _fault(json.dumps(chart, sort_keys=True, allow_nan=False))


@functools.cache
def _fault(chart: str) -> str | None:
    """Return the fault of a chart, once for all tests that draw the same."""
    top = {"$ref": "#/definitions/TopLevelSpec"}
    found = alt.utils.schemapi.validate_jsonschema(
        json.loads(chart), top, alt.load_schema(), raise_error=False
    )
    return None if found is None else found.message


@pytest.fixture(autouse=True)
def sound_charts() -> Iterator[None]:
    """Hold every chart that a test draws against the schema."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("finished", "finished_columns"):
            patch.setattr(frame, name, _held(getattr(frame, name)))
        yield


def _held(finish: Finish) -> Finish:
    @functools.wraps(finish)
    def finished(*parts: Any, **look: Any) -> dict[str, Any]:
        spec = finish(*parts, **look)
        fault = fault_of(spec)
        assert fault is None, fault
        return spec

    return finished
