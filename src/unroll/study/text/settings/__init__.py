"""What the commands on text are asked to do. Imports no torch, so that --help is quick."""

from unroll.study.text.settings.checks import read_stage
from unroll.study.text.settings.look import ContextSettings, CopiesSettings, ScoreSettings
from unroll.study.text.settings.train import DEFAULT_MINUTES, TrainSettings
from unroll.study.text.settings.write import WriteSettings

__all__ = [
    "DEFAULT_MINUTES",
    "ContextSettings",
    "CopiesSettings",
    "ScoreSettings",
    "TrainSettings",
    "WriteSettings",
    "read_stage",
]
