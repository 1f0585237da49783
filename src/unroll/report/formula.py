"""Formulas as plain text, read into a tree that can be set as MathML or as LaTeX.

    x_t^2  h'           index, power and prime of what stands before; {...} takes several together
    frac{a}{b}  sqrt{a}  hat{y}  bar{x}
    Σ_{k=1}^{t}         limits below and above Σ and Π
    tanh  x             a word is set upright, a single letter in italics; "..." is ordinary text

Every text gives a formula: a brace that is never closed is closed at the end.
"""

import re
from dataclasses import dataclass
from typing import Literal, TypeAlias

_TOKEN = re.compile(r'\s+|"(?P<text>[^"]*)"|[A-Za-z]+|\d+(?:\.\d+)?|.', re.DOTALL)
_CLOSING = {"(": ")", "[": "]", "{": "}"}
_COMMANDS = ("frac", "sqrt", "hat", "bar")
LIMITS = {"Σ": "∑", "∑": "∑", "Π": "∏", "∏": "∏"}
"""Signs that have their index and power below and above them."""


@dataclass(frozen=True)
class Leaf:
    """A letter, a word, a number, a quoted text or a sign, as it is written; empty for nothing."""

    token: str


@dataclass(frozen=True)
class Gap:
    """The thin space that a function's name or a fraction keeps from its neighbours."""


@dataclass(frozen=True)
class Row:
    """Several things side by side, in brackets where there are any."""

    parts: tuple["Node", ...]
    brackets: tuple[str, str] | None = None


@dataclass(frozen=True)
class Command:
    """What is set in a way of its own: a fraction, a root, an accent."""

    name: Literal["frac", "sqrt", "hat", "bar"]
    arguments: tuple["Node", ...]


@dataclass(frozen=True)
class Scripted:
    """Something with an index, a power or primes."""

    base: "Node"
    below: tuple["Node", ...]
    above: tuple["Node", ...]
    """A prime is a Leaf of `'`."""
    has_limits: bool


Node: TypeAlias = Leaf | Gap | Row | Command | Scripted


def read_formula(text: str) -> tuple[Node, ...]:
    """Return what a formula consists of."""
    return _Reader(text).until(None)


def read_line(line: str) -> tuple[str, str, str | None]:
    """Return the left side of a line, what follows with its `=`, and the remark beside it.

    Lines are aligned at the first `=` that is not the sign of a limit; without one there is no
    left side. A quoted text at the end, after two spaces, is a remark.

    >>> read_line('h = Wx  "linear"')
    ('h ', '= Wx', 'linear')
    """
    remark = re.search(r'\s\s+"([^"]*)"$', line)
    formula = line[: remark.start()] if remark else line
    left, equals, right = formula.partition("=")
    in_limit = "{" in left and left.count("{") != left.count("}")  # as in Σ_{k=1}
    if in_limit or not equals:
        left, equals, right = "", "", formula
    return left, equals + right, remark[1] if remark else None


class _Reader:
    """Walks once along the tokens of one formula."""

    def __init__(self, text: str) -> None:
        self._tokens = [match[0] for match in _TOKEN.finditer(text) if not match[0].isspace()]
        self._next = 0

    def until(self, closing: str | None) -> tuple[Node, ...]:
        """Return everything up to `closing`, which is consumed."""
        parts: list[Node] = []
        while (token := self._peek()) and token != closing:
            if self._has_gap():
                parts.append(Gap())
            parts.append(self._scripted())
        self._take()
        return tuple(parts)

    def _take(self) -> str:
        """Return the next token and move past it; empty at the end."""
        token = self._peek()
        self._next += 1
        return token

    def _peek(self) -> str:
        """Return the next token; empty at the end."""
        return self._tokens[self._next] if self._next < len(self._tokens) else ""

    def _scripted(self) -> Node:
        """Return one atom with the index, power and primes that follow it."""
        base = self._take()
        atom = self._atom(base)
        below: list[Node] = []
        above: list[Node] = []
        while self._peek() in ("_", "^", "'"):
            mark = self._take()
            if mark == "'":
                above.append(Leaf("'"))
            else:
                (below if mark == "_" else above).append(self._atom(self._take()))
        if not below and not above:
            return atom
        return Scripted(atom, tuple(below), tuple(above), base in LIMITS)

    def _has_gap(self) -> bool:
        mark, before = ["", "", *self._tokens[: self._next]][-2:]
        after = self._peek()
        ends_operand = before[-1:].isalnum() or before in (")", "]", "}", "'")
        named = _is_name(before) and mark not in ("_", "^") and after.isalnum()
        return named or (ends_operand and (_is_name(after) or after == "frac"))

    def _atom(self, token: str) -> Node:
        """Return the smallest thing that an index can be put on."""
        match token:
            case "frac":
                return Command("frac", (self._atom(self._take()), self._atom(self._take())))
            case "sqrt" | "hat" | "bar":
                return Command(token, (self._atom(self._take()),))
        if token == "{":
            return Row(self.until("}"))
        if token in _CLOSING:  # a row of its own, so that the brackets grow with what they hold
            return Row(self.until(_CLOSING[token]), (token, _CLOSING[token]))
        return Leaf(token)


def _is_name(token: str) -> bool:
    """Return whether `token` is a word that is set upright, such as tanh."""
    return len(token) > 1 and token.isalpha() and token not in _COMMANDS
