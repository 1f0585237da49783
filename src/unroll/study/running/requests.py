"""What a store was asked for, in groups that are told together."""

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import Any

from unroll.records import RequestRecord, Store


def _protocol(request: RequestRecord) -> str:
    return f"{request.kind} {json.dumps(request.settings, sort_keys=True)}"


def grouped_requests(
    store: Store,
    kinds: Collection[str],
    *,
    by: Callable[[RequestRecord], str] = _protocol,
    older: Mapping[str, Any] | None = None,
) -> list[list[RequestRecord]]:
    """Return the requests of these kinds, each group in order, the last asked for in front.

    A group shares kind and protocol, or whatever `by` says; what is asked for again moves to the
    front. `older` are entries of a protocol that requests of older versions lack.
    """
    groups: dict[str, list[RequestRecord]] = {}
    for found in store.requests():
        if found.kind in kinds:
            request = replace(found, settings={**(older or {}), **found.settings})
            name = by(request)
            groups[name] = [*groups.pop(name, []), request]
    return list(reversed(groups.values()))
