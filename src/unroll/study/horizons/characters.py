"""How far characters travel through text: what each look at a character model says of it."""

from collections.abc import Sequence
from typing import Any

from unroll.study.horizons.travel import Influence, Measured, Travel, relative
from unroll.study.text.figure_rows import influence_rows
from unroll.study.text.view import TextView, TrainingView


def travels_in_characters(views: Sequence[TextView]) -> list[Travel]:
    """Return every way of training whose networks were asked how far back they look."""
    several = len(views) > 1
    return [
        _travel(view, training, f"{training.name} ({view.book['name']})" if several else "")
        for view in views
        for training in view.trainings
        if training.looked("context")
    ]


def _travel(view: TextView, training: TrainingView, name: str) -> Travel:
    horizon = training.horizon()
    line = name or training.name
    points = relative(
        Measured(seed=row.seed, distance=row.distance, value=row.norm)
        for row in influence_rows(view)
        if row.training == training.name
    )
    return Travel(
        unit="characters",
        line=line,
        network=line,
        kind="retained" if (horizon.median or 0) > training.window else "learned",
        trained_to=training.window,
        horizon=horizon,
        use=tuple(
            point
            for network in training.looked("context")
            for point in _use(network.seed, network.context or {})
        ),
        influence=(Influence(condition="trained", points=points),),
        arriving=relative(
            Measured(seed=network.seed, distance=point["k"], value=point["norm"])
            for network in training.looked("context")
            for point in (network.context or {})["gradient"]
        ),
        command=view.commands[0],
    )


def _use(seed: int, context: dict[str, Any]) -> list[Measured]:
    """Return (loss with all from d on replaced − full loss) / (loss with all replaced − full).

    Replacing all from d on leaves k = d − 1 true characters. Where the loss with none of them is
    not recorded, that with the fewest takes its place.
    """
    losses = {
        k + 1: loss for k, loss in zip(context["distances"], context["loss_nats"], strict=True)
    }
    if (foreign := context.get("foreign_nats")) is not None:
        losses[1] = foreign
    full = context["full_nats"]
    whole = losses[min(losses)] - full
    return [
        Measured(seed=seed, distance=d, value=(loss - full) / whole if whole > 0 else None)
        for d, loss in sorted(losses.items())
    ]
