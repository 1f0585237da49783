"""`unroll text score`: what each character of a text costs a trained model."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from unroll.errors import ConfigError
from unroll.models.character_model import CharacterModel
from unroll.report.terminal import standard_error
from unroll.study.result import Result
from unroll.study.text.commands.books import find_book
from unroll.study.text.commands.progress import Progress
from unroll.study.text.commands.threads import computing_threads
from unroll.study.text.commands.units import bits
from unroll.study.text.settings import ScoreSettings, read_stage
from unroll.study.words import count
from unroll.text import UNKNOWN_ID
from unroll.training.characters.run import Run, open_run

PIECE = 256
"""Characters read at once; the state is carried on."""
BEFORE = 40
"""Characters shown before a surprising one."""


class Losses(NamedTuple):
    """What a text costs, character by character, from its second on."""

    nats: NDArray[np.float64]
    """−log p of each character, given all before it."""
    expected: NDArray[np.int64]
    """The likeliest character at each place."""


def run_score(run_dir: Path, path: Path, settings: ScoreSettings, *, quiet: bool) -> Result:
    """Carry out `unroll text score RUN FILE`.

    Raises: UnrollError, in one line, for a file that is no text, or a directory that is no run.
    """
    run = open_run(run_dir)
    with computing_threads(), Progress("reading", quiet=quiet) as progress:
        summary = score_text(run, path, settings, progress.told)
    console = standard_error(quiet=quiet)
    for note in summary["notes"]:
        console.print(f"note: {note}", markup=False, soft_wrap=True)
    return Result(summary=summary, text=_tell(summary))


def score_text(
    run: Run,
    path: Path,
    settings: ScoreSettings | None = None,
    told: Callable[[int, int], None] = lambda _done, _total: None,
) -> dict[str, Any]:
    """Return bits per character of a text, and where it is most surprising.

    The first character is given; each later one is predicted from all before it.
    Raises: BookError when the file cannot be read as text.
    """
    settings = settings or ScoreSettings()
    model = run.load_model(read_stage(settings.stage))
    text = find_book(path).text()
    ids = run.corpus.vocabulary.encode(text)
    losses = read_losses(model, ids, told)
    loss_nats = float(losses.nats.mean())
    if not np.isfinite(loss_nats):
        raise ConfigError(f"{run.path}: the model's scores are not finite; its training diverged")
    notes = []
    unknown = int(np.count_nonzero(ids == UNKNOWN_ID))
    if unknown:
        note = run.corpus.vocabulary.describe_unknown(text)
        notes.append(f"{note}; {unknown:,} of {len(ids):,} characters")
    return {
        "command": "text score",
        "run": str(run.path),
        "file": str(path),
        "stage": settings.stage,
        "characters": len(ids),
        "predictions": len(losses.nats),
        "nats_per_char": loss_nats,
        "bits_per_char": bits(loss_nats),
        "accuracy": float(np.mean(losses.expected == ids[1:])),
        "unknown_characters": unknown,
        "most_surprising": _surprises(run, text, losses, settings.places),
        "notes": notes,
    }


@torch.no_grad()
def read_losses(
    model: CharacterModel,
    ids: NDArray[Any],
    told: Callable[[int, int], None] = lambda _done, _total: None,
) -> Losses:
    """Read a text in one stream, the state carried along: ids (N,) -> losses (N − 1,)."""
    text = torch.from_numpy(ids.astype(np.int64))
    state, nats, expected = None, [], []
    for start in range(0, len(text) - 1, PIECE):
        piece = text[start : start + PIECE + 1]
        scores, state = model(piece[None, :-1], state)
        log_p = scores[0].double().log_softmax(-1)
        nats.append(-log_p.gather(1, piece[1:, None])[:, 0].numpy())
        expected.append(log_p.argmax(-1).numpy())
        told(start + len(piece), len(text))
    return Losses(np.concatenate(nats), np.concatenate(expected))


def _surprises(run: Run, text: str, losses: Losses, places: int) -> list[dict[str, Any]]:
    worst = np.argsort(-losses.nats, kind="stable")[:places]
    decode = run.corpus.vocabulary.decode
    return [
        {
            "position": place + 1,
            "character": text[place + 1],
            "bits": bits(float(losses.nats[place])),
            "before": text[max(0, place + 1 - BEFORE) : place + 1],
            "after": text[place + 2 : place + 2 + BEFORE // 4],
            "expected": decode([int(losses.expected[place])]),
        }
        for place in worst.tolist()
    ]


def _tell(summary: dict[str, Any]) -> str:
    lines = [
        f"{summary['file']}: {summary['bits_per_char']:.3f} bits a character "
        f"({summary['nats_per_char']:.3f} nats), accuracy {summary['accuracy']:.3f}",
        f"  over {count(summary['predictions'], 'prediction')}, of each character but the first, "
        "the state carried through",
    ]
    if summary["most_surprising"]:
        lines += ["", "most surprising places, in bits"]
    for one in summary["most_surprising"]:
        before, character, after, expected = (
            _visible(one[key]) for key in ("before", "character", "after", "expected")
        )
        lines.append(f"{one['bits']:5.1f}  {before}[{character}]{after}   expected [{expected}]")
    return "\n".join(lines)


def _visible(text: str) -> str:
    """Return a text in one line: line ends as ⏎, what cannot be printed as a dot."""
    text = text.replace("\n", "⏎")
    return "".join(one if one.isprintable() else "·" for one in text)
