"""One palindrome through one network: what it answers, and what went on inside."""

from threading import Event
from typing import Any

import torch
from torch import Tensor

from unroll.app.refusal import RefusedError
from unroll.app.remember.influence import influence, is_finite
from unroll.app.remember.picture import MOST_UNITS, draw, drawn_steps
from unroll.app.remember.score import check_wanted
from unroll.models import SequenceClassifier
from unroll.probes import gate_activity
from unroll.seeding import make_generator
from unroll.tasks import Task

NO_PALINDROME = (
    "These digits are no palindrome, so the task does not say what the last one is: the answer is "
    "compared with the last digit all the same."
)


def draw_palindrome(task: Task, seed: int) -> Tensor:
    """Return one palindrome (1, T) of the evaluation split."""
    return task.sample(
        1, "evaluation", make_generator(seed, f"playground palindrome {task.length}")
    )


def answer(
    model: SequenceClassifier, task: Task, sequence: Tensor, units: Tensor, stop: Event
) -> dict[str, Any]:
    """Return the network's answer to one sequence (1, T) and what led to it, as plain values.

    Raises: RefusedError where the network's numbers are not finite, or once `stop` is set.
    """
    batch = task.encode(sequence)
    with torch.no_grad():
        probabilities = torch.softmax(model(batch.inputs)[0, 0].double(), 0)
    activity = {name: part[0] for name, part in gate_activity(model, batch.inputs).items()}
    if not is_finite({"probabilities": probabilities} | activity):
        raise RefusedError("this network's numbers are not finite: choose another one", 409)
    check_wanted(stop)
    digits = sequence[0].tolist()
    asked, prediction = digits[-1], int(probabilities.argmax())
    is_palindrome = digits == digits[::-1]
    return {
        "digits": digits,
        "asked": asked,
        "probabilities": [round(p, 6) for p in probabilities.tolist()],
        "prediction": prediction,
        "is_right": prediction == asked,
        "is_palindrome": is_palindrome,
        "remark": None if is_palindrome else NO_PALINDROME,
        **_inside(activity, units),
        "influence": influence(model, batch, stop),
    }


def _inside(activity: dict[str, Tensor], units: Tensor) -> dict[str, Any]:
    count = len(activity["h"])
    steps, shown = drawn_steps(count), units[:MOST_UNITS]
    said = f"the pictures show {len(steps)} of {count} steps" if len(steps) < count else None
    return {
        "units": len(units),
        "drawn_units": shown.tolist(),
        "drawn_steps": (steps + 1).tolist(),
        "thinned": said,
        "parts": {
            name: draw(name, part, shown, steps).as_dict() for name, part in activity.items()
        },
    }
