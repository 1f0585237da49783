"""Rules on parameters: counted, drawn from a seed, saved and loaded again."""

from typing import Any

import torch
from safetensors.torch import load, save
from torch import Tensor, nn

from unroll.cells import GRU, LSTM, RNN, Cell
from unroll.probes.rules.finding import BreachError, UntoldError
from unroll.probes.rules.subject import Subject, differ, has_complex_parameters

_FAMILIES: dict[str, tuple[type[Cell[Any]], int]] = {
    "an RNN": (RNN, 1),
    "a GRU": (GRU, 3),
    "an LSTM": (LSTM, 4),
}
"""A family's cell, and how many gates or candidates it has."""


def tell_count(subject: Subject) -> str:
    """Count the parameters, beside those of an RNN, a GRU and an LSTM of the same sizes."""
    D, H = subject.D, subject.H
    count = sum(p.numel() for p in subject.build().parameters())
    known: dict[int, str] = {}
    others = []
    for family, (reference, gates) in _FAMILIES.items():
        whole = sum(p.numel() for p in reference(D, H).parameters())
        weights = gates * (H * D + H * H)
        known.setdefault(whole, f"exactly {family}'s")
        known.setdefault(weights + 2 * gates * H, f"{family}'s with two biases, as torch has it")
        known.setdefault(weights, f"exactly {family}'s without biases")
        others.append(f"{family.split()[1]} {whole:,}")
    told = f"{count:,}"
    return f"{told}: {known[count]}" if count in known else f"{told} ({', '.join(others)})"


def check_seed(subject: Subject) -> str:
    """Try whether the same seed of torch's generator gives the same parameters."""
    hint = (
        "Draw from torch's generator, which each trial seeds: not from random, numpy or the clock."
    )
    cells = subject.build(), subject.build()
    one, other = (cell.state_dict() for cell in cells)
    unlike = [name for name in one if not torch.equal(one[name], other[name])]
    if unlike:
        told = f"two cells from the same seed begin with other values in {', '.join(unlike)}"
        raise BreachError(told, hint)
    outputs = [_seeded_run(subject, cell) for cell in cells]
    if off := differ(*outputs):
        raise BreachError(
            f"two cells from the same seed, with the same parameters, differ by up to {off:.2g}",
            hint,
        )
    return "the same seed gives the same parameters"


def _seeded_run(subject: Subject, cell: Any) -> Tensor:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return subject.run(cell, subject.inputs())[0]


def check_saving(subject: Subject) -> str:
    """Try whether a new cell that loads the saved state_dict gives the same outputs."""
    cell, inputs = subject.build(), subject.inputs()
    loose = _loose(cell)
    if loose:
        raise BreachError(
            f"{' and '.join(loose)} {'is' if len(loose) == 1 else 'are'} not among the cell's "
            "parameters: neither trained nor saved nor moved with it",
            "Wrap a tensor as nn.Parameter, a list of layers as nn.ModuleList, a constant as "
            "register_buffer.",
        )
    if has_complex_parameters(cell):
        raise UntoldError("a parameter is complex, and is saved in single precision only")
    wanted, _ = subject.run(cell, inputs)
    kept = {name: value.contiguous().clone() for name, value in cell.state_dict().items()}
    another = subject.build(other=1)
    another.load_state_dict(load(save(kept)))
    if off := differ(subject.run(another, inputs)[0], wanted):
        raise BreachError(
            f"a new cell that loads the saved parameters gives outputs that differ by {off:.2g}",
            "What forward uses must be in nn.Parameter, register_buffer or an inner module.",
        )
    return "saved and loaded into a new cell: the same outputs"


def _loose(cell: Any) -> list[str]:
    """Return `self.W`, the tensors and layers that state_dict does not know.

    A parameter or a layer that has its place may stand in a list as well, and a tensor that is
    computed from parameters is no parameter itself.
    """
    known = {id(one) for one in (*cell.modules(), *cell.parameters())}
    found = []
    for where, module in cell.named_modules():
        for name, value in vars(module).items():
            if name.startswith("_"):
                continue
            inside = list(value.values()) if isinstance(value, dict) else value
            parts = inside if isinstance(inside, list | tuple) else [inside]
            if any(_is_loose(part, known) for part in parts):
                found.append(".".join(filter(None, ["self", where, name])))
    return found


def _is_loose(part: object, known: set[int]) -> bool:
    if id(part) in known or not isinstance(part, Tensor | nn.Module):
        return False
    return isinstance(part, nn.Module) or part.grad_fn is None
