"""Records: what was measured, kept in a directory."""

from unroll.records.horizon import Horizon, Reading, read_horizon
from unroll.records.schema import EvaluationRecord, RequestRecord, TrialRecord
from unroll.records.store import Store

__all__ = [
    "EvaluationRecord",
    "Horizon",
    "Reading",
    "RequestRecord",
    "Store",
    "TrialRecord",
    "read_horizon",
]
