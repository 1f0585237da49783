"""The untrained network of a trial."""

import torch
from torch import nn

from unroll.cells import Cell, initialise, parse_initialisation
from unroll.cells.bidirectional import stepping_cells
from unroll.cells.source import CellSource
from unroll.models import SequenceClassifier
from unroll.seeding import derive_seed, make_generator
from unroll.study.running.trial import TrialSettings
from unroll.tasks import Task, make_task


def build_model(settings: TrialSettings, source: CellSource) -> SequenceClassifier:
    """Return the untrained network of a trial; the same seed gives the same parameters."""
    model = build_network(
        source,
        task=make_task(settings.task, settings.length, settings.encoding),
        initialisation=settings.initialisation,
        hidden_size=settings.hidden_size,
        seed=settings.seed,
        engine=settings.engine,
    )
    if settings.trained == "readout":
        model.cell.requires_grad_(False)
    return model.to(settings.device)


def build_network(
    source: CellSource,
    *,
    task: Task,
    initialisation: str,
    hidden_size: int,
    seed: int,
    engine: str = "auto",
) -> SequenceClassifier:
    """Return a network for `task`; `own` leaves a cell as its constructor made it."""
    generator = make_generator(seed, "weights")
    cell_class = source.load()
    # A user's constructor draws from the global generator, which is seeded for it and restored.
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(derive_seed(seed, "cell"))
        cell: nn.Module = cell_class(task.input_size, hidden_size)
    for part in stepping_cells(cell):
        if isinstance(part, Cell) and initialisation != "own":
            chosen = parse_initialisation(initialisation)
            initialise(part, chosen, length=task.length, generator=generator)
    return SequenceClassifier(cell, hidden_size, task.outputs, engine=engine, generator=generator)
