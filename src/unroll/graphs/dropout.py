"""What dropout multiplies numbers by."""

import torch
from torch import Tensor

from unroll.errors import ConfigError


def dropout_mask(
    where: str, like: Tensor, shape: tuple[int, ...], rate: float, generator: torch.Generator | None
) -> Tensor:
    """Return 0 at `rate` and 1 / (1 − rate) elsewhere: `shape`, of the dtype of `like`.

    Drawn as uniform numbers that are compared: a quarter of `bernoulli_`'s time on the CPU.
    Raises: ConfigError, in the name of `where`, for a rate outside [0, 1).
    """
    if not 0 <= rate < 1:
        raise ConfigError(f"{where} must lie in [0, 1), got {rate}")
    drawn = torch.rand(shape, generator=generator, device=like.device)
    return (drawn >= rate).to(like.dtype).div_(1 - rate)
