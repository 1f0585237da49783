"""What the bench measures besides the tasks, round by round."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from unroll.records import MeasurementRecord, Store
from unroll.study.bench.bits import (
    RATES,
    BitsProtocol,
    baseline_jobs,
    bits_jobs,
    bits_tuning_jobs,
    choose_rate,
    why_no_bits,
)
from unroll.study.bench.cost import REFERENCE, cost_jobs, plain_loop_job, runs_plain
from unroll.study.bench.gradient import gradient_jobs
from unroll.study.bench.protocol import initialisation_of
from unroll.study.bench.settings import FEWER_SEEDS, BenchSettings
from unroll.study.bench.sizes import size_job
from unroll.study.bench.widths import Width
from unroll.study.running.measurement import MeasurementJob
from unroll.study.running.trial_job import TrialJob


@dataclass(frozen=True, kw_only=True)
class Besides:
    """Gradient over time, bits per character, time and memory against T: what is asked of them."""

    settings: BenchSettings
    """What was asked."""
    widths: tuple[Width, ...]
    """The cells at their widths."""
    book: BitsProtocol | None
    """The book for bits per character; None where none is to be read."""

    def first(self) -> tuple[MeasurementJob, ...]:
        """Return what can be measured before anything is trained."""
        return _once(
            [
                *(size_job(width) for width in self.widths),
                *(job for width in self.widths for job in self._gradient(width, ())),
                *(baseline_jobs(self.book) if self.book else ()),
                *(job for width in self.widths for job in self._tune_bits(width)),
            ]
        )

    def later(self, trials: Sequence[TrialJob]) -> tuple[MeasurementJob, ...]:
        """Return what stands for later rounds, before anything is recorded.

        `trials` stand for the trainings that will be reported.
        """
        looks = self._looks_to_come(trials)
        return (*looks, *self._bits_to_come(self.widths), *self._cost())

    def grown(
        self,
        store: Store,
        chosen: Sequence[TrialJob],
        *,
        awaited: Sequence[TrialJob],
        is_trained: bool,
    ) -> tuple[tuple[MeasurementJob, ...], tuple[MeasurementJob, ...]]:
        """Return what can be named now, and what stands for the rest.

        `chosen` are the trainings that are reported, `awaited` stand for those to come. Time is
        measured last, when nothing else runs: `is_trained` says that all are recorded.
        """
        jobs = list(self.first())
        waiting = []
        for width in self.widths:
            jobs += self._gradient(width, self._palindromes(width, chosen))
            known = [store.find_measurement(job.key) for job in self._tune_bits(width)]
            records = [record for record in known if record is not None]
            if len(records) < len(known):
                waiting.append(width)
            else:
                jobs += self._bits(width, records)
        costs, books = self._cost(), self._bits_to_come(waiting)
        if is_trained and not waiting:
            return _once([*jobs, *costs]), ()
        return _once(jobs), (*self._looks_to_come(awaited), *books, *costs)

    def _palindromes(self, width: Width, chosen: Iterable[TrialJob]) -> list[TrialJob]:
        """Return the networks whose gradient is looked at after training."""
        mine = [
            job
            for job in chosen
            if job.settings.task == "palindrome" and job.source == width.source
        ]
        return mine[:FEWER_SEEDS]

    def _looks_to_come(self, trials: Sequence[TrialJob]) -> tuple[MeasurementJob, ...]:
        """Return what stands for the looks at networks that are yet to be trained."""
        looks = [
            job
            for width in self.widths
            for job in self._gradient(width, self._palindromes(width, trials))
        ]
        return tuple(job for job in looks if job.needs is not None)

    def _gradient(self, width: Width, trials: Sequence[TrialJob]) -> tuple[MeasurementJob, ...]:
        if "gradient" not in self.settings.tasks:
            return ()
        return gradient_jobs(
            width.source,
            width.hidden_size,
            range(max(FEWER_SEEDS, self.settings.seeds)),
            initialisation=initialisation_of(width.source),
            trials=trials,
        )

    def _tune_bits(self, width: Width) -> tuple[MeasurementJob, ...]:
        if self.book is None or why_no_bits(width.source):
            return ()
        return bits_tuning_jobs(
            width.source,
            width.hidden_size,
            RATES,
            self.book,
            initialisation=initialisation_of(width.source),
        )

    def _bits(
        self, width: Width, records: Sequence[MeasurementRecord]
    ) -> tuple[MeasurementJob, ...]:
        choice = choose_rate(records, width.source) if records else None
        return () if choice is None else self._bits_at(width, choice.rate)

    def _bits_at(self, width: Width, rate: float) -> tuple[MeasurementJob, ...]:
        if self.book is None or why_no_bits(width.source):
            return ()
        return bits_jobs(
            width.source,
            width.hidden_size,
            range(min(FEWER_SEEDS, self.settings.seeds)),
            rate,
            self.book,
            initialisation=initialisation_of(width.source),
        )

    def _bits_to_come(self, widths: Iterable[Width]) -> tuple[MeasurementJob, ...]:
        return tuple(job for width in widths for job in self._bits_at(width, RATES[0]))

    def _cost(self) -> tuple[MeasurementJob, ...]:
        """Return what measures time and memory, one after the other: they would disturb.

        Beside a cell that runs by the plain loop the reference is measured by it too.
        """
        if "cost" not in self.settings.tasks:
            return ()
        jobs: list[MeasurementJob] = []
        for width in self.widths:
            jobs += cost_jobs(
                width.source,
                width.hidden_size,
                initialisation=initialisation_of(width.source),
                after=jobs[-1].key if jobs else None,
            )
        is_plain = [runs_plain(width.source, width.hidden_size) for width in self.widths]
        for width, its_own in zip(self.widths, is_plain, strict=True):
            if width.source.spec == REFERENCE and any(is_plain) and not its_own:
                beside = plain_loop_job(
                    width.source,
                    width.hidden_size,
                    initialisation=initialisation_of(width.source),
                    after=jobs[-1].key,
                )
                jobs.append(beside)
        return tuple(jobs)


def _once(jobs: Iterable[MeasurementJob]) -> tuple[MeasurementJob, ...]:
    """Return every job once, by its key."""
    return tuple({job.key: job for job in jobs}.values())
