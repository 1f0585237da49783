"""What every command that measures takes: who works, and what is told."""

from dataclasses import dataclass, field

from unroll.study.memory.settings import default_workers


@dataclass(frozen=True, kw_only=True)
class TextOutput:
    """What is told."""

    json: bool = False
    """Print one JSON object on standard output, and nothing else there."""
    quiet: bool = False
    """Print nothing on standard error."""


@dataclass(frozen=True, kw_only=True)
class Output(TextOutput):
    """Who works and what is told."""

    workers: int = field(default_factory=default_workers)
    """Worker processes, one thread each; by default one a core."""
    executor: str | None = None
    """Address of a Dask scheduler, tcp://HOST:PORT, whose workers are used instead of this
    machine's."""
