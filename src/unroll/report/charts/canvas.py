"""Where the nodes and edges of a drawing stand: in px, equally scaled both ways, at any width.

A chart takes the width of the page, and a scale of Vega-Lite would stretch a drawing with it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from unroll.report.extra import Extra
from unroll.report.graph_rows import PlacedNode

if TYPE_CHECKING:
    import altair as alt
else:
    alt = Extra("altair")


@dataclass(frozen=True, kw_only=True)
class Canvas:
    """A rectangle of one shape, as large as the room allows, in the middle of it."""

    height: int
    """Height of the room in px."""
    margin: int
    """What stays free on every side, in px: the radius of a node."""
    aspect: float = 1.0
    """Width of the rectangle as a multiple of its height."""
    width: str = "width"
    """The signal that holds the width of the room: `child_width` within panels."""

    @property
    def side(self) -> str:
        """The expression of the rectangle's height in px."""
        across = f"({self.width} - {2 * self.margin}) / {self.aspect}"
        return f"max(1, min({across}, {self.height - 2 * self.margin}))"

    def spot(self, node: PlacedNode, width: int) -> tuple[float, float]:
        """Return where a node stands, in px, if the room is `width` px wide."""
        across = (width - 2 * self.margin) / self.aspect
        side = max(1, min(across, self.height - 2 * self.margin))
        return (
            width / 2 + (node.x - 0.5) * self.aspect * side,
            self.height / 2 - (node.y - 0.5) * side,
        )

    def placed(self, chart: Any, x: str = "x", y: str = "y") -> Any:
        """Return `chart` with px of its fields `x` and `y`, from 0 to 1, in `x_px` and `y_px`."""
        right = f"{self.width} / 2 + (datum.{x} - 0.5) * {self.aspect} * {self.side}"
        down = f"{self.height} / 2 - (datum.{y} - 0.5) * {self.side}"
        return chart.transform_calculate(**{f"{x}_px": right, f"{y}_px": down})

    def lines(
        self, nodes: Sequence[PlacedNode], edges: Sequence[Sequence[int]], **look: Any
    ) -> Any:
        """Return all edges as one mark: thousands of marks would make a page slow."""
        steps = []
        for edge in edges:
            one, other = nodes[edge[0]], nodes[edge[1]]
            steps.append(f"M{self._point(one)}L{self._point(other)}")
        # A mark of size s² draws the square from −1 to 1 as s px.
        mark = alt.Chart(alt.InlineData(values=[{"x": 0.5, "y": 0.5}])).mark_point(
            shape="".join(steps) or "M0,0",
            size=alt.ExprRef(f"pow({self.side}, 2)"),
            filled=False,
            **look,
        )
        return self.placed(mark).encode(**at())

    def _point(self, node: PlacedNode) -> str:
        return f"{2 * self.aspect * (node.x - 0.5):.3g},{2 * (0.5 - node.y):.3g}"


def at(x: str = "x", y: str = "y") -> dict[str, Any]:
    """Return the encoding of a place that `Canvas.placed` worked out."""
    return {
        "x": alt.X(f"{x}_px:Q", scale=None, axis=None),
        "y": alt.Y(f"{y}_px:Q", scale=None, axis=None),
    }
