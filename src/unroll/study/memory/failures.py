"""Trials that failed, as notices: a report must not pass over them."""

from collections.abc import Iterable

from unroll.records import TrialRecord
from unroll.report.markup import inert
from unroll.report.section import Notice
from unroll.study.words import listed

NAMED = 3
"""So many trials that failed for one reason are named, the others counted."""


def failure_notices(trials: Iterable[tuple[str, TrialRecord]]) -> list[Notice]:
    """Return one notice a reason, for trials that each come with what they are called."""
    reasons: dict[str, list[str]] = {}
    for name, record in trials:
        if record.status == "failed":
            reasons.setdefault(record.error or "no reason is recorded", []).append(name)
    return [
        Notice(text=f"**{listed(_shortened(names))} failed:** {inert(reason)}")
        for reason, names in reasons.items()
    ]


def _shortened(names: list[str]) -> list[str]:
    rest = len(names) - NAMED
    return names if rest <= 1 else [*names[:NAMED], f"{rest:,} more"]
