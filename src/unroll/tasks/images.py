"""Small pictures of shapes: what is it, or which way does it point?"""

from dataclasses import dataclass
from typing import Literal, NamedTuple

import torch
from torch import Tensor

from unroll.errors import ConfigError, unknown_name

SHAPES = ("L", "T", "U", "plus", "ring")
"""What is drawn: in order of its class."""
QUARTERS = 4
"""Directions that a shape can point in."""
SMALLEST, LARGEST = 5, 7
"""Height and width of a shape, in pixels."""

Question = Literal["shape", "direction"]
QUESTIONS: tuple[Question, ...] = ("shape", "direction")


class Pictures(NamedTuple):
    """B square pictures. Shapes: pixels (B, S, S) float32; classes (B,)."""

    pixels: Tensor
    classes: Tensor


@dataclass(frozen=True, kw_only=True)
class ShapePictures:
    """A shape drawn with a line one pixel wide, on a noisy ground.

        #....   #####   #...#   ..#..   #####
        #....   ..#..   #...#   ..#..   #...#
        #....   ..#..   #...#   #####   #...#
        #....   ..#..   #...#   ..#..   #...#
        #####   ..#..   #####   ..#..   #####
          L       T       U      plus    ring

    Height and width are 5, 6 or 7 pixels, each by itself. A line's brightness is 1, the ground's
    0, and every pixel gets Gaussian noise. A shape stands upright in the middle of the picture,
    unless it may be shifted (to any place where it fits) or turned (by one, two or three
    quarters, with the whole picture; a plus and a ring turned are a plus and a ring).

    `shape` asks which of the five it is (chance 1/5). `direction` draws a T alone, turned by
    zero to three quarters, and asks by how many (chance 1/4). All classes are equally likely.

    Raises: ConfigError for a picture too small to hold a shape, or an unknown question.
    """

    size: int = 12
    """S, pixels a side."""
    question: Question = "shape"
    """`shape` or `direction`."""
    is_shifted: bool = False
    """Whether the shape may stand anywhere."""
    is_turned: bool = False
    """Whether the picture is turned by a quarter at least; only where the shape is asked for."""
    noise: float = 0.05
    """Standard deviation of each pixel's noise."""

    def __post_init__(self) -> None:
        if self.question not in QUESTIONS:
            raise unknown_name("question", self.question, QUESTIONS)
        if self.size < LARGEST:
            raise ConfigError(f"images: size must be {LARGEST} pixels or more, got {self.size}")
        if self.is_turned and self.question == "direction":
            raise ConfigError("images: where the direction is asked for, is_turned must be False")

    @property
    def classes(self) -> int:
        """Number of answers."""
        return len(SHAPES) if self.question == "shape" else QUARTERS

    def sample(self, count: int, generator: torch.Generator) -> Pictures:
        """Draw `count` pictures."""
        classes = torch.randint(self.classes, (count,), generator=generator)
        quarters = torch.zeros(count, dtype=torch.int64)
        if self.question == "direction":
            shapes, quarters = torch.full_like(classes, SHAPES.index("T")), classes
        else:
            shapes = classes
        if self.is_turned:
            quarters = torch.randint(1, QUARTERS, (count,), generator=generator)
        line = self._lines(shapes, generator).float()
        noise = self.noise * torch.randn(line.shape, generator=generator)
        return Pictures(turned(line, quarters) + noise, classes)

    def _lines(self, shapes: Tensor, generator: torch.Generator) -> Tensor:
        """Return where the lines of upright shapes are: (B, S, S) bool."""
        extent = torch.randint(SMALLEST, LARGEST + 1, (len(shapes), 2), generator=generator)
        room = self.size - extent
        corner = room // 2
        if self.is_shifted:
            places = torch.rand(len(shapes), 2, generator=generator)
            corner = (places * (room + 1)).long()
        grid = torch.arange(self.size)
        # Row and column within the shape's box, and whether a pixel is on its rim or middle.
        row, column = ((grid - corner[:, axis : axis + 1]).unsqueeze(2 - axis) for axis in (0, 1))
        height, width = (extent[:, axis].view(-1, 1, 1) for axis in (0, 1))
        inside = (row >= 0) & (row < height) & (column >= 0) & (column < width)
        top, bottom, across = row == 0, row == height - 1, row == height // 2
        left, right, down = column == 0, column == width - 1, column == width // 2
        drawn = torch.stack(
            [
                left | bottom,
                top | down,
                left | right | bottom,
                across | down,
                top | bottom | left | right,
            ]
        )
        return drawn[shapes, torch.arange(len(shapes))] & inside


def turned(pixels: Tensor, quarters: Tensor) -> Tensor:
    """Return pictures (B, S, S) turned to the left by so many quarters (B,)."""
    ways = torch.stack([pixels.rot90(k, (1, 2)) for k in range(QUARTERS)])
    return ways[quarters, torch.arange(len(pixels))]


def grid_pairs(size: int, *, wraps: bool) -> Tensor:
    """Return the edges of an S×S grid, each pixel with its right and lower neighbour: (E, 2).

    Where it wraps, the last column's right neighbours are the first column, and so with the rows:
    all pixels are then alike, and no picture is near a border.
    """
    number = torch.arange(size * size).view(size, size)
    right, below = number.roll(-1, 1), number.roll(-1, 0)
    kept = size if wraps else size - 1
    return torch.cat(
        [
            torch.stack([number, right], dim=2)[:, :kept].flatten(0, 1),
            torch.stack([number, below], dim=2)[:kept].flatten(0, 1),
        ]
    )
