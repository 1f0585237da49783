"""How much memory does it take to encode a book of 100 MB?

    python -m benchmarks.corpus_memory [--quick]

A file is made of the prose that Python carries, in two kinds: as it is, one byte a character, and
with a Chinese letter in every line, so that it has more than 256 characters and takes two. Each is
read and encoded by a process of its own, which then says the most memory that it ever held
(`getrusage`); a process that only imports what the other does is shown beside it. Allowed is one
and a half times the encoded size and 500 MiB.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.timing import Options, parse_options, print_table
from unroll.text import default_book

MEGABYTES = 100
_MIB = 2**20
_PROCESS = """
import resource, sys, time
from pathlib import Path
from unroll.text import encode_book, read_book

start = time.perf_counter()
size = 0
if len(sys.argv) > 1:
    corpus = encode_book(read_book(Path(sys.argv[1])), Path(sys.argv[2]))
    size = corpus.ids.nbytes
seconds = time.perf_counter() - start
# Linux tells kibibytes, macOS bytes.
unit = 1 if sys.platform == "darwin" else 1024
print(size, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit, seconds)
"""


def write_book(path: Path, size_bytes: int, wide: bool) -> None:
    """Write a file of about `size_bytes`, of few characters or of more than 256."""
    prose = default_book().text()
    if wide:
        lines = prose.splitlines()
        prose = "".join(f"{line}{chr(0x4E00 + n % 3000)}\n" for n, line in enumerate(lines))
    data = prose.encode()
    with path.open("wb") as file:
        for _ in range(-(-size_bytes // len(data))):
            file.write(data)


def measure(*paths: Path) -> tuple[int, int, float]:
    """Return encoded bytes, peak bytes and seconds of a process that encodes, or only imports."""
    command = [sys.executable, "-c", _PROCESS, *map(str, paths)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    size, peak, seconds = done.stdout.split()
    return int(size), int(peak), float(seconds)


def allowed_bytes(encoded_bytes: int) -> float:
    """Return the most that encoding may take: 1.5 times what comes out, and 500 MiB."""
    return 1.5 * encoded_bytes + 500 * _MIB


def row(wide: bool, size_bytes: int, imports_bytes: int) -> list[str]:
    """Return one line of the table."""
    with tempfile.TemporaryDirectory() as folder:
        book = Path(folder) / "book.txt"
        write_book(book, size_bytes, wide)
        file_bytes = book.stat().st_size
        size, peak, seconds = measure(book, Path(folder) / "corpus")
    allowed = allowed_bytes(size)
    mib = [f"{count / _MIB:.0f}" for count in (file_bytes, size, imports_bytes, peak, allowed)]
    kind = "two bytes a character" if wide else "one byte a character"
    return [kind, *mib, f"{seconds:.1f}", "yes" if peak <= allowed else "NO"]


def main(options: Options) -> None:
    """Measure and print."""
    size_bytes = (5 if options.quick else MEGABYTES) * 10**6
    _, imports_bytes, _ = measure()
    rows = [row(wide, size_bytes, imports_bytes) for wide in (False, True)]
    columns = ["book", "file MiB", "encoded MiB", "imports MiB", "peak MiB", "allowed MiB"]
    print_table("Encoding a book", [*columns, "seconds", "within"], rows)


if __name__ == "__main__":
    main(parse_options(__doc__))
