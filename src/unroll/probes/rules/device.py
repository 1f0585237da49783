"""The rule on devices, found without a second device: nothing is made beside the parameters."""

from collections.abc import Iterable, Iterator
from typing import Any

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode, resolve_name

from unroll.probes.rules.finding import BreachError
from unroll.probes.rules.subject import Subject

_MOVES = (Tensor.cpu, Tensor.cuda, Tensor.numpy)
_FOLLOWS = (Tensor.to, Tensor.type_as)
"""Calls that bring a tensor to the device of another, or of a torch.device."""
_TAKES_ANY = (Tensor.__getitem__, Tensor.__setitem__)
"""Calls that take an index from the CPU wherever the tensor is."""


class _Made(TorchFunctionMode):
    """Notes the calls that make a tensor on a device that no other tensor has decided.

    Such a tensor is a fault only where it meets others, or is returned, before it is moved.
    """

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[str] = []
        self._made: list[tuple[Tensor, str]] = []

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Carry out a call, and look at what decided the device of its result."""
        given = kwargs or {}
        result = func(*args, **given)
        values = list(_flat([*args, *given.values()]))
        # A device that comes from a tensor is a torch.device; a word was written by hand.
        decided = any(isinstance(value, torch.device) for value in values)
        tensors = [value for value in values if isinstance(value, Tensor)]
        made = [name for value in tensors if (name := self.maker_of(value))]
        if func in _MOVES:
            self.calls.append(resolve_name(func) or "")
        elif made and len(made) < len(tensors) and func not in (*_FOLLOWS, *_TAKES_ANY):
            self.calls.append(made[0])
        if decided or len(made) < len(tensors):
            # Where nothing had to be moved, `to` returns the tensor that it was given.
            self._made = [(one, name) for one, name in self._made if one is not result]
            return result
        name = made[0] if made else resolve_name(func) or ""
        if made or name.startswith("torch."):
            # A single number may lie anywhere: torch moves it where it is needed.
            self._made += [(one, name) for one in _tensors(result) if one.dim() > 0]
        return result

    def maker_of(self, tensor: Tensor) -> str | None:
        """Return the call that made a tensor, or what it is computed from, on the CPU."""
        return next((name for made, name in self._made if made is tensor), None)


def _flat(values: Iterable[Any]) -> Iterator[Any]:
    for value in values:
        if isinstance(value, list | tuple):
            yield from _flat(value)
        else:
            yield value


def _tensors(result: Any) -> list[Tensor]:
    return [one for one in _flat([result]) if isinstance(one, Tensor)]


def check_device(subject: Subject) -> str:
    """Try whether tensors are made where the parameters are; take a step on CUDA if there is one.

    A call such as torch.zeros(B, H) names no device and gives a tensor on the CPU wherever the
    parameters are; new_zeros, zeros_like and device=x.device follow another tensor.
    """
    x, cell = subject.inputs(T=1)[:, 0], subject.build()
    with torch.no_grad():
        state = cell.initial_state(len(x))
        for place in ("initial_state", "forward"):
            with _Made() as watch:
                done = cell.initial_state(len(x)) if place == "initial_state" else cell(x, state)
            returned = (watch.maker_of(one) for one in _tensors(done))
            watch.calls += [name for name in returned if name]
            if watch.calls:
                raise BreachError(
                    f"{place} calls {watch.calls[0]} and so stays on the CPU when the parameters "
                    "move",
                    "Let a tensor decide: weight.new_zeros(…), or device=x.device.",
                )
    if not torch.cuda.is_available():
        return "follows the parameters; no CUDA device here to try"
    moved = subject.build().cuda()
    moved(x.cuda(), moved.initial_state(len(x)))
    return "follows the parameters; a step on CUDA runs"
