"""What all rooms of the playground share."""

from dataclasses import dataclass, field

from unroll.app.lane import Lane
from unroll.app.settings import AppSettings


@dataclass(frozen=True, kw_only=True, eq=False)
class Playground:
    """One server's settings and what its rooms compute with."""

    settings: AppSettings
    """What was asked for."""
    lane: Lane = field(default_factory=Lane)
    """Computes what is short."""

    def close(self) -> None:
        """Stop what is computed."""
        self.lane.close()
