"""Steps that round differently in another batch: texts part only where a draw is near an edge."""

import itertools
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from tests.decoding.toys import Toy, random_toy, start
from unroll.decoding import (
    Sample,
    SamplingSettings,
    Step,
    TensorStep,
    sample,
    softmax,
    uniforms,
)
from unroll.decoding.step import Integers, read

PLAIN = SamplingSettings()


class Rounding(Toy):
    """A toy that rounds differently in a batch of one: by `step_size`, up and down in turns."""

    def __init__(self, table: NDArray[Any], step_size: float) -> None:
        super().__init__(table)
        self.nudge = step_size * (-1.0) ** np.arange(self.vocabulary_size)

    def __call__(self, tokens: Integers, state: Integers, /) -> tuple[NDArray[Any], Integers]:
        scores, state = super().__call__(tokens, state)
        moved = scores + self.nudge if len(tokens) == 1 else scores - self.nudge
        return moved.astype(scores.dtype), state


def distance_from_edge(step: Step[Any], state: Any, text: Sequence[int], draw: float) -> float:
    """Return how far a draw is from the nearest edge between two tokens, after prompt and text."""
    scores, _ = read(step, state, text)
    return float(np.abs(softmax(scores[0]).cumsum() - draw).min())


def partings(
    step: Step[Any], state: Callable[[], Any], together: Sequence[Sample], seed: int
) -> list[float]:
    """Return the distance from an edge of each draw at which a sample parts from it alone."""
    distances = []
    for one in together:
        length = len(one.picks)
        (alone,) = sample(
            step, state(), [0], settings=PLAIN, length=length, seed=seed, first=one.number
        )
        pairs = zip(one.tokens, alone.tokens, strict=True)
        parted = next((n for n, (a, b) in enumerate(pairs) if a != b), None)
        if parted is not None:
            draw = next(itertools.islice(uniforms(seed, one.number), parted, None))
            text = [0, *one.tokens[:parted]]
            distances.append(distance_from_edge(step, state(), text, draw))
    return distances


@pytest.mark.parametrize("step_size", [1e-2, 1e-3])
def test_steps_that_round_differently_part_only_at_a_near_tie(step_size: float) -> None:
    """A rounding 10⁴ times float32's, so that partings are seen at all."""
    toy = Rounding(random_toy(0, 5).table, step_size)
    together = sample(toy, start(), [0], settings=PLAIN, length=300, seed=0, samples=20)
    distances = partings(toy, start, together, 0)
    assert len(distances) >= 3
    # A share of softmax moves by step_size · 2 p (1 − p) at most from one to the other.
    assert max(distances) <= step_size


@pytest.mark.parametrize(("from_the_draw", "parts"), [(0.0, True), (1e-6, False), (-1e-6, False)])
def test_float32_parts_where_a_draw_is_within_its_rounding(
    from_the_draw: float, parts: bool
) -> None:
    """The second draw is laid on the edge between two tokens, or a millionth beside it."""
    _, draw = itertools.islice(uniforms(0, 0), 2)
    edge = draw + from_the_draw
    table = np.array([[math.log(edge / (1 - edge)), 0.0]], dtype=np.float32)
    toy = Rounding(table, float(np.finfo(np.float32).eps))
    together = sample(toy, start(), [0], settings=PLAIN, length=2, seed=0, samples=2)
    # The first token comes from the prompt, which is read once for the whole batch.
    assert len(partings(toy, start, together[:1], 0)) == int(parts)


def test_a_float32_lstm_writes_the_same_in_any_batch_but_for_near_ties() -> None:
    torch.manual_seed(0)
    V, H = 30, 48
    lstm, readout = nn.LSTM(V, H, batch_first=True), nn.Linear(H, V)

    def step_layer(tokens: Tensor, state: Any) -> tuple[Tensor, Any]:
        y, state = lstm(nn.functional.one_hot(tokens[:, None], V).float(), state)
        return 20 * readout(y[:, 0]), state

    def zeros() -> Any:
        return torch.zeros(1, 1, H), torch.zeros(1, 1, H)

    step = TensorStep(step_layer, vocabulary_size=V, batch_axis=1)
    together = sample(step, zeros(), [0], settings=PLAIN, length=150, seed=0, samples=5)
    # Scores of about 10, rounded at 1e-7 of that in each of a few sums.
    assert [d for d in partings(step, zeros, together, 0) if d > 1e-4] == []
    # And the texts are texts: different, and of many tokens.
    assert len({one.tokens for one in together}) == 5
    assert min(len(set(one.tokens)) for one in together) > 5
