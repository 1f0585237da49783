"""One measurement as a job: whatever is asked that is not the training of a network."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeAlias

import torch

from unroll.cells.source import CellSource
from unroll.errors import in_one_line
from unroll.records import MeasurementRecord
from unroll.records.environment import describe_environment
from unroll.study.running.trial import NUMERICS_VERSION

_SPELT = {
    "cell": {"cell_sha256", "cell_class"},
    "book": {"book_sha256"},
    "root": {"graph_sha256"},
}
"""How a user spells a cell, or where a book or a graph lies, does not change what is computed,
where these settings say what it is."""

Measure: TypeAlias = Callable[["MeasurementJob"], dict[str, Any]]
"""Does the work, in a worker; returns plain values that JSON can hold."""


@dataclass(frozen=True, kw_only=True)
class MeasurementJob:
    """What a worker is asked to measure."""

    kind: str
    """What is measured, `gradients` say."""
    measure: Measure
    """The function that measures it, found by its name in the worker."""
    settings: dict[str, Any]
    """All that decides the numbers, as plain values."""
    label: str
    """The measurement in a few words."""
    work: float = 0.0
    """Uses of a parameter, as `TrialJob.work`; 0 where it takes but a moment."""
    need_bytes: int = 0
    """Bytes that it allocates at its peak, roughly."""
    source: CellSource | None = None
    """Where its cell comes from, if it looks into one."""
    needs: str | None = None
    """Key of the trial whose weights it looks into."""
    weights: bytes | None = None
    """Those weights, filled in when the trial is recorded."""
    after: str | None = None
    """Key of the measurement that must be recorded before, for what it leaves in `folder`."""
    folder: Path | None = None
    """Where what no record can hold is kept, such as a run directory; no part of the key. In a
    plan it is relative to the store's directory, and a worker is given the path that leads there.
    """
    steps: int = 0
    """Steps that it tells of while it goes on, through `send_progress`; 0 where it tells none."""

    @property
    def key(self) -> str:
        """A hash that is the same for the same measurement, in every run and process."""
        values = {"kind": self.kind, "numerics": NUMERICS_VERSION, **self.settings}
        for name, identity in _SPELT.items():
            if identity <= values.keys():
                values.pop(name, None)
        text = json.dumps(values, sort_keys=True)
        return sha256(text.encode()).hexdigest()[:32]

    @property
    def what(self) -> str:
        """The job in a few words."""
        return self.label


def run_measurement(job: MeasurementJob) -> MeasurementRecord:
    """Measure on one thread; an exception gives a record that says why, and nothing is raised."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    start = time.perf_counter()
    values, error = None, None
    try:
        values = job.measure(job)
    except (Exception, SystemExit) as caught:
        error = in_one_line(caught)
    finally:
        torch.set_num_threads(threads)
    return MeasurementRecord(
        key=job.key,
        kind=job.kind,
        settings=job.settings,
        values=values,
        error=error,
        seconds=time.perf_counter() - start,
        environment=describe_environment(),
    )


def failed_measurement(job: MeasurementJob, message: str) -> MeasurementRecord:
    """Return the record of a measurement that could not be made."""
    return MeasurementRecord(
        key=job.key,
        kind=job.kind,
        settings=job.settings,
        values=None,
        error=message,
        environment=describe_environment(),
    )
