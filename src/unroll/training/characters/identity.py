"""What a training is: all that a checkpoint must have in common with the run that it lies in."""

from dataclasses import dataclass
from typing import Any

from unroll.text import Vocabulary
from unroll.training.characters.settings import TextRecipe


@dataclass(frozen=True, kw_only=True)
class TrainingIdentity:
    """What decides a training, but for the machine that it runs on."""

    steps: int
    """How many steps it takes, unless it stops early."""
    seed: int
    """Decides the weights, the order of the text and what is dropped."""
    recipe: TextRecipe
    """How it is trained."""
    book_sha256: str
    """Of the book's text."""
    vocabulary: Vocabulary
    """Its characters."""

    def as_dict(self) -> dict[str, Any]:
        """Return plain values, as they stand in a checkpoint."""
        return {
            "steps": self.steps,
            "seed": self.seed,
            "recipe": self.recipe.as_dict(),
            "book_sha256": self.book_sha256,
            "vocabulary": self.vocabulary.to_json(),
        }
