"""Whether a run directory holds what a command line asks for."""

from dataclasses import fields

from unroll.errors import ConfigError
from unroll.study.text.commands.resume import resume_command
from unroll.study.text.settings import TrainSettings
from unroll.text import Book
from unroll.training.characters.run import Run
from unroll.training.characters.settings import TextRecipe


def check_same(run: Run, settings: TrainSettings, book: Book, recipe: TextRecipe) -> None:
    """Raise ConfigError where a run is of another book, or trained in another way."""
    there = run.corpus
    if there.book_sha256 != book.sha256:
        raise ConfigError(
            f"{run.path}: holds a run on another book, '{there.name}' (SHA-256 "
            f"{there.book_sha256[:12]}; '{book.name}' has {book.sha256[:12]}); choose another --out"
        )
    asked = {
        "minutes": settings.budget_minutes,
        "seed": settings.seed,
        "threshold": settings.threshold,
        "threads": settings.used_threads,
    }
    kept = {
        "minutes": run.minutes,
        "seed": run.seed,
        "threshold": there.threshold,
        "threads": run.threads,
    }
    if settings.steps is not None:
        asked, kept = {"steps": settings.steps, **asked}, {"steps": run.steps, **kept}
    for field in fields(TextRecipe):
        if field.name != "summary":
            asked[field.name] = getattr(recipe, field.name)
            kept[field.name] = getattr(run.recipe, field.name)
    for name, value in asked.items():
        if kept[name] != value:
            raise ConfigError(
                f"{run.path}: holds a run with {name.replace('_', ' ')} {kept[name]}, asked for "
                f"{value}; {resume_command(run.path)} goes on with it as it began, or choose "
                "another --out"
            )
