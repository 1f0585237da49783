"""What the playground is asked for. Imports neither torch nor a server, so that --help is quick."""

from dataclasses import dataclass
from pathlib import Path

from unroll.errors import ConfigError
from unroll.field_types import check_types

PORT = 8765


@dataclass(frozen=True, kw_only=True)
class AppSettings:
    """Where the playground finds trained networks, keeps its own, and listens.

    Raises: ConfigError for a port that cannot be.
    """

    runs: tuple[Path, ...] = (Path("runs"),)
    """Folders that are searched for runs of unroll text train and of unroll study."""
    out: Path = Path("runs/app")
    """Directory of the small networks that the playground trains for itself."""
    port: int = PORT
    """Port on this machine that it listens on; 0 takes a free one."""
    open: bool = False
    """Open the page in the browser."""

    def __post_init__(self) -> None:
        check_types(self)
        if not 0 <= self.port < 2**16:
            raise ConfigError(f"port must be 0 to {2**16 - 1}, got {self.port}")
