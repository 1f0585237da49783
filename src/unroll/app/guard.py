"""Who may ask: pages of this server, opened on this machine, and nobody else.

A page of another site could send requests here from the same browser, and a name that is made to
mean this machine (DNS rebinding) could read the answers. So the Host must be this machine's own
name, the Origin, where there is one, the same host, and a body is only read up to a limit.
"""

import json
from typing import Any
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})
MOST_BYTES = 2**20
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


class Guard:
    """Let through what this machine's own pages ask, and put the same headers on every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it in one line."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers[name] = value
            await send(message)

        refused = _refusal(Headers(scope=scope))
        if refused is not None:
            await _refuse(guarded, *refused)
            return
        body = await _body(receive)
        if body is None:
            await _refuse(guarded, 413, f"a request may have at most {MOST_BYTES:,} bytes")
            return
        await self._app(scope, _again(body, receive), guarded)


def _refusal(headers: Headers) -> tuple[int, str] | None:
    """Return status and reason where a request must not be answered."""
    hosts = headers.getlist("host")
    if len(hosts) != 1 or _name(f"//{hosts[0]}") not in HOSTS:
        return 421, "this playground answers to localhost, 127.0.0.1 and [::1] only"
    origin = headers.get("origin")
    if origin is not None and origin != f"http://{hosts[0]}":
        return 403, "a page of another site may not ask this playground"
    if headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
        return 403, "a page of another site may not ask this playground"
    return None


def _name(address: str) -> str | None:
    try:
        return urlsplit(address).hostname
    except ValueError:
        return None


async def _body(receive: Receive) -> bytes | None:
    """Return a request's whole body; None where it is too long."""
    body = b""
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return body
        body += bytes(message.get("body", b""))
        if len(body) > MOST_BYTES:
            return None
        if not message.get("more_body", False):
            return body


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
    headers: list[Any] = [(b"content-type", b"application/json"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
