"""Checks of tensor shapes at the boundary, in the field's letters."""

from torch import Tensor

from unroll.errors import ShapeError


def check_shape(where: str, name: str, tensor: Tensor, axes: str, **sizes: int) -> None:
    """Raise ShapeError unless `tensor` has the named `axes`, those in `sizes` with that length.

    The message names the function, the argument, the shape expected and the axis that differs:
    `scan: x must be (B, T, D=16), got (4, 20, 12): axis D differs`.
    """
    letters = axes.split()
    got = tuple(tensor.shape)
    if len(got) != len(letters):
        difference = f"expected {len(letters)} axes, got {len(got)}"
    else:
        wrong = [a for a, n in zip(letters, got, strict=True) if sizes.get(a, n) != n]
        if not wrong:
            return
        difference = f"axis {wrong[0]} differs"
    wanted = ", ".join(f"{a}={sizes[a]}" if a in sizes else a for a in letters)
    raise ShapeError(f"{where}: {name} must be ({wanted}), got {got}: {difference}")
