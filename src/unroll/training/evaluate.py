"""How often a network is right, and how sure it was."""

import time
from dataclasses import dataclass

import torch
from torch import nn

from unroll.tasks.task import Batch, Task

_CHUNK_DIGITS = 2**17
"""Digits evaluated at once where sequences are short: enough for full speed."""
_CHUNK_SEQUENCES = 512
"""Sequences evaluated at once where they are long, so that a step is still a large product …"""
_MOST_DIGITS = 2**20
"""… within this many digits, which fit any memory."""


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """The score of one network on sequences of one length."""

    accuracy: float
    """Share of the answers asked for that were right."""
    loss_nats: float
    """Mean loss per answer asked for."""
    count: int
    """Sequences evaluated."""
    seconds: float
    """Wall-clock time."""


@torch.no_grad()
def evaluate(model: nn.Module, task: Task, sequences: torch.Tensor) -> Evaluation:
    """Score `model` on `sequences` of `task`, a chunk at a time, without dropout."""
    start = time.perf_counter()
    was_training = model.training
    model.eval()
    many = max(_CHUNK_DIGITS // task.length, _CHUNK_SEQUENCES)
    chunk = max(1, min(many, _MOST_DIGITS // task.length))
    right = loss = asked = 0.0
    for part in torch.split(sequences, chunk):
        batch: Batch = task.encode(part)
        scores = model(batch.inputs, last=batch.targets.shape[1])
        right += float(task.right(scores, batch.targets).sum())
        loss += float(task.loss(scores, batch.targets, "sum"))
        asked += batch.targets.numel()
    model.train(was_training)
    return Evaluation(
        accuracy=right / asked,
        loss_nats=loss / asked,
        count=len(sequences),
        seconds=time.perf_counter() - start,
    )
