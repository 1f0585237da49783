"""How a comparison is timed and written down."""

import argparse
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch

Action = Callable[[], object]


@dataclass(frozen=True, kw_only=True)
class Options:
    """What the command line asks of a benchmark."""

    repetitions: int
    """How often each pair is timed."""
    quick: bool
    """Whether to run only enough to see that it runs."""


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Two sides timed in turn, one pair a repetition."""

    ours_seconds: tuple[float, ...]
    """Time of one call, ours."""
    peer_seconds: tuple[float, ...]
    """Time of one call, the peer's."""

    @property
    def ours_ms(self) -> float:
        """Median milliseconds of one call, ours."""
        return statistics.median(self.ours_seconds) * 1e3

    @property
    def peer_ms(self) -> float:
        """Median milliseconds of one call, the peer's."""
        return statistics.median(self.peer_seconds) * 1e3

    @property
    def ratios(self) -> list[float]:
        """Peer's time over ours, pair by pair: above 1 we are faster."""
        pairs = zip(self.peer_seconds, self.ours_seconds, strict=True)
        return [peer / ours for peer, ours in pairs]


def parse_options(question: str) -> Options:
    """Read `--repetitions` and `--quick`; `question` is shown by `--help`."""
    parser = argparse.ArgumentParser(description=question)
    parser.add_argument("--repetitions", type=int, default=None, help="pairs timed (default 9)")
    parser.add_argument("--quick", action="store_true", help="fewer sizes, 3 pairs")
    given = parser.parse_args()
    repetitions = given.repetitions or (3 if given.quick else 9)
    return Options(repetitions=repetitions, quick=given.quick)


def compare(ours: Action, peer: Action, options: Options) -> Comparison:
    """Time both sides in turn, so that whatever else the machine does falls on both.

    Each timing repeats the call for about a tenth of a second; every other repetition begins
    with the peer.
    """
    calls = max(1, round(0.1 / max(seconds_of(ours, 3), 1e-6)))
    seconds_of(peer, 3)
    ours_seconds, peer_seconds = [], []
    for repetition in range(options.repetitions):
        if repetition % 2:
            peer_seconds.append(seconds_of(peer, calls))
        ours_seconds.append(seconds_of(ours, calls))
        if not repetition % 2:
            peer_seconds.append(seconds_of(peer, calls))
    return Comparison(ours_seconds=tuple(ours_seconds), peer_seconds=tuple(peer_seconds))


def seconds_of(action: Action, calls: int) -> float:
    """Return the mean time of one of `calls` calls."""
    start = time.perf_counter()
    for _ in range(calls):
        action()
    return (time.perf_counter() - start) / calls


def best_seconds(action: Action, calls: int = 200, repetitions: int = 9) -> float:
    """Return the median over repetitions of the mean time of one call, after a warm-up."""
    seconds_of(action, calls)
    return statistics.median(seconds_of(action, calls) for _ in range(repetitions))


def spread(values: Sequence[float]) -> str:
    """Return the median with the smallest and the largest, as in `1.31 (1.20–1.42)`."""
    return f"{statistics.median(values):.2f} ({min(values):.2f}–{max(values):.2f})"


def print_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a Markdown table under a heading and a line about the machine."""
    threads = torch.get_num_threads()
    print(f"\n### {title}\n")
    print(
        f"PyTorch {torch.__version__}, {torch.backends.cpu.get_cpu_capability()}, "
        f"{threads} thread{'s' if threads > 1 else ''} an operation. "
        "Ratios are peer's time over ours: median (least–greatest) of the pairs.\n"
    )
    for cells in (columns, ["---"] * len(columns), *rows):
        print(f"| {' | '.join(cells)} |")
