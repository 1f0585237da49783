"""Asking a host for a file: again, ever later, while that may help."""

import importlib
import platform
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from unroll.downloads.refusal import DownloadError
from unroll.errors import ConfigError
from unroll.version import __version__

BUSY = (429, 500, 502, 503, 504)
"""What a host answers that may be gone at the next attempt."""
LONGEST_WAIT_SECONDS = 60.0
"""Whatever a host asks for, nobody is kept waiting longer."""


class AskingError(DownloadError):
    """A host did not give a file."""

    def __init__(
        self, address: str, what: str, *, asked: int, may_pass: bool, status: int | None
    ) -> None:
        super().__init__(f"{address}: {what}, asked {asked} time{'s' if asked > 1 else ''}")
        self.address = address
        """What was asked for."""
        self.what = what
        """What went wrong, in a few words."""
        self.may_pass = may_pass
        """Whether it may be gone at another time."""
        self.status = status
        """The host's answer; None where the connection or the file broke."""


class PassingError(Exception):
    """What came is not whole, and may be at the next attempt."""


@dataclass(frozen=True, kw_only=True)
class Asking:
    """How a host is asked."""

    what: str
    """What is fetched, for messages: `a book`."""
    extra: str
    """The extra that installs what fetching needs."""
    agent: str
    """Who asks."""
    attempts: int
    """How often a file is asked for when the host is busy or the connection breaks."""
    timeout_seconds: float
    """How long to wait for the host's next bytes."""
    first_wait_seconds: float
    """What is waited after the first failure; doubled after each."""
    wait: Callable[[float], None]
    """Waits before a request, at least so many seconds; 0 before the first."""

    def download(
        self, address: str, path: Path, check: Callable[[Path], None] | None = None
    ) -> None:
        """Put what is at `address` at `path`; `check` raises PassingError where it is not whole.

        Raises: AskingError when it is not to be had; DownloadError without the extra; OSError when
        it cannot be written.
        """
        get = _pooch(self).HTTPDownloader(
            timeout=self.timeout_seconds, headers={"User-Agent": self.agent}
        )
        wait_seconds = 0.0
        for attempt in range(1, self.attempts + 1):
            self.wait(wait_seconds)
            failure = _ask_once(get, address, path, check)
            if failure is None:
                return
            if attempt == self.attempts or not failure.may_pass:
                raise AskingError(
                    address,
                    failure.what,
                    asked=attempt,
                    may_pass=failure.may_pass,
                    status=failure.status,
                ) from failure.error
            wait_seconds = max(self.first_wait_seconds * 2 ** (attempt - 1), failure.asked_seconds)
            wait_seconds = min(wait_seconds, LONGEST_WAIT_SECONDS)


@dataclass(frozen=True, kw_only=True)
class _Failure:
    """Why an attempt failed."""

    what: str
    """In a few words."""
    error: Exception
    """What was raised."""
    may_pass: bool = True
    """Whether it may be gone at the next attempt."""
    status: int | None = None
    """The host's answer."""
    asked_seconds: float = 0.0
    """When the host asks to be asked again."""


def check_asking(mirror: str, attempts: int) -> None:
    """Raise ConfigError for an address that is none, and for no attempt at all."""
    if not mirror.startswith(("https://", "http://")):
        raise ConfigError(f"mirror: must begin with https:// or http://, got '{mirror}'")
    if attempts < 1:
        raise ConfigError(f"attempts: must be 1 or more, got {attempts}")


def user_agent(purpose: str) -> str:
    """Return who asks, and what for: hosts want to know."""
    return f"unroll/{__version__} ({purpose}; Python {platform.python_version()})"


def _ask_once(
    get: Callable[[str, str, None], None],
    address: str,
    path: Path,
    check: Callable[[Path], None] | None,
) -> _Failure | None:
    """Return what went wrong, None if nothing did."""
    try:
        get(address, str(path), None)
        if check is not None:
            check(path)
    except PassingError as error:
        return _Failure(what=str(error), error=error)
    except OSError as error:
        # An error of requests has a response, if only None; one of the disk has not.
        if not hasattr(error, "response"):
            raise
        return _describe(error, error.response)
    return None


def _describe(error: OSError, response: Any) -> _Failure:
    if response is None:
        return _Failure(what=f"the connection failed ({type(error).__name__})", error=error)
    # Its body was not read, so that its connection would stay open.
    response.close()
    asked = response.headers.get("Retry-After", "")
    return _Failure(
        what=f"the mirror answered {response.status_code}",
        error=error,
        may_pass=response.status_code in BUSY,
        status=response.status_code,
        asked_seconds=float(asked) if asked.isascii() and asked.isdigit() else 0.0,
    )


def _pooch(asking: Asking) -> Any:
    try:
        return importlib.import_module("pooch")
    except ModuleNotFoundError as error:
        raise DownloadError(
            f"fetching {asking.what} needs the package '{error.name}', which is not installed: "
            f"pip install 'unroll-lab[{asking.extra}]'"
        ) from error
