"""Parts of a report that show themselves where they are the value of a notebook's cell."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from unroll.errors import unknown_name
from unroll.report.notebook import block_html, framed
from unroll.report.section import Block, Section
from unroll.report.terminal import block_text

B = TypeVar("B", bound=Block | Section)


@dataclass(frozen=True, repr=False)
class Shown(Generic[B]):
    """A figure, a table, a check or a section that shows itself."""

    block: B
    """What it is made of: of a figure the `rows` that it was drawn from, of a table its `rows`."""

    def __repr__(self) -> str:
        return block_text(self.block)

    def _repr_html_(self) -> str:
        return framed([block_html(self.block)])


class Shelf(dict[str, Shown[B]]):
    """Parts of a report by name, in reading order.

    Raises: ConfigError, with the nearest name, for a name that there is not.
    """

    def __init__(self, noun: str, blocks: dict[str, B]) -> None:
        super().__init__({name: Shown(block) for name, block in blocks.items()})
        self._noun = noun

    def __missing__(self, name: str) -> Shown[B]:
        raise unknown_name(self._noun, name, self)

    def __repr__(self) -> str:
        return f"{self._noun}s: {', '.join(self) or 'none'}"

    def _repr_html_(self) -> str:
        return framed(block_html(shown.block) for shown in self.values())
