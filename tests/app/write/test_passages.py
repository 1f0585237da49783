"""Passages found by binary search are those of the copy meter, which sorts everything together."""

import threading
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from unroll.app.refusal import RefusedError
from unroll.app.write.copied import apart
from unroll.app.write.passages import BookIndex
from unroll.probes.copying import CopyIndex, Copying, Span

GOING_ON = threading.Event()


def same(book: NDArray[np.int64], text: NDArray[np.int64], shortest: int) -> None:
    found = BookIndex(book).measure(text, GOING_ON, shortest)
    wanted = CopyIndex(book).measure(text, shortest=shortest)
    assert [span[:2] for span in found.spans] == [span[:2] for span in wanted.spans]
    assert found.longest[:2] == wanted.longest[:2]
    assert found.characters == wanted.characters
    for start, length, place in (*found.spans, found.longest):
        assert text[start : start + length].tolist() == book[place : place + length].tolist()


few = st.lists(st.integers(0, 2), min_size=1, max_size=60)


@given(few, few, st.integers(1, 5))
def test_spans_are_those_of_the_copy_meter(
    book: Sequence[int], text: Sequence[int], shortest: int
) -> None:
    same(np.array(book), np.array(text), shortest)


@pytest.mark.parametrize("highest", [3, 255, 256, 40_000])
def test_long_passages_are_found_whole_with_one_byte_or_two(highest: int) -> None:
    random = np.random.default_rng(0)
    book = random.integers(0, highest + 1, 5000)
    book[0] = highest
    text = random.integers(0, highest + 1, 3000)
    text[100:1100] = book[2000:3000]
    text[1100:1150] = book[400:450]
    text[2900:] = book[:100]
    same(book, text, 10)
    found = BookIndex(book).measure(text, GOING_ON)
    assert found.longest == Span(100, 1000, 2000)


def test_a_copy_of_the_whole_book_is_one_span() -> None:
    book = np.random.default_rng(1).integers(0, 60, 3000)
    found = BookIndex(book).measure(book, GOING_ON)
    assert found.spans == (Span(0, 3000, 0),)
    assert found.share(20) == 1


def test_one_that_is_stopped_looks_no_further() -> None:
    stop = threading.Event()
    stop.set()
    book = np.arange(50)
    assert BookIndex(book).measure(book, stop).spans == ()


def test_without_its_package_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ModuleNotFoundError(name=name)

    monkeypatch.setattr("importlib.import_module", missing)
    with pytest.raises(RefusedError) as refused:
        BookIndex(np.arange(5))
    assert refused.value.status == 503
    assert str(refused.value) == (
        "copied passages are not looked up: that needs the package 'pydivsufsort', which is not "
        "installed: pip install 'unroll-lab[app]'"
    )


def test_of_spans_that_overlap_the_longest_are_kept() -> None:
    spans = (Span(0, 12, 5), Span(4, 30, 90), Span(20, 25, 7), Span(50, 10, 3))
    copying = Copying(characters=80, shortest=10, longest=spans[1], spans=spans)
    assert apart(copying) == [Span(4, 30, 90), Span(50, 10, 3)]


def test_spans_are_kept_apart_as_by_trying_each_against_all() -> None:
    draw = np.random.default_rng(0)
    starts, lengths = draw.integers(0, 900, 200), draw.integers(10, 60, 200)
    found = dict(zip(starts.tolist(), lengths.tolist(), strict=True))
    spans = tuple(Span(start, length, 0) for start, length in sorted(found.items()))
    copying = Copying(characters=960, shortest=10, longest=spans[0], spans=spans)
    kept: list[Span] = []
    for span in copying.longest_spans(len(spans)):
        mine = set(range(span.start, span.start + span.length))
        if all(mine.isdisjoint(range(one.start, one.start + one.length)) for one in kept):
            kept.append(span)
    assert apart(copying) == sorted(kept)
    assert len(kept) > 5
