from pathlib import Path
from typing import Any

from unroll.records import RequestRecord, Store
from unroll.study.running.requests import grouped_requests


def request(kind: str, trial: str, **settings: Any) -> RequestRecord:
    return RequestRecord(
        kind=kind,
        settings=settings,
        command=f"unroll {kind} {trial}",
        trials=(trial,),
        started="2026-01-01T00:00:00+00:00",
    )


def commands(groups: list[list[RequestRecord]]) -> list[list[str]]:
    return [[found.command.rpartition(" ")[2] for found in group] for group in groups]


def test_what_was_asked_for_last_stands_in_front(tmp_path: Path) -> None:
    with Store.create(tmp_path) as store:
        for found in (
            request("memory", "a", recipe="one"),
            request("memory", "b", recipe="two"),
            request("gates", "c", recipe="one"),
            request("memory", "d", recipe="one"),
        ):
            store.add_request(found)
        assert commands(grouped_requests(store, ["memory"])) == [["a", "d"], ["b"]]
        assert commands(grouped_requests(store, ["gates"])) == [["c"]]
        both = grouped_requests(store, ["memory", "gates"], by=lambda found: found.kind)
        assert commands(both) == [["a", "b", "d"], ["c"]]
        assert grouped_requests(store, ["text"]) == []


def test_an_older_request_joins_what_it_would_have_said(tmp_path: Path) -> None:
    with Store.create(tmp_path) as store:
        store.add_request(request("memory", "a", recipe="one"))
        store.add_request(request("memory", "b", recipe="one", trained="all"))
        assert commands(grouped_requests(store, ["memory"])) == [["b"], ["a"]]
        (group,) = grouped_requests(store, ["memory"], older={"trained": "all"})
    assert commands([group]) == [["a", "b"]]
    assert [found.settings for found in group] == [{"recipe": "one", "trained": "all"}] * 2
