"""A trained network as a file: safetensors with the settings of its trial."""

import json
from dataclasses import dataclass
from pathlib import Path
from types import UnionType
from typing import Literal, get_args, get_origin, get_type_hints

import safetensors
import safetensors.torch
from torch import Tensor

from unroll.errors import StoreError
from unroll.records.schema import WeightsKind
from unroll.study.running.trial import TrialSettings
from unroll.training.fit import Weights

_ENTRY = "unroll.trial"


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """What a file of weights holds."""

    settings: TrialSettings
    """The trial that trained them."""
    data: bytes
    """The file."""

    @classmethod
    def read(cls, path: Path) -> "Checkpoint":
        """Read the file of a trial, `weights/KEY.safetensors` in a run directory.

        Raises: StoreError in one line when it cannot be read or is something else.
        """
        try:
            data = path.read_bytes()
        except OSError as error:
            raise StoreError(f"{path}: checkpoint cannot be read ({error.strerror})") from error
        try:
            with safetensors.safe_open(path, framework="pt") as file:
                notes = file.metadata() or {}
            safetensors.torch.load(data)
        except safetensors.SafetensorError as error:
            raise StoreError(
                f"{path}: not a safetensors file, or damaged ({error}); expected one of "
                "weights/*.safetensors in a run directory"
            ) from error
        try:
            settings = _read_settings(notes[_ENTRY])
        except (KeyError, TypeError, ValueError) as error:
            raise StoreError(
                f"{path}: does not say which trial it is from; expected one of "
                "weights/*.safetensors in a run directory, written by this version"
            ) from error
        return cls(settings=settings, data=data)


def _read_settings(text: str) -> TrialSettings:
    """Return settings from JSON; an error of Python's own where they are none."""
    settings = TrialSettings(**json.loads(text))
    for name, hint in get_type_hints(TrialSettings).items():
        kinds = get_args(hint) if isinstance(hint, UnionType) else (hint,)
        allowed = {get_origin(kind) or kind for kind in kinds} | ({int} if hint is float else set())
        value = getattr(settings, name)
        words = get_args(hint) if get_origin(hint) is Literal else ()
        # The exact type: to `isinstance`, true is an int.
        if value not in words and type(value) not in allowed:
            raise TypeError(f"{name}: {value!r}")
    return settings


def pack_weights(settings: TrialSettings, by_kind: dict[WeightsKind, Weights]) -> bytes:
    """Return both sets of parameters as one safetensors file, under `best.…` and `final.…`."""
    packed = {
        f"{kind}.{name}": tensor.cpu().contiguous()
        for kind, weights in by_kind.items()
        for name, tensor in weights.items()
    }
    return safetensors.torch.save(packed, {_ENTRY: json.dumps(settings.as_dict())})


def unpack_weights(data: bytes, kind: WeightsKind) -> dict[str, Tensor]:
    """Return one set of parameters out of a safetensors file."""
    prefix = f"{kind}."
    return {
        name.removeprefix(prefix): tensor
        for name, tensor in safetensors.torch.load(data).items()
        if name.startswith(prefix)
    }
