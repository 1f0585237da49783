import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unroll.report.latex import display_latex, inline_latex

TOKENS = st.sampled_from(
    [*"abxWΣΠ∂_^'{}()[]<>&%#$~\\\"=-‖ ", "frac", "sqrt", "hat", "tanh", "12.5"]
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("W_hh", r"W_{\mathrm{hh}}"),
        ("h_t^2", "h_{t}^{2}"),
        ("h'", r"h^{\prime}"),
        ("10^{-6}", "10^{- 6}"),
        ("frac{∂L}{2}", r"\frac{\partial L}{2}"),
        ("sqrt{H}", r"\sqrt{H}"),
        ("Σ_{k=1}^{t} x", r"\sum_{k = 1}^{t} x"),
        ("Â H W", r"\hat{A} H W"),
        ("tanh x", r"\mathrm{tanh} \, x"),
        ('"50% of" a', r"\text{50\% of} a"),
        ("σ(a)", r"\sigma \left(a\right)"),
        ("‖h‖", r"\Vert h \Vert"),
    ],
)
def test_notation(text: str, expected: str) -> None:
    assert inline_latex(text) == f"${expected}$"


def test_lines_are_aligned_at_their_sign_with_remarks_beside() -> None:
    assert display_latex('h = W x  "linear"\n= 2') == (
        "$$\n\\begin{aligned}\nh & = W x && \\text{linear} \\\\\n& = 2\n\\end{aligned}\n$$"
    )


@given(st.lists(TOKENS, max_size=30).map("".join))
def test_any_text_gives_balanced_latex(text: str) -> None:
    latex = inline_latex(text)[1:-1]
    bare = re.sub(r"\\[{}$&#%_\\]", "", latex)
    depth = 0
    for sign in bare:
        depth += (sign == "{") - (sign == "}")
        assert depth >= 0
    assert depth == 0
    assert latex.count(r"\left(") == latex.count(r"\right)")
    assert "$" not in bare
