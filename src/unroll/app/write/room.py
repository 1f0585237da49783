"""What the page Write asks for."""

from starlette.routing import Route

from unroll.app.playground import Playground


def write_routes(_playground: Playground) -> list[Route]:
    """Return the routes of this room."""
    return []
