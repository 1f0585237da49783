"""`unroll text fetch`: a book of Project Gutenberg, kept for good."""

from dataclasses import replace
from pathlib import Path

from unroll.study.result import Result
from unroll.text import FetchSettings, fetch_book, read_book


def run_fetch(name: str, *, mirror: str | None = None, folder: Path | None = None) -> Result:
    """Fetch a book, and say what it is.

    Raises: UnrollError, in one line, when it is not to be had.
    """
    settings = FetchSettings()
    if mirror is not None:
        settings = replace(settings, mirror=mirror)
    if folder is not None:
        settings = replace(settings, folder=folder)
    fetched = fetch_book(name, settings)
    book = read_book(fetched.path, name=fetched.name)
    asked = name if folder is None else str(fetched.path)
    return Result(
        summary={
            "command": "text fetch",
            "number": fetched.number,
            "name": fetched.name,
            "path": str(fetched.path),
            "sha256": fetched.sha256,
            "origin": fetched.origin,
            "characters": book.characters,
        },
        text=f"{fetched.describe()}\n"
        f"{book.characters:,} characters without the licence\n\n"
        f"next: unroll text train {asked}",
    )
