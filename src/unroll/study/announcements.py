"""What a run tells before it begins, and how to go on where it was interrupted."""

from collections.abc import Sequence
from pathlib import Path

from unroll.records import Store
from unroll.study.running.display import format_duration
from unroll.study.running.estimate import estimate_seconds
from unroll.study.running.plan import Plan
from unroll.study.running.runner import Job
from unroll.study.running.trial_job import TrialJob
from unroll.study.words import count


def intentions(plans: Sequence[Plan], jobs: Sequence[Job], *, workers: int, out: Path) -> list[str]:
    """Say what will be run, of which `jobs` are missing, and how long that takes at most."""
    lines = [line for plan in plans for line in plan.intention]
    total = len({key for plan in plans for key in plan.keys})
    others = len({job.key for plan in plans for job in plan.measurements})
    parts = [count(total, "trial")] if total else []
    parts += [count(others, "measurement")] if others else []
    recorded = total + others - len(jobs)
    known = f", {recorded} recorded already" if recorded else ""
    later = [job for plan in plans for job in plan.later]
    further = f", then {len(later)} more" if later else ""
    # What is measured otherwise takes but a moment.
    worked = [job for job in jobs if isinstance(job, TrialJob) or job.steps or job.work] + later
    workers = min(workers, max(len(worked), 1))
    time_needed = (
        f"; about {format_duration(estimate_seconds(worked, workers))} on "
        f"{count(workers, 'worker')} if none stops early"
        if worked
        else ""
    )
    lines.append(f"{' and '.join(parts)}{further}{known}{time_needed}; results and report in {out}")
    return lines


def how_to_resume(plans: Sequence[Plan], store: Store) -> str:
    """Say how much of these plans is recorded."""
    trials = {key for plan in plans for key in plan.keys}
    looks = {job.key for plan in plans for job in plan.measurements}
    parts = []
    for keys, noun, find in (
        (trials, "trial", store.find_trial),
        (looks, "measurement", store.find_measurement),
    ):
        if keys:
            recorded = sum(find(key) is not None for key in keys)
            parts.append(f"{recorded} of {count(len(keys), noun)}")
    return (
        f"interrupted: {' and '.join(parts)} are recorded in {store.directory}; "
        "run the same command again to go on"
    )
