"""Train a character model with one cell on a fixed number of characters, and read held-out text."""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional

from unroll.cells.source import CellSource
from unroll.errors import ConfigError
from unroll.models import NGram
from unroll.models.character_model import CharacterModel
from unroll.models.untrained import build_character_model
from unroll.seeding import derive_seed, make_generator
from unroll.study.running.measurement import MeasurementJob
from unroll.study.text.commands.books import find_book
from unroll.text import Splits, WindowFeed, build_vocabulary, count_characters, split_text
from unroll.training.characters.evaluation import windowed
from unroll.training.optimisers import make_optimiser


@dataclass(frozen=True, kw_only=True)
class Reading:
    """A book as numbers, and which part of it is for what."""

    ids: NDArray[Any]
    """The text, (characters,), 0 … V − 1."""
    splits: Splits
    """Training, tuning and validation, by position."""
    vocabulary_size: int
    """V, the unknown symbol among them."""


@dataclass(frozen=True, kw_only=True)
class Trained:
    """A trained model, and how that went."""

    model: CharacterModel
    """As it was after the last step."""
    steps: int
    """Steps that were taken."""
    is_finite: bool
    """Whether the loss was a number to the end."""


def read_ids(book: Path | None, sha256: str, characters: int, window: int) -> Reading:
    """Read a book's first characters, and make numbers of them.

    Raises: ConfigError when it is not the book of that hash; BookError when it cannot be read.
    """
    found = find_book(book, characters)
    if found.sha256 != sha256:
        raise ConfigError(f"{found.source}: the book changed since the bench began")
    vocabulary = build_vocabulary(count_characters(found))
    ids = np.concatenate([vocabulary.encode(piece) for piece in found.pieces()])
    return Reading(ids=ids, splits=split_text(len(ids), window), vocabulary_size=vocabulary.size)


def train_characters(
    reading: Reading,
    source: CellSource,
    *,
    hidden_size: int,
    embedding_size: int,
    initialisation: str,
    batch_size: int,
    window: int,
    steps: int,
    rate: float,
    clip_norm: float,
    seed: int,
) -> Trained:
    """Train one layer of a cell by Adam, at one rate, on random windows from zero state.

    A loss that is no longer finite ends it: the parameters are lost by then.
    """
    model = build_character_model(
        cell_source=source,
        hidden_size=hidden_size,
        layers=1,
        embedding_size=embedding_size,
        vocabulary_size=reading.vocabulary_size,
        initialisation=initialisation,
        keep_bias=None,
        seed=seed,
    )
    feed = WindowFeed(
        reading.ids,
        reading.splits.training,
        batch_size,
        window,
        make_generator(seed, "text batches"),
    )
    parameters = list(model.parameters())
    optimiser = make_optimiser("adam", parameters, rate)
    # A user's cell may draw, as dropout does: from the global generator, seeded and restored.
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(derive_seed(seed, "cell's own draws"))
        model.train()
        for step in range(1, steps + 1):
            piece = feed.next()
            optimiser.zero_grad()
            scores, _ = model(piece.inputs)
            loss = functional.cross_entropy(scores.flatten(0, 1), piece.targets.flatten())
            if not math.isfinite(float(loss.detach())):
                return Trained(model=model.eval(), steps=step, is_finite=False)
            loss.backward()  # type: ignore[no-untyped-call] # torch leaves it untyped
            nn.utils.clip_grad_norm_(parameters, clip_norm)
            optimiser.step()
    return Trained(model=model.eval(), steps=steps, is_finite=True)


def bits_of(model: CharacterModel, reading: Reading, split: str, window: int) -> float | None:
    """Return bits a character on `tuning` or `validation`, in windows from zero state.

    None where it is no finite number.
    """
    extent = reading.splits.tuning if split == "tuning" else reading.splits.validation
    bits = windowed(model, reading.ids, extent, window).loss_nats / math.log(2)
    return bits if math.isfinite(bits) else None


def measure_bits(job: MeasurementJob) -> dict[str, Any]:
    """Train, and return `bits` a character on the job's split, None where training diverged."""
    s = job.settings
    if job.source is None:
        raise ValueError(f"{job.label}: bits per character need a cell")
    reading = read_ids(_path(s), s["book_sha256"], s["book_characters"], s["window"])
    trained = train_characters(
        reading,
        job.source,
        hidden_size=s["hidden_size"],
        embedding_size=s["embedding_size"],
        initialisation=s["initialisation"],
        batch_size=s["batch_size"],
        window=s["window"],
        steps=s["characters"] // (s["batch_size"] * s["window"]),
        rate=s["rate"],
        clip_norm=s["clip_norm"],
        seed=s["seed"],
    )
    bits = bits_of(trained.model, reading, s["split"], s["window"]) if trained.is_finite else None
    return {
        "bits": bits,
        "steps": trained.steps,
        "parameters": trained.model.parameter_count,
        "vocabulary_size": reading.vocabulary_size,
    }


def measure_baselines(job: MeasurementJob) -> dict[str, Any]:
    """Return bits a character of n-grams that counted the training split, and of guessing.

    They read the validation split as one text, each character after the n − 1 before it.
    """
    s = job.settings
    reading = read_ids(_path(s), s["book_sha256"], s["book_characters"], s["window"])
    training, _, validation = reading.splits
    V = reading.vocabulary_size
    by_order = {}
    for order in s["orders"]:
        model = NGram(reading.ids[training.start : training.stop], vocabulary_size=V, order=order)
        log_p = model.log_probability(reading.ids[validation.start : validation.stop])
        by_order[str(order)] = -float(log_p.mean()) / math.log(2)
    return {
        "ngram_bits": by_order,
        "uniform_bits": math.log2(V),
        "vocabulary_size": V,
        "training_characters": training.characters,
        "validation_characters": validation.characters,
    }


def _path(settings: dict[str, Any]) -> Path | None:
    return None if settings["book"] is None else Path(settings["book"])
