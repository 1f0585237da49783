"""What the page Spread asks for."""

import threading
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from unroll.app.playground import Playground
from unroll.app.reading import read_body
from unroll.app.spread.asked import SpreadAsked
from unroll.app.spread.news import spread_news


def spread_routes(playground: Playground) -> list[Route]:
    """Return the routes of this room."""

    async def spread(request: Request) -> Response:
        asked = await read_body(request, SpreadAsked)

        def compute(_stop: threading.Event) -> dict[str, Any]:
            # Of 24 nodes and 12 layers it takes some milliseconds: too short to be stopped.
            return spread_news(asked)

        return JSONResponse(await playground.lane.run(request, compute))

    return [Route("/spread", spread, methods=["POST"])]
