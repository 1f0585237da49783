"""Formulas as plain text, made into MathML that a browser sets without any help.

    x_t^2  h'           index, power and prime of what stands before; {...} takes several together
    frac{a}{b}  sqrt{a}  hat{y}  bar{x}
    Σ_{k=1}^{t}         limits below and above Σ and Π
    tanh  x             a word is set upright, a single letter in italics; "..." is ordinary text

Every text gives a formula: a brace that is never closed is closed at the end.
"""

import re
from html import escape

_TOKEN = re.compile(r'\s+|"(?P<text>[^"]*)"|[A-Za-z]+|\d+(?:\.\d+)?|.', re.DOTALL)
_CLOSING = {"(": ")", "[": "]", "{": "}"}
_ACCENTS = {"hat": "^", "bar": "¯"}
_LIMITS = {"Σ": "∑", "∑": "∑", "Π": "∏", "∏": "∏"}
_THIN = '<mspace width="0.17em"/>'
_SYMBOLS = {"-": "−", "*": "∗", "'": "′"}


def inline_math(text: str) -> str:
    """Return `text` as a formula within a line.

    >>> inline_math("h_t")
    '<math><msub><mi>h</mi><mi>t</mi></msub></math>'
    """
    return f"<math>{_Formula(text).mathml()}</math>"


def display_math(text: str) -> str:
    """Return `text` as a formula of its own: one row per line, aligned at the first `=` of each.

    A quoted text at the end of a line becomes a remark beside it.
    """
    rows = "".join(_row(line.strip()) for line in text.splitlines() if line.strip())
    return f'<math display="block"><mtable displaystyle="true">{rows}</mtable></math>'


def _row(line: str) -> str:
    """Return one line as a table row: left side, right side with its sign, remark."""
    remark = re.search(r'\s\s+"([^"]*)"$', line)
    formula = line[: remark.start()] if remark else line
    left, equals, right = formula.partition("=")
    if "{" in left and left.count("{") != left.count("}"):  # the sign of a limit, as in Σ_{k=1}
        left, equals, right = "", "", formula
    if not equals:
        left, right = "", formula
    sides = [_Formula(left).mathml(), ("<mo>=</mo>" if equals else "") + _Formula(right).mathml()]
    if remark:
        sides.append(f"<mtext>{escape(remark[1])}</mtext>")
    return f"<mtr>{''.join(f'<mtd>{side}</mtd>' for side in sides)}</mtr>"


class _Formula:
    """A reader that walks once along the tokens of one formula."""

    def __init__(self, text: str) -> None:
        self._tokens = [match[0] for match in _TOKEN.finditer(text) if not match[0].isspace()]
        self._next = 0

    def mathml(self) -> str:
        """Return the whole formula."""
        return self._until(None)

    def _take(self) -> str:
        """Return the next token and move past it; empty at the end."""
        token = self._peek()
        self._next += 1
        return token

    def _peek(self) -> str:
        """Return the next token; empty at the end."""
        return self._tokens[self._next] if self._next < len(self._tokens) else ""

    def _until(self, closing: str | None) -> str:
        """Return everything up to `closing`, which is consumed."""
        parts = []
        while (token := self._peek()) and token != closing:
            parts += [self._gap(), self._scripted()]
        self._take()
        return "".join(parts)

    def _scripted(self) -> str:
        """Return one atom with the index, power and primes that follow it."""
        base = self._take()
        atom = self._atom(base)
        below: list[str] = []
        above: list[str] = []
        while self._peek() in ("_", "^", "'"):
            mark = self._take()
            if mark == "'":
                above.append("<mo>′</mo>")
            else:
                (below if mark == "_" else above).append(self._atom(self._take()))
        if not below and not above:
            return atom
        form = ("munder", "mover", "munderover") if base in _LIMITS else ("msub", "msup", "msubsup")
        if below and above:
            return f"<{form[2]}>{atom}{_one(below)}{_one(above)}</{form[2]}>"
        name = form[0] if below else form[1]
        return f"<{name}>{atom}{_one(below or above)}</{name}>"

    def _gap(self) -> str:
        """Return the thin space that a function's name or a fraction keeps from its neighbours."""
        mark, before = ["", "", *self._tokens[: self._next]][-2:]
        after = self._peek()
        ends_operand = before[-1:].isalnum() or before in (")", "]", "}", "'")
        named = _is_name(before) and mark not in ("_", "^") and after.isalnum()
        return _THIN if named or (ends_operand and (_is_name(after) or after == "frac")) else ""

    def _atom(self, token: str) -> str:
        """Return the smallest thing that an index can be put on."""
        if token == "frac":
            return f"<mfrac>{self._argument()}{self._argument()}</mfrac>"
        if token == "sqrt":
            return f"<msqrt>{self._argument()}</msqrt>"
        if token in _ACCENTS:
            return f'<mover accent="true">{self._argument()}<mo>{_ACCENTS[token]}</mo></mover>'
        if token == "{":
            return f"<mrow>{self._until('}')}</mrow>"
        if token in _CLOSING:  # a row of its own, so that the brackets grow with what they hold
            closing = _CLOSING[token]
            return f"<mrow><mo>{token}</mo>{self._until(closing)}<mo>{closing}</mo></mrow>"
        if token in _LIMITS:
            return f"<mo>{_LIMITS[token]}</mo>"
        return _leaf(token)

    def _argument(self) -> str:
        """Return what follows as one element."""
        return self._atom(self._take())


def _is_name(token: str) -> bool:
    """Return whether `token` is a word that is set upright, such as tanh."""
    return len(token) > 1 and token.isalpha() and token not in ("frac", "sqrt", *_ACCENTS)


def _one(elements: list[str]) -> str:
    """Return `elements` as a single one, as an index or a power has to be."""
    return elements[0] if len(elements) == 1 else f"<mrow>{''.join(elements)}</mrow>"


def _leaf(token: str) -> str:
    """Return a word, number, quoted text or sign."""
    if not token:
        return "<mrow></mrow>"
    if token.startswith('"'):
        words = escape(token.strip('"'))
        return f"<mtext>{words}</mtext>"
    if token in ("∂", "∇"):
        return f'<mi mathvariant="normal">{token}</mi>'
    if token.isalpha():
        return f"<mi>{token}</mi>"
    if token[:1].isdigit():
        return f"<mn>{token}</mn>"
    if token in ("‖", "|"):  # never grown: an opening and a closing one look alike
        return f'<mo stretchy="false">{token}</mo>'
    return f"<mo>{escape(_SYMBOLS.get(token, token))}</mo>"
