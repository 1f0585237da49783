"""Who may ask: pages of this server, opened on this machine, and nobody else.

A page of another site could send requests here from the same browser, and a name that is made to
mean this machine (DNS rebinding) could read the answers. So the Host must be this machine's own
name, the Origin, where there is one, the same host, and a body is only read up to a limit, and not
for ever. A link on another site may lead to a page, as to any; what the page asks for comes from
the page.
"""

import asyncio
import json
import re
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_BYTES = 2**20
BODY_S = 10.0
"""In so many seconds a body must have come."""
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HOST = re.compile(r"(localhost|127\.0\.0\.1|\[::1\])(:[0-9]{1,5})?", re.IGNORECASE | re.ASCII)
"""Any port: who reaches this machine through a tunnel may have another one at its other end."""
_HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
_OTHER_HOST = "this playground answers to localhost, 127.0.0.1 and [::1] only"
_OTHER_SITE = "a page of another site may not ask this playground"
_TOO_LONG = f"a request may have at most {MOST_BYTES:,} bytes"


class Guard:
    """Let through what this machine's own pages ask, and put the same headers on every answer."""

    def __init__(self, app: ASGIApp, body_s: float = BODY_S) -> None:
        self._app, self._body_s = app, body_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it in one line."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        guarded = _with_headers(scope, send)
        refused = _refusal(scope, Headers(scope=scope))
        if refused is None:
            try:
                async with asyncio.timeout(self._body_s):
                    body = await _body(receive)
            except TimeoutError:
                refused = 408, f"the request did not come to its end in {self._body_s:g} seconds"
            else:
                if body is None:
                    return
                if len(body) <= MOST_BYTES:
                    await self._app(scope, _again(body, receive), guarded)
                    return
                refused = 413, _TOO_LONG
        await _refuse(guarded, *refused)


def _with_headers(scope: Scope, send: Send) -> Send:
    """Return what sends an answer with the headers that all have."""
    # A page is asked for again each time, so that a newer unroll is seen; answers are kept by none.
    kept = "no-store" if _is_room(scope) else "no-cache"

    async def guarded(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS.items():
                headers[name] = value
            headers.setdefault("cache-control", kept)
        await send(message)

    return guarded


def _refusal(scope: Scope, headers: Headers) -> tuple[int, str] | None:
    """Return status and reason where a request must not be answered."""
    hosts = headers.getlist("host")
    if len(hosts) != 1 or not _HOST.fullmatch(hosts[0]):
        return 421, _OTHER_HOST
    if not scope["path"].startswith("/"):
        return 400, "a request must ask for a path that begins with /"
    if any(origin != f"http://{hosts[0].lower()}" for origin in headers.getlist("origin")):
        return 403, _OTHER_SITE
    sites = headers.getlist("sec-fetch-site")
    if any(site not in ("none", "same-origin") for site in sites) and not _is_link(scope, headers):
        return 403, _OTHER_SITE
    lengths = headers.getlist("content-length")
    if any(len(length) > 9 or int(length) > MOST_BYTES for length in lengths if length.isdecimal()):
        return 413, _TOO_LONG
    return None


def _is_link(scope: Scope, headers: Headers) -> bool:
    """Whether a person follows a link to a page; a frame, a form or a script is none."""
    return (
        scope["method"] in ("GET", "HEAD")
        and not _is_room(scope)
        and headers.getlist("sec-fetch-mode") == ["navigate"]
        and headers.getlist("sec-fetch-dest") == ["document"]
    )


def _is_room(scope: Scope) -> bool:
    return bool(scope["path"].startswith("/api"))


async def _body(receive: Receive) -> bytes | None:
    """Return a body, or more than a body may have of one; None where who asked has gone."""
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        body += message.get("body", b"")
        if len(body) > MOST_BYTES or not message.get("more_body", False):
            return bytes(body)


def _again(body: bytes, receive: Receive) -> Receive:
    """Return a channel that tells the body once more, and then what comes next."""
    told = False

    async def channel() -> Message:
        nonlocal told
        if told:
            return await receive()
        told = True
        return {"type": "http.request", "body": body, "more_body": False}

    return channel


async def _refuse(send: Send, status: int, text: str) -> None:
    body = json.dumps({"error": text}).encode()
    headers: list[Any] = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
