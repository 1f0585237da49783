"""What the tests of the probes share: models, batches and a cell of a user's own."""

from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from unroll.cells import GRU, LSTM, RNN
from unroll.models import SequenceClassifier
from unroll.tasks import Batch

BUILT_IN: list[type[Any]] = [RNN, LSTM, GRU]
CLASSES = 5

Sizes = tuple[int, int, int, int, int]


class EchoState(NamedTuple):
    h: Tensor
    past: Tensor


class Echo(nn.Module):
    """Looks two steps back: its state is h and, handed on untouched, the h before it.

    Its output is neither of the two, and its initial state is learned.
    """

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__()
        self.hidden_size = hidden_size
        self.enter = nn.Linear(input_size, hidden_size)
        self.recall = nn.Linear(2 * hidden_size, hidden_size)
        self.start = nn.Parameter(torch.randn(hidden_size))

    def initial_state(self, batch_size: int) -> EchoState:
        h = self.start.expand(batch_size, -1)
        return EchoState(h, h)

    def forward(self, x: Tensor, state: EchoState) -> tuple[Tensor, EchoState]:
        both = torch.cat([state.h, state.past], dim=1)
        h = torch.tanh(self.enter(x) + self.recall(both))
        return h * 2 + state.h, EchoState(h, state.h)


class TimerState(NamedTuple):
    h: Tensor
    step: Tensor


class Timer(nn.Module):
    """Carries whole numbers beside h, as a cell may: there is no gradient at a count."""

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__()
        self.hidden_size = hidden_size
        self.enter = nn.Linear(input_size, hidden_size)
        self.keep = nn.Parameter(torch.rand(hidden_size))

    def initial_state(self, batch_size: int) -> TimerState:
        zeros = self.keep.new_zeros(batch_size, self.hidden_size)
        return TimerState(zeros, torch.zeros(batch_size, dtype=torch.int64))

    def forward(self, x: Tensor, state: TimerState) -> tuple[Tensor, TimerState]:
        h = torch.where((state.step % 2 == 0).unsqueeze(1), self.keep * state.h + self.enter(x), x)
        return h, TimerState(h, state.step + 1)


def make_model(
    cell_class: type[Any], D: int, H: int, dtype: torch.dtype = torch.float64, seed: int = 0
) -> SequenceClassifier:
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    return SequenceClassifier(cell_class(D, H), H, CLASSES, generator=generator).to(dtype)


def make_batch(
    B: int, T: int, D: int, M: int, dtype: torch.dtype = torch.float64, seed: int = 1
) -> Batch:
    generator = torch.Generator().manual_seed(seed)
    inputs = torch.randn(B, T, D, generator=generator, dtype=torch.float64).to(dtype)
    return Batch(inputs, torch.randint(CLASSES, (B, M), generator=generator))


def make_case(
    cell_class: type[Any], sizes: Sizes, dtype: torch.dtype = torch.float64
) -> tuple[SequenceClassifier, Batch]:
    """Return a random model and batch of sizes (B, T, D, H, M)."""
    B, T, D, H, M = sizes
    return make_model(cell_class, D, H, dtype, sum(sizes)), make_batch(B, T, D, M, dtype)


def is_untouched(model: nn.Module, before: dict[str, Tensor]) -> bool:
    """Return whether parameters are bit for bit as `before`, and no gradient was left on them."""
    same = all(torch.equal(p.detach(), before[name]) for name, p in model.named_parameters())
    return same and all(p.grad is None for p in model.parameters())
