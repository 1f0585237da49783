"""The bench: which cells, at which widths, on which tasks; and the rounds in which that is run."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from unroll.cells.source import CellSource, find_cell
from unroll.errors import ConfigError
from unroll.records import Store
from unroll.study.bench.besides import Besides
from unroll.study.bench.bits import BitsProtocol, why_no_bits
from unroll.study.bench.protocol import (
    ladder,
    shared_protocol,
    shortest_length,
    trial_settings,
    why_not_taken,
)
from unroll.study.bench.rounds import (
    RateChoice,
    Tuned,
    choose_rate,
    count_seeds,
    lengths_to_test,
    reached,
)
from unroll.study.bench.settings import BATCH_SIZE, TUNING_SEED, BenchSettings
from unroll.study.bench.widths import Width, check_budget, match_widths
from unroll.study.bench.words import list_intentions
from unroll.study.memory.plan import check_different
from unroll.study.running.plan import Plan
from unroll.study.running.trial_job import TrialJob
from unroll.tasks import check_task_takes, default_encoding, make_task

_STANDS_FOR = b"weights"
"""Of a network that is yet to be trained: its tests are foreseen, and never run."""


def plan_bench(settings: BenchSettings) -> Plan:
    """Check everything that can be checked before a file is written, and match the widths.

    Raises: UnrollError in one line.
    """
    sources = [find_cell(spec) for spec in settings.cells]
    check_different(sources)
    for task in settings.trained:
        for source in sources if settings.are_tasks_named else ():
            check_task_takes(task, source.load())
        check_budget(settings.budget, BATCH_SIZE, shortest_length(task, settings.longest))
    widths = match_widths(sources, settings.hidden_size, settings.match)
    bench = _Bench(
        settings=settings,
        widths=widths,
        besides=Besides(settings=settings, widths=widths, book=_find_book(settings, sources)),
    )
    plan = Plan(
        kind="bench",
        settings=settings,
        protocol=shared_protocol(settings, widths[0].measure(settings.match)),
        intention=list_intentions(settings, widths),
        grow=partial(_grow, bench),
    )
    return bench.first(plan)


def _find_book(settings: BenchSettings, sources: Sequence[CellSource]) -> BitsProtocol | None:
    """Return the book for bits per character, if it is asked for and any cell can read it."""
    if "bits" not in settings.tasks:
        return None
    reasons = [(source, why_no_bits(source)) for source in sources]
    if settings.book is not None:
        for source, reason in reasons:
            if reason:
                raise ConfigError(f"book: {source.spec}: {reason}; leave out one of them")
    return BitsProtocol.of(settings.book) if not all(reason for _, reason in reasons) else None


@dataclass(frozen=True, kw_only=True)
class _Bench:
    """A bench whose cells are found and matched."""

    settings: BenchSettings
    widths: tuple[Width, ...]
    besides: Besides

    def first(self, plan: Plan) -> Plan:
        """Return the plan with what can be named before anything is recorded."""
        tuning = [
            job for width in self.widths for t in self._tasks(width) for job in self._tune(width, t)
        ]
        later = [
            job
            for width in self.widths
            for t in self._tasks(width)
            for job in self._later(width, t)
        ]
        return replace(
            plan,
            trials=tuple(tuning),
            measurements=self.besides.first(),
            later=(*later, *map(self._tests, later), *self.besides.later(later)),
        )

    def grown(self, plan: Plan, store: Store) -> Plan:
        """Return the plan with everything that what is recorded lets one name."""
        tuning, chosen, later = [], [], []
        for width in self.widths:
            for task in self._tasks(width):
                mine = self._tune(width, task)
                tuning += mine
                tuned = [found for job in mine if (found := _tuned(job, store)) is not None]
                if len(tuned) < len(mine):
                    later += self._later(width, task)
                elif (choice := choose_rate(tuned)) is not None:
                    chosen += self._chosen(width, task, choice, store)
        untrained = [job for job in chosen if store.find_trial(job.key) is None]
        measurements, awaited = self.besides.grown(
            store, chosen, awaited=later, is_trained=not later and not untrained
        )
        return replace(
            plan,
            trials=(*tuning, *chosen),
            measurements=measurements,
            later=(*later, *map(self._tests, [*later, *untrained]), *awaited),
        )

    def _tasks(self, width: Width) -> tuple[str, ...]:
        """Return the tasks that a cell can take."""
        cell_class = width.source.load()
        return tuple(t for t in self.settings.trained if not why_not_taken(t, cell_class))

    def _tune(self, width: Width, task: str) -> list[TrialJob]:
        """Return the first round: each rate once, with a seed that is not reported."""
        return [self._job(width, task, rate, TUNING_SEED) for rate in self.settings.rates]

    def _later(self, width: Width, task: str) -> list[TrialJob]:
        """Return what stands for the second round while its rate is not known."""
        rate = self.settings.rates[0]
        return [self._job(width, task, rate, seed) for seed in range(self.settings.seeds)]

    def _chosen(self, width: Width, task: str, choice: RateChoice, store: Store) -> list[TrialJob]:
        """Return the second round, each network tested as far as is known to be worth it."""
        seeds = range(count_seeds(self.settings.seeds, choice))
        jobs = [self._job(width, task, choice.rate, seed) for seed in seeds]
        return [self._tested(job, store) for job in jobs]

    def _tested(self, job: TrialJob, store: Store) -> TrialJob:
        trial = store.find_trial(job.key)
        if trial is None or trial.status == "failed":
            return job
        scores = {score.length: score for score in store.evaluations(job.key)}
        steps = ladder(job.settings.task, self.settings.longest)
        further = lengths_to_test(steps, reached(trial), scores)
        return replace(job, lengths=tuple(sorted({*job.lengths, *further})))

    def _tests(self, job: TrialJob) -> TrialJob:
        """Return what stands for the tests of a network, at every length that training may reach.

        How far it is tested depends on how far it comes.
        """
        steps = ladder(job.settings.task, self.settings.longest)
        lengths = tuple(length for length in steps if length < self.settings.longest)
        return replace(job, lengths=lengths or steps[:1], weights=_STANDS_FOR)

    def _job(self, width: Width, task: str, rate: float, seed: int) -> TrialJob:
        known = make_task(task, self.settings.longest, default_encoding(task))
        return TrialJob(
            settings=trial_settings(self.settings, width, task, rate, seed),
            source=width.source,
            lengths=(self.settings.longest,),
            parameters=width.parameters + known.outputs * (width.hidden_size + 1),
        )


def _grow(bench: _Bench, plan: Plan, store: Store) -> Plan:
    return bench.grown(plan, store)


def _tuned(job: TrialJob, store: Store) -> Tuned | None:
    record = store.find_trial(job.key)
    if record is None:
        return None
    return Tuned(
        rate=job.settings.rate,
        record=record,
        validation=store.curve(job.key, "validation"),
    )
