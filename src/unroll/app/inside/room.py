"""What the page Inside asks for."""

from starlette.routing import Route

from unroll.app.playground import Playground


def inside_routes(_playground: Playground) -> list[Route]:
    """Return the routes of this room."""
    return []
