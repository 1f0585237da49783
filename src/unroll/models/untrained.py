"""Making an untrained character model from settings and a seed."""

from dataclasses import replace

import torch

from unroll.cells import Cell, initialise, parse_initialisation
from unroll.cells.bidirectional import check_reads_forwards
from unroll.cells.source import CellSource, find_cell
from unroll.models.character_model import CharacterModel, check_sizes
from unroll.seeding import derive_seed, make_generator


def build_character_model(
    *,
    cell_source: CellSource | str,
    hidden_size: int,
    layers: int,
    embedding_size: int | None,
    vocabulary_size: int,
    initialisation: str,
    keep_bias: float | None,
    readout_gain: float = 1.0,
    seed: int,
    engine: str = "auto",
) -> CharacterModel:
    """Return the untrained model of a seed: the same seed gives the same parameters.

    A cell of the user's begins as its constructor made it, and so does a built-in one under
    `own`. `keep_bias` is set on the gate that keeps the state, where a built-in cell has one.

    Raises: ConfigError for a size below 1, a cell that reads backwards, or an initialisation that
    does not fit; CellError as
    `find_cell` and `CellSource.load`.
    """
    check_sizes(layers, hidden_size, vocabulary_size, embedding_size)
    generator = make_generator(seed, "weights")
    D = vocabulary_size if embedding_size is None else embedding_size
    # A user's constructor draws from the global generator, which is seeded for it and restored.
    with torch.random.fork_rng(devices=[]):
        source = find_cell(cell_source) if isinstance(cell_source, str) else cell_source
        cell_class = source.load()
        check_reads_forwards(source.spec, cell_class)
        torch.manual_seed(derive_seed(seed, "cell"))
        cells = [cell_class(D if n == 0 else hidden_size, hidden_size) for n in range(layers)]
    for cell in cells:
        if isinstance(cell, Cell) and initialisation != "own":
            chosen = parse_initialisation(initialisation)
            if keep_bias is not None and cell.keep_gate is not None:
                chosen = replace(chosen, keep_bias=keep_bias)
            initialise(cell, chosen, generator=generator)
    return CharacterModel(
        cells,
        hidden_size=hidden_size,
        vocabulary_size=vocabulary_size,
        embedding_size=embedding_size,
        readout_gain=readout_gain,
        engine=engine,
        generator=generator,
    )
