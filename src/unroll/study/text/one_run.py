"""One run directory told as a part of a report: its curves, its samples, what was seen of it."""

import math
import shlex
from dataclasses import replace
from typing import Any

from unroll.records import Horizon
from unroll.report.charts import Palette, text_accuracy, text_loss
from unroll.report.markup import inert
from unroll.report.section import Block, Column, Figure, Scalar, Section, Table
from unroll.study.text.commands.resume import resume_command
from unroll.study.text.commands.stage_samples import read_samples
from unroll.study.text.figure_rows import learning_rows
from unroll.study.text.sections.copying import copying_section
from unroll.study.text.sections.looking_back import looking_back_section
from unroll.study.text.sections.words import shown
from unroll.study.text.view import Network, TextView, TrainingView
from unroll.training.characters.run import Run


def view_run(
    run: Run, *, copies: dict[str, Any] | None = None, context: dict[str, Any] | None = None
) -> TextView:
    """Return a finished run as the view of a book with one network."""
    corpus = run.corpus
    network = Network(
        seed=run.seed,
        trained={
            "result": run.result or {},
            "stages": list(run.stages),
            "precision": run.precision,
            "vocabulary_size": corpus.vocabulary.size,
            "unknown_characters": corpus.unknown_characters,
            "splits": {name: extent.characters for name, extent in run.splits._asdict().items()},
        },
        copies=copies,
        context=context,
    )
    training = TrainingView(
        name=corpus.name,
        recipe=run.recipe.as_dict(),
        steps=run.steps,
        characters=len(corpus.ids),
        command=resume_command(run.path),
        networks=(network,),
    )
    book = {
        "name": corpus.name,
        "source": corpus.source,
        "sha256": corpus.book_sha256,
        "characters": len(corpus.ids),
    }
    return TextView(
        book=book, trainings=(training,), problems=(), missing=0, commands=(training.command,)
    )


def training_sections(run: Run) -> tuple[Section, ...]:
    """Return how a run learnt, and what it wrote on the way; nothing while it is not finished."""
    if run.result is None:
        return ()
    view = view_run(run)
    palette, rows = Palette.of_series(view.names), learning_rows(view)
    curves: tuple[Block, ...] = ()
    if any(row.loss_nats is not None for row in rows):
        curves = (text_loss(rows, palette=palette), text_accuracy(rows, palette=palette))
    section = Section(number="", title="How it learnt", blocks=(*curves, *_samples(run)))
    return _kept(section, view.commands[0])


def copying_sections(run: Run, copies: dict[str, Any]) -> tuple[Section, ...]:
    """Return how much of what a run wrote is copied; nothing while it is not finished."""
    if run.result is None:
        return ()
    view = view_run(run, copies=copies)
    found = copying_section(view, Palette.of_series(view.names), "")
    return _kept(found, shlex.join(["unroll", "text", "copies", str(run.path)]))


def context_sections(run: Run, context: dict[str, Any]) -> tuple[Section, ...]:
    """Return how far back a run looks; nothing while it is not finished."""
    if run.result is None:
        return ()
    view = view_run(run, context=context)
    found = looking_back_section(view, Palette.of_series(view.names), "")
    return _kept(found, shlex.join(["unroll", "text", "context", str(run.path)]))


def context_horizons(run: Run, context: dict[str, Any]) -> dict[str, Horizon]:
    """Return how far back a run looks, by the name of its book."""
    (training,) = view_run(run, context=context).trainings
    return {training.name: training.horizon()}


def written_sections(summary: dict[str, Any]) -> tuple[Section, ...]:
    """Return what `unroll text write` wrote as a table: each text, and what it costs the model."""
    rows: list[tuple[Scalar, ...]] = [
        (f"{text['number'] + 1}", shown(_text(text)), f"{text['bits_per_char']:.2f} bits")
        for text in summary["texts"]
    ]
    rows += [
        (f"{rank}", shown(_text(beam)), f"{beam['nats_per_char'] / math.log(2):.2f} bits")
        for rank, beam in enumerate(summary["beams"], start=1)
    ]
    if (own := summary.get("beside")) is not None:
        text = f"{summary['prompt']}{own['text']}"
        rows.append(("book", shown(text), f"{own['bits_per_char']:.2f} bits"))
    title = (
        f"What follows “{summary['prompt']}”, and what a character of it costs the model (mean)."
    )
    table = Table(
        columns=(
            Column(title="beam" if summary["beams"] else "sample"),
            Column(title="text", verbatim=True),
            Column(title="cost", numeric=True),
        ),
        rows=tuple(rows),
        caption=inert(title),
    )
    return (Section(number="", title="What it writes", blocks=(table,)),)


def written_text(summary: dict[str, Any]) -> str:
    """Return what `unroll text write` wrote, one text below the other."""
    return "\n\n".join(_text(one) for one in (*summary["texts"], *summary["beams"]))


def _text(one: dict[str, Any]) -> str:
    return f"{one['prompt']}{one['text']}"


def _samples(run: Run) -> tuple[Table, ...]:
    kept = read_samples(run)
    if not kept:
        return ()
    rows = tuple(
        (f"{stage['step']:,}", shown(f"{sample['first']}{sample['text']}"))
        for stage in kept
        for sample in stage["samples"][-1:]
    )
    return (
        Table(
            columns=(Column(title="step", numeric=True), Column(title="writes", verbatim=True)),
            rows=rows,
            caption=f"What it wrote by each step, at temperature 1: {inert(run.corpus.name)}, "
            f"seed {run.seed}.",
        ),
    )


def _kept(section: Section | None, command: str) -> tuple[Section, ...]:
    """Return the figures and tables of a section; what a study says of many is left out."""
    if section is None:
        return ()
    kept = tuple(
        replace(block, command=command) if isinstance(block, Figure) else block
        for block in section.blocks
        if isinstance(block, Figure | Table)
    )
    return (Section(number="", title=section.title, blocks=kept),)
