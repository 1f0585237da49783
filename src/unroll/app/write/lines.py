"""A turn's lines as an answer of HTTP: sent as they come, ended when the page is closed."""

import asyncio

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from unroll.app.turns import Turn
from unroll.app.write.telling import line


class Lines(Response):
    """The pieces of a turn; a failure is one more line.

    All pieces that came since the last sending go together. Where the client reads slowly, sending
    waits, pieces stay where they are, and the turn waits too.
    """

    media_type = "application/x-ndjson"

    def __init__(self, turn: Turn[bytes]) -> None:
        self._turn = turn
        super().__init__(headers={"cache-control": "no-store"})
        # The length is not known before the end.
        del self.headers["content-length"]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send all; end the turn when the client goes."""
        assert scope["type"] == "http"
        watching = asyncio.ensure_future(self._watch(receive))
        try:
            start = {"type": "http.response.start", "status": 200, "headers": self.raw_headers}
            await send(start)
            while pieces := await self._turn.take():
                if body := b"".join(pieces):
                    await send({"type": "http.response.body", "body": body, "more_body": True})
            last = b""
            if self._turn.failure is not None:
                last = line({"kind": "error", "error": self._turn.failure})
            await send({"type": "http.response.body", "body": last})
        finally:
            self._turn.cancel()
            watching.cancel()

    async def _watch(self, receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        self._turn.cancel()
