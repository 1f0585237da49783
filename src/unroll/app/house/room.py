"""What the pages ask for."""

from starlette.routing import Route

from unroll.app.playground import Playground


def house_routes(_playground: Playground) -> list[Route]:
    """Return the routes of this room."""
    return []
