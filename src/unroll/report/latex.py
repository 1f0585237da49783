r"""Formulas as LaTeX, for a report in Markdown and a student's own document."""

from unroll.report.formula import (
    Command,
    Gap,
    Leaf,
    Node,
    Row,
    Scripted,
    read_formula,
    read_line,
)

_GREEK = {
    "α": "alpha",
    "β": "beta",
    "γ": "gamma",
    "δ": "delta",
    "ε": "varepsilon",
    "η": "eta",
    "θ": "theta",
    "λ": "lambda",
    "μ": "mu",
    "ρ": "rho",
    "σ": "sigma",
    "τ": "tau",
    "Δ": "Delta",
}
_SIGNS = {
    "Σ": r"\sum",
    "∑": r"\sum",
    "Π": r"\prod",
    "∏": r"\prod",
    "⊙": r"\odot",
    "∂": r"\partial",
    "∇": r"\nabla",
    "‖": r"\Vert",
    "'": r"\prime",
    "−": "-",
    "·": r"\cdot",
    "×": r"\times",
    "≤": r"\le",
    "≥": r"\ge",
    "≠": r"\ne",
    "≈": r"\approx",
    "∈": r"\in",
    "∞": r"\infty",
    "√": r"\surd",
    "→": r"\to",
    "…": r"\dots",
    "Â": r"\hat{A}",
    "Ã": r"\tilde{A}",
    "{": r"\{",
    "}": r"\}",
    "*": r"\ast",
    "%": r"\%",
    "&": r"\&",
    "#": r"\#",
    "_": r"\_",
    "$": r"\$",
    "~": r"\sim",
    "\\": r"\backslash",
    **{letter: rf"\{name}" for letter, name in _GREEK.items()},
}
_TEXT = {
    **{sign: rf"\{sign}" for sign in "&%$#_{}"},
    "\\": r"\textbackslash{}",
    "^": r"\^{}",
    "~": r"\~{}",
}


def inline_latex(text: str) -> str:
    r"""Return `text` as a formula within a line.

    >>> print(inline_latex("h_t"), inline_latex("tanh(W_{hh} h)"))
    $h_{t}$ $\mathrm{tanh} \left(W_{\mathrm{hh}} h\right)$
    """
    return f"${_set_all(read_formula(text))}$"


def display_latex(text: str) -> str:
    """Return `text` as a formula of its own: one row per line, aligned at the first `=` of each."""
    rows = [_row(line.strip()) for line in text.splitlines() if line.strip()]
    inside = " \\\\\n".join(rows)
    return f"$$\n\\begin{{aligned}}\n{inside}\n\\end{{aligned}}\n$$"


def _row(line: str) -> str:
    left, right, remark = read_line(line)
    sides = f"{_set_all(read_formula(left))} & {_set_all(read_formula(right))}".strip()
    return sides if remark is None else rf"{sides} && {_text(remark)}"


def _set_all(nodes: tuple[Node, ...]) -> str:
    return " ".join(_set(node) for node in nodes).replace("  ", " ")


def _set(node: Node) -> str:
    match node:
        case Gap():
            return r"\,"
        case Leaf(token):
            return _leaf(token)
        case Row(parts, brackets):
            if brackets is None:
                return _braced(parts)
            return rf"\left{brackets[0]}{_set_all(parts)}\right{brackets[1]}"
        case Command(name, arguments):
            return rf"\{name}" + "".join(_braced((argument,)) for argument in arguments)
        case Scripted(base, below, above):
            index = f"_{_braced(below)}" if below else ""
            return _set(base) + index + (f"^{_braced(above)}" if above else "")


def _braced(nodes: tuple[Node, ...]) -> str:
    """Return `nodes` in one pair of braces."""
    match nodes:
        case (Row(parts, None),):
            return _braced(parts)
        case _:
            return f"{{{_set_all(nodes)}}}"


def _leaf(token: str) -> str:
    """Return a word, number, quoted text or sign."""
    if token.startswith('"'):
        return _text(token.strip('"'))
    if token in _SIGNS:
        return _SIGNS[token]
    if len(token) > 1 and token.isalpha():
        return rf"\mathrm{{{token}}}"
    return token


def _text(words: str) -> str:
    escaped = "".join(_TEXT.get(letter, letter) for letter in words)
    return rf"\text{{{escaped}}}"
