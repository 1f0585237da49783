"""Made-up values in the formats of the real ones, for tests of how they are told."""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from unroll.study.text.prompts import RULE
from unroll.study.text.view import Network, TextProblem, TextView, TrainingView
from unroll.training.characters import TEXT_PRESETS, stage_steps

STEPS = 1_000
BOOK = {
    "name": "made-up",
    "source": "a text that nobody wrote",
    "sha256": "0123456789abcdef" * 4,
    "characters": 400_000,
}
LENGTHS = (10, 15, 20, 30, 50, 100)
DISTANCES = tuple(2**n for n in range(10))
WORDS = "the king went to the sea and he saw a ship that was as white as milk "


def trained(
    *, nats: float = 1.5, window: float = 0.1, seed: int = 0, parts_by: float = 0.0
) -> dict[str, Any]:
    """What training came to; `window` is what windows of 30 cost beside the carried figure."""
    steps = [25 * n for n in range(1, STEPS // 25 + 1)]
    curve = [
        {
            "step": step,
            "training_nats": nats + 2.5 * math.exp(-step / 150) - 0.1,
            "training_accuracy": 0.6 - 0.5 * math.exp(-step / 150),
            "tuning_nats": nats
            + 2.5 * math.exp(-step / 150)
            + (parts_by * (step - STEPS / 2) / (STEPS / 2) if step > STEPS / 2 else 0.0)
            if step % 50 == 0
            else None,
            "tuning_accuracy": 0.55 - 0.5 * math.exp(-step / 150) if step % 50 == 0 else None,
            "rate": 0.002,
        }
        for step in steps
    ]
    return {
        "result": {
            "validation": {
                "carried_nats": nats + 0.01 * seed,
                "w256_nats": nats + 0.01 * seed + window / 8,
                "w64_nats": nats + 0.01 * seed + window / 2,
                "w30_nats": nats + 0.01 * seed + window,
                "accuracy": 0.55,
                "bits_per_char": (nats + 0.01 * seed) / math.log(2),
            },
            "training": {"loss_nats": nats - 0.1, "accuracy": 0.6},
            "best_step": STEPS,
            "steps": STEPS,
            "cpu_seconds": 12.5,
            "characters_per_second": 40_000.0,
            "parameters": 250_000,
            "curve": curve,
            "notes": [],
        },
        "stages": list(stage_steps(STEPS)),
        "precision": "float32",
        "vocabulary_size": 68,
        "unknown_characters": 0,
        "splits": {"training": 342_000, "tuning": 18_000, "validation": 40_000},
    }


def text(words: str = WORDS, **values: Any) -> dict[str, Any]:
    told = {"text": words, "nats_per_char": 1.2, "number": 16, "known": 0.9, "distinct": 0.8}
    return {**told, "loop": None, **values}


def writing(*, seed: int = 0, repeats: bool = True, learns: bool = True) -> dict[str, Any]:
    """What a network writes; greedy and beams run into loops if it `repeats`."""
    stages = stage_steps(STEPS)
    known = [0.9 * n / (len(stages) - 1) if learns else 0.1 for n in range(len(stages))]
    loop = {"start": 5, "period": 9} if repeats else None
    distinct = 0.2 if repeats else 0.95
    prompts = [("The queen had", " three sons" * 6), ("Nobody knew", " what to do" * 6)]
    return {
        "stages": [
            {
                "step": step,
                "samples": [
                    {"first": first, "length": length, "text": (WORDS * 2)[:length]}
                    for first, length in (("T", 20), ("a", 30), ("K", 100))
                ],
                "number": 300,
                "known": share,
                "distinct": 0.5,
            }
            for step, share in zip(stages, known, strict=True)
        ],
        "held_out_words": {"number": 300, "known": 0.95, "distinct": 0.6},
        "prompt": prompts[0][0],
        "rule": RULE,
        "grid": [
            {
                "temperature": temperature,
                "texts": [
                    text(
                        known=1.0 - 0.3 * temperature,
                        distinct=distinct if not temperature else 0.6 + 0.1 * temperature,
                        loop=loop if not temperature else None,
                        nats_per_char=0.5 + 0.7 * temperature + 0.01 * seed,
                    )
                    for _ in range(2 if temperature else 1)
                ],
            }
            for temperature in (0.0, 0.5, 1.0, 2.0)
        ],
        "truth": text(prompts[0][1], nats_per_char=1.5, known=0.97, distinct=0.7),
        "completions": [
            {"prompt": prompt, "text": WORDS[:66], "truth": truth} for prompt, truth in prompts
        ],
        "beams": [
            {
                "prompt": prompt,
                "width": width,
                "log_probability_nats": -60.0 + 5 * math.log(width),
                **text(
                    nats_per_char=0.6 - 0.05 * math.log(width),
                    distinct=distinct,
                    loop=loop if width > 1 else None,
                ),
            }
            for prompt, _ in prompts
            for width in (1, 3, 5, 10)
        ],
    }


def copies(*, most: float = 0.02, grows: bool = False, kept: float = 0.03) -> dict[str, Any]:
    """Shares that fall with n; `most` of the network in spans of 20, `kept` of held-out text."""
    stages = stage_steps(STEPS)

    def shares(share: float) -> dict[str, Any]:
        return {
            "shares": {str(n): min(1.0, share * (20 / n) ** 2) for n in LENGTHS},
            "longest": {"length": round(10 + 400 * share), "start": 0, "book_start": 5},
        }

    return {
        "lengths": list(LENGTHS),
        "characters": 20_000,
        "temperature": 1.0,
        "stages": [
            {
                "step": step,
                **shares(most * (n / (len(stages) - 1) if grows else 1.0)),
                "training_accuracy": None if not step else min(0.6, 0.2 * n),
            }
            for n, step in enumerate(stages)
        ],
        "held_out": shares(kept),
        "five_gram": shares(0.01),
        "spans": [
            {
                "length": 31,
                "start": 7,
                "book_start": 1_234,
                "text": "once upon a time there was a ki",
                "book_before": "End. ",
                "book_after": "ng who had",
            }
        ],
    }


def context(*, horizon: int | None = 64, zero: float = -0.3) -> dict[str, Any]:
    """A loss that falls up to the horizon; `zero` is what a zero state has less at k = 1."""
    far = horizon or 1
    losses = [1.5 + 1.5 / k if k <= far else 1.5 + 1.5 / far for k in DISTANCES]
    return {
        "distances": list(DISTANCES),
        "loss_nats": losses,
        "standard_error": [0.02] * len(losses),
        "zero_state_nats": [loss + zero / k for loss, k in zip(losses, DISTANCES, strict=True)],
        "full_nats": losses[-1],
        "positions": 128,
        "warm": 64,
        "gradient": [{"k": k, "norm": 0.1 / k} for k in range(1, 513)],
        "horizon": {
            "last_passed": horizon,
            "first_failed": None if horizon == 512 else 2 * far,
            "unit": "characters",
            "criterion": "twice as much context still saves 0.01 nats",
        },
    }


def training(
    name: str = "quick",
    *,
    seeds: int = 2,
    characters: int = 400_000,
    window: int | None = None,
    **parts: Any,
) -> TrainingView:
    """A way of training with all of its looks, some of them replaced by `parts`."""
    is_assignment = name.startswith("assignment")
    # Presets are tuned now and then; what is told of these here must not change with them.
    recipe = replace(
        TEXT_PRESETS["assignment" if is_assignment else "quick"],
        window=window or (30 if is_assignment else 48),
        betas=(0.9, 0.99),
        warmup_share=0.05,
        final_share=0.01,
    )
    values: dict[str, Any] = {
        "writing": writing(),
        "copies": copies(),
        "context": context(),
        **{kind: value for kind, value in parts.items() if kind != "trained"},
    }
    return TrainingView(
        name=name,
        recipe=recipe.as_dict(),
        steps=STEPS,
        characters=characters,
        command=f"unroll text train --out runs/{name}",
        networks=tuple(
            Network(seed=seed, trained=trained(seed=seed, **parts.get("trained", {})), **values)
            for seed in range(seeds)
        ),
    )


def view(
    trainings: Sequence[TrainingView] = (),
    *,
    problems: Sequence[TextProblem] = (),
    missing: int = 0,
    **book: Any,
) -> TextView:
    return TextView(
        book=BOOK | book,
        trainings=tuple(trainings) or (training("assignment"), training("quick")),
        problems=tuple(problems),
        missing=missing,
        commands=("unroll study",),
    )
