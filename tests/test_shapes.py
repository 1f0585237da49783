import pytest
import torch

from unroll.errors import ShapeError
from unroll.shapes import check_shape


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ((4, 20, 12), "scan: x must be (B=4, T, D=16), got (4, 20, 12): axis D differs"),
        ((5, 20, 16), "scan: x must be (B=4, T, D=16), got (5, 20, 16): axis B differs"),
        ((5, 20, 12), "scan: x must be (B=4, T, D=16), got (5, 20, 12): axis B differs"),
        ((4, 16), "scan: x must be (B=4, T, D=16), got (4, 16): expected 3 axes, got 2"),
        ((), "scan: x must be (B=4, T, D=16), got (): expected 3 axes, got 0"),
        (
            (4, 2, 16, 1),
            "scan: x must be (B=4, T, D=16), got (4, 2, 16, 1): expected 3 axes, got 4",
        ),
    ],
)
def test_a_wrong_shape_is_told_in_full(shape: tuple[int, ...], message: str) -> None:
    with pytest.raises(ShapeError) as caught:
        check_shape("scan", "x", torch.zeros(shape), "B T D", B=4, D=16)
    assert str(caught.value) == message


@pytest.mark.parametrize("length", [0, 1, 7])
def test_an_axis_without_a_size_may_have_any(length: int) -> None:
    tensor = torch.zeros(4, length, 16)
    check_shape("scan", "x", tensor, "B T D", B=4, D=16)
    with pytest.raises(ShapeError):
        check_shape("scan", "x", tensor, "B T D", B=4, T=length + 1, D=16)
