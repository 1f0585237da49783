"""The command `unroll app`: what it takes, and the server that it starts."""

import importlib.util
import os
import signal
import sys
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import NoReturn

from unroll.app.settings import PORT, AppSettings
from unroll.errors import ConfigError
from unroll.report.extra import MissingExtraError

INTERRUPTED_EXIT = 130
_NEEDED = ("starlette", "uvicorn", "jinja2", "pydivsufsort")
_DEFAULT = AppSettings()


@dataclass(frozen=True, kw_only=True)
class AppCommand:
    """Open the playground: the study's ideas to touch, in a browser.

    Example: unroll app --open
    """

    runs: tuple[Path, ...] | None = None
    """Folders that are searched for runs of unroll text train and of unroll study. Default:
    runs."""
    out: Path = _DEFAULT.out
    """Directory of the small networks that it trains for itself where there are none."""
    port: int = PORT
    """Port on this machine that it listens on; 0 takes a free one."""
    open: bool = False
    """Open the page in the browser."""

    def settings(self) -> AppSettings:
        """Return what the server is asked for.

        Raises: ConfigError for a folder that is not there; the default may be absent.
        """
        if self.runs == ():
            raise ConfigError("--runs needs a path, got nothing")
        for folder in self.runs or ():
            if not os.path.isdir(folder):  # noqa: PTH112 - false, too, where it may not be seen
                raise ConfigError(f"--runs: there is no folder {folder}")
        runs = _DEFAULT.runs if self.runs is None else self.runs
        return AppSettings(runs=runs, out=self.out, port=self.port, open=self.open)


def run_app(command: AppCommand) -> NoReturn:
    """Serve until Ctrl-C or a termination.

    Raises: UnrollError, in one line, for a folder or a port that cannot be used, or for a package
    that is not installed. Ctrl-C ends the process with 130, a termination with 0.
    """
    settings = command.settings()
    signal.signal(signal.SIGTERM, _terminate)
    for package in _NEEDED:
        if importlib.util.find_spec(package) is None:
            raise MissingExtraError(
                f"the playground needs the package '{package}', which is not installed: "
                "pip install 'unroll-lab[app]'"
            )
    # Imported here: a server's packages take longer than --help may.
    from unroll.app import serve

    try:
        serve.run_app(settings, _tell)
    except KeyboardInterrupt:
        _leave(INTERRUPTED_EXIT)
    except SystemExit as ended:
        _leave(int(ended.code or 0))
    _leave(0)


def _leave(code: int) -> NoReturn:
    """End the process: all is closed, and an import that is under way would be waited for."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _terminate(_number: int, _frame: FrameType | None) -> None:
    sys.exit(0)
