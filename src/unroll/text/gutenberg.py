"""What in a file of Project Gutenberg is the book, and what its licence.

    The Project Gutenberg EBook of …            header
    *** START OF THIS PROJECT GUTENBERG EBOOK … ***
    the book
    End of Project Gutenberg’s …                footer
    *** END OF THIS PROJECT GUTENBERG EBOOK … ***

The markers are looked for in bytes, because they are ASCII in every encoding that is in use, and
because a place in a file is a number of bytes. Older forms are known as well: `***START` without
a space, `THE` for `THIS`, `ETEXT`, a title over two lines, and the end of `THE SMALL PRINT`.
"""

import re
from pathlib import Path

WINDOW_BYTES = 2**18
"""A header is looked for in the first 256 KiB of a file, a footer in the last 256 KiB."""

# To the closing stars, in this paragraph; or to the end of the line.
_REST = rb"(?:(?:(?!\r?\n\r?\n).){0,400}?\*{3}|[^\n]*)[^\n]*(?:\n[ \t\r]*(?=\n))*\n?"
_EBOOK = rb"(?:THE|THIS) PROJECT GUTENBERG E(?:BOOK|TEXT)"
_FLAGS = re.MULTILINE | re.DOTALL | re.IGNORECASE
_START = re.compile(rb"^\*{3} ?START OF " + _EBOOK + _REST, _FLAGS)
_SMALL_PRINT = re.compile(rb"^\*END[ *]+THE SMALL PRINT!" + _REST, _FLAGS)
_END = re.compile(rb"^\*{3} ?END OF " + _EBOOK, _FLAGS)
_LAST_WORDS = re.compile(rb"^End of (?:the |this )?Project Gutenberg", re.MULTILINE)
_LAST_WORDS_BYTES = 400


def header_end(data: bytes) -> int:
    """Return where the book begins: behind the first start marker; 0 without one."""
    match = _START.search(data) or _SMALL_PRINT.search(data)
    return match.end() if match else 0


def footer_start(data: bytes) -> int:
    """Return where the book ends: before the last end marker; the length without one.

    `End of Project Gutenberg’s …`, alone or shortly before the marker, goes with the footer.
    """
    ends = [match.start() for match in _END.finditer(data)]
    last_words = [match.start() for match in _LAST_WORDS.finditer(data)]
    if ends:
        near = ends[-1] - _LAST_WORDS_BYTES
        end = min([ends[-1], *(place for place in last_words if near <= place)])
    elif last_words:
        end = last_words[-1]
    else:
        return len(data)
    kept = data[:end].rstrip()
    # The last line keeps its end.
    line_end = re.compile(rb"\r?\n?").match(data, len(kept), end)
    return line_end.end() if line_end else len(kept)


def without_licence(text: str) -> str:
    r"""Return `text` without header and footer, where their markers stand.

    >>> without_licence("Licence\n*** START OF THE PROJECT GUTENBERG EBOOK X ***\n\nOnce upon\n")
    'Once upon\n'
    """
    data = text.encode()
    data = data[: footer_start(data)]
    return data[header_end(data) :].decode()


def body_of_file(path: Path) -> tuple[int, int]:
    """Return the first byte of the book in a file, and the one after the last.

    Without markers that is the whole file; a large file is not read through for them.
    """
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(0)
        start = header_end(file.read(WINDOW_BYTES))
        tail_start = max(start, size - WINDOW_BYTES)
        file.seek(tail_start)
        stop = tail_start + footer_start(file.read())
    return start, stop
