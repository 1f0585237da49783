"""The server's pages and what they ask for.

Pages are answered at once; the rooms behind them bring torch, which takes seconds to import: the
first that is asked of a room waits for it.
"""

import asyncio
import importlib
import json
import logging
import threading
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from functools import partial
from hashlib import sha256
from importlib import resources
from typing import Any

import jinja2
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

from unroll.app.guard import Guard
from unroll.app.playground import Playground
from unroll.app.refusal import RefusedError
from unroll.errors import UnrollError, in_one_line
from unroll.report.charts.palette import Palette

PAGES = {
    "write": "Write",
    "inside": "Look inside",
    "remember": "Remember",
    "spread": "Spread",
}
"""The pages in the order of the menu: address and title."""

_WAITING = 32
"""Threads that wait for the disk: a slow one holds up those who ask it, and few others."""
_LONGEST = 400
"""Characters of a refusal."""
_LOG = logging.getLogger("unroll.app")


def make_application(playground: Playground) -> Starlette:
    """Return the server's application: pages, assets, and the rooms' `/api/…`."""
    rooms = _Rooms(playground)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        pool = ThreadPoolExecutor(_WAITING, thread_name_prefix="waiting")
        asyncio.get_running_loop().set_default_executor(pool)
        importing = asyncio.ensure_future(rooms.load())
        yield
        importing.cancel()
        playground.close()

    assets = resources.files("unroll.app").joinpath("assets")
    return Starlette(
        routes=[
            Route("/", _first_page),
            *(Route(f"/{name}", _page(name), name=name) for name in PAGES),
            Route("/assets/tokens.css", _tokens()),
            Route("/assets/palette.css", _palette()),
            Mount("/assets", StaticFiles(directory=str(assets))),
            Mount("/api", rooms),
        ],
        middleware=[Middleware(Guard)],
        exception_handlers={
            UnrollError: _refused,
            HTTPException: _http_refused,
            Exception: _unexpected,
        },
        lifespan=lifespan,
    )


class _Rooms:
    """The rooms' application, once it is imported."""

    def __init__(self, playground: Playground) -> None:
        self._playground = playground
        self._loaded: asyncio.Future[Any] | None = None

    async def load(self) -> Any:
        if self._loaded is None:
            loop = asyncio.get_running_loop()
            self._loaded = loop.create_future()
            # A thread that nobody waits for at the end: an import cannot be interrupted.
            importing = threading.Thread(
                target=self._import, args=(loop, self._loaded), daemon=True
            )
            importing.start()
        return await asyncio.shield(self._loaded)

    def _import(self, loop: asyncio.AbstractEventLoop, loaded: "asyncio.Future[Any]") -> None:
        try:
            # By name: the rooms stand above this module, which only waits for them.
            rooms = importlib.import_module("unroll.app.rooms")
            tell = partial(loaded.set_result, rooms.make_router(self._playground))
        except Exception as error:
            tell = partial(loaded.set_exception, error)
        with suppress(RuntimeError):  # the server has ended meanwhile
            loop.call_soon_threadsafe(tell)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        router = await self.load()
        await router(scope, receive, send)


async def _first_page(_request: Request) -> Response:
    return RedirectResponse("/write")


def _page(name: str) -> Any:
    return _kept(_template(name).render(pages=PAGES, here=name), "html")


def _template(name: str) -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("unroll.app", "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(f"{name}.html")


def _tokens() -> Any:
    """Answer with the report's colours and letters, which are the playground's too."""
    file = resources.files("unroll.report").joinpath("assets", "tokens.css")
    return _kept(file.read_text(encoding="utf-8"), "css")


def _palette() -> Any:
    """Answer with each cell's colour as in the report: `--rnn`, `--lstm`, `--gru`."""
    styles = Palette.of(("rnn", "lstm", "gru")).styles
    day = "".join(f"--{name}: {style.light};" for name, style in styles.items())
    night = "".join(f"--{name}: {style.dark};" for name, style in styles.items())
    return _kept(f":root{{{day}}}@media (prefers-color-scheme: dark){{:root{{{night}}}}}", "css")


def _kept(text: str, kind: str) -> Any:
    """Return what answers with a text that stays the same, and sends it once to each browser."""
    mark = f'"{sha256(text.encode()).hexdigest()}"'

    async def answer(request: Request) -> Response:
        headers = {"etag": mark}
        if request.headers.get("if-none-match") == mark:
            return Response(status_code=304, headers=headers)
        return Response(text, media_type=f"text/{kind}", headers=headers)

    return answer


async def _refused(_request: Request, error: Exception) -> Response:
    return _error(in_one_line(error), error.status if isinstance(error, RefusedError) else 400)


async def _http_refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    status, path = error.status_code, request.scope["path"]
    told = {404: f"nothing is at {path}", 405: f"{path} cannot be asked by {request.method}"}
    headers = {name: value for name, value in (error.headers or {}).items() if name == "Allow"}
    # A person has typed an address, or followed a link; scripts ask below these two.
    is_page = request.method in ("GET", "HEAD") and not path.startswith(("/api", "/assets"))
    if status == 404 and is_page:
        page = _template("missing").render(pages=PAGES, here=None, told=_one_line(told[404]))
        return Response(page.encode(errors="replace"), 404, media_type="text/html")
    return _error(told.get(status, f"refused with status {status}"), status, headers)


def _one_line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…"


def _error(text: str, status: int, headers: dict[str, str] | None = None) -> Response:
    """Return a refusal in one line, whatever was quoted from the request."""
    # ASCII holds any text: half a character too.
    body = json.dumps({"error": _one_line(text)})
    return Response(body, status, media_type="application/json", headers=headers)


async def _unexpected(_request: Request, error: Exception) -> Response:
    _LOG.error("an answer failed: %s", in_one_line(error))
    return _error("the playground failed here; the terminal says why", 500)
