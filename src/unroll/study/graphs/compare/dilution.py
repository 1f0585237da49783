"""What a stack of graph layers receives of the first digit of a palindrome on a path."""

import copy
from typing import Any

import torch
from torch.nn import functional

from unroll.graphs import Propagation
from unroll.models.graph_network import GraphNetwork
from unroll.probes.reach import influences
from unroll.tasks.palindrome import DIGITS
from unroll.tasks.palindrome_path import PalindromePath, PathDigits


def readout_accuracy(
    task: PalindromePath, palindromes: PathDigits, matrix: Propagation, layers: int
) -> float:
    """Return how often the best linear map of the last row of Âᴸ X is right, by least squares.

    What is summed up by Â alone, without a non-linearity on the way: in float64, so that nothing
    is too small to be read.
    """
    reader = matrix.to(torch.float64).to_dense().matrix_power(layers)[-1]
    x = task.node_features(palindromes).double().view(len(palindromes.digits), task.length, -1)
    arrived = torch.einsum("t,btd->bd", reader, x)
    arrived = (arrived - arrived.mean(0)) / arrived.std(0).clamp_min(1e-12)
    arrived = functional.pad(arrived[:, :DIGITS], (0, 1), value=1.0)
    wanted = torch.eye(DIGITS, dtype=torch.float64)[palindromes.classes]
    fitted = arrived @ torch.linalg.pinv(arrived) @ wanted
    return float((fitted.argmax(1) == palindromes.classes).double().mean())


def digit_weights(task: PalindromePath, matrix: Propagation, layers: int) -> list[float]:
    """Return what each digit of the first half weighs at the reader after L sums, both its places.

    The first digit's second place is the reader, which is blank.
    """
    reader = matrix.to(torch.float64).to_dense().matrix_power(layers)[-1].tolist()
    T = task.length
    middle = [(T - 1) // 2] if T % 2 else []
    pairs = [reader[i] + reader[T - 1 - i] for i in range(1, T // 2)]
    return [reader[0], *pairs, *(reader[i] for i in middle)]


def check_weights(task: PalindromePath, matrix: Propagation, layers: int) -> dict[str, Any]:
    """Hold the weight of the first digit against those of all others."""
    first, *others = digit_weights(task, matrix, layers)
    heavier = ", ".join(f"{weight / first:.1f}" for weight in others)
    return {
        "claim": f"In row T of Â^{layers} the first digit weighs less than every other digit",
        "passed": first < min(others),
        "detail": f"its weight is {first:.2g}; those of the others are {heavier} times as large",
    }


def check_reach(
    task: PalindromePath,
    network: GraphNetwork,
    palindromes: PathDigits,
    matrix: Propagation,
    *,
    marked: bool,
) -> dict[str, Any]:
    """Say whether the last node depends on the first: exactly not, with less layers than hops."""
    few = PathDigits(*(part[:8] for part in palindromes))
    exact = copy.deepcopy(network).double()
    x = task.node_features(few, marked=marked).double()
    firsts = torch.arange(0, len(x), task.length)
    together = matrix.repeated(len(firsts)).to(torch.float64)
    found = influences(exact, x, together, firsts, firsts + task.length - 1)
    layers = len(network.layers)
    is_reached = layers >= task.length - 1
    return {
        "claim": f"With {layers} layers the last node "
        + ("depends on the first digit" if is_reached else "does not depend on the first digit"),
        "passed": bool((found > 0).any()) if is_reached else bool((found == 0.0).all()),
        "detail": f"largest derivative before training, in float64: {float(found.max()):.1e}",
    }
