import base64
import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unroll.report.charts.raster import Ramp, data_uri, png

GREY = Ramp(stops=("#000000", "#ffffff"), low=0.0, high=1.0)


def decode(image: bytes) -> list[list[tuple[int, ...]]]:
    """The colours of a PNG with a table of colours and unfiltered rows, read by its standard."""
    assert image[:8] == b"\x89PNG\r\n\x1a\n"
    chunks, at = {}, 8
    while at < len(image):
        (length,) = struct.unpack(">I", image[at : at + 4])
        kind, content = image[at + 4 : at + 8], image[at + 8 : at + 8 + length]
        (check,) = struct.unpack(">I", image[at + 8 + length : at + 12 + length])
        assert check == zlib.crc32(kind + content)
        chunks[kind] = content
        at += 12 + length
    assert list(chunks) == [b"IHDR", b"PLTE", b"IDAT", b"IEND"]
    width, height, depth, colours, *rest = struct.unpack(">IIBBBBB", chunks[b"IHDR"])
    assert (depth, colours, rest) == (8, 3, [0, 0, 0])
    pixels = zlib.decompress(chunks[b"IDAT"])
    assert len(pixels) == height * (width + 1)
    table = chunks[b"PLTE"]
    rows = [pixels[start : start + width + 1] for start in range(0, len(pixels), width + 1)]
    assert all(row[0] == 0 for row in rows)
    return [[tuple(table[3 * entry : 3 * entry + 3]) for entry in row[1:]] for row in rows]


def test_pixels_stand_where_their_values_do() -> None:
    assert decode(png([[0.0, 1.0, 0.2], [1.0, 0.0, 0.6]], GREY)) == [
        [(0, 0, 0), (255, 255, 255), (51, 51, 51)],
        [(255, 255, 255), (0, 0, 0), (153, 153, 153)],
    ]


@given(
    st.integers(1, 40).flatmap(
        lambda width: st.lists(
            st.lists(st.floats(0, 1), min_size=width, max_size=width), min_size=1, max_size=40
        )
    )
)
def test_every_grid_comes_back(values: list[list[float]]) -> None:
    # Half of one of 255 steps is what rounding to a table of 256 may cost.
    decoded = decode(png(values, GREY))
    for row, shown in zip(values, decoded, strict=True):
        for value, (red, green, blue) in zip(row, shown, strict=True):
            assert red == green == blue
            assert abs(red / 255 - value) <= 0.5 / 255 + 1e-9


def test_colours_are_blended_between_their_stops() -> None:
    ramp = Ramp(stops=("#000000", "#ff0000", "#ffff00"), low=-1.0, high=1.0)
    table = ramp.table()
    assert len(table) == 3 * 256
    assert tuple(table[:3]) == (0, 0, 0)
    assert tuple(table[-3:]) == (255, 255, 0)
    assert tuple(table[3 * 64 : 3 * 64 + 3]) == (128, 0, 0)


def test_values_outside_the_range_have_the_colours_of_its_ends() -> None:
    ((low, high),) = decode(png([[-5.0, 5.0]], GREY))
    assert (low, high) == ((0, 0, 0), (255, 255, 255))


def test_address_holds_the_image() -> None:
    kind, _, held = data_uri([[0.5]], GREY).partition(",")
    assert kind == "data:image/png;base64"
    assert base64.b64decode(held) == png([[0.5]], GREY)


@pytest.mark.parametrize(
    ("values", "lengths"), [([], "[]"), ([[]], "[0]"), ([[1.0], [1.0, 2.0]], "[1, 2]")]
)
def test_what_is_no_grid_is_refused(values: list[list[float]], lengths: str) -> None:
    with pytest.raises(ValueError, match="png") as error:
        png(values, GREY)
    assert str(error.value) == (
        f"png: values must be rows of one length, at least 1, got {lengths}"
    )
