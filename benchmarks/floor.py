"""The least time that a training step could take on this machine, from what it must compute."""

from dataclasses import dataclass

import torch

from benchmarks.timing import best_seconds
from unroll.cells import GRU, LSTM, RNN

MEASURED_SIZE = 128
_NONLINEARITIES = {RNN: 1, LSTM: 5, GRU: 3}
_KEPT = {RNN: 1, LSTM: 7, GRU: 5}


@dataclass(frozen=True, kw_only=True)
class Machine:
    """What one thread does with 128 x 128 float32 numbers that lie in its cache."""

    flops_per_second: float
    """Of a matrix product, a multiplication and an addition counted as two."""
    sigmoid_seconds: float
    """Of one number's sigmoid, which is the cheapest way to a tanh as well."""
    bytes_per_second: float
    """Copied: read and written, counted once."""


def measure_machine() -> Machine:
    """Measure the three rates of this machine now."""
    n = MEASURED_SIZE
    a, b, out = torch.randn(n, n), torch.randn(n, n), torch.empty(n, n)
    return Machine(
        flops_per_second=2 * n**3 / best_seconds(lambda: torch.mm(a, b, out=out)),
        sigmoid_seconds=best_seconds(lambda: torch.sigmoid(a, out=out)) / n**2,
        bytes_per_second=4 * n**2 / best_seconds(lambda: out.copy_(a)),
    )


@dataclass(frozen=True, kw_only=True)
class Work:
    """What one training step on a batch has to do, readout and optimiser left out."""

    flops: int
    """Three matrix products a step of time: forward, gradient at h, gradient of the weights."""
    nonlinearities: int
    """Sigmoids and hyperbolic tangents, forward; backward needs only products."""
    kept_bytes: int
    """Written forward and read backward, once each."""

    def seconds(self, machine: Machine) -> float:
        """Return the time of all this at the machine's rates, nothing overlapping."""
        return (
            self.flops / machine.flops_per_second
            + self.nonlinearities * machine.sigmoid_seconds
            + 2 * self.kept_bytes / machine.bytes_per_second
        )


def work_of(cell: type[RNN | LSTM | GRU], B: int, T: int, D: int, H: int) -> Work:
    """Count the work of B sequences of T steps.

    With G gates a step multiplies (B, D + H) by (D + H, G·H), carries (B, G·H) back by (G·H, H),
    and sums (G·H, B) by (B, D + H) into the weights' gradients, at two operations each.
    """
    G = len(cell.gates)
    per_step = 2 * B * G * H * ((D + H) + H + (D + H))
    return Work(
        flops=T * per_step,
        nonlinearities=T * B * H * _NONLINEARITIES[cell],
        kept_bytes=4 * T * B * H * _KEPT[cell],
    )
