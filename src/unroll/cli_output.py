"""What every command that measures takes: who works, and what is told."""

from dataclasses import dataclass, field

import tyro

from unroll.errors import ConfigError
from unroll.study.memory.settings import default_workers


@dataclass(frozen=True, kw_only=True)
class Output:
    """Who works and what is told."""

    workers: int = field(default_factory=default_workers)
    """Worker processes, one thread each; as a rule one a core."""
    json: tyro.conf.FlagCreatePairsOff[bool] = False
    """Print one JSON object on standard output, and nothing else there."""
    quiet: tyro.conf.FlagCreatePairsOff[bool] = False
    """Print nothing on standard error while it runs."""

    def __post_init__(self) -> None:
        if self.workers < 1:
            raise ConfigError(f"workers must be 1 or more, got {self.workers}")
