"""One colour, mark and dash per cell, the same in every chart of a report, on light and dark.

So has each optimiser, each network on graphs, each class of nodes, and each series of the chart
that opens a report.

The colours differ in lightness as well as in hue, and the marks and dashes repeat the difference,
so that a grey print and a colour-blind reader lose nothing.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

PAPER = "#fffefb"
INK = "#23211e"
SOFT = "#6b665f"
HAIR = "#dcd8d0"
"""The background, the text, the quieter text and the thin lines of a chart on light ground."""
ACCENT = "#1f6f8f"
"""What is to be seen first, in a drawing without series."""


@dataclass(frozen=True, kw_only=True)
class CellStyle:
    """How one cell, optimiser or series is drawn."""

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
_CELLS = _BUILT_IN | dict(
    zip(("peephole", "min-gru", "min-lstm", "linear"), _FURTHER, strict=False)
)
"""Every cell that is built in; the later ones have the first of the further styles."""
_OPTIMISERS = {
    "sgd": CellStyle(light="#6a6866", dark="#b9b6b2", shape="circle", dash=(2, 2)),
    "momentum": CellStyle(light="#c9720a", dark="#ffb45e", shape="triangle-up", dash=(8, 3)),
    "rmsprop": CellStyle(light="#93175a", dark="#ff86bd", shape="square", dash=(5, 2)),
    "adam": CellStyle(light="#2c1f70", dark="#a99bff", shape="diamond", dash=(1, 0)),
}
_SERIES = (
    CellStyle(light="#26242c", dark="#f1eee8", shape="circle", dash=(1, 0)),
    CellStyle(light="#c8102e", dark="#ff6b7d", shape="square", dash=(1, 0)),
    CellStyle(light="#db6b22", dark="#ffb27a", shape="triangle-up", dash=(6, 3)),
    CellStyle(light="#1b3f8b", dark="#86a8ff", shape="diamond", dash=(1, 0)),
    CellStyle(light="#1f86b8", dark="#74d0ff", shape="triangle-down", dash=(3, 2)),
    CellStyle(light="#3c7a2a", dark="#9ad97f", shape="cross", dash=(9, 3)),
)
_FAMILIES = {
    "GCN + LSTM": (CellStyle(light="#0f6b4f", dark="#5fd1a5", shape="diamond", dash=(1, 0)),),
    "Tree-LSTM": (CellStyle(light="#4f7f1f", dark="#a5d46a", shape="triangle-up", dash=(1, 0)),),
    "GCN": (
        CellStyle(light="#c2410c", dark="#ff9a5c", shape="circle", dash=(1, 0)),
        CellStyle(light="#8a2f5d", dark="#e58fb8", shape="triangle-right", dash=(5, 2)),
        CellStyle(light="#a07a00", dark="#e0bb45", shape="triangle-left", dash=(2, 2)),
    ),
    "GAT": (CellStyle(light="#6d3fb0", dark="#bd9bf5", shape="triangle-down", dash=(9, 3)),),
    "LSTM": (
        _BUILT_IN["lstm"],
        CellStyle(light="#3f93c6", dark="#9bd4f5", shape="cross", dash=(3, 3)),
        CellStyle(light="#55504a", dark="#cfc9c0", shape="stroke", dash=(12, 3)),
    ),
    "plain": (CellStyle(light="#c2410c", dark="#ff9a5c", shape="circle", dash=(1, 0)),),
    "residual": (CellStyle(light="#6d3fb0", dark="#bd9bf5", shape="square", dash=(7, 3)),),
    "smoothing": (CellStyle(light="#3f93c6", dark="#9bd4f5", shape="triangle-up", dash=(2, 2)),),
}
"""By what a name holds, the first that fits: networks on graphs, and those that they meet. Several
of one family take its styles one after another."""
_CLASSES = (
    CellStyle(light="#1f5f9e", dark="#7db8ee", shape="circle", dash=(1, 0)),
    CellStyle(light="#c4581a", dark="#f2a06a", shape="square", dash=(1, 0)),
    CellStyle(light="#2c7d4f", dark="#7fd3a3", shape="triangle-up", dash=(1, 0)),
    CellStyle(light="#8e3b8a", dark="#dd9bd9", shape="diamond", dash=(1, 0)),
    CellStyle(light="#9a7400", dark="#dcb94e", shape="triangle-down", dash=(1, 0)),
    CellStyle(light="#b3263b", dark="#f58b99", shape="cross", dash=(1, 0)),
    CellStyle(light="#3b8c99", dark="#86d6e2", shape="triangle-right", dash=(1, 0)),
    CellStyle(light="#5d5a57", dark="#c4c0bb", shape="triangle-left", dash=(1, 0)),
)
_GROUND = {PAPER: "#16181c", INK: "#ebe8e2", SOFT: "#a5a199", HAIR: "#373a40", ACCENT: "#6fc3e6"}

NIGHT: Mapping[str, str] = _GROUND | {
    style.light: style.dark
    for styles in (
        _BUILT_IN.values(),
        _FURTHER,
        _OPTIMISERS.values(),
        _SERIES,
        *_FAMILIES.values(),
        _CLASSES,
    )
    for style in styles
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
        return cls(styles=_styled(cells, _CELLS, _FURTHER))

    @classmethod
    def of_optimisers(cls, names: Iterable[str]) -> "Palette":
        """Return the palette of these optimisers; the four known ones look alike everywhere."""
        return cls(styles=_styled(names, _OPTIMISERS, _FURTHER))

    @classmethod
    def of_series(cls, names: Iterable[str]) -> "Palette":
        """Return the palette of these series, in the order in which they come."""
        return cls(styles=_styled(names, {}, _SERIES))

    @classmethod
    def of_networks(cls, names: Iterable[str]) -> "Palette":
        """Return the palette of these networks on graphs and their rivals, the LSTM as ever."""
        return cls(styles=_of_families(names))

    @classmethod
    def of_classes(cls, names: Iterable[str]) -> "Palette":
        """Return the palette of these classes of nodes, in the order in which they come."""
        return cls(styles=_styled(names, {}, _CLASSES))

    def select(self, cells: Iterable[str]) -> dict[str, CellStyle]:
        """Return the styles of the cells that one chart draws, in the order of its legend.

        Raises: ValueError for a cell that the palette was not made for.
        """
        drawn = set(cells)
        missing = sorted(drawn - set(self.styles))
        if missing:
            raise ValueError(f"Palette: has no style for {', '.join(missing)}: name it in `of`")
        return {name: style for name, style in self.styles.items() if name in drawn}


def _styled(
    names: Iterable[str], fixed: Mapping[str, CellStyle], further: Sequence[CellStyle]
) -> dict[str, CellStyle]:
    """Return a style per name: its own if it has one, else the next further one not taken."""
    wanted = dict.fromkeys(names)
    others = [name for name in wanted if name not in fixed]
    known = {name: style for name, style in fixed.items() if name in wanted}
    free = [style for style in further if style not in known.values()] or further
    return known | {name: free[index % len(free)] for index, name in enumerate(others)}


def _of_families(names: Iterable[str]) -> dict[str, CellStyle]:
    """Return a style per name: the next of its family, or of the further ones."""
    found: dict[str, CellStyle] = {}
    members: Counter[str] = Counter()
    for name in dict.fromkeys(names):
        family = next((family for family in _FAMILIES if family in name), "")
        styles = _FAMILIES.get(family, _FURTHER)
        found[name] = styles[members[family] % len(styles)]
        members[family] += 1
    return found
