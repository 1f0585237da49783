"""All rooms' answers under `/api`."""

import torch
from starlette.routing import Router

from unroll.app.house.room import house_routes
from unroll.app.inside.room import inside_routes
from unroll.app.playground import Playground
from unroll.app.remember.room import remember_routes
from unroll.app.spread.room import spread_routes
from unroll.app.write.room import write_routes


def make_router(playground: Playground) -> Router:
    """Return what answers `/api/…`; torch computes with one thread from now on.

    Each of the playground's threads computes for one page, on what is small.
    """
    torch.set_num_threads(1)
    return Router(
        routes=[
            *house_routes(playground),
            *write_routes(playground),
            *inside_routes(playground),
            *remember_routes(playground),
            *spread_routes(playground),
        ]
    )
