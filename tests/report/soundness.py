"""Whether a chart is what Vega-Lite's schema calls one; the charts are drawn without asking it."""

import functools
import json
from collections.abc import Callable, Iterator
from typing import Any

import altair as alt
import pytest
from jsonschema import Draft7Validator, ValidationError
from jsonschema.validators import extend

from unroll.report.charts import frame

Finish = Callable[..., dict[str, Any]]

TOP = {"$ref": "#/definitions/TopLevelSpec"}


def fault_of(spec: dict[str, Any]) -> str | None:
    """Return what Vega-Lite's schema finds wrong in a chart, or None.

    Left out are its rows, which are any, and the house's look: with `null` for no background it
    is what Vega takes and the schema does not know.
    """
    chart = {name: part for name, part in spec.items() if name not in ("datasets", "config")}
    if is_sound(TOP["$ref"], json.dumps(chart, sort_keys=True, allow_nan=False)):
        return None
    found = alt.utils.schemapi.validate_jsonschema(chart, TOP, _schema(), raise_error=False)
    assert found is not None, "held wrong here, and sound by altair"
    return str(found.message)


@functools.cache
def is_sound(reference: str, part: str) -> bool:
    """Return whether JSON is what a definition says.

    jsonschema alone gathers all that is wrong with every kind of chart that a chart is not, each
    time anew. Here the first fault ends the search, and what was found is kept.
    """
    definition = _schema()["definitions"][reference.removeprefix("#/definitions/")]
    return bool(_FirstFault(definition).is_valid(json.loads(part)))


@functools.cache
def _schema() -> dict[str, Any]:
    return alt.load_schema()


def _hold_reference(
    _: Any, reference: str, instance: Any, __: dict[str, Any]
) -> Iterator[ValidationError]:
    if not is_sound(reference, json.dumps(instance, sort_keys=True)):
        yield ValidationError(reference)


def _hold_any(
    validator: Any, kinds: list[dict[str, Any]], instance: Any, __: dict[str, Any]
) -> Iterator[ValidationError]:
    if not any(validator.evolve(schema=kind).is_valid(instance) for kind in kinds):
        yield ValidationError("none of the kinds")


_FirstFault = extend(Draft7Validator, {"$ref": _hold_reference, "anyOf": _hold_any})


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
