"""What units do, found without the probes: each cell is called once a character."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

# Numbers of about 1 in float32, through some hundred steps with their sums in another order.
TOLERANCE = 1e-5

Floats = NDArray[np.float64]
Post = Callable[..., Any]


@torch.no_grad()
def step_by_hand(model: Any, ids: NDArray[Any]) -> dict[tuple[int, str], Floats]:
    """Return h and c of each layer, counted from 1, (T, H): each cell called once a character."""
    states = list(model.initial_state(1))
    found: dict[tuple[int, str], list[Floats]] = {}
    for one in ids.tolist():
        x = model.embed(torch.tensor([one]))
        for n, cell in enumerate(model.cells):
            x, states[n] = cell(x, states[n])
            for name, part in states[n]._asdict().items():
                found.setdefault((n + 1, name), []).append(part[0].double().numpy())
    return {key: np.stack(steps) for key, steps in found.items()}
