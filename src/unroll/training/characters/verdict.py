"""What came of a run: its best weights on the validation split, which is read only here."""

import math
import time
from typing import Any

from unroll.records.checkpoints import BEST, SUFFIX, read_checkpoint
from unroll.training.characters.checkpoint import hash_weights, load_weights
from unroll.training.characters.evaluation import carried, windowed
from unroll.training.characters.history import History
from unroll.training.characters.run import Run
from unroll.training.characters.trainer import Trainer, build_model

WINDOWS = (256, 64, 30)
"""The windows that are measured: a Transformer's usual contexts, and the assignment's."""


def judge(run: Run, trainer: Trainer, history: History) -> dict[str, Any]:
    """Return what `result.json` holds, of a training at its end."""
    begun = time.process_time()
    model = build_model(run.recipe, run.corpus.vocabulary.size, run.seed)
    load_weights(read_checkpoint(run.checkpoints / (BEST + SUFFIX)), run.identity, model)
    ids, extent = run.corpus.ids, run.splits.validation
    stream = carried(model, ids, extent)
    validation = {
        "carried_nats": _number(stream.loss_nats),
        "accuracy": stream.accuracy,
        "bits_per_char": _number(stream.loss_nats / math.log(2)),
    }
    for T in WINDOWS:
        validation[f"w{T}_nats"] = _number(windowed(model, ids, extent, T).loss_nats)
    training = history.last_part()
    return {
        "validation": validation,
        "training": {name: _number(value) for name, value in training.items()},
        "best_step": history.best_step,
        "tuning_nats": history.best_nats,
        "steps": history.step,
        "cpu_seconds": history.cpu_seconds,
        "evaluation_cpu_seconds": time.process_time() - begun,
        "wall_seconds": history.wall_seconds,
        "characters_per_second": trainer.characters(history.step) / max(1e-9, history.wall_seconds),
        "parameters": model.parameter_count,
        "weights_sha256": hash_weights(trainer.weights()),
        "best_weights_sha256": hash_weights(model.state_dict()),
        "stopped": history.stopped or "budget",
        "curve": history.curve,
        "notes": history.notes,
    }


def _number(value: float) -> float | None:
    """Return a value that JSON can keep: it has no infinity."""
    return value if math.isfinite(value) else None
