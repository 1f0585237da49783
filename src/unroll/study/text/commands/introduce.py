"""What is about to be trained, and on what, in a few lines for a person."""

from unroll.study.text.commands.resume import resume_command
from unroll.study.words import count
from unroll.text.vocabulary import MANY
from unroll.training.characters.run import Run
from unroll.training.characters.settings import TextRecipe
from unroll.training.characters.trainer import build_model

_FED = {"stream": "streams", "windows": "windows"}
_STATES = {
    "stream": "read in order, the state carried on",
    "windows": "at random places, each from a zero state",
}
_OPTIMISERS = {"rmsprop": "RMSProp", "adamw": "AdamW"}
_FALLS = {
    "constant": "kept",
    "cosine": "cosine after {warmup:.0%} warm-up",
    "step": "times {factor:g} every {every:,} steps",
}


def introduce(run: Run) -> dict[str, list[str]]:
    """Return lines on the book, the model, the training and the directory."""
    parameters = build_model(run.recipe, run.corpus.vocabulary.size, run.seed).parameter_count
    return {
        "book": book_lines(run),
        "model": [f"{describe_model(run.recipe)}: {parameters:,} parameters"],
        "training": training_lines(run),
        "run": [str(run.path), f"Ctrl-C is safe; to go on: {resume_command(run.path)}"],
    }


def book_lines(run: Run) -> list[str]:
    """Return what the book is, and what is kept from the training."""
    corpus, splits = run.corpus, run.splits
    threshold = ""
    if corpus.threshold > 1:
        threshold = f"; {corpus.unknown_characters:,} rare ones became one unknown symbol"
    elif corpus.vocabulary.size > MANY:
        threshold = "; --threshold N would make rare ones one symbol"
    return [
        f"{corpus.name}: {corpus.source}",
        f"{len(corpus.ids):,} characters, {len(corpus.vocabulary.known):,} different{threshold}",
        f"the last {splits.validation.characters:,} for validation, "
        f"{splits.tuning.characters:,} before them for tuning",
    ]


def describe_model(recipe: TextRecipe) -> str:
    """Return a model in words.

    >>> from unroll.training.characters.presets import TEXT_PRESETS
    >>> describe_model(TEXT_PRESETS["quick"])
    '1 LSTM layer of 128 units, embedding 64'
    """
    cell = recipe.cell.upper() if recipe.cell.isalpha() else recipe.cell
    enters = "one-hot" if recipe.embedding_size is None else f"embedding {recipe.embedding_size}"
    return f"{count(recipe.layers, f'{cell} layer')} of {recipe.hidden_size} units, {enters}"


def training_lines(run: Run) -> list[str]:
    """Return what the preset is for, and what it chose."""
    recipe = run.recipe
    fall = _FALLS[recipe.schedule].format(
        warmup=recipe.warmup_share, factor=recipe.decay_factor, every=recipe.decay_every
    )
    dropped = [
        f"{share:g} of {what} dropped"
        for share, what in (
            (recipe.dropout, "outputs"),
            (recipe.input_dropout, "inputs"),
            (recipe.recurrent_dropout, "recurrent weights"),
        )
        if share
    ]
    minutes = f", as many as fit in {run.minutes:g} min" if run.minutes is not None else ""
    return [
        f"preset {recipe.name}: {recipe.summary}",
        f"{recipe.batch_size} {_FED[recipe.feeding]} of {recipe.window} characters a step, "
        f"{_STATES[recipe.feeding]}",
        f"{_OPTIMISERS[recipe.optimiser]} at {recipe.rate:g}, {fall}; clipped at "
        f"{recipe.clip_norm:g}" + "".join(f"; {part}" for part in dropped),
        f"{count(run.steps, 'step')}{minutes}; seed {run.seed}, {count(run.threads, 'thread')}, "
        f"{run.precision}",
    ]
