"""The server's pages and what they ask for.

Pages are answered at once; the rooms behind them bring torch, which takes seconds to import: the
first that is asked of a room waits for it.
"""

import asyncio
import importlib
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import resources
from typing import Any

import jinja2
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
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

_LOG = logging.getLogger("unroll.app")


def make_application(playground: Playground) -> Starlette:
    """Return the server's application: pages, assets, and the rooms' `/api/…`."""
    rooms = _Rooms(playground)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        importing = asyncio.ensure_future(rooms.load())
        yield
        importing.cancel()
        playground.close()

    assets = resources.files("unroll.app").joinpath("assets")
    return Starlette(
        routes=[
            Route("/", _first_page),
            *(Route(f"/{name}", _page(name), name=name) for name in PAGES),
            Route("/assets/tokens.css", _tokens),
            Route("/assets/palette.css", _palette),
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
            self._loaded = loop.run_in_executor(None, self._import)
        return await asyncio.shield(self._loaded)

    def _import(self) -> Any:
        # By name: the rooms stand above this module, which only waits for them.
        return importlib.import_module("unroll.app.rooms").make_router(self._playground)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        router = await self.load()
        await router(scope, receive, send)


async def _first_page(_request: Request) -> Response:
    return RedirectResponse("/write")


def _page(name: str) -> Any:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("unroll.app", "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    page = environment.get_template(f"{name}.html").render(pages=PAGES, here=name)

    async def answer(_request: Request) -> Response:
        return Response(page, media_type="text/html", headers={"cache-control": "no-cache"})

    return answer


async def _tokens(_request: Request) -> Response:
    """Return the report's colours and letters, which are the playground's too."""
    file = resources.files("unroll.report").joinpath("assets", "tokens.css")
    return Response(file.read_text(encoding="utf-8"), media_type="text/css")


async def _palette(_request: Request) -> Response:
    """Return each cell's colour as in the report: `--rnn`, `--lstm`, `--gru`."""
    styles = Palette.of(("rnn", "lstm", "gru")).styles
    day = "".join(f"--{name}: {style.light};" for name, style in styles.items())
    night = "".join(f"--{name}: {style.dark};" for name, style in styles.items())
    css = f":root{{{day}}}@media (prefers-color-scheme: dark){{:root{{{night}}}}}"
    return Response(css, media_type="text/css")


async def _refused(_request: Request, error: Exception) -> Response:
    status = error.status if isinstance(error, RefusedError) else 400
    return JSONResponse({"error": in_one_line(error)}, status)


async def _http_refused(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    told = {
        404: f"nothing is at {request.url.path}",
        405: f"{request.url.path} cannot be asked by {request.method}",
    }
    return JSONResponse({"error": told.get(status, f"refused with status {status}")}, status)


async def _unexpected(_request: Request, error: Exception) -> Response:
    _LOG.error("an answer failed: %s", in_one_line(error))
    return JSONResponse({"error": "the playground failed here; the terminal says why"}, 500)
