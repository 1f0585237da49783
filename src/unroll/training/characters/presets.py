"""Recipes by name, and the one that is made for a book and a time. Imports no torch."""

from unroll.errors import ConfigError
from unroll.training.characters.settings import TextRecipe

TEXT_PRESETS: dict[str, TextRecipe] = {
    recipe.name: recipe
    for recipe in (
        TextRecipe(
            name="assignment",
            summary="as the assignment asks: one-hot, windows of 30 from zero state, RMSProp",
            embedding_size=None,
            initialisation="uniform",
            keep_bias=None,
            feeding="windows",
            batch_size=64,
            window=30,
            optimiser="rmsprop",
            rate=2e-3,
            schedule="step",
            clip_norm=5.0,
        ),
        TextRecipe(
            name="quick",
            summary="a small network that learns fast: readable in seconds",
            layers=1,
            feeding="stream",
            batch_size=8,
            window=48,
            optimiser="adamw",
            rate=1e-2,
            betas=(0.9, 0.999),
            warmup_share=0.02,
            readout_gain=3.0,
            reset_share=0.1,
            clip_norm=1.0,
        ),
    )
}
"""The presets that are the same for every book; `best_recipe` makes the third."""

_FLOPS = 5.5e10
"""What a core computes in a second in such a training, roughly: an AVX2 core at 3 GHz did. Being
wrong by a factor of two moves the width by one rung."""
_EMBEDDING = 64
_WIDTHS = (96, 128, 192, 256, 384, 512, 768, 1024)
_READINGS = 3.5
"""Characters trained on for each parameter: with fewer, a narrower network gets further."""
_PARAMETERS_A_CHARACTER = 4
"""Most parameters for each character of the book: more learn a short book by heart."""
_DROPOUT_AN_EPOCH, _MOST_DROPOUT = 0.047, 0.5
"""What is read seven times needs 0.35, what is read once nothing."""
_RATE_TIMES_WIDTH = 1.15
"""3e-3 at 384 units, 9e-3 at 128."""


def best_recipe(characters: int, minutes: float, threads: int) -> TextRecipe:
    """Return the preset `best`: width, rate and dropout for a book and the time there is.

    Two layers of H units have about P = 12 H² + 4 · 64 H parameters, and each costs 6 operations a
    character. H is the widest of a ladder that is trained on 3.5 characters for each parameter
    and has at most 4 parameters for each character of the book. Dropout grows with the number of
    times that the book is read.

    Raises: ConfigError unless all three are above 0.
    """
    if characters < 1 or not minutes > 0 or threads < 1:
        raise ConfigError(
            "best: characters, minutes and threads must be above 0, got "
            f"{characters}, {minutes} and {threads}"
        )
    products = 60 * minutes * threads * _FLOPS / 6  # characters read, times parameters
    most = min((products / _READINGS) ** 0.5, _PARAMETERS_A_CHARACTER * characters)
    width = max((width for width in _WIDTHS if _parameters(width) <= most), default=_WIDTHS[0])
    epochs = products / _parameters(width) / characters
    return TextRecipe(
        name="best",
        summary="width, rate and dropout chosen for the book's size and the time there is",
        hidden_size=width,
        embedding_size=_EMBEDDING,
        dropout=round(min(_MOST_DROPOUT, _DROPOUT_AN_EPOCH * epochs), 2),
        readout_gain=3.0,
        feeding="stream",
        reset_share=0.05,
        batch_size=16 if width >= 192 else 8,
        window=64,
        optimiser="adamw",
        rate=float(f"{_RATE_TIMES_WIDTH / width:.1g}"),
        weight_decay=0.05,
        clip_norm=1.0,
        patience=10,
    )


def _parameters(width: int) -> int:
    return 12 * width**2 + 4 * _EMBEDDING * width
