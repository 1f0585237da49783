"""What a page cannot be given, with the status of HTTP that says so."""

from unroll.errors import UnrollError


class RefusedError(UnrollError):
    """A request that is refused, in one line for the person at the page."""

    def __init__(self, text: str, status: int = 400) -> None:
        super().__init__(text)
        self.status = status


def not_found(text: str) -> RefusedError:
    """Return the refusal for a thing that is not there, 404."""
    return RefusedError(text, 404)


def gone(text: str) -> RefusedError:
    """Return the refusal for a thing that was there before, 410."""
    return RefusedError(text, 410)


def damaged(text: str) -> RefusedError:
    """Return the refusal for a thing that is there and cannot be used, 409."""
    return RefusedError(text, 409)


def too_large(text: str) -> RefusedError:
    """Return the refusal for more than is accepted, 413."""
    return RefusedError(text, 413)


def not_ready(text: str) -> RefusedError:
    """Return the refusal for a thing that will be there later, 503."""
    return RefusedError(text, 503)


def closed() -> RefusedError:
    """Return what ends an answer that nobody waits for any more, 499: nobody hears it."""
    return RefusedError("the page that asked was closed", 499)
