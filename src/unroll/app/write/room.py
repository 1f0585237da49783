"""What the page Write asks for."""

import asyncio

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from unroll.app.playground import Playground
from unroll.app.reading import read_body, read_query
from unroll.app.write.asked import BeamsRequest, CopiesRequest, ReadyRequest, WriteRequest
from unroll.app.write.copied import Books, find_copies
from unroll.app.write.lines import Lines
from unroll.app.write.pens import Pen, Pens, begin
from unroll.app.write.searching import search_beams
from unroll.app.write.telling import tell


def write_routes(playground: Playground) -> list[Route]:
    """Return the routes of this room."""
    room = _Room(playground)
    return [
        Route("/write/ready", room.ready),
        Route("/write", room.write, methods=["POST"]),
        Route("/beams", room.beams, methods=["POST"]),
        Route("/copies", room.copies, methods=["POST"]),
    ]


class _Room:
    def __init__(self, playground: Playground) -> None:
        self._playground = playground
        self._pens = Pens()
        self._books = Books()

    async def ready(self, request: Request) -> Response:
        """Load a model beforehand, and tell how its book's sentences begin."""
        asked = read_query(request, ReadyRequest)
        pen = await self._pen(asked.run, asked.stage)
        told = {"opening": pen.opening, "book": pen.corpus.name, "characters": len(pen.symbols)}
        return JSONResponse(told)

    async def write(self, request: Request) -> Response:
        """Stream a text."""
        asked = await read_body(request, WriteRequest)
        pen = await self._pen(asked.run, asked.stage)
        return Lines(self._playground.turns.begin(tell(pen, begin(pen, asked.prompt), asked)))

    async def beams(self, request: Request) -> Response:
        """Search for the likeliest texts."""
        asked = await read_body(request, BeamsRequest)
        pen = await self._pen(asked.run, asked.stage)
        beginning = begin(pen, asked.prompt)
        told = await self._playground.lane.run(
            request, lambda stop: search_beams(pen, beginning, asked, stop)
        )
        return JSONResponse(told)

    async def copies(self, request: Request) -> Response:
        """Look up in the book what was written."""
        asked = await read_body(request, CopiesRequest)
        loaded = await asyncio.to_thread(self._playground.catalogue.load, asked.run)
        told = await self._playground.lane.run(
            request, lambda stop: find_copies(self._books, loaded, asked.text, stop)
        )
        return JSONResponse(told)

    async def _pen(self, run: str, stage: str) -> Pen:
        # Not in the lane, where long computations may be: a text must begin at once.
        return await asyncio.to_thread(
            lambda: self._pens.of(self._playground.catalogue.load(run, stage))
        )
