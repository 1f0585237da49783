"""What came of a training: for `--json`, and in a few lines for a person."""

import shlex
from typing import Any

from unroll.study.running.display import format_duration
from unroll.study.text.commands.introduce import describe_model
from unroll.study.text.commands.opening import fitting_prompt
from unroll.study.text.commands.units import bits
from unroll.study.words import count
from unroll.training.characters.run import Run

_WINDOWS = (256, 64, 30)
_ENDS = {"budget": "", "early": ", stopped early", "diverged": ", where training diverged"}


def summarise_training(run: Run, result: dict[str, Any]) -> dict[str, Any]:
    """Return the result with what it is of."""
    return {
        "command": "text train",
        "run": str(run.path),
        "book": {
            "name": run.corpus.name,
            "source": run.corpus.source,
            "sha256": run.corpus.book_sha256,
            "characters": len(run.corpus.ids),
        },
        "vocabulary_size": run.corpus.vocabulary.size,
        "recipe": run.recipe.as_dict(),
        "seed": run.seed,
        "minutes": run.minutes,
        "threads": run.threads,
        "precision": run.precision,
        **result,
    }


def tell_training(run: Run, result: dict[str, Any]) -> str:
    """Return the result in lines: how well it predicts, and what to type next."""
    held_out, training = result["validation"], result["training"]
    right = training["accuracy"]
    stopped = _ENDS[result["stopped"]]
    lines = [
        f"{run.corpus.name}: {describe_model(run.recipe)}",
        f"{count(result['steps'], 'step')} in {format_duration(result['wall_seconds'])}{stopped}; "
        f"the weights of step {result['best_step']:,} were best on tuning text",
        "",
        f"validation: the last {run.splits.validation.characters:,} characters, never seen before",
        _row("carried", held_out["carried_nats"], "one stream, state carried"),
    ]
    for window in _WINDOWS:
        nats = held_out[f"w{window}_nats"]
        lines.append(_row(f"w{window}", nats, f"windows of {window}, zero state"))
    lines += [
        f"  accuracy  {held_out['accuracy']:.3f} (carried)",
        "training: the last tenth of the steps",
        _row("loss", training["loss_nats"], "" if right is None else f"accuracy {right:.3f}"),
        "",
        "next",
        f"  {write_command(run)}",
        f"  {shlex.join(['unroll', 'text', 'copies', str(run.path)])}",
    ]
    return "\n".join(lines)


def write_command(run: Run) -> str:
    """Return what to type to let the model write, with a prompt that fits its book."""
    prompt = fitting_prompt(run.corpus, run.splits.training)
    # shlex's quotes around a plain prompt would be single ones; double ones are kinder to read.
    quoted = shlex.quote(prompt) if set(prompt) & set('"$`\\!') else f'"{prompt}"'
    run_words = shlex.join(["unroll", "text", "write", str(run.path)])
    return f"{run_words} --prompt {quoted} --temperature 0.5"


def _row(name: str, nats: float | None, meaning: str) -> str:
    if nats is None:
        return f"  {name:8}  not a number"
    return f"  {name:8}  {nats:.3f} nats  {bits(nats):.3f} bits a character  {meaning}"
