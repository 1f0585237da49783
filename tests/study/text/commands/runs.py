"""A small book, and how a small model is trained on it in a second."""

from pathlib import Path

from unroll.study.text.settings import TrainSettings

SENTENCES = (
    "The king sat by the fire and slept.",
    "The king saw a fox in the wood.",
    "The queen went down to the well, and wept!",
    "A fox came out of the wood; it was red.",
    "Äiti näki ketun, ja kettu näki hänet.",
)
TEXT = "\n".join(SENTENCES[n % 5] + " " + SENTENCES[n * n % 5] for n in range(60)) + "\n"


def write_book(folder: Path) -> Path:
    """Write the book, and return where it is."""
    path = folder / "tales.txt"
    path.write_text(TEXT, encoding="utf-8")
    return path


def small(book: Path, **changes: object) -> TrainSettings:
    """Return settings that train a small model in 300 steps."""
    given: dict[str, object] = {
        "book": book,
        "steps": 300,
        "hidden_size": 16,
        "layers": 1,
        "embedding": 8,
        "batch_size": 4,
        "window": 8,
        "rate": 6e-3,
        **changes,
    }
    return TrainSettings(**given)  # type: ignore[arg-type]
