"""Bits per character on a book, in a fixed budget of characters: the jobs."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from unroll.cells import is_causal
from unroll.cells.source import CellSource
from unroll.errors import ConfigError
from unroll.records import MeasurementRecord
from unroll.study.bench.bits_training import measure_baselines, measure_bits
from unroll.study.bench.widths import count_parameters
from unroll.study.running.measurement import MeasurementJob
from unroll.study.running.memory_need import parameter_bytes, training_bytes
from unroll.study.text.commands.books import find_book
from unroll.text import split_text

KIND = "bench-bits"
BASELINE_KIND = "bench-bits-baseline"
BUDGET = 1_000_000
"""Characters that every cell is trained on: the LSTM takes 8 s for them on one core of 2020, a
cell of 64 units that is called step by step 11 s."""
RATES = (0.1, 0.03, 0.01, 0.003)
"""The grid of learning rates, chosen from for each cell."""
TUNING_SEED = 1_000
"""The seed on which the rate is chosen; none of the reported ones."""
ORDERS = (1, 2, 3, 5)
"""Of the n-grams that stand beside."""
_VOCABULARY = 100
"""About how many characters a book has, for estimates."""


@dataclass(frozen=True, kw_only=True)
class BitsProtocol:
    """What every cell has in common: the book, the budget, and how it is trained."""

    book: str | None
    """Path or name of the book; None is Python's own documentation."""
    book_sha256: str
    """Of the text that is read."""
    book_name: str
    """Short, for tables."""
    book_characters: int
    """Characters that are read of the book, from its beginning."""
    characters: int = BUDGET
    """Characters to train on, counted each time they are read."""
    batch_size: int = 32
    """B, windows side by side."""
    window: int = 64
    """T, characters of a window, which is read from zero state."""
    embedding_size: int = 32
    """D, numbers in which a cell reads a character."""
    clip_norm: float = 1.0
    """Largest norm of the gradient."""

    @classmethod
    def of(
        cls, book: Path | None, *, characters: int = BUDGET, most: int = 2_000_000
    ) -> "BitsProtocol":
        """Return the protocol of a book; of a long one, its first `most` characters are read.

        Raises: BookError or ConfigError, in one line, for a book that cannot be read or is too
        short, or a budget below one step.
        """
        found = find_book(book, most)
        protocol = cls(
            book=None if book is None else str(book),
            book_sha256=found.sha256,
            book_name=found.name,
            book_characters=found.characters,
            characters=characters,
        )
        split_text(found.characters, protocol.window)
        if protocol.steps < 1:
            step = protocol.batch_size * protocol.window
            raise ConfigError(
                f"bits: the budget must be {step:,} characters or more, one step of training, "
                f"got {characters:,}"
            )
        return protocol

    @property
    def steps(self) -> int:
        """Steps that the budget suffices for."""
        return self.characters // (self.batch_size * self.window)


@dataclass(frozen=True, kw_only=True)
class RateChoice:
    """The rate that a cell does best with on the tuning split."""

    rate: float
    """The rate."""
    by_rate: dict[float, float | None]
    """Bits a character on the tuning split by rate; None where training diverged."""

    @property
    def at_edge(self) -> bool:
        """Whether it is the least or the greatest rate tried, so that one beyond may be better."""
        return len(self.by_rate) > 1 and self.rate in (min(self.by_rate), max(self.by_rate))


def why_no_bits(source: CellSource) -> str:
    """Say why a cell cannot predict a text; empty where it can."""
    if is_causal(source.load()):
        return ""
    return f"{source.spec} reads from both ends, and so what it is to predict"


def bits_tuning_jobs(
    source: CellSource,
    hidden_size: int,
    rates: Sequence[float],
    protocol: BitsProtocol,
    *,
    initialisation: str = "own",
) -> tuple[MeasurementJob, ...]:
    """Return one training at each rate, with a seed of its own, judged on the tuning split."""
    return tuple(
        _job(source, hidden_size, rate, TUNING_SEED, "tuning", protocol, initialisation)
        for rate in rates
        if not why_no_bits(source)
    )


def choose_rate(records: Iterable[MeasurementRecord], source: CellSource) -> RateChoice | None:
    """Return the rate of the fewest bits on the tuning split; None where none is measured."""
    mine = (
        record
        for record in records
        if record.kind == KIND
        and record.settings["cell_sha256"] == source.sha256
        and record.settings["cell_class"] == source.class_name
    )
    return choice_of(mine)


def choice_of(records: Iterable[MeasurementRecord]) -> RateChoice | None:
    """Return the choice among the trainings of one cell; None where none is measured."""
    found: dict[float, float | None] = {
        record.settings["rate"]: record.values["bits"]
        for record in records
        if record.values is not None and record.settings["split"] == "tuning"
    }
    if not any(bits is not None for bits in found.values()):
        return None
    # The smaller of two equal ones: it is the safer.
    best = min(sorted(found), key=lambda rate: _or_endless(found[rate]))
    return RateChoice(rate=best, by_rate=dict(sorted(found.items())))


def bits_jobs(
    source: CellSource,
    hidden_size: int,
    seeds: Sequence[int],
    rate: float,
    protocol: BitsProtocol,
    *,
    initialisation: str = "own",
) -> tuple[MeasurementJob, ...]:
    """Return a training with each seed at the chosen rate, judged on the validation split."""
    return tuple(
        _job(source, hidden_size, rate, seed, "validation", protocol, initialisation)
        for seed in seeds
        if not why_no_bits(source)
    )


def baseline_jobs(protocol: BitsProtocol) -> tuple[MeasurementJob, ...]:
    """Return the measurement of what counting alone predicts."""
    job = MeasurementJob(
        kind=BASELINE_KIND,
        measure=measure_baselines,
        settings={**_book(protocol), "window": protocol.window, "orders": list(ORDERS)},
        label=f"n-grams of {protocol.book_name}",
        # Keys and counts of each order, int64, and what sorting them takes.
        need_bytes=8 * 12 * max(ORDERS) * protocol.book_characters,
    )
    return (job,)


def _job(
    source: CellSource,
    hidden_size: int,
    rate: float,
    seed: int,
    split: str,
    protocol: BitsProtocol,
    initialisation: str,
) -> MeasurementJob:
    trained = asdict(protocol)
    for name in _book(protocol):
        trained.pop(name)
    B, T, D = protocol.batch_size, protocol.window, protocol.embedding_size
    parameters = count_parameters(source, D, hidden_size) + _VOCABULARY * (D + hidden_size + 1)
    purpose = "rate" if split == "tuning" else f"seed {seed}"
    return MeasurementJob(
        kind=KIND,
        measure=measure_bits,
        settings={
            "cell": source.spec,
            "cell_class": source.class_name,
            "cell_sha256": source.sha256,
            "hidden_size": hidden_size,
            "initialisation": initialisation,
            **_book(protocol),
            **trained,
            "rate": rate,
            "seed": seed,
            "split": split,
        },
        label=f"bits per character of {source.spec}, rate {rate:g}, {purpose}",
        work=float(parameters * protocol.steps * B * T),
        need_bytes=training_bytes(source.spec, B=B, T=T, D=D, H=hidden_size)
        + 3 * 4 * B * T * _VOCABULARY
        + parameter_bytes(parameters),
        source=source,
    )


def _book(protocol: BitsProtocol) -> dict[str, Any]:
    """Return what says which text is read."""
    return {
        "book": protocol.book,
        "book_sha256": protocol.book_sha256,
        "book_name": protocol.book_name,
        "book_characters": protocol.book_characters,
    }


def _or_endless(bits: float | None) -> float:
    return math.inf if bits is None else bits
