"""What there is: runs, networks, and what is being trained."""

import asyncio
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from unroll.app.catalogue.found import FoundRun
from unroll.app.catalogue.titles import titles_of
from unroll.app.networks import titles as network_titles
from unroll.app.networks.found import FoundNetwork
from unroll.app.playground import Playground


def house_routes(playground: Playground) -> list[Route]:
    """Return the routes of this room."""

    async def runs(_request: Request) -> Response:
        return JSONResponse(await asyncio.to_thread(_tell_runs, playground))

    async def networks(_request: Request) -> Response:
        return JSONResponse(await asyncio.to_thread(_tell_networks, playground))

    async def training(_request: Request) -> Response:
        told = [one.as_dict() for one in playground.trainings.progress()]
        return JSONResponse({"trainings": told})

    return [Route("/runs", runs), Route("/networks", networks), Route("/training", training)]


def _tell_runs(playground: Playground) -> dict[str, Any]:
    found = playground.catalogue.runs()
    titles = titles_of(found)
    told = [_run(run, titles[run.id]) for run in found]
    return {"runs": told, "default": playground.catalogue.default(found)}


def _tell_networks(playground: Playground) -> dict[str, Any]:
    found = playground.networks.networks()
    titles = network_titles.titles_of(found)
    told = [_network(network, titles[network.id]) for network in found]
    return {"networks": told, "default": playground.networks.default(found)}


def _run(run: FoundRun, title: str) -> dict[str, Any]:
    recipe = run.recipe
    return {
        "id": run.id,
        "title": title,
        "book": run.book,
        "cell": recipe.cell if recipe else "",
        "layers": recipe.layers if recipe else 0,
        "hidden_size": recipe.hidden_size if recipe else 0,
        "steps": run.steps,
        "stages": list(run.stages),
        "bits_per_char": run.bits_per_char,
        "state": run.state,
        "problem": run.problem,
    }


def _network(network: FoundNetwork, title: str) -> dict[str, Any]:
    s = network.settings
    return {
        "id": network.id,
        "title": title,
        "cell": s.cell,
        "recipe": network.recipe,
        "trained_length": s.length,
        "encoding": s.encoding,
        "hidden_size": s.hidden_size,
        "accuracy": network.accuracy,
    }
