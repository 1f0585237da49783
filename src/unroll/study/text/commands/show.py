"""Written text on standard output, as it is written."""

import sys
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from unroll.decoding import Beam, Pick
from unroll.report.terminal import standard_error
from unroll.study.text.commands.beside import Continuation
from unroll.study.text.commands.units import bits, surprise_bits
from unroll.study.text.commands.writing import Writing

BANDS = (
    (0.9, "color(67)", "90% or more"),
    (0.5, "color(72)", "50%"),
    (0.2, "color(178)", "20%"),
    (0.05, "color(208)", "5%"),
    (0.0, "bold underline color(197)", "less"),
)
"""Styles of characters by the least probability: from calm to alarmed, and readable in grey."""


class Page:
    """Where a text appears; `quiet` shows nothing on standard error."""

    def __init__(self, *, quiet: bool) -> None:
        self._out = Console(file=sys.stdout, highlight=False, soft_wrap=True)
        self._notes = standard_error(quiet=quiet)

    def note(self, text: str) -> None:
        """Say what a reader should know."""
        self._notes.print(f"note: {text}", markup=False, soft_wrap=True)

    def begin(self, writing: Writing, number: int) -> None:
        """Show the prompt, under a heading where there are several samples."""
        settings = writing.settings
        if settings.samples > 1:
            heading = f"── sample {number + 1} of {settings.samples}, seed {settings.seed} ──"
            self._out.print(Text(heading, style="dim"))
        if settings.beside is None:
            self._out.print(Text(writing.prompt, style="bold"), end="")

    def write(self, writing: Writing, pick: Pick) -> None:
        """Show a character, coloured by its probability where that is asked for."""
        if writing.settings.beside is not None:
            return
        character = writing.corpus.vocabulary.decode([pick.token])
        if writing.settings.show_confidence:
            self._out.print(Text(character, style=band(pick.probability)), end="")
        else:
            sys.stdout.write(character)
        if sys.stdout.isatty():
            sys.stdout.flush()

    def end(self, writing: Writing, picks: Sequence[Pick], own: Continuation | None) -> None:
        """Show what belongs after a text."""
        if own is not None:
            self._beside(writing, picks, own)
        else:
            self._out.print()
        if writing.settings.show_confidence:
            self._legend()

    def beams(self, writing: Writing, beams: Sequence[Beam]) -> None:
        """Show the texts that a search kept, the best first."""
        for number, beam in enumerate(beams):
            ended = "" if writing.settings.until is None else ", cut off"
            ended = ", ended" if beam.ended else ended
            nats = beam.log_probability_nats
            heading = (
                f"── beam {number + 1} of {len(beams)}: log p {nats:.3f} nats, "
                f"{-nats / len(beam.tokens):.3f} nats a character{ended} ──"
            )
            self._out.print(Text(heading, style="dim"))
            text = writing.corpus.vocabulary.decode(beam.tokens)
            self._out.print(Text(writing.prompt, style="bold") + Text(text))

    def _beside(self, writing: Writing, picks: Sequence[Pick], own: Continuation) -> None:
        probabilities = [pick.probability for pick in picks]
        text = writing.corpus.vocabulary.decode([pick.token for pick in picks])
        table = Table(box=None, padding=(0, 2, 0, 0), expand=True)
        table.add_column(f"model, {surprise_bits(probabilities):.2f} bits a character", ratio=1)
        own_bits = bits(writing.loss_nats(own.text))
        name = writing.settings.beside.name if writing.settings.beside else ""
        book = f"{name}, {own_bits:.2f} bits a character"
        table.add_column(Text(book, overflow="ellipsis", no_wrap=True), ratio=1)
        prompt = Text(writing.prompt, style="bold")
        table.add_row(prompt + Text(text), prompt + Text(own.text))
        self._out.print(table, soft_wrap=False)

    def _legend(self) -> None:
        legend = Text("probability: ")
        for _, style, meaning in BANDS:
            legend.append(meaning, style=style)
            legend.append("  ")
        legend.rstrip()
        self._notes.print(legend)
        if not self._out.is_terminal or self._out.no_color:
            self.note("standard output shows no colours; --json tells the probabilities")


def band(probability: float) -> str:
    """Return the style of a character of this probability.

    >>> band(0.95), band(0.01)
    ('color(67)', 'bold underline color(197)')
    """
    return next(style for least, style, _ in BANDS if probability >= least)
