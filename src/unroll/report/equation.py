"""Formulas as MathML, which a browser sets without any help."""

from html import escape

from unroll.report.formula import (
    LIMITS,
    Command,
    Gap,
    Leaf,
    Node,
    Row,
    Scripted,
    read_formula,
    read_line,
)

_ACCENTS = {"hat": "^", "bar": "¯"}
_THIN = '<mspace width="0.17em"/>'
_SYMBOLS = {"-": "−", "*": "∗", "'": "′"}


def inline_math(text: str) -> str:
    """Return `text` as a formula within a line.

    >>> inline_math("h_t")
    '<math><msub><mi>h</mi><mi>t</mi></msub></math>'
    """
    return f"<math>{_set_all(read_formula(text))}</math>"


def display_math(text: str) -> str:
    """Return `text` as a formula of its own: one row per line, aligned at the first `=` of each.

    A quoted text at the end of a line becomes a remark beside it.
    """
    rows = "".join(_row(line.strip()) for line in text.splitlines() if line.strip())
    return f'<math display="block"><mtable displaystyle="true">{rows}</mtable></math>'


def _row(line: str) -> str:
    """Return one line as a table row: left side, right side with its sign, remark."""
    left, right, remark = read_line(line)
    sides = [_set_all(read_formula(side)) for side in (left, right)]
    if remark is not None:
        sides.append(f"<mtext>{escape(remark)}</mtext>")
    return f"<mtr>{''.join(f'<mtd>{side}</mtd>' for side in sides)}</mtr>"


def _set_all(nodes: tuple[Node, ...]) -> str:
    return "".join(_set(node) for node in nodes)


def _set(node: Node) -> str:
    match node:
        case Gap():
            return _THIN
        case Leaf(token):
            return _leaf(token)
        case Row(parts, brackets):
            opening, closing = (f"<mo>{sign}</mo>" for sign in brackets) if brackets else ("", "")
            return f"<mrow>{opening}{_set_all(parts)}{closing}</mrow>"
        case Command("frac", arguments):
            return f"<mfrac>{_set_all(arguments)}</mfrac>"
        case Command("sqrt", arguments):
            return f"<msqrt>{_set_all(arguments)}</msqrt>"
        case Command(name, arguments):
            mark = f"<mo>{_ACCENTS[name]}</mo>"
            return f'<mover accent="true">{_set_all(arguments)}{mark}</mover>'
        case Scripted():
            return _scripted(node)


def _scripted(node: Scripted) -> str:
    """Return something with its index below and its power above."""
    base = _set(node.base)
    names = ("munder", "mover", "munderover") if node.has_limits else ("msub", "msup", "msubsup")
    if node.below and node.above:
        return f"<{names[2]}>{base}{_one(node.below)}{_one(node.above)}</{names[2]}>"
    name = names[0] if node.below else names[1]
    return f"<{name}>{base}{_one(node.below or node.above)}</{name}>"


def _one(nodes: tuple[Node, ...]) -> str:
    """Return `nodes` as a single element, as an index or a power has to be."""
    inside = _set_all(nodes)
    return inside if len(nodes) == 1 else f"<mrow>{inside}</mrow>"


def _leaf(token: str) -> str:
    """Return a word, number, quoted text or sign."""
    if not token:
        return "<mrow></mrow>"
    if token in LIMITS:
        return f"<mo>{LIMITS[token]}</mo>"
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
