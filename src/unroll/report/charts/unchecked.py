"""Drawing without altair's own checks of every part of a chart.

They take longer than all the rest of a chart, and can find nothing but faults of this package:
the tests hold the finished charts against the schema of Vega-Lite instead.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from unroll.report.extra import Extra

if TYPE_CHECKING:
    import altair as alt
else:
    alt = Extra("altair")


@contextmanager
def unchecked() -> Iterator[None]:
    """Switch the checks off while a chart is drawn; as a decorator, in a whole function.

    What its user had chosen for charts of their own holds again afterwards.
    Raises: MissingExtraError without the extra `report`.
    """
    with alt.utils.schemapi.debug_mode(False):
        yield
