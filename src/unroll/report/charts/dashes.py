"""Lines whose legend shows their dashes too, where a dash belongs to a series."""

from collections.abc import Mapping, Sequence
from typing import Any

from unroll.report.charts import frame
from unroll.report.charts.palette import CellStyle
from unroll.report.charts.traces import LEGEND


def dashed(layers: Sequence[Any], styles: Mapping[str, CellStyle]) -> list[Any]:
    """Return the layers of `spans.layers`, each line dashed as its style says, the legend alike."""
    band, line, *marks = layers
    dash = frame.stroke(styles, "line").legend(frame.folded(styles, **LEGEND))
    return [band, line.encode(strokeDash=dash), *marks]
