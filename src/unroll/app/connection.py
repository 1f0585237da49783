"""One client's connection: who says nothing is not waited for, and who is being served is let go.

Uvicorn closes a connection that stays quiet after an answer; one that has never asked anything, or
asks byte by byte, it would keep.
"""

import asyncio
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_S = 10.0
"""In so many seconds the head of a request must have come."""


class Connection(H11Protocol):
    """A connection that ends when no whole request comes, and at once when the server ends."""

    _waiting: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """Begin to wait for a request."""
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Take in a piece of a request."""
        super().data_received(data)
        # There is no cycle before the first request.
        if getattr(self.cycle, "response_complete", True):
            self._wait()
        else:
            self._wait_no_more()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing."""
        self._wait_no_more()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP; where an answer has begun already, only its end is left."""
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            super().send_400_response(msg)
        else:
            self.transport.close()

    def shutdown(self) -> None:
        """Let go at once: an answer that is under way would have no end, and its reader knows."""
        self.transport.abort()

    def _wait(self) -> None:
        # Not once more for each piece: then byte by byte would do.
        if self._waiting is None:
            self._waiting = self.loop.call_later(HEAD_S, self.transport.abort)

    def _wait_no_more(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None
