"""The memory study: which cell solves which length?"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any

import torch

from unroll.cells import Cell, parse_initialisation
from unroll.cells.initialisation import check_initialisation
from unroll.cells.source import CellSource, find_cell
from unroll.engines import find_engine
from unroll.errors import CellError, ConfigError
from unroll.records import RequestRecord, Store
from unroll.study.memory_settings import MemorySettings
from unroll.study.trial import TrialSettings
from unroll.study.worker import TrialJob
from unroll.tasks import make_task


@dataclass(frozen=True, kw_only=True)
class MemoryPlan:
    """All the trials that a memory study consists of."""

    settings: MemorySettings
    """What was asked."""
    jobs: tuple[TrialJob, ...]
    """One for each cell, length, seed and rate, by length."""
    keep_own: tuple[str, ...]
    """Cells that keep the initialisation of their own constructor."""

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of the trials, in order."""
        return tuple(job.settings.key for job in self.jobs)


def plan_memory(settings: MemorySettings) -> MemoryPlan:
    """Check everything that can be checked before a file is written, and list the trials.

    Raises: ConfigError or CellError in one line.
    """
    if settings.device == "cuda" and not torch.cuda.is_available():
        raise ConfigError("device cuda: PyTorch sees no CUDA device here; use --device cpu")
    recipe = settings.resolve_recipe()
    sources = {spec: find_cell(spec) for spec in settings.cells}
    _check_different(sources.values())
    initialisation = parse_initialisation(recipe.initialisation)
    keep_own = []
    parameters = {}
    for spec, source in sources.items():
        cell_class = source.load()
        if issubclass(cell_class, Cell):
            check_initialisation(cell_class, initialisation)
        else:
            keep_own.append(spec)
        parameters[spec] = _count_parameters(settings, source)
    jobs = [
        TrialJob(
            settings=TrialSettings(
                cell=spec,
                cell_class=sources[spec].class_name,
                cell_sha256=sources[spec].sha256,
                task=settings.task,
                length=length,
                seed=seed,
                encoding=recipe.encoding,
                initialisation="own" if spec in keep_own else recipe.initialisation,
                hidden_size=recipe.hidden_size,
                batch_size=recipe.batch_size,
                optimiser=recipe.optimiser,
                rate=rate,
                clip_norm=recipe.clip_norm,
                max_steps=recipe.max_steps,
                stop_loss_nats=recipe.stop_loss_nats,
                engine=settings.engine,
                device=settings.device,
            ),
            source=sources[spec],
            lengths=tuple(sorted({length, *settings.test_lengths})),
            parameters=parameters[spec],
        )
        for length in sorted(settings.lengths)
        for spec in settings.cells
        for rate in recipe.rates
        for seed in range(settings.seeds)
    ]
    return MemoryPlan(settings=settings, jobs=tuple(jobs), keep_own=tuple(keep_own))


def request_memory(plan: MemoryPlan, store: Store) -> RequestRecord:
    """Note in the store what is asked for, so that a report can be drawn at any time."""
    request = RequestRecord(
        kind="memory",
        settings=_protocol(plan.settings),
        command=plan.settings.command(str(store.directory)),
        trials=plan.keys,
        started=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    store.add_request(request)
    return request


def missing_jobs(plans: Sequence[MemoryPlan], store: Store) -> list[TrialJob]:
    """Return what is left to do: trials not recorded or failed, and lengths not yet tested.

    The shortest length comes first, so that there is soon something to see; within a length the
    largest cell comes first, so that small ones fill the workers' last gap.
    """
    jobs = []
    for job in _merge_jobs(job for plan in plans for job in plan.jobs):
        trial = store.find_trial(job.settings.key)
        if trial is None or trial.status == "failed" or not store.has_weights(trial.key):
            jobs.append(job)
            continue
        tested = {score.length for score in store.evaluations(trial.key)}
        untested = tuple(length for length in job.lengths if length not in tested)
        if untested:
            jobs.append(replace(job, lengths=untested, weights=store.load_weights(trial)))
    return sorted(jobs, key=lambda job: (job.settings.length, -job.work))


def _merge_jobs(jobs: Iterable[TrialJob]) -> Iterable[TrialJob]:
    """Return every trial once, where two recipes ask for the same."""
    merged: dict[str, TrialJob] = {}
    for job in jobs:
        known = merged.get(job.settings.key, job)
        lengths = tuple(sorted({*known.lengths, *job.lengths}))
        merged[job.settings.key] = replace(known, lengths=lengths)
    return merged.values()


def _check_different(sources: Iterable[CellSource]) -> None:
    """Raise ConfigError when one cell is named twice, in two spellings."""
    seen: dict[tuple[str, str], str] = {}
    for source in sources:
        identity = (source.sha256, source.class_name)
        if identity in seen:
            raise ConfigError(f"cells: {seen[identity]} and {source.spec} are the same cell")
        seen[identity] = source.spec


def _count_parameters(settings: MemorySettings, source: CellSource) -> int:
    """Return the size of a cell, or raise ConfigError when its engine cannot run it."""
    recipe = settings.resolve_recipe()
    task = make_task(settings.task, min(settings.lengths), recipe.encoding)
    try:
        cell = source.load()(task.input_size, recipe.hidden_size)
    except (Exception, SystemExit) as error:
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        raise CellError(
            f"cell '{source.spec}': cannot be built with input_size={task.input_size}, "
            f"hidden_size={recipe.hidden_size}; it raised {reason}"
        ) from error
    find_engine(cell, recipe.batch_size, settings.engine)
    return sum(parameter.numel() for parameter in cell.parameters())


def _protocol(settings: MemorySettings) -> dict[str, Any]:
    """Return what trials must share to stand in one figure."""
    recipe = asdict(settings.resolve_recipe())
    del recipe["name"], recipe["summary"]
    return {
        "recipe": settings.recipe,
        "task": settings.task,
        "engine": settings.engine,
        "device": settings.device,
        **recipe,
    }
