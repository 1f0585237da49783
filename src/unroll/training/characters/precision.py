"""What products are computed in: float32, or bfloat16 where the processor has it in hardware.

In bfloat16 a step computes with rounded copies of the weights and of the masks; gradients are
added to the float32 weights, which are what is updated, evaluated and kept. Elsewhere than in
hardware oneDNN emulates it, 10 to 60 times slower, or refuses.
"""

from pathlib import Path
from typing import Any, Literal

import torch
from torch import Tensor

from unroll.errors import ConfigError
from unroll.models.character_model import CharacterModel
from unroll.models.dropout import DropoutMasks
from unroll.training.characters.settings import PrecisionName

Precision = Literal["float32", "bfloat16"]

_FLAGS = {"avx512_bf16", "amx_bf16"}


def resolve_precision(
    asked: PrecisionName, native: bool | None = None, *, built_in: bool = True
) -> Precision:
    """Return what `asked` means here; `native` is `has_native_bfloat16()`.

    `auto` leaves a user's cell in float32: it may hold numbers that do not mix with bfloat16.
    Raises: ConfigError for bfloat16 on a processor that lacks it.
    """
    native = has_native_bfloat16() if native is None else native
    if asked == "auto":
        return "bfloat16" if native and built_in else "float32"
    if asked == "bfloat16" and not native:
        raise ConfigError(
            "precision: this processor has no bfloat16 (avx512_bf16 or amx_bf16), and emulating it "
            "is many times slower; choose auto or float32"
        )
    return asked


def check_precision(precision: Precision, native: bool | None = None) -> None:
    """Raise ConfigError when a run cannot go on here in the precision that it began with."""
    native = has_native_bfloat16() if native is None else native
    if precision == "bfloat16" and not native:
        raise ConfigError(
            "precision: the run computes in bfloat16, and this processor has none (avx512_bf16 or "
            "amx_bf16): go on with it on a machine like that it began on"
        )


def has_native_bfloat16(cpuinfo: Path = Path("/proc/cpuinfo")) -> bool:
    """Whether the processor multiplies in bfloat16; False where the system does not tell."""
    if not cpuinfo.is_file():
        return False
    for line in cpuinfo.read_text(errors="replace").splitlines():
        if line.startswith("flags"):
            return not _FLAGS.isdisjoint(line.split())
    return False


def forward(
    model: CharacterModel,
    ids: Tensor,
    state: tuple[Any, ...],
    masks: DropoutMasks | None,
    precision: Precision,
) -> tuple[Tensor, tuple[Any, ...]]:
    """Run the model in a precision: ids (B, T), float32 state -> float32 scores and state.

    Parts of a state that are not float32, such as counts, are passed on as they are.
    """
    if precision == "float32":
        scores, state = model(ids, state, masks)
        return scores, state
    rounded = {name: weight.bfloat16() for name, weight in model.named_parameters()}
    if masks is not None:
        masks = DropoutMasks(
            inputs=None if masks.inputs is None else masks.inputs.bfloat16(),
            layers=masks.layers and tuple(mask.bfloat16() for mask in masks.layers),
            recurrent=masks.recurrent and tuple(mask.bfloat16() for mask in masks.recurrent),
        )
    given = (ids, _converted(state, torch.float32, torch.bfloat16), masks)
    scores, state = torch.func.functional_call(model, rounded, given)
    return scores.float(), _converted(state, torch.bfloat16, torch.float32)


def _converted(state: Any, present: torch.dtype, wanted: torch.dtype) -> Any:
    return map_state(lambda part: part.to(wanted) if part.dtype == present else part, state)


def map_state(function: Any, state: Any) -> Any:
    """Return a state with `function` applied to each of its tensors.

    Raises: ConfigError for a state with anything but tensors and tuples in it.
    """
    if isinstance(state, Tensor):
        return function(state)
    if isinstance(state, tuple):
        parts = [map_state(function, part) for part in state]
        return type(state)(*parts) if hasattr(state, "_fields") else tuple(parts)
    raise ConfigError(
        f"a cell's state must be tensors and tuples of them, got {type(state).__name__}"
    )
