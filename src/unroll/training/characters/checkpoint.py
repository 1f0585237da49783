"""A training at one step as bytes, and back: safetensors, with what it is in the metadata.

    model.…       weights                        state.…     carried state of the streams
    optimiser.…   moments and steps taken        feed.…      generator of the text's places
    sums.…        not yet in the curve           dropout.…   generator of the masks

A file of kind `weights` holds the first alone, under the model's own names.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Literal

import safetensors.torch
from torch import Tensor, nn

from unroll.errors import ConfigError
from unroll.records.checkpoints import ENTRY, CheckpointError, CheckpointFile
from unroll.records.environment import describe_environment
from unroll.text import Vocabulary
from unroll.training.characters.history import History, read_history
from unroll.training.characters.identity import TrainingIdentity
from unroll.training.characters.trainer import Trainer

FORMAT = 1
"""Raised when an older reader would misread a checkpoint."""

Kind = Literal["training", "weights"]

_MODEL = "model."


def pack_training(identity: TrainingIdentity, trainer: Trainer, history: History) -> bytes:
    """Return everything that decides how the training goes on."""
    facts = {
        **_facts(identity, "training", history.step),
        "position": trainer.position(),
        "history": history.as_dict(),
    }
    return _pack(trainer.tensors(), facts)


def pack_weights(identity: TrainingIdentity, trainer: Trainer, step: int) -> bytes:
    """Return the weights alone."""
    return _pack(trainer.weights(), _facts(identity, "weights", step))


def unpack_training(file: CheckpointFile, identity: TrainingIdentity, trainer: Trainer) -> History:
    """Bring `trainer` to where a checkpoint was made, and return the history up to there.

    Raises: CheckpointError, naming the file, when it is not of this run; `trainer` is as before.
    """
    _check_facts(file, identity, "training")
    tensors = _load(file)
    _check_shapes(file, tensors, trainer.tensors())
    try:
        history = read_history(file.facts["history"])
        trainer.restore(tensors, file.facts["position"])
    except (KeyError, TypeError, ValueError, RuntimeError, ConfigError) as error:
        raise CheckpointError(f"{file.path}: its history or its place cannot be read") from error
    return history


def load_weights(file: CheckpointFile, identity: TrainingIdentity, model: nn.Module) -> None:
    """Give `model` the weights in a file of either kind.

    Raises: CheckpointError, naming the file, when it is not of this run.
    """
    kind: Kind = "weights" if file.facts.get("kind") == "weights" else "training"
    _check_facts(file, identity, kind)
    tensors = _load(file)
    if kind == "training":
        tensors = {
            name.removeprefix(_MODEL): tensor
            for name, tensor in tensors.items()
            if name.startswith(_MODEL)
        }
    _check_shapes(file, tensors, model.state_dict())
    model.load_state_dict(tensors)


def hash_weights(weights: Mapping[str, Tensor]) -> str:
    """Return the SHA-256 of weights: of safetensors' bytes without metadata."""
    return hashlib.sha256(safetensors.torch.save(_on_cpu(weights))).hexdigest()


def _pack(tensors: Mapping[str, Tensor], facts: dict[str, Any]) -> bytes:
    return safetensors.torch.save(_on_cpu(tensors), {ENTRY: json.dumps(facts)})


def _on_cpu(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    # A copy: parameters are views of one vector, and safetensors takes no shared memory.
    return {name: tensor.detach().cpu().clone() for name, tensor in sorted(tensors.items())}


def _facts(identity: TrainingIdentity, kind: Kind, step: int) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "kind": kind,
        "step": step,
        **identity.as_dict(),
        "environment": describe_environment(),
    }


def _check_facts(file: CheckpointFile, identity: TrainingIdentity, kind: Kind) -> None:
    """Raise CheckpointError unless a file says that it is of this run, and of that kind."""
    facts, path = file.facts, file.path
    if facts.get("format") != FORMAT:
        raise CheckpointError(
            f"{path}: of format version {facts.get('format')}, and this unroll reads {FORMAT}; use "
            "the unroll that wrote it"
        )
    vocabulary = facts.get("vocabulary")
    if vocabulary != identity.vocabulary.to_json():
        raise CheckpointError(
            f"{path}: of another vocabulary than the run's: {_size(vocabulary)} characters there, "
            f"{identity.vocabulary.size} here"
        )
    if facts.get("kind") != kind:
        raise CheckpointError(f"{path}: holds {facts.get('kind')}, expected {kind}")
    expected = identity.as_dict()
    for name in ("seed", "steps", "recipe", "book_sha256"):
        if facts.get(name) != expected[name]:
            raise CheckpointError(f"{path}: of another run: its {name} is another")


def _size(vocabulary: Any) -> object:
    known = vocabulary.get("known") if isinstance(vocabulary, dict) else None
    return Vocabulary(known).size if isinstance(known, str) else "unknown"


def _load(file: CheckpointFile) -> dict[str, Tensor]:
    try:
        return safetensors.torch.load(file.data)
    except safetensors.SafetensorError as error:
        raise CheckpointError(f"{file.path}: damaged: {error}") from error


def _check_shapes(
    file: CheckpointFile, found: Mapping[str, Tensor], expected: Mapping[str, Tensor]
) -> None:
    for name in sorted(found.keys() ^ expected.keys()):
        what = "is missing" if name in expected else "is not of this model"
        raise CheckpointError(f"{file.path}: '{name}' {what}")
    for name, tensor in expected.items():
        kinds = [(tuple(one.shape), one.dtype) for one in (found[name], tensor)]
        if kinds[0] != kinds[1]:
            told = [f"{shape} {str(dtype).removeprefix('torch.')}" for shape, dtype in kinds]
            raise CheckpointError(
                f"{file.path}: '{name}' has shape {told[0]}, the run's model {told[1]}"
            )
