"""What the page Remember asks for."""

import json
import weakref
from collections.abc import AsyncIterator
from functools import partial
from threading import Event
from typing import Any

import torch
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from torch import Tensor

from unroll.app.networks.loading import LoadedNetwork
from unroll.app.playground import Playground
from unroll.app.reading import read_body
from unroll.app.remember.answer import answer, draw_palindrome
from unroll.app.remember.asked import LONGEST, AccuracyAsked, PassAsked, SweepAsked
from unroll.app.remember.picture import order_units
from unroll.app.remember.score import ladder, score_length
from unroll.errors import UnrollError, in_one_line
from unroll.models import SequenceClassifier
from unroll.study.memory.view import SOLVED_ACCURACY
from unroll.tasks import Task

_ORDER_LENGTH = 200
"""Longest palindromes from which the order of units is measured, so that it is quick."""


def remember_routes(playground: Playground) -> list[Route]:
    """Return the routes of this room."""
    room = _Room(playground)
    return [
        Route("/remember", room.one, methods=["POST"]),
        Route("/remember/accuracy", room.accuracy, methods=["POST"]),
        Route("/remember/sweep", room.sweep, methods=["POST"]),
    ]


class _Room:
    """Answers the page; keeps the order of each network's units, which takes longest."""

    def __init__(self, playground: Playground) -> None:
        self._playground = playground
        self._orders: weakref.WeakKeyDictionary[SequenceClassifier, Tensor] = (
            weakref.WeakKeyDictionary()
        )

    async def one(self, request: Request) -> Response:
        """Answer one palindrome."""
        asked = await read_body(request, PassAsked)
        return JSONResponse(await self._playground.lane.run(request, partial(self._one, asked)))

    async def accuracy(self, request: Request) -> Response:
        """Answer with the score at one length."""
        asked = await read_body(request, AccuracyAsked)
        score = await self._playground.lane.run(request, partial(self._score, asked))
        return JSONResponse(score)

    async def sweep(self, request: Request) -> Response:
        """Answer with the score at one length after another, a line of JSON each."""
        asked = await read_body(request, SweepAsked)
        network = await self._playground.lane.run(request, partial(self._load, asked.network))
        lengths = ladder(network.facts.trained_length)
        return StreamingResponse(
            self._lines(request, asked, lengths), media_type="application/x-ndjson"
        )

    async def _lines(
        self, request: Request, asked: SweepAsked, lengths: tuple[int, ...]
    ) -> AsyncIterator[str]:
        for length in lengths:
            one = AccuracyAsked(
                network=asked.network, length=length, seed=asked.seed, sequences=asked.sequences
            )
            try:
                score = await self._playground.lane.run(request, partial(self._score, one))
            except UnrollError as error:
                yield _line({"error": in_one_line(error)})
                return
            yield _line(score | {"criterion": SOLVED_ACCURACY, "done": length == lengths[-1]})

    def _load(self, network_id: str, _stop: Event) -> LoadedNetwork:
        return self._playground.networks.load(network_id)

    def _one(self, asked: PassAsked, stop: Event) -> dict[str, Any]:
        network = self._load(asked.network, stop)
        task, sequence = _read(network, asked)
        found = answer(network.model, task, sequence, self._order(network), stop)
        return found | {"ordered_at": _order_length(network)}

    def _score(self, asked: AccuracyAsked, stop: Event) -> dict[str, Any]:
        network = self._load(asked.network, stop)
        score = score_length(
            network.model,
            network.task(asked.length),
            count=asked.sequences,
            seed=asked.seed,
            is_lesson=asked.length in network.facts.lessons,
            stop=stop,
        )
        return score.as_dict()

    def _order(self, network: LoadedNetwork) -> Tensor:
        model = network.model
        if model not in self._orders:
            # Always at one length, so that pictures of different T have the same rows.
            self._orders[model] = order_units(model, network.task(_order_length(network)))
        return self._orders[model]


def _order_length(network: LoadedNetwork) -> int:
    """Return T of the palindromes from which the order of the units is measured."""
    return min(network.facts.trained_length, _ORDER_LENGTH)


def _read(network: LoadedNetwork, asked: PassAsked) -> tuple[Task, Tensor]:
    """Return the task and the sequence (1, T) that is asked for."""
    if asked.digits is not None:
        return network.task(len(asked.digits)), torch.tensor([asked.digits])
    task = network.task(asked.length or min(network.facts.trained_length, LONGEST))
    return task, draw_palindrome(task, asked.seed)


def _line(value: dict[str, Any]) -> str:
    return json.dumps(value, allow_nan=False) + "\n"
