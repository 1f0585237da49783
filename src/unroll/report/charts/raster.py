"""A grid of colours as a PNG image: one pixel per value, its colours in a table of 256."""

import base64
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_SHADES = 256


@dataclass(frozen=True, kw_only=True)
class Ramp:
    """Colours between the ends of a range, evenly spaced; the values between are blended."""

    stops: tuple[str, ...]
    """Two or more colours as `#rrggbb`, the least value's first."""
    low: float
    """The value of the first colour; all below has it too."""
    high: float
    """The value of the last colour; all above has it too."""

    def shade(self, value: float) -> int:
        """Return the number of the colour of `value` in the table."""
        share = (value - self.low) / (self.high - self.low)
        return round(min(1.0, max(0.0, share)) * (_SHADES - 1))

    def table(self) -> bytes:
        """Return the table of colours: red, green and blue of each."""
        return bytes(channel for shade in range(_SHADES) for channel in self._colour(shade))

    def _colour(self, shade: int) -> tuple[int, ...]:
        """Return red, green and blue of one entry of the table."""
        at = shade / (_SHADES - 1) * (len(self.stops) - 1)
        index = min(int(at), len(self.stops) - 2)
        low, high = (_channels(stop) for stop in self.stops[index : index + 2])
        return tuple(round(a + (at - index) * (b - a)) for a, b in zip(low, high, strict=True))


def _channels(colour: str) -> tuple[int, ...]:
    """Return red, green and blue of a colour as `#rrggbb`."""
    return tuple(int(colour[i : i + 2], 16) for i in (1, 3, 5))


def data_uri(values: Sequence[Sequence[float]], ramp: Ramp) -> str:
    """Return the grid as an image that lies inside its own address."""
    return "data:image/png;base64," + base64.b64encode(png(values, ramp)).decode()


def png(values: Sequence[Sequence[float]], ramp: Ramp) -> bytes:
    """Return the grid as a PNG file, rows from top to bottom.

    Source: the PNG specification (ISO/IEC 15948); colour type 3, 8 bits, no row is filtered.
    Raises: ValueError when there is no pixel, or when the rows differ in length.
    """
    width = len(values[0]) if values else 0
    if not width or any(len(row) != width for row in values):
        lengths = sorted({len(row) for row in values})
        raise ValueError(f"png: values must be rows of one length, at least 1, got {lengths}")
    header = struct.pack(">IIBBBBB", width, len(values), 8, 3, 0, 0, 0)
    pixels = b"".join(b"\0" + bytes(ramp.shade(value) for value in row) for row in values)
    return _SIGNATURE + b"".join(
        (
            _chunk(b"IHDR", header),
            _chunk(b"PLTE", ramp.table()),
            _chunk(b"IDAT", zlib.compress(pixels, 9)),
            _chunk(b"IEND", b""),
        )
    )


def _chunk(kind: bytes, content: bytes) -> bytes:
    """Return one part of a PNG file, with its length and its check sum."""
    return (
        struct.pack(">I", len(content))
        + kind
        + content
        + struct.pack(">I", zlib.crc32(kind + content))
    )
