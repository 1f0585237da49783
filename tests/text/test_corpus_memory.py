from pathlib import Path

import pytest
from benchmarks.corpus_memory import allowed_bytes, measure, write_book


@pytest.mark.slow
@pytest.mark.parametrize("wide", [False, True], ids=["one byte", "two bytes"])
def test_a_book_of_100_mb_is_encoded_within_the_memory_allowed(tmp_path: Path, wide: bool) -> None:
    book = tmp_path / "book.txt"
    write_book(book, 100_000_000, wide)
    encoded_bytes, peak_bytes, _ = measure(book, tmp_path / "corpus")
    assert encoded_bytes > 90_000_000
    assert peak_bytes <= allowed_bytes(encoded_bytes)
