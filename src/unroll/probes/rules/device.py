"""The rule on devices, found without a second device: nothing is made beside the parameters."""

from typing import Any

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode, resolve_name

from unroll.probes.rules.finding import BreachError
from unroll.probes.rules.subject import Subject

_MOVES = (Tensor.cpu, Tensor.cuda, Tensor.numpy)


class _Made(TorchFunctionMode):
    """Notes the calls that make a tensor on a device that no other tensor has decided."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[str] = []

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Carry out a call, and look at what decided the device of its result."""
        given = kwargs or {}
        result = func(*args, **given)
        values = [*args, *given.values()]
        values += [one for value in values if isinstance(value, list | tuple) for one in value]
        # A device that comes from a tensor is a torch.device; a word was written by hand.
        decided = any(isinstance(value, Tensor | torch.device) for value in values)
        # A single number may lie anywhere: torch moves it where it is needed.
        is_made = isinstance(result, Tensor) and result.dim() > 0 and not decided
        name = resolve_name(func) or ""
        if func in _MOVES or (is_made and name.startswith("torch.")):
            self.calls.append(name)
        return result


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
                cell.initial_state(len(x)) if place == "initial_state" else cell(x, state)
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
