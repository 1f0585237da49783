import json
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from unroll.errors import ConfigError
from unroll.seeding import make_generator
from unroll.text import Extent, FeedState, StreamFeed, WindowFeed
from unroll.text.feeding import StreamPiece, Windows

Feed = WindowFeed | StreamFeed
sizes = st.tuples(st.integers(1, 5), st.integers(1, 7), st.integers(0, 60), st.integers(0, 9))
both = pytest.mark.parametrize("kind", [WindowFeed, StreamFeed])


def numbered(count: int) -> NDArray[Any]:
    """Return a text in which each character is its own place."""
    return np.arange(count, dtype=np.uint16)


def feed(kind: type[Feed], seed: int = 0, B: int = 3, T: int = 4, start: int = 0) -> Feed:
    return kind(numbered(101), Extent(start, 90), B, T, make_generator(seed, "feed"))


def draw(some: Feed, count: int) -> list[Windows | StreamPiece]:
    return [some.next() for _ in range(count)]


def equal(one: list[Windows | StreamPiece], two: list[Windows | StreamPiece]) -> bool:
    return len(one) == len(two) and all(
        torch.equal(a[0], b[0]) and torch.equal(a[1], b[1]) and a[2:] == b[2:]
        for a, b in zip(one, two, strict=True)
    )


@given(sizes, st.integers(0, 2**31))
def test_windows_are_pieces_of_the_extent(size: tuple[int, int, int, int], seed: int) -> None:
    B, T, more, start = size
    extent = Extent(start, start + T + 1 + more)
    some = WindowFeed(numbered(200), extent, B, T, make_generator(seed, "feed"))
    for windows in [some.next() for _ in range(5)]:
        assert windows.inputs.shape == windows.targets.shape == (B, T)
        assert windows.inputs.dtype == windows.targets.dtype == torch.int64
        assert windows.inputs.is_contiguous()
        assert windows.targets.is_contiguous()
        assert torch.equal(windows.inputs, windows.inputs[:, :1] + torch.arange(T))
        assert torch.equal(windows.targets, windows.inputs + 1)
        assert int(windows.inputs.min()) >= extent.start
        assert int(windows.targets.max()) < extent.stop


def test_every_place_is_drawn_as_often() -> None:
    # 7 places, 70,000 draws: 10,000 each, standard deviation 93; five of them.
    some = WindowFeed(numbered(10), Extent(0, 10), 7000, 3, make_generator(0, "feed"))
    first = torch.cat([some.next().inputs[:, 0] for _ in range(10)])
    counts = torch.bincount(first)
    assert len(counts) == 7
    assert (counts - 10_000).abs().max() < 465


@given(sizes, st.integers(0, 2**31))
def test_an_epoch_of_streams_reads_on_and_meets_no_place_twice(
    size: tuple[int, int, int, int], seed: int
) -> None:
    B, T, more, start = size
    n = max(2, B * T) + more
    some = StreamFeed(numbered(200), Extent(start, start + n), B, T, make_generator(seed, "feed"))
    origins = []
    for _ in range(3):
        pieces = [some.next() for _ in range(some.pieces_per_epoch)]
        assert [piece.reset for piece in pieces] == [True] + [False] * (len(pieces) - 1)
        inputs = torch.cat([piece.inputs for piece in pieces], dim=1) - start
        targets = torch.cat([piece.targets for piece in pieces], dim=1) - start
        assert inputs.shape == (B, n // B // T * T)
        # Each character is followed by the next of the ring, within a stream and as its target.
        assert torch.equal(inputs[:, 1:], (inputs[:, :-1] + 1) % n)
        assert torch.equal(targets, (inputs + 1) % n)
        assert len(torch.unique(inputs)) == inputs.numel()
        assert torch.equal(inputs[:, 0], (inputs[0, 0] + n // B * torch.arange(B)) % n)
        origins.append(int(inputs[0, 0]))
    assert min(origins) >= 0


def test_epochs_begin_at_places_of_their_own() -> None:
    some = StreamFeed(numbered(1000), Extent(0, 1000), 10, 100, make_generator(0, "feed"))
    assert some.pieces_per_epoch == 1
    origins = [int(some.next().inputs[0, 0]) for _ in range(50)]
    # 50 draws from 1,000 repeat one or two of them; the exact number is this seed's.
    assert len(set(origins)) > 40


@both
@pytest.mark.parametrize("before", [0, 1, 6, 7, 8, 20])
def test_a_feed_goes_on_as_if_it_had_not_stopped(kind: type[Feed], before: int) -> None:
    # B=3 and T=4 in 90 characters: 7 pieces an epoch.
    undisturbed = feed(kind)
    draw(undisturbed, before)
    kept = undisturbed.state()
    position = json.loads(json.dumps(kept.position))
    assert kept.generator.dtype == torch.uint8
    expected = draw(undisturbed, 30)
    resumed = feed(kind, seed=1)
    draw(resumed, 3)
    resumed.restore(FeedState(position, kept.generator.clone()))
    assert equal(draw(resumed, 30), expected)
    assert resumed.state().position == undisturbed.state().position


@both
def test_a_state_does_not_change_when_the_feed_goes_on(kind: type[Feed]) -> None:
    some = feed(kind)
    kept = some.state()
    expected = draw(some, 5)
    some.restore(kept)
    assert equal(draw(some, 5), expected)


@both
def test_a_seed_decides_the_feed(kind: type[Feed]) -> None:
    assert equal(draw(feed(kind), 20), draw(feed(kind), 20))
    assert not equal(draw(feed(kind), 20), draw(feed(kind, seed=1), 20))


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (feed(WindowFeed), "kind is 'windows', here 'stream'"),
        (feed(StreamFeed, B=2), "B is 2, here 3"),
        (feed(StreamFeed, T=5), "T is 5, here 4"),
        (feed(StreamFeed, start=1), "start is 1, here 0"),
    ],
)
def test_a_state_of_another_feed_is_refused(other: Feed, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        feed(StreamFeed).restore(other.state())
    assert str(caught.value) == f"feed: the state is of another feed: {message}"


def test_a_state_that_lacks_its_place_is_refused() -> None:
    position, generator = feed(StreamFeed).state()
    del position["piece"], position["epoch"]
    with pytest.raises(ConfigError) as caught:
        feed(StreamFeed).restore(FeedState(position, generator))
    assert str(caught.value) == "feed: the state lacks epoch, piece"


@both
@pytest.mark.parametrize(("B", "T"), [(0, 4), (3, 0)])
def test_sizes_below_one_are_refused(kind: type[Feed], B: int, T: int) -> None:
    with pytest.raises(ConfigError) as caught:
        feed(kind, B=B, T=T)
    assert str(caught.value) == f"feed: B and T must be 1 or more, got B={B}, T={T}"


@both
def test_an_extent_beyond_the_text_is_refused(kind: type[Feed]) -> None:
    with pytest.raises(ConfigError) as caught:
        kind(numbered(50), Extent(0, 51), 1, 1, make_generator(0, "feed"))
    assert (
        str(caught.value)
        == "feed: the extent must lie within the text's 50 characters, got 0 to 51"
    )


@pytest.mark.parametrize(
    ("kind", "characters", "needed"), [(WindowFeed, 8, 9), (StreamFeed, 23, 24)]
)
def test_too_short_a_text_is_refused(kind: type[Feed], characters: int, needed: int) -> None:
    kind(numbered(50), Extent(0, needed), 3, 8, make_generator(0, "feed")).next()
    with pytest.raises(ConfigError) as caught:
        kind(numbered(50), Extent(0, characters), 3, 8, make_generator(0, "feed"))
    assert str(caught.value) == (
        f"feed: B=3 and T=8 need {needed} characters to train on, got {characters}: make B or T "
        "smaller, or give a longer text"
    )
