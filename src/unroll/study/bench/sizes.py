"""What a cell of the bench is before any training: how large, and what it cannot do."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from unroll.cells import is_causal
from unroll.errors import CellError
from unroll.records import MeasurementRecord
from unroll.study.bench.bits import why_no_bits
from unroll.study.bench.gradient import why_no_gradient
from unroll.study.bench.protocol import initialisation_of, why_not_taken
from unroll.study.bench.settings import TASKS
from unroll.study.bench.widths import INPUT_SIZE, Width, build, state_size
from unroll.study.running.measurement import MeasurementJob

KIND = "bench-size"


@dataclass(frozen=True, kw_only=True)
class CellSize:
    """A cell at the width at which it is compared."""

    cell: str
    """As the user named it."""
    hidden_size: int
    """H."""
    parameters: int
    """Of the cell alone, at D = 10."""
    state: int
    """Numbers that it carries from step to step, for one sequence."""
    initialisation: str
    """How its parameters begin; `own` where its constructor decides."""
    left_out: dict[str, str]
    """Why something is not measured of it, by what is not."""


def size_job(width: Width) -> MeasurementJob:
    """Return the job that counts a cell's parameters and what it carries."""
    source = width.source
    return MeasurementJob(
        kind=KIND,
        measure=measure_size,
        settings={
            "cell": source.spec,
            "cell_class": source.class_name,
            "cell_sha256": source.sha256,
            "hidden_size": width.hidden_size,
            "input_size": INPUT_SIZE,
        },
        label=f"{source.spec}, {width.hidden_size} units",
        source=source,
    )


def measure_size(job: MeasurementJob) -> dict[str, Any]:
    """Build the cell and count."""
    source = job.source
    if source is None:
        raise CellError(f"{job.label}: the job names no cell")
    cell = build(source, job.settings["input_size"], job.settings["hidden_size"])
    reasons = {
        **{task: why_not_taken(task, type(cell)) for task in TASKS},
        "gradient": why_no_gradient(source),
        "bits": why_no_bits(source),
    }
    return {
        "parameters": sum(parameter.numel() for parameter in cell.parameters()),
        "state": state_size(source, cell),
        "causal": is_causal(type(cell)),
        "initialisation": initialisation_of(source),
        "left_out": {name: reason for name, reason in reasons.items() if reason},
    }


def read_sizes(records: Iterable[MeasurementRecord]) -> dict[str, CellSize]:
    """Return the sizes by cell; the last record of a cell holds."""
    return {
        record.settings["cell"]: CellSize(
            cell=record.settings["cell"],
            hidden_size=record.settings["hidden_size"],
            parameters=record.values["parameters"],
            state=record.values["state"],
            initialisation=record.values["initialisation"],
            left_out=record.values["left_out"],
        )
        for record in records
        if record.kind == KIND and record.values is not None
    }
