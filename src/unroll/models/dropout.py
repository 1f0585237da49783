"""What is set to zero in a training step, and the masks that do it."""

from dataclasses import dataclass

from torch import Tensor

from unroll.errors import ConfigError


@dataclass(frozen=True, kw_only=True)
class Dropout:
    """What share of the numbers is set to zero in a training step, and where.

    What is left is multiplied by 1 / (1 − share), so that the mean stays and evaluation needs
    nothing. Raises: ConfigError for a share outside 0 ≤ share < 1.
    """

    inputs: float = 0.0
    """Of each character's embedding; of whole characters where they are one-hot."""
    layers: float = 0.0
    """Of each layer's output, the last one's too, drawn anew at each time step."""
    recurrent: float = 0.0
    """Of the entries of each recurrent matrix, one mask for all T steps (Merity et al. 2018)."""

    def __post_init__(self) -> None:
        for name in ("inputs", "layers", "recurrent"):
            share = getattr(self, name)
            if not 0 <= share < 1:
                raise ConfigError(f"dropout: {name} must be at least 0 and below 1, got {share}")

    @property
    def is_off(self) -> bool:
        """Whether nothing is dropped anywhere."""
        return self.inputs == self.layers == self.recurrent == 0


@dataclass(frozen=True, kw_only=True)
class DropoutMasks:
    """Factors 0 or 1 / (1 − share) for one piece of text; None: nothing is dropped there."""

    inputs: Tensor | None = None
    """(B, T, E) for embeddings, (B, T, 1) for one-hot characters."""
    layers: tuple[Tensor, ...] | None = None
    """(B, T, H) a layer."""
    recurrent: tuple[Tensor, ...] | None = None
    """As each layer's `weight_h`."""
