"""Small trained networks, for tests of the playground: two of text, two of palindromes."""

from dataclasses import replace
from pathlib import Path
from random import Random

from unroll.records import Store
from unroll.study.memory.plan import plan_memory
from unroll.study.memory.settings import MemorySettings
from unroll.study.running.display import Display
from unroll.study.running.inline import InlineExecutor
from unroll.study.running.plan import describe_request
from unroll.study.running.runner import run_jobs
from unroll.text import Book, make_book
from unroll.training.characters.fit import train
from unroll.training.characters.settings import TextRecipe
from unroll.training.characters.watcher import Unwatched

LSTM = TextRecipe(
    name="tiny",
    summary="for tests of the playground",
    hidden_size=24,
    layers=2,
    embedding_size=8,
    feeding="stream",
    batch_size=8,
    window=16,
    optimiser="adamw",
    rate=0.02,
    readout_gain=3.0,
    clip_norm=1.0,
    evaluations=2,
    precision="float32",
)
"""Two layers, with embedding."""
GRU = replace(LSTM, name="tiny-gru", cell="gru", layers=1, embedding_size=None, hidden_size=12)
"""One layer, one-hot."""

_SENTENCES = (
    "“Who is there?” asked the wolf.\n",
    "The king (he was old) went home.\n",
    "‘It is I,’ said the fox, ‘and it is late.’\n",
    "Once there was a queen [so they say] who slept.\n",
    "They ate bread </script><b>and</b> cheese & wine.\n",
)


def fable(characters: int = 20_000) -> Book:
    """Return a book of few sentences in random order, with quotes, brackets and markup."""
    draw = Random(0)
    text = ""
    while len(text) < characters:
        text += draw.choice(_SENTENCES)
    return make_book("fable", "a fable, made up", lambda: iter([text[:characters]]))


def train_texts(out: Path) -> None:
    """Train two character models on the fable: `out/lstm` for longer, and `out/gru`."""
    for recipe, steps in ((LSTM, 120), (GRU, 30)):
        name = recipe.cell
        train(out / name, book=fable(), recipe=recipe, steps=steps, watcher=Unwatched())


def train_palindromes(out: Path) -> None:
    """Train an RNN and an LSTM on palindromes of five digits, a few steps each; draw no report."""
    plan = plan_memory(
        MemorySettings(
            cells=("rnn", "lstm"), lengths=(5,), seeds=1, max_steps=20, hidden_size=8, batch_size=16
        )
    )
    with Store.create(out) as store:
        store.add_request(describe_request(plan, out))
        jobs = [*plan.trials]
        with Display(jobs, [], quiet=True) as display:
            run_jobs(jobs, store=store, executor=InlineExecutor(), watcher=display)
