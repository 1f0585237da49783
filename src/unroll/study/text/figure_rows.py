"""Character models in rows for figures, all filled from the records."""

from collections.abc import Sequence
from typing import Any

from unroll.report.text_rows import (
    ContextRow,
    CopyRow,
    InfluenceRow,
    LearningRow,
    StageCopyRow,
    WordRow,
)
from unroll.study.text.view import TextView, TrainingView

CURVE_POINTS = 60
"""Points of a curve that a figure can show."""
FIVE_GRAM = "5-gram model"
HELD_OUT_TEXT = "held-out text"


def learning_rows(view: TextView) -> list[LearningRow]:
    """Return every training curve, thinned out, and what the held-out part that tunes said."""
    rows = []
    for training in view.trainings:
        for network in training.networks:
            tuned = [point for point in network.curve if point["tuning_nats"] is not None]
            own = [point for point in network.curve if point["training_nats"] is not None]
            for part, name, points in (
                ("training", "training", _thinned(own)),
                ("held out", "tuning", _thinned(tuned)),
            ):
                rows += [
                    LearningRow(
                        training=training.name,
                        seed=network.seed,
                        part=part,
                        step=point["step"],
                        characters=point["step"] * training.characters_a_step,
                        loss_nats=point[f"{name}_nats"],
                        accuracy=point[f"{name}_accuracy"],
                    )
                    for point in points
                ]
    return rows


def word_rows(view: TextView) -> list[WordRow]:
    """Return how many words of the book were written at each stage."""
    return [
        WordRow(
            training=training.name,
            seed=network.seed,
            step=stage["step"],
            share=stage["known"],
            words=stage["number"],
        )
        for training in view.trainings
        for network in training.looked("writing")
        for stage in (network.writing or {})["stages"]
        if stage["number"]
    ]


def copy_rows(trainings: Sequence[TrainingView]) -> list[CopyRow]:
    """Return how much is copied at the end of training, beside the baselines of each text."""
    rows = []
    baselines: dict[tuple[int, str, int], CopyRow] = {}
    for training in trainings:
        for network in training.looked("copies"):
            copies = network.copies or {}
            for n in copies["lengths"]:
                rows.append(
                    CopyRow(
                        training=training.name,
                        kind="written",
                        seed=network.seed,
                        n=n,
                        share=share_of(copies["stages"][-1], n),
                    )
                )
                for name, key in ((HELD_OUT_TEXT, "held_out"), (FIVE_GRAM, "five_gram")):
                    row = CopyRow(
                        training=training.name,
                        kind=name,
                        seed=None,
                        n=n,
                        share=share_of(copies[key], n),
                    )
                    baselines.setdefault((training.characters, name, n), row)
    return [*rows, *baselines.values()]


def stage_copy_rows(trainings: Sequence[TrainingView], n: int) -> list[StageCopyRow]:
    """Return how much is copied at each stage, and the held-out text's share."""
    rows = []
    for training in trainings:
        for network in training.looked("copies"):
            copies = network.copies or {}
            rows += [
                StageCopyRow(
                    training=training.name,
                    seed=network.seed,
                    step=stage["step"],
                    n=n,
                    share=share_of(stage, n),
                    training_accuracy=stage.get("training_accuracy"),
                )
                for stage in copies["stages"]
            ]
            rows.append(
                StageCopyRow(
                    training=training.name,
                    seed=None,
                    step=None,
                    n=n,
                    share=share_of(copies["held_out"], n),
                    training_accuracy=None,
                )
            )
    return rows


def context_rows(view: TextView) -> list[ContextRow]:
    """Return the loss by the number of true characters."""
    rows = []
    for training in view.trainings:
        for network in training.looked("context"):
            seen = network.context or {}
            for start, losses, errors in (
                ("foreign text", seen["loss_nats"], seen["standard_error"]),
                ("zero state", seen["zero_state_nats"], None),
            ):
                rows += [
                    ContextRow(
                        training=training.name,
                        seed=network.seed,
                        start=start,
                        distance=distance,
                        loss_nats=loss,
                        standard_error=None if errors is None else errors[index],
                    )
                    for index, (distance, loss) in enumerate(
                        zip(seen["distances"], losses, strict=True)
                    )
                ]
    return rows


def influence_rows(view: TextView) -> list[InfluenceRow]:
    """Return how much each prediction hangs on the character k before it."""
    return [
        InfluenceRow(
            training=training.name, seed=network.seed, distance=point["k"], norm=point["norm"]
        )
        for training in view.trainings
        for network in training.looked("context")
        for point in _spaced((network.context or {})["gradient"])
    ]


def share_of(measured: dict[str, object], n: int) -> float:
    """Return the share of characters in spans of n or more; JSON makes texts of numbers."""
    shares = measured["shares"]
    if not isinstance(shares, dict):
        raise TypeError(f"shares by n are expected, got {shares!r}")
    return float(shares[str(n)] if str(n) in shares else shares[n])


def baseline_name(name: str, training: TrainingView, all_trainings: Sequence[TrainingView]) -> str:
    """Return the name of a baseline, with the part of the book where there are several."""
    parts = {other.characters for other in all_trainings}
    return name if len(parts) == 1 else f"{name}, {training.characters / 1000:,.0f}k"


def _thinned(points: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return at most 60 points, denser at the beginning, the last among them."""
    if len(points) <= CURVE_POINTS:
        return list(points)
    last = len(points) - 1
    chosen = {round(last ** (n / (CURVE_POINTS - 1))) for n in range(CURVE_POINTS)}
    return [points[index] for index in sorted({0, *chosen})]


def _spaced(points: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the first 16 distances and then about 8 an octave, evenly in their logarithm."""
    kept, following = [], 0.0
    for point in points:
        if point["k"] <= 16 or point["k"] >= following or point is points[-1]:
            kept.append(point)
            following = point["k"] * 2 ** (1 / 8)
    return kept
