"""What was measured of bits per character, put in order to be told."""

import statistics
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from unroll.records import MeasurementRecord
from unroll.study.bench.bits import BASELINE_KIND, KIND, RateChoice, choice_of


@dataclass(frozen=True, kw_only=True)
class CellBits:
    """What one cell needs for a character."""

    cell: str
    """The cell as the user named it."""
    settings: dict[str, Any]
    """What was asked."""
    choice: RateChoice | None
    """The rate that was chosen, and what every rate gave on the tuning split."""
    bits: tuple[float | None, ...]
    """Bits a character on the validation split, one a seed; None where training diverged."""
    parameters: int | None
    """Numbers of the model, embedding and readout among them."""
    failures: tuple[str, ...]
    """Why a training could not be made, one line each."""

    @property
    def known(self) -> tuple[float, ...]:
        """The bits of the seeds that did not diverge."""
        return tuple(value for value in self.bits if value is not None)

    @property
    def median(self) -> float | None:
        """The median of these."""
        return statistics.median(self.known) if self.known else None


@dataclass(frozen=True, kw_only=True)
class BitsReading:
    """All cells, and what stands beside them."""

    cells: tuple[CellBits, ...]
    """In the order of the records."""
    ngrams: dict[int, float]
    """Bits a character of n-grams, by n; empty where they are not measured."""
    uniform: float | None
    """Bits of guessing among all characters alike."""
    baseline: dict[str, Any]
    """All that was measured of the n-grams."""

    def cell(self, name: str) -> CellBits | None:
        """Return what is known of one cell."""
        return next((cell for cell in self.cells if cell.cell == name), None)


def read_bits(records: Iterable[MeasurementRecord]) -> BitsReading:
    """Return what is measured, cell by cell in the order of the records."""
    by_cell: dict[str, list[MeasurementRecord]] = {}
    baseline: dict[str, Any] = {}
    for record in records:
        if record.kind == KIND:
            by_cell.setdefault(record.settings["cell"], []).append(record)
        elif record.kind == BASELINE_KIND and record.values is not None:
            baseline = record.values
    return BitsReading(
        cells=tuple(_read(cell, mine) for cell, mine in by_cell.items()),
        ngrams={int(order): bits for order, bits in baseline.get("ngram_bits", {}).items()},
        uniform=baseline.get("uniform_bits"),
        baseline=baseline,
    )


def _read(cell: str, records: list[MeasurementRecord]) -> CellBits:
    final = [r for r in records if r.settings["split"] == "validation" and r.values is not None]
    final.sort(key=lambda record: record.settings["seed"])
    values = [record.values or {} for record in final]
    measured = [r.values for r in records if r.values is not None]
    return CellBits(
        cell=cell,
        settings=records[0].settings,
        choice=choice_of(records),
        bits=tuple(value["bits"] for value in values),
        parameters=measured[0]["parameters"] if measured else None,
        failures=tuple(dict.fromkeys(r.error for r in records if r.error is not None)),
    )
