"""What a worker does for part 2: train in a run directory, and look into it. Plain values out."""

import shutil
from pathlib import Path
from typing import Any

from unroll.errors import ConfigError
from unroll.study.running.measurement import MeasurementJob
from unroll.study.running.pool import send_progress
from unroll.study.text.commands.context import measure_context
from unroll.study.text.commands.copies import measure_copies
from unroll.study.text.commands.stage_samples import read_samples
from unroll.study.text.commands.train import RUN_FILE, train_book
from unroll.study.text.part import WritingSettings
from unroll.study.text.settings import ContextSettings, CopiesSettings, TrainSettings
from unroll.study.text.writing import Writer
from unroll.training.characters.run import open_run
from unroll.training.characters.watcher import Point, Unwatched


def measure_training(job: MeasurementJob) -> dict[str, Any]:
    """Train in the job's folder, or go on with what a killed worker left there."""
    asked, folder = job.settings, _folder_of(job)
    if folder.exists() and not (folder / RUN_FILE).exists():
        # Killed before anything was decided: it is the job's own folder, and nothing is lost.
        shutil.rmtree(folder)
    settings = TrainSettings(
        book=None if asked["book"] is None else Path(asked["book"]),
        seed=asked["seed"],
        threads=1,
        **asked["train"],
    )
    result = train_book(settings, folder, _Progress(job.key))
    run = open_run(folder)
    if run.corpus.book_sha256 != asked["book_sha256"]:
        raise ConfigError(f"{run.corpus.source}: the book changed since the study began")
    return {
        "result": result,
        "stages": list(run.stages),
        "precision": run.precision,
        "vocabulary_size": run.corpus.vocabulary.size,
        "unknown_characters": run.corpus.unknown_characters,
        "splits": {name: extent.characters for name, extent in run.splits._asdict().items()},
    }


def measure_writing(job: MeasurementJob) -> dict[str, Any]:
    """Let the network write at every stage, at every temperature, and by beams."""
    run = open_run(_folder_of(job))
    asked = job.settings["look"]
    values: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in asked.items()
    }
    writer = Writer(run, WritingSettings(**values))
    return {
        **writer.stages(read_samples(run)),
        **writer.temperatures(),
        **writer.continuations(),
    }


def measure_copying(job: MeasurementJob) -> dict[str, Any]:
    """Measure how much of what the network writes stands in the book."""
    return measure_copies(open_run(_folder_of(job)), CopiesSettings(**job.settings["look"]))


def measure_context_use(job: MeasurementJob) -> dict[str, Any]:
    """Measure how far back the network looks."""
    return measure_context(open_run(_folder_of(job)), ContextSettings(**job.settings["look"]))


def _folder_of(job: MeasurementJob) -> Path:
    if job.folder is None:
        raise ValueError(f"{job.label}: a folder for its run directory is needed")
    return job.folder


class _Progress(Unwatched):
    """Tells the parent process of every point."""

    def __init__(self, key: str) -> None:
        self._key = key

    def stepped(self, step: int, point: Point) -> None:  # noqa: ARG002 - as the protocol has it
        """Pass the step on."""
        send_progress(self._key, step)
