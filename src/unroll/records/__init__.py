"""Records: what was measured, kept in a directory."""

from unroll.records.horizon import Horizon, Reading, read_horizon
from unroll.records.schema import EvaluationRecord, MeasurementRecord, RequestRecord, TrialRecord
from unroll.records.store import Store

__all__ = [
    "EvaluationRecord",
    "Horizon",
    "MeasurementRecord",
    "Reading",
    "RequestRecord",
    "Store",
    "TrialRecord",
    "read_horizon",
]
