"""The ablation's trials: every row at the shortest length, then up while it is solved."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from functools import partial
from itertools import pairwise

from unroll.cells import Cell
from unroll.records import Store
from unroll.study.ablation.rows import Row, rows_of
from unroll.study.ablation.settings import AblationSettings
from unroll.study.ablation.view import read_ladders
from unroll.study.memory.plan import plan_memory
from unroll.study.running.plan import Plan
from unroll.study.running.trial_job import TrialJob
from unroll.study.words import count, join
from unroll.training.recipes import ASSIGNMENT, LEARNED

EVALUATED = 2_000
"""Held-out palindromes a length: enough to tell 0.99, and testing takes less than training."""


def plan_ablation(settings: AblationSettings) -> Plan:
    """Return every row's trials at the shortest length; `grow` adds the longer ones.

    Raises: ConfigError or CellError in one line.
    """
    plan_memory(settings.as_memory())
    rungs = {(row, length): jobs for row, length, jobs in _rungs(settings)}
    shortest = min(settings.lengths)
    return Plan(
        kind="ablation",
        settings=settings,
        protocol=_protocol(settings),
        trials=tuple(
            job for (_, length), jobs in rungs.items() if length == shortest for job in jobs
        ),
        intention=_intention(settings, len({row for row, _ in rungs})),
        grow=partial(_grow, rungs),
    )


def _grow(rungs: Mapping[tuple[Row, int], tuple[TrialJob, ...]], plan: Plan, store: Store) -> Plan:
    """Return the plan with the next length of every row of which a seed solved all so far."""
    lengths = sorted({length for _, length in rungs})
    asked = {job.key for job in plan.trials}
    ladders = read_ladders(store, [job.key for jobs in rungs.values() for job in jobs])
    added: list[TrialJob] = []
    for row in dict.fromkeys(row for row, _ in rungs):
        ladder = ladders.get(row)
        for shorter, length in pairwise(lengths):
            jobs = rungs[row, shorter]
            if ladder is None or not ladder.is_climbed(shorter, len(jobs)):
                break
            added += [job for job in rungs[row, length] if job.key not in asked]
    return replace(plan, trials=(*plan.trials, *added)) if added else plan


def _rungs(settings: AblationSettings) -> list[tuple[Row, int, tuple[TrialJob, ...]]]:
    """Return every row at every length, with all rates and seeds."""
    found = []
    for cell in settings.cells:
        plain = _jobs(settings, cell, ASSIGNMENT.name)
        one_hot = _jobs(settings, cell, LEARNED.name)
        has_own = not issubclass(plain[0].source.load(), Cell)
        for row in rows_of(cell, has_own=has_own):
            base = one_hot if "encoding" in row.changes else plain
            for length in sorted(settings.lengths):
                jobs = tuple(
                    _changed(job, row, rate, settings)
                    for rate in sorted(settings.rates)
                    for job in base
                    if job.settings.length == length
                )
                found.append((row, length, jobs))
    return found


def _jobs(settings: AblationSettings, cell: str, recipe: str) -> tuple[TrialJob, ...]:
    """Return one trial for each length and seed, with a recipe's width, batch and encoding."""
    memory = replace(settings.as_memory(), cells=(cell,), recipe=recipe, rate=settings.rates[0])
    return plan_memory(memory).trials


def _changed(job: TrialJob, row: Row, rate: float, settings: AblationSettings) -> TrialJob:
    """Return the trial as the row and the rate have it."""
    recipe, shared = row.recipe, job.settings
    shortest = recipe.curriculum.start if recipe.curriculum else shared.length
    has_own = shared.initialisation == "own"
    return replace(
        job,
        test_count=EVALUATED,
        way=row.name,
        settings=replace(
            shared,
            encoding=recipe.encoding,
            initialisation="own" if has_own else recipe.initialisation,
            optimiser=recipe.optimiser,
            rate=rate,
            clip_norm=recipe.clip_norm,
            stop_loss_nats=recipe.stop_loss_nats,
            curriculum=asdict(recipe.curriculum) if recipe.curriculum else None,
            max_steps=settings.budget // (shared.batch_size * shortest),
            sequence_steps=settings.budget,
        ),
    )


def _protocol(settings: AblationSettings) -> dict[str, object]:
    """Return what trials must share to stand in one figure."""
    recipe = settings.as_memory().resolve_recipe()
    return {
        "budget": settings.budget,
        "rates": sorted(settings.rates),
        "lengths": sorted(settings.lengths),
        "hidden_size": recipe.hidden_size,
        "batch_size": recipe.batch_size,
    }


def _intention(settings: AblationSettings, rows: int) -> tuple[str, ...]:
    """Say what will be trained."""
    batch = settings.as_memory().resolve_recipe().batch_size
    lengths = sorted(settings.lengths)
    steps = join(f"{settings.budget // (batch * length):,}" for length in lengths)
    return (
        f"ablation: {join(settings.cells)} from recipe {ASSIGNMENT.name} to {LEARNED.name}, "
        f"{count(rows, 'row')}; {count(len(settings.rates), 'rate')} × "
        f"{count(settings.seeds, 'seed')} at each of T = {join(lengths)}, as far "
        f"as a row is solved; {count(settings.budget, 'sequence-step')} a trial",
        f"  that is {steps} steps of training at these lengths, {batch} sequences each",
    )
