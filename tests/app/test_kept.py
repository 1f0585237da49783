"""What was loaded is kept while its files stay as they are."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from unroll.app.kept import Kept


def test_loads_once_while_the_state_is_the_same() -> None:
    kept, loaded = Kept[object](2), []

    def load() -> object:
        loaded.append(1)
        return object()

    first = kept.get("a", 1, load)
    assert kept.get("a", 1, load) is first
    assert kept.get("a", 2, load) is not first
    assert len(loaded) == 2


def test_keeps_those_that_were_asked_for_last() -> None:
    kept = Kept[str](2)
    loaded: list[str] = []

    def ask(name: str) -> None:
        def load() -> str:
            loaded.append(name)
            return name

        assert kept.get(name, 0, load) == name

    for name in ("a", "b", "a", "c", "a", "b"):
        ask(name)

    assert loaded == ["a", "b", "c", "b"]


def test_threads_that_ask_at_once_get_one_thing() -> None:
    kept, both_ask = Kept[object](2), threading.Barrier(2)
    loaded: list[int] = []

    def load() -> object:
        loaded.append(1)
        return object()

    def ask() -> object:
        both_ask.wait()
        return kept.get("a", 0, load)

    with ThreadPoolExecutor(2) as pool:
        one, other = pool.submit(ask), pool.submit(ask)

    assert one.result() is other.result()
    assert len(loaded) == 1


def test_what_takes_long_to_load_holds_up_nothing_else() -> None:
    kept, is_loading, may_end = Kept[str](2), threading.Event(), threading.Event()

    def load_slowly() -> str:
        is_loading.set()
        return "slow" if may_end.wait(30) else "held up"

    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(kept.get, "a", 0, load_slowly)
        is_loading.wait(30)
        assert kept.get("b", 0, lambda: "quick") == "quick"
        may_end.set()

    assert slow.result() == "slow"


def test_what_could_not_be_loaded_is_tried_again() -> None:
    kept = Kept[int](2)

    def fail() -> int:
        raise ValueError("damaged")

    with pytest.raises(ValueError, match="damaged"):
        kept.get("a", 0, fail)

    assert kept.get("a", 0, lambda: 7) == 7
