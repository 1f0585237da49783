"""What the commands on text accept, and how they refuse the rest."""

import shlex
from pathlib import Path
from typing import Any

import pytest

from unroll.errors import ConfigError
from unroll.study.text.settings import (
    ContextSettings,
    CopiesSettings,
    ScoreSettings,
    TrainSettings,
    WriteSettings,
    read_stage,
)


@pytest.mark.parametrize(
    ("kind", "given", "message"),
    [
        (
            TrainSettings,
            {"preset": "bst"},
            "unknown preset 'bst': expected one of assignment, best, quick (nearest: best)",
        ),
        (TrainSettings, {"seed": -1}, "seed must be 0 … 2^63 − 1, got -1"),
        (TrainSettings, {"steps": 0}, "steps must be 1 or more, got 0"),
        (
            TrainSettings,
            {"minutes": 0.0},
            "minutes must be above 0 and at most 43,200, got 0.0",
        ),
        (
            TrainSettings,
            {"minutes": float("nan")},
            "minutes must be above 0 and at most 43,200, got nan",
        ),
        (TrainSettings, {"steps": 5, "minutes": 1.0}, "give --steps or --minutes, not both"),
        (TrainSettings, {"dropout": 1.0}, "dropout must be 0 or more and below 1, got 1.0"),
        (TrainSettings, {"rate": -0.1}, "rate must be a number above 0, got -0.1"),
        (TrainSettings, {"clip": float("inf")}, "clip must be a number above 0, got inf"),
        (TrainSettings, {"window": 0}, "window must be 1 or more, got 0"),
        (TrainSettings, {"threads": 10**6}, "threads must be at most 1,024, got 1000000"),
        (TrainSettings, {"embedding": -1}, "embedding must be 0 or more, got -1"),
        (
            TrainSettings,
            {"feeding": "streams"},
            "unknown feeding 'streams': expected one of stream, windows (nearest: stream)",
        ),
        (
            WriteSettings,
            {"prompt": ""},
            "prompt is empty: give at least one character to begin with",
        ),
        (
            WriteSettings,
            {"temperature": 0.0},
            "temperature must be positive and finite, got 0.0: --greedy takes the likeliest each "
            "time",
        ),
        (
            WriteSettings,
            {"temperature": float("nan")},
            "temperature must be positive and finite, got nan",
        ),
        (WriteSettings, {"top_k": 0}, "top-k must be 1 or more, got 0"),
        (WriteSettings, {"top_p": 1.5}, "top-p must be above 0 and at most 1, got 1.5"),
        (WriteSettings, {"beams": 0}, "beams must be 1 or more, got 0"),
        (WriteSettings, {"length": 0}, "length must be 1 or more, got 0"),
        (
            WriteSettings,
            {"greedy": True, "temperature": 1.0},
            "--greedy draws nothing: leave out --temperature, or --greedy",
        ),
        (
            WriteSettings,
            {"beams": 3, "samples": 2},
            "--beams draws nothing: leave out --samples, or --beams",
        ),
        (
            WriteSettings,
            {"greedy": True, "beams": 3},
            "give --greedy or --beams, not both: one beam is greedy",
        ),
        (WriteSettings, {"until": "."}, "--until ends a beam: give --beams too"),
        (
            WriteSettings,
            {"until": "", "beams": 2},
            "until is empty: give what a text is to end with, such as '.'",
        ),
        (
            WriteSettings,
            {"stage": "worst"},
            "stage must be best, last or a step such as 1000, got 'worst'",
        ),
        (ScoreSettings, {"places": -1}, "places must be 0 or more, got -1"),
        (
            CopiesSettings,
            {"characters": 99},
            "characters must be 100 or more, the longest span that is counted, got 99",
        ),
        (ContextSettings, {"positions": 1}, "positions must be 2 or more, got 1"),
    ],
)
def test_a_mistake_is_named_in_one_line(
    kind: type[Any], given: dict[str, Any], message: str
) -> None:
    with pytest.raises(ConfigError) as error:
        kind(**given)
    assert str(error.value) == message


def test_a_command_line_says_only_what_is_not_the_default() -> None:
    assert TrainSettings().command("runs/x") == "unroll text train --out runs/x"
    settings = TrainSettings(book=Path("my book.txt"), preset="best", minutes=3.0, embedding=0)
    assert shlex.split(settings.command("out")) == (
        "unroll text train|my book.txt|--preset|best|--minutes|3.0|--embedding|0|--out|out"
    ).replace(" ", "|", 2).split("|")


def test_a_preset_gives_way_to_what_is_given() -> None:
    plain = TrainSettings(preset="assignment").resolve_recipe(10**6)
    assert (plain.window, plain.batch_size, plain.embedding_size) == (30, 64, None)
    given = TrainSettings(preset="assignment", window=100, hidden_size=256, embedding=16, clip=2.0)
    changed = given.resolve_recipe(10**6)
    assert (changed.window, changed.hidden_size, changed.embedding_size) == (100, 256, 16)
    assert (changed.clip_norm, changed.rate) == (2.0, plain.rate)
    assert TrainSettings(embedding=0).resolve_recipe(10**6).embedding_size is None
    assert TrainSettings(patience=0).resolve_recipe(10**6).patience is None


def test_minutes_are_the_presets_unless_steps_are_given() -> None:
    assert TrainSettings().budget_minutes == 2.0
    assert TrainSettings(minutes=7.0).budget_minutes == 7.0
    assert TrainSettings(steps=7).budget_minutes is None


def test_distances_double_up_to_the_furthest() -> None:
    assert ContextSettings(furthest=20).distances == (1, 2, 4, 8, 16)
    assert ContextSettings().distances[-1] == 512


def test_a_stage_is_a_step_or_a_name() -> None:
    assert [read_stage(stage) for stage in ("best", "last", "100")] == ["best", "last", 100]
