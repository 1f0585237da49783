import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from unroll.errors import ConfigError
from unroll.text import Extent, evaluation_windows, whole_stream

IDS = np.arange(300, dtype=np.uint16)
extents = st.builds(
    lambda start, n: Extent(start, start + n), st.integers(0, 100), st.integers(2, 200)
)


@given(extents, st.integers(1, 40), st.integers(1, 9))
def test_windows_predict_every_character_but_the_first_once(extent: Extent, T: int, B: int) -> None:
    windows = evaluation_windows(IDS, extent, T, B)
    batches = list(windows)
    targets = torch.cat([batch.targets.reshape(-1) for batch in batches])
    assert targets.tolist() == list(range(extent.start + 1, extent.stop))
    assert windows.predictions == len(targets)
    for batch in batches:
        assert torch.equal(batch.inputs + 1, batch.targets)
        assert batch.inputs.dtype == torch.int64
        assert len(batch.inputs) <= B
    lengths = [batch.inputs.shape[1] for batch in batches for _ in batch.inputs]
    assert lengths == [T] * windows.whole + [windows.last] * (windows.last > 0)
    # It may be gone through again.
    assert sum(batch.targets.numel() for batch in windows) == windows.predictions


@pytest.mark.parametrize(
    ("n", "told"),
    [
        (91, "3 windows of 30 characters"),
        (100, "3 windows of 30 characters and a last one of 9"),
        (32, "1 window of 30 characters and a last one of 1"),
        (20, "0 windows of 30 characters and a last one of 19"),
    ],
)
def test_a_shorter_last_window_is_told(n: int, told: str) -> None:
    assert evaluation_windows(IDS, Extent(5, 5 + n), 30).describe() == told


@given(extents, st.integers(1, 250))
def test_a_stream_is_the_whole_part_in_order(extent: Extent, T: int) -> None:
    pieces = list(whole_stream(IDS, extent, T))
    inputs = torch.cat([piece.inputs for piece in pieces], dim=1)
    targets = torch.cat([piece.targets for piece in pieces], dim=1)
    assert inputs.tolist() == [list(range(extent.start, extent.stop - 1))]
    assert torch.equal(targets, inputs + 1)
    assert [piece.reset for piece in pieces] == [True] + [False] * (len(pieces) - 1)
    assert all(piece.inputs.shape == (1, T) for piece in pieces[:-1])


@pytest.mark.parametrize(
    ("extent", "T", "message"),
    [
        (Extent(0, 10), 0, "evaluation: B and T must be 1 or more, got B=1, T=0"),
        (
            Extent(0, 301),
            5,
            "evaluation: the extent must lie within the text's 300 characters, got 0 to 301",
        ),
        (
            Extent(7, 8),
            5,
            "evaluation: at least 2 characters are needed, one to read and one to predict, got 1",
        ),
    ],
)
def test_what_cannot_be_evaluated_is_refused_at_once(extent: Extent, T: int, message: str) -> None:
    for make in (
        lambda: evaluation_windows(IDS, extent, T, 1),
        lambda: whole_stream(IDS, extent, T),
    ):
        with pytest.raises(ConfigError) as caught:
            make()
        assert str(caught.value) == message
