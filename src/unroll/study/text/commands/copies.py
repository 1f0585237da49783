"""`unroll text copies`: how much of what a model writes stands in its book word for word."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unroll.decoding import SamplingSettings, Step, sample
from unroll.errors import StoreError
from unroll.models.ngram import NGram
from unroll.probes.copying import LENGTHS, SHORTEST, CopyIndex, Copying
from unroll.study.result import Result
from unroll.study.text.commands.progress import Progress
from unroll.study.text.commands.stage_samples import first_characters
from unroll.study.text.commands.threads import computing_threads
from unroll.study.text.commands.writer import make_writing_step, only_known
from unroll.study.text.settings import CopiesSettings
from unroll.training.characters.absent import TRAIN_AGAIN
from unroll.training.characters.run import Run, open_run

TEXT_CHARACTERS = 1000
"""Length of each text; all texts of a stage, held-out ones too, are cut alike."""
SHOWN = 5
"""Longest spans that are told with their text."""
PROSE = 0.7
"""Share of letters from which on a span is prose: a line of dashes is copied soon, and says little.
English has 0.8."""
AROUND = 30
"""Characters of the book told before and after a span …"""
SEEN = 15
"""… and those that fit in a line."""

Texts = Sequence[NDArray[Any]]


def run_copies(run_dir: Path, settings: CopiesSettings, *, quiet: bool) -> Result:
    """Carry out `unroll text copies RUN`.

    Raises: UnrollError, in one line, where there is no run, or the index is not installed.
    """
    run = open_run(run_dir)
    if not run.stages:
        raise StoreError(
            f"{run.stages_folder}: no weights of any stage, and copies are counted at each; "
            f"{TRAIN_AGAIN}"
        )
    with computing_threads(), Progress("writing at each stage", quiet=quiet) as progress:
        summary = measure_copies(run, settings, progress.told)
    return Result(summary=summary, text=tell_copies(summary))


def measure_copies(
    run: Run,
    settings: CopiesSettings,
    told: Callable[[int, int], None] = lambda _done, _total: None,
) -> dict[str, Any]:
    """Return the shares of verbatim spans at each stage, and of two that did not learn by heart.

    The book is its training part. Held-out text of the same length tells how often the author
    repeats himself, and a 5-gram model how much a table of short sequences copies.
    Raises: CopyIndexError when the index is not installed; what loading a stage raises.
    """
    training = run.splits.training
    book = run.corpus.ids[training.start : training.stop]
    index = CopyIndex(book)
    total = len(run.stages) + 2
    held_out = index.measure(*_held_out(run, settings.characters))
    told(1, total)
    table = NGram(book, vocabulary_size=run.corpus.vocabulary.size, order=5)
    five_gram_step = only_known(table, run.corpus)
    five_gram = index.measure(*_write(run, five_gram_step, table.initial_state(), settings))
    told(2, total)
    stages: list[dict[str, Any]] = []
    spans: list[dict[str, Any]] = []
    for number, stage in enumerate(run.stages):
        writing_step, state = make_writing_step(run.load_model(stage), run.corpus)
        texts = _write(run, writing_step, state, settings)
        copying = index.measure(*texts)
        accuracy = _training_accuracy(run, stage)
        stages.append({"step": stage, **_shares(copying), "training_accuracy": accuracy})
        spans = _longest(run, copying, texts)
        told(3 + number, total)
    return {
        "command": "text copies",
        "run": str(run.path),
        "book": run.corpus.name,
        "book_characters": len(book),
        "characters": settings.characters,
        "temperature": settings.temperature,
        "seed": settings.seed,
        "lengths": list(LENGTHS),
        "stages": stages,
        "held_out": _shares(held_out),
        "five_gram": _shares(five_gram),
        "spans": spans,
    }


def tell_copies(summary: dict[str, Any]) -> str:
    """Return a measurement as a table, and the longest spans with their places in the book."""
    lengths = summary["lengths"]
    lines = [
        f"share of characters inside spans that stand in {summary['book']} word for word, by the "
        "span's length",
        "longest: of any characters, rows of dashes and blanks too",
        "",
        f"{'':18}" + "".join(f"{f'≥ {n}':>8}" for n in lengths) + f"{'longest':>9}",
    ]
    rows = [(f"step {one['step']:,}", one) for one in summary["stages"]]
    rows += [("held-out text", summary["held_out"]), ("5-gram model", summary["five_gram"])]
    for name, one in rows:
        shares = "".join(f"{one['shares'][str(n)]:>8.1%}" for n in lengths)
        lines.append(f"{name:18}{shares}{one['longest']['length']:>9}")
    prose = f"prose ({PROSE:.0%} letters or more)"
    if summary["spans"]:
        lines += ["", f"longest spans of {prose} of the last stage, and the book around them"]
    else:
        lines += ["", f"no span of {prose} has {SHORTEST} characters in the last stage"]
    for span in summary["spans"]:
        before, text, after = (
            span[key].replace("\n", "⏎") for key in ("book_before", "text", "book_after")
        )
        lines.append(
            f"  {span['length']:4} at {span['book_start']:,}: "
            f"…{before[-SEEN:]}[{text}]{after[:SEEN]}…"
        )
    return "\n".join(lines)


def _write(run: Run, step: Step[Any], state: Any, settings: CopiesSettings) -> Texts:
    """Return texts that begin with the same character; its own are not counted."""
    length = min(TEXT_CHARACTERS, settings.characters)
    texts = sample(
        step,
        state,
        run.corpus.vocabulary.read_prompt(first_characters(run)[0]).ids,
        settings=SamplingSettings(temperature=settings.temperature),
        length=length,
        seed=settings.seed,
        samples=-(-settings.characters // length),
    )
    return [np.array(one.tokens, dtype=np.int64) for one in texts]


def _held_out(run: Run, characters: int) -> Texts:
    """Return pieces of the validation part, evenly spaced: as many as were written, or all."""
    start, stop = run.splits.validation
    length = min(TEXT_CHARACTERS, characters, stop - start)
    pieces = min(-(-characters // length), (stop - start) // length)
    free = (stop - start) - pieces * length
    begins = [start + n * length + free * n // max(1, pieces - 1) for n in range(pieces)]
    return [run.corpus.ids[begin : begin + length] for begin in begins]


def _shares(copying: Copying) -> dict[str, Any]:
    longest = copying.longest
    return {
        # Keys as JSON has them: what is recorded and what is told are the same.
        "shares": {str(n): copying.share(n) for n in LENGTHS},
        "longest": {
            "length": longest.length,
            "start": longest.start,
            "book_start": longest.book_start,
        },
    }


def _longest(run: Run, copying: Copying, texts: Texts) -> list[dict[str, Any]]:
    """Return the longest spans that are prose, each passage once, with the book around them."""
    written = np.concatenate([np.asarray(text, dtype=np.int64) for text in texts])
    decode, training = run.corpus.vocabulary.decode, run.splits.training
    book = run.corpus.ids[training.start : training.stop]
    told: list[dict[str, Any]] = []
    for span in copying.longest_spans(len(copying.spans)):
        if len(told) == SHOWN:
            break
        text = decode(written[span.start : span.start + span.length])
        if not is_prose(text) or any(text in other["text"] for other in told):
            continue
        stop = span.book_start + span.length
        told.append(
            {
                "length": span.length,
                "start": span.start,
                "book_start": span.book_start,
                "text": text,
                "book_before": decode(book[max(0, span.book_start - AROUND) : span.book_start]),
                "book_after": decode(book[stop : stop + AROUND]),
            }
        )
    return told


def is_prose(text: str) -> bool:
    """Whether a text is made of letters, by `PROSE`.

    >>> is_prose("as white as milk"), is_prose("| x < y | less |"), is_prose("+-------+")
    (True, False, False)
    """
    return sum(map(str.isalpha, text)) >= PROSE * len(text)


def _training_accuracy(run: Run, stage: int) -> float | None:
    """Return the accuracy of the training curve at a stage; None where it was not looked at."""
    curve = (run.result or {}).get("curve", [])
    known = [point for point in curve if point.get("training_accuracy") is not None]
    if not known:
        return None
    nearest = min(known, key=lambda point: abs(point["step"] - stage))
    # A point of another time in training says nothing of this stage.
    near = max(1, stage) * 0.2
    return nearest["training_accuracy"] if abs(nearest["step"] - stage) <= near else None
