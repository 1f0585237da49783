"""What the count of updates is asked to do."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from unroll.errors import ConfigError
from unroll.field_types import check_types
from unroll.graph_data.lines import read_lines, shown
from unroll.study.running.command_line import command_line

SIX_NODES = "A-B,A-E,A-F,B-D,C-D,D-F"
"""The graph of the assignment."""
MOST_NODES = 64
"""A graph is drawn with every power and every derivative; beyond this nobody could read it."""
_HEADER = ["source", "target"]
_ARROWS = ("->", "<-", "→", "←")


@dataclass(frozen=True, kw_only=True)
class ReachSettings:
    """Count the updates until news of one node has reached another."""

    edges: str = SIX_NODES
    """Edges as A-B,B-C, or a file that ends in .csv with a source and a target a line."""
    source: str = "C"
    """The node whose news is followed."""
    target: str = "E"
    """The node that it is to reach."""
    directed: bool = False
    """Whether news goes from the first node of an edge to the second, and not back."""

    def __post_init__(self) -> None:
        check_types(self)
        if not self.is_file:
            check_ends(self.read_edges(), self.source, self.target)

    @property
    def is_file(self) -> bool:
        """Whether the edges are in a file."""
        return self.edges.endswith(".csv")

    def read_edges(self) -> tuple[tuple[str, str], ...]:
        """Return the edges by the names of their nodes.

        Raises: ConfigError or GraphDataError, in one line, for what is no list of edges.
        """
        edges = _read_file(Path(self.edges)) if self.is_file else _read_list(self.edges)
        if not edges:
            raise ConfigError("edges: at least one edge is needed, such as A-B, got none")
        _check_once(edges, directed=self.directed)
        nodes = len(name_nodes(edges))
        if nodes > MOST_NODES:
            raise ConfigError(
                f"edges: at most {MOST_NODES} nodes can be followed step by step, got {nodes}: "
                "leave out those far from source and target"
            )
        return edges

    def command(self, out: str) -> str:
        """Return the command line that asks for this."""
        always = ("edges", "source", "target")
        return command_line("graph reach", self, out, always=always)


def name_nodes(edges: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    """Return the names of all nodes in order: numbers by size, in front of words by the alphabet.

    >>> name_nodes((("10", "b"), ("9", "a")))
    ('9', '10', 'a', 'b')
    """
    names = {name for edge in edges for name in edge}

    def rank(name: str) -> tuple[bool, int, str, str]:
        # By how many digits, then which: Python turns no text of thousands of digits into a number.
        digits = name.lstrip("0") if name.isascii() and name.isdigit() else None
        return digits is None, len(digits or ""), digits or "", name

    return tuple(sorted(names, key=rank))


def check_ends(edges: tuple[tuple[str, str], ...], source: str, target: str) -> None:
    """Raise ConfigError unless both ends are nodes of the graph."""
    names = name_nodes(edges)
    for role, name in (("source", source), ("target", target)):
        if name not in names:
            known = ", ".join(map(shown, names[:12])) + (", …" if len(names) > 12 else "")
            raise ConfigError(
                f"{role}: no edge names a node '{shown(name)}': choose one of {known}"
            )


def _read_list(text: str) -> tuple[tuple[str, str], ...]:
    if not text.strip():
        return ()
    return tuple(_read_edge(part.strip()) for part in text.split(","))


def _read_edge(text: str) -> tuple[str, str]:
    ends = [end.strip() for end in text.split("-")]
    if any(arrow in text for arrow in _ARROWS):
        raise ConfigError(f"edges: write A-B, and --directed for arrows, got '{shown(text)}'")
    if len(ends) != 2 or not all(ends):
        raise ConfigError(
            f"edges: an edge must be two names with a hyphen between, such as A-B, got "
            f"'{shown(text)}'; other names need a file that ends in .csv"
        )
    _check_lines("edges", ends)
    return ends[0], ends[1]


def _read_file(path: Path) -> tuple[tuple[str, str], ...]:
    lines = read_lines(path)
    if lines and [field.lower() for field in lines[0].fields] == _HEADER:
        lines = lines[1:]
    for line in lines:
        where = f"{path}, line {line.number}"
        if len(line.fields) != 2 or not all(line.fields):
            raise ConfigError(
                f"{where}: expected source,target, got {shown(','.join(line.fields))!r}"
            )
        _check_lines(where, line.fields)
    return tuple((line.fields[0], line.fields[1]) for line in lines)


def _check_lines(where: str, names: Sequence[str]) -> None:
    """Raise ConfigError for a name of several lines, which no drawing and no table has room for."""
    for name in names:
        if len(name.splitlines()) > 1:
            raise ConfigError(
                f"{where}: a node's name must be one line, got {shown(name)!r}: is a quotation "
                "mark left open?"
            )


def _check_once(edges: tuple[tuple[str, str], ...], *, directed: bool) -> None:
    """Raise ConfigError for an edge given twice; without direction A-B is B-A."""
    seen = set()
    for edge in edges:
        key = edge if directed else tuple(sorted(edge))
        if key in seen:
            kind = "self-loop" if edge[0] == edge[1] else "edge"
            raise ConfigError(
                f"edges: {kind} {'-'.join(map(shown, edge))} is given twice: give it once"
            )
        seen.add(key)
