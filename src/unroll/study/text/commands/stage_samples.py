"""What a model writes while it learns: the same beginnings at every stage."""

import json
from pathlib import Path
from typing import Any, NamedTuple

import torch

from unroll.decoding import SamplingSettings, ScoresError, sample
from unroll.models.character_model import CharacterModel
from unroll.records.atomic import write_atomically
from unroll.seeding import make_generator
from unroll.study.text.commands.writer import make_writing_step
from unroll.training.characters.run import Run

LENGTHS = (20, 30, 100)
"""Shorter than the assignment's T, as long, and longer."""
FOLDER = "stages"


class StageSample(NamedTuple):
    """A text that a model wrote at a stage of its training."""

    step: int
    """Steps taken."""
    first: str
    """The character that was given."""
    length: int
    """Characters written after it."""
    text: str
    """What was written, without the first character."""


def first_characters(run: Run) -> list[str]:
    """Return a beginning for each length, drawn from the training text; none is blank."""
    generator = make_generator(run.seed, "first characters")
    training = run.splits.training
    drawn: list[str] = []
    for _ in range(1000):
        if len(drawn) == len(LENGTHS):
            break
        place = training.start + int(
            torch.randint(training.characters, (1,), generator=generator).item()
        )
        character = run.corpus.vocabulary.decode(run.corpus.ids[place : place + 1])
        if not character.isspace():
            drawn.append(character)
    # A book of nothing but spaces begins as it must.
    return drawn + [" "] * (len(LENGTHS) - len(drawn))


def write_samples(run: Run, step: int, model: CharacterModel) -> list[StageSample]:
    """Let a model write from each beginning, at temperature 1: as it takes the book to be."""
    decoder, state = make_writing_step(model, run.corpus)
    written = []
    for number, (first, length) in enumerate(zip(first_characters(run), LENGTHS, strict=True)):
        (one,) = sample(
            decoder,
            state,
            run.corpus.vocabulary.read_prompt(first).ids,
            settings=SamplingSettings(),
            length=length,
            seed=run.seed,
            first=number,
        )
        text = run.corpus.vocabulary.decode(one.tokens)
        written.append(StageSample(step, first, length, text))
    return written


def keep_samples(run: Run, step: int, model: CharacterModel) -> list[StageSample]:
    """Write from each beginning, and keep what came of it beside the stage's weights.

    A model whose training diverged writes nothing, and nothing is kept of it.
    """
    try:
        samples = write_samples(run, step, model)
    except ScoresError:
        return []
    told = [{key: getattr(one, key) for key in ("first", "length", "text")} for one in samples]
    path = samples_path(run.path, step)
    write_atomically(path, json.dumps({"step": step, "samples": told}, indent=1).encode())
    return samples


def read_samples(run: Run) -> list[dict[str, Any]]:
    """Return what was written at each stage that is kept, the earliest first."""
    paths = [samples_path(run.path, step) for step in run.stages]
    return [json.loads(path.read_bytes()) for path in paths if path.exists()]


def samples_path(run: Path, step: int) -> Path:
    """Return where the samples of a stage lie."""
    return run / FOLDER / f"step-{step:08d}.json"
