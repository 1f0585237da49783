"""Part 2: trainings on a book, and what is looked at in each of them."""

from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Any

from unroll.study.running.measurement import MeasurementJob
from unroll.study.running.memory_need import parameter_bytes, training_bytes
from unroll.study.running.plan import Plan
from unroll.study.text.commands.books import find_book
from unroll.study.text.measure import (
    measure_context_use,
    measure_copying,
    measure_training,
    measure_writing,
)
from unroll.study.text.part import TextPart, Training
from unroll.study.text.settings import TrainSettings
from unroll.study.text.view import folder_name
from unroll.study.words import count
from unroll.text import Book, split_text
from unroll.training.characters import TextRecipe

FOLDER = Path("text")
"""Where the run directories lie in a store's directory, one a training."""
VOCABULARY = 100
"""About how many characters a book has, for estimates of time and memory."""


def plan_text(part: TextPart) -> Plan:
    """Return every training with every seed, and the looks into its run directory.

    Raises: UnrollError, in one line, for a book that cannot be read or is too short.
    """
    jobs: list[MeasurementJob] = []
    looks: list[MeasurementJob] = []
    told = []
    whole = find_book(part.book)
    for training in part.trainings:
        book = find_book(part.book, training.settings.characters)
        recipe = training.settings.resolve_recipe(book.characters)
        split_text(book.characters, recipe.window)
        by_seed = []
        for seed in range(training.seeds):
            job = _training_job(part, training, recipe, book, seed)
            mine = _looks(part, training, job)
            jobs.append(job)
            looks += mine
            by_seed.append({look.kind: look.key for look in (job, *mine)})
        told.append(
            {
                "name": training.name,
                "recipe": recipe.as_dict(),
                "steps": training.settings.steps,
                "characters": book.characters,
                "command": _train_command(part, training),
                "seeds": by_seed,
            }
        )
    # The longest first, so that no worker is left with it at the end.
    jobs.sort(key=lambda job: -job.work)
    return Plan(
        kind="text",
        settings=part,
        protocol={"book": _describe_book(whole), "trainings": told},
        measurements=(*jobs, *looks),
        intention=_intention(part, whole),
    )


def _describe_book(book: Book) -> dict[str, Any]:
    return {
        "name": book.name,
        "source": book.source,
        "sha256": book.sha256,
        "characters": book.characters,
    }


def _as_values(settings: TrainSettings) -> dict[str, Any]:
    """Return what was set, as plain values; the book and the seed are the job's."""
    default = TrainSettings()
    values = {field.name: getattr(settings, field.name) for field in fields(settings)}
    own = ("book", "seed", "threads")
    return {
        name: value
        for name, value in values.items()
        if name not in own and value != getattr(default, name)
    }


def _train_command(part: TextPart, training: Training) -> str:
    """Return the command line that trains alike, outside of a study."""
    return replace(training.settings, book=part.book).command(f"runs/{folder_name(training.name)}")


def _training_job(
    part: TextPart, training: Training, recipe: TextRecipe, book: Book, seed: int
) -> MeasurementJob:
    steps = training.settings.steps or 0
    job = MeasurementJob(
        kind="text-training",
        measure=measure_training,
        settings={
            "book": None if part.book is None else str(part.book),
            "book_sha256": book.sha256,
            "recipe": recipe.as_dict(),
            "seed": seed,
            "train": _as_values(training.settings),
        },
        label=f"text, {training.name}, seed {seed}",
        work=float(_parameters(recipe) * recipe.batch_size * recipe.window * steps),
        need_bytes=_need_bytes(recipe),
        steps=steps,
    )
    return replace(job, folder=FOLDER / job.key)


def _looks(part: TextPart, training: Training, job: MeasurementJob) -> tuple[MeasurementJob, ...]:
    """Return what is measured of one network when it is trained."""
    kinds = {
        "writing": (measure_writing, asdict(part.writing), "writes"),
        "copies": (measure_copying, asdict(part.copies), "copies"),
        "context": (measure_context_use, asdict(part.context), "context"),
    }
    return tuple(
        MeasurementJob(
            kind=f"text-{name}",
            measure=measure,
            settings={"training": job.key, "seed": job.settings["seed"], "look": look},
            label=f"{words}: {job.label}",
            need_bytes=job.need_bytes,
            after=job.key,
            folder=job.folder,
        )
        for name, (measure, look, words) in kinds.items()
        if name in training.looks
    )


def _parameters(recipe: TextRecipe) -> int:
    """Return about how many parameters a network has; a user's cell counts as an LSTM."""
    H, D = recipe.hidden_size, recipe.embedding_size or VOCABULARY
    cells = 4 * H * (D + H + 1) + (recipe.layers - 1) * 4 * H * (2 * H + 1)
    return cells + VOCABULARY * (H + 1)


def _need_bytes(recipe: TextRecipe) -> int:
    B, T, H = recipe.batch_size, recipe.window, recipe.hidden_size
    layers = recipe.layers * training_bytes("lstm", B=B, T=T, D=H, H=H)
    # Scores, their softmax and its gradient, of each position.
    return layers + 3 * 4 * B * T * VOCABULARY + parameter_bytes(_parameters(recipe))


def _intention(part: TextPart, book: Book) -> tuple[str, ...]:
    """Say what will be trained, and on what."""
    trainings = ", ".join(
        f"{training.name} ({count(training.settings.steps or 0, 'step')}, "
        f"{count(training.seeds, 'seed')})"
        for training in part.trainings
    )
    return (
        f"text: {book.name}, {count(book.characters, 'character')}; {trainings}",
        f"  book: {book.source}",
    )
