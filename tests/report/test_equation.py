import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unroll.report.equation import display_math, inline_math

TOKENS = st.sampled_from([*"abxWΣΠ∂_^'{}()[]<>&\"=-‖ ", "frac", "sqrt", "hat", "tanh", "12.5"])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("W_hh", "<msub><mi>W</mi><mi>hh</mi></msub>"),
        ("h_t^2", "<msubsup><mi>h</mi><mi>t</mi><mn>2</mn></msubsup>"),
        ("h'", "<msup><mi>h</mi><mo>′</mo></msup>"),
        ("10^{-6}", "<msup><mn>10</mn><mrow><mo>−</mo><mn>6</mn></mrow></msup>"),
        (
            "frac{∂L}{2}",
            '<mfrac><mrow><mi mathvariant="normal">∂</mi><mi>L</mi></mrow>'
            "<mrow><mn>2</mn></mrow></mfrac>",
        ),
        ("sqrt{H}", "<msqrt><mrow><mi>H</mi></mrow></msqrt>"),
        ("hat{y}", '<mover accent="true"><mrow><mi>y</mi></mrow><mo>^</mo></mover>'),
        ("Σ_k", "<munder><mo>∑</mo><mi>k</mi></munder>"),
        ("tanh x", '<mi>tanh</mi><mspace width="0.17em"/><mi>x</mi>'),
        (
            "W_hh diag(h)",
            '<msub><mi>W</mi><mi>hh</mi></msub><mspace width="0.17em"/><mi>diag</mi>'
            "<mrow><mo>(</mo><mi>h</mi><mo>)</mo></mrow>",
        ),
        ("W_hh h", "<msub><mi>W</mi><mi>hh</mi></msub><mi>h</mi>"),
        ("σ(a)", "<mi>σ</mi><mrow><mo>(</mo><mi>a</mi><mo>)</mo></mrow>"),
        ('"if" a < b', "<mtext>if</mtext><mi>a</mi><mo>&lt;</mo><mi>b</mi>"),
        ("‖h‖", '<mo stretchy="false">‖</mo><mi>h</mi><mo stretchy="false">‖</mo>'),
    ],
)
def test_notation(text: str, expected: str) -> None:
    assert inline_math(text) == f"<math>{expected}</math>"


def test_rows_are_aligned_at_the_first_sign_of_equality() -> None:
    root = ET.fromstring(display_math('a = b = c   "why"\n\nΣ_{k=1} d'))
    rows = [["".join(cell.itertext()) for cell in row] for row in root.iter("mtr")]
    assert rows == [["a", "=b=c", "why"], ["", "∑k=1d"]]


@given(st.lists(TOKENS).map(" ".join))
def test_any_text_gives_elements_with_the_children_they_need(text: str) -> None:
    arity = {"msub": 2, "msup": 2, "munder": 2, "mover": 2, "mfrac": 2}
    arity |= {"msubsup": 3, "munderover": 3, "msqrt": 1}
    for element in ET.fromstring(inline_math(text)).iter():
        assert len(element) == arity.get(element.tag, len(element))
    ET.fromstring(display_math(text))
