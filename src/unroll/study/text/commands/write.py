"""`unroll text write`: a trained model continues a prompt."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from unroll.decoding import Beam, Pick
from unroll.study.result import Result
from unroll.study.text.commands.beside import Continuation, find_continuation
from unroll.study.text.commands.show import Page
from unroll.study.text.commands.threads import computing_threads
from unroll.study.text.commands.units import bits, surprise_bits
from unroll.study.text.commands.writing import Writing, prepare_writing
from unroll.study.text.settings import WriteSettings
from unroll.training.characters.run import Run, open_run


def run_write(
    run_dir: Path, settings: WriteSettings, *, quiet: bool, silent: bool = False
) -> Result:
    """Carry out `unroll text write RUN`: on standard output as it is written, unless `silent`.

    Raises: UnrollError, in one line and before anything is written, for a user's mistake.
    """
    run, page = open_run(run_dir), Page(quiet=quiet)
    with computing_threads():
        if not silent:
            return _write(run, settings, page)
        # Nobody reads along: all samples side by side take less time than one after the other.
        summary = write_texts(run, settings)
    for note in summary["notes"]:
        page.note(note)
    return Result(summary=summary, text="")


def _write(run: Run, settings: WriteSettings, page: Page) -> Result:
    writing, own = _prepare(run, settings)
    for note in writing.notes:
        page.note(note)
    if settings.beams is not None:
        beams = writing.beams()
        page.beams(writing, beams)
        return Result(summary=_summary(run, writing, own, (), beams), text="")
    written = []
    for number in range(settings.samples):
        page.begin(writing, number)
        picks = []
        for choice in writing.stream(number):
            picks.append(choice.pick)
            page.write(writing, choice.pick)
        page.end(writing, picks, own)
        written.append(picks)
    return Result(summary=_summary(run, writing, own, written, ()), text="")


def write_texts(run: Run, settings: WriteSettings) -> dict[str, Any]:
    """Return what a model writes, all samples side by side.

    Raises: ConfigError, in one line, for what cannot be asked of this model.
    """
    writing, own = _prepare(run, settings)
    if settings.beams is not None:
        return _summary(run, writing, own, (), writing.beams())
    return _summary(run, writing, own, [one.picks for one in writing.samples()], ())


def _prepare(run: Run, settings: WriteSettings) -> tuple[Writing, Continuation | None]:
    writing = prepare_writing(run, settings)
    if settings.beside is None:
        return writing, None
    return writing, find_continuation(settings.beside, writing.prompt, settings.length)


def _summary(
    run: Run,
    writing: Writing,
    own: Continuation | None,
    written: Sequence[Sequence[Pick]],
    beams: Sequence[Beam],
) -> dict[str, Any]:
    settings = writing.settings
    summary: dict[str, Any] = {
        "command": "text write",
        "run": str(run.path),
        "stage": settings.stage,
        "prompt": writing.prompt,
        "length": settings.length,
        "temperature": settings.used_temperature,
        "top_k": settings.top_k,
        "top_p": settings.top_p,
        "greedy": settings.greedy,
        "until": settings.until,
        "texts": [_text(writing, number, picks) for number, picks in enumerate(written)],
        "beams": [_beam(writing, beam) for beam in beams],
        "notes": list(writing.notes),
    }
    if own is not None:
        summary["beside"] = {
            "file": str(settings.beside),
            "position": own.position,
            "text": own.text,
            "bits_per_char": bits(writing.loss_nats(own.text)),
        }
    return summary


def _text(writing: Writing, number: int, picks: Sequence[Pick]) -> dict[str, Any]:
    told: dict[str, Any] = {
        "seed": writing.settings.seed,
        "number": number,
        "prompt": writing.prompt,
        "text": writing.corpus.vocabulary.decode([pick.token for pick in picks]),
        "bits_per_char": surprise_bits([pick.probability for pick in picks]),
    }
    if writing.settings.show_confidence:
        told["probabilities"] = [pick.probability for pick in picks]
    return told


def _beam(writing: Writing, beam: Beam) -> dict[str, Any]:
    return {
        "prompt": writing.prompt,
        "text": writing.corpus.vocabulary.decode(beam.tokens),
        "log_probability_nats": beam.log_probability_nats,
        "nats_per_char": -beam.log_probability_nats / len(beam.tokens),
        "ended": beam.ended,
    }
