"""What the page Look inside asks for."""

import asyncio
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from unroll.app.inside.activity import show_activity
from unroll.app.inside.asked import ActivityAsked, UnitsAsked
from unroll.app.inside.measuring import identify, measure
from unroll.app.inside.shared import Shared
from unroll.app.playground import Playground
from unroll.app.reading import read_body, read_query

_MEASURED = 16
"""Networks whose measurement is kept, some kilobytes each."""


def inside_routes(playground: Playground) -> list[Route]:
    """Return the routes of this room."""
    measured: Shared[dict[str, Any]] = Shared(playground.lane, _MEASURED)

    async def units(request: Request) -> Response:
        asked = read_query(request, UnitsAsked)
        load = partial(playground.catalogue.load, asked.run, asked.stage)
        loaded = await asyncio.to_thread(load)
        # The run's id and stage alone would not do: one in training has new weights by and by.
        key = asked.run, asked.stage, await asyncio.to_thread(identify, loaded.model)
        return JSONResponse(await measured.get(request, key, partial(measure, loaded)))

    async def activity(request: Request) -> Response:
        asked = await read_body(request, ActivityAsked)
        load = partial(playground.catalogue.load, asked.run, asked.stage)
        loaded = await asyncio.to_thread(load)
        shown = await playground.lane.run(request, partial(show_activity, loaded, asked))
        return JSONResponse(shown)

    return [
        Route("/inside/units", units),
        Route("/inside/activity", activity, methods=["POST"]),
    ]
