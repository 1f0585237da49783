"""What the page Spread asks for."""

from starlette.routing import Route

from unroll.app.playground import Playground


def spread_routes(_playground: Playground) -> list[Route]:
    """Return the routes of this room."""
    return []
