"""One colour, mark and dash per cell, the same in every chart of a report, on light and dark.

The colours differ in lightness as well as in hue, and the marks and dashes repeat the difference,
so that a grey print and a colour-blind reader lose nothing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

PAPER = "#fffefb"
INK = "#23211e"
SOFT = "#6b665f"
HAIR = "#dcd8d0"
"""The background, the text, the quieter text and the thin lines of a chart on light ground."""


@dataclass(frozen=True, kw_only=True)
class CellStyle:
    """How one cell is drawn."""

    light: str
    """Its colour on light ground."""
    dark: str
    """Its colour on dark ground."""
    shape: str
    """The mark of one of its trials."""
    dash: tuple[int, int]
    """Lengths in px of a dash of its lines and of the gap after it."""


_BUILT_IN = {
    "rnn": CellStyle(light="#bd4715", dark="#ef8354", shape="circle", dash=(1, 0)),
    "lstm": CellStyle(light="#1d3d78", dark="#8fb2f5", shape="square", dash=(7, 3)),
    "gru": CellStyle(light="#2aa08d", dark="#74dcc6", shape="triangle-up", dash=(2, 2)),
}
_FURTHER = (
    CellStyle(light="#7a3d9a", dark="#c79be0", shape="diamond", dash=(9, 3)),
    CellStyle(light="#a87d00", dark="#e3bd4c", shape="triangle-down", dash=(4, 2)),
    CellStyle(light="#a3245f", dark="#f08ab5", shape="cross", dash=(1, 2)),
    CellStyle(light="#4f7f1f", dark="#a5d46a", shape="triangle-right", dash=(6, 2)),
    CellStyle(light="#3f93c6", dark="#9bd4f5", shape="triangle-left", dash=(3, 3)),
    CellStyle(light="#55504a", dark="#cfc9c0", shape="stroke", dash=(12, 3)),
)
_GROUND = {PAPER: "#16181c", INK: "#ebe8e2", SOFT: "#a5a199", HAIR: "#373a40"}

NIGHT: Mapping[str, str] = _GROUND | {
    style.light: style.dark for style in (*_BUILT_IN.values(), *_FURTHER)
}
"""What each light colour becomes on dark ground."""


@dataclass(frozen=True, kw_only=True)
class Palette:
    """The style of every cell of a report; made once and handed to every chart."""

    styles: Mapping[str, CellStyle]
    """By the cell's name, in the order of legends."""

    @classmethod
    def of(cls, cells: Iterable[str]) -> "Palette":
        """Return the palette of these cells; the built-in ones look alike in every report."""
        names = dict.fromkeys(cells)
        others = [name for name in names if name not in _BUILT_IN]
        further = {name: _FURTHER[index % len(_FURTHER)] for index, name in enumerate(others)}
        known = {name: style for name, style in _BUILT_IN.items() if name in names}
        return cls(styles=known | further)

    def select(self, cells: Iterable[str]) -> dict[str, CellStyle]:
        """Return the styles of the cells that one chart draws, in the order of its legend.

        Raises: ValueError for a cell that the palette was not made for.
        """
        drawn = set(cells)
        missing = sorted(drawn - set(self.styles))
        if missing:
            raise ValueError(f"Palette: has no style for {', '.join(missing)}: name it in `of`")
        return {name: style for name, style in self.styles.items() if name in drawn}
