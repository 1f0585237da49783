"""A file read as UTF-8, piece by piece, and what to say where it is not."""

import codecs
import shlex
from collections.abc import Iterator
from pathlib import Path

from unroll.errors import UnrollError

_BINARY = {
    b"%PDF-": "a PDF file; save its text as a UTF-8 text file and give that",
    b"PK\x03\x04": "a ZIP file, as EPUB and DOCX are; save its text as a UTF-8 text file and give "
    "that",
    b"\x1f\x8b": "a gzip file; unpack it and give what is in it",
}
_WIDE = {
    codecs.BOM_UTF32_LE: "UTF-32",
    codecs.BOM_UTF32_BE: "UTF-32",
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
}


class BookError(UnrollError):
    """What was given cannot be read as a book."""


def decode_file(path: Path, start: int, stop: int, piece_bytes: int) -> Iterator[str]:
    """Yield the text of the bytes from `start` to `stop`.

    Raises: BookError when they are not UTF-8, with the place in the file, or not text at all.
    """
    with path.open("rb") as file:
        _refuse_other_formats(path, file.read(8))
        file.seek(start)
        place, rest, ascii_so_far = start, b"", True
        while True:
            wanted = max(0, min(piece_bytes, stop - place - len(rest)))
            data = rest + file.read(wanted)
            final = len(data) - len(rest) < piece_bytes
            _refuse_binary(path, data)
            try:
                text, used = codecs.utf_8_decode(data, "strict", final)
            except UnicodeDecodeError as error:
                raise _not_utf8(path, place, error, ascii_so_far) from error
            ascii_so_far = ascii_so_far and text.isascii()
            yield text
            if final:
                return
            place, rest = place + used, data[used:]


def _refuse_other_formats(path: Path, beginning: bytes) -> None:
    for mark, what in _BINARY.items():
        if beginning.startswith(mark):
            raise BookError(f"{path}: {what}")
    for mark, encoding in _WIDE.items():
        if beginning.startswith(mark):
            raise BookError(
                f"{path}: not UTF-8 at byte 0 (0x{beginning[0]:02X}); it begins as "
                f"{encoding} does: {_iconv(path, encoding)}"
            )


def _refuse_binary(path: Path, data: bytes) -> None:
    # Unlike a byte above 127, a NUL is valid UTF-8; but no text has one.
    if b"\0" in data:
        raise BookError(f"{path}: a binary file (it holds NUL bytes); give a UTF-8 text file")


def _not_utf8(path: Path, place: int, error: UnicodeDecodeError, ascii_so_far: bool) -> BookError:
    position, data = place + error.start, error.object
    found = f"{path}: not UTF-8 at byte {position} (0x{data[error.start]:02X})"
    if error.reason == "unexpected end of data":
        return BookError(
            f"{found}: the file ends within a character; it was cut short, get it anew"
        )
    if not (ascii_so_far and data[: error.start].isascii()):
        return BookError(
            f"{found}, though the text before it is: mend that place, or drop what is not UTF-8: "
            f"{_iconv(path, 'UTF-8', '-c ')}"
        )
    # 0x80 to 0x9F are letters and quotes in Windows' code page, and unused in ISO-8859-1.
    is_windows = any(0x80 <= byte < 0xA0 for byte in data)
    encoding = "WINDOWS-1252" if is_windows else "ISO-8859-1"
    return BookError(f"{found}; it is likely {encoding}: {_iconv(path, encoding)}")


def _iconv(path: Path, encoding: str, options: str = "") -> str:
    target = path.with_name(f"{path.stem}-utf8{path.suffix}")
    files = f"{shlex.quote(str(path))} > {shlex.quote(str(target))}"
    return f"iconv {options}-f {encoding} -t UTF-8 {files}"
