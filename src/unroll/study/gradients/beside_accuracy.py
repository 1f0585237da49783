"""Does the gradient before training say which cell is ahead in 1.6? Probes beside contests."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from unroll.study.gradients.view import GradientView, Probe, cell_identity, power
from unroll.study.memory.contest import beside_rnn
from unroll.study.memory.view import MemoryView
from unroll.study.words import join


@dataclass(frozen=True, kw_only=True)
class _Case:
    """One length at which one of two cells is ahead."""

    length: int
    """T of 1.6."""
    looked_at: int
    """T of the sequences in which the gradients were looked at."""
    leader: str
    """The cell ahead, as the report names it."""
    other: str
    """The other."""
    more: tuple[float, ...]
    """What the leader receives, a seed each."""
    less: tuple[float, ...]
    """What the other receives."""

    @property
    def verdict(self) -> str:
        """Whether the cell that receives more, with every seed, is the one that is ahead."""
        if min(self.more) > max(self.less):
            return "it does"
        if max(self.more) < min(self.less):
            return "it does not"
        return "it leaves open"

    def told(self) -> str:
        """Return what arrives, and who is ahead."""
        link = ", and" if self.verdict == "it does" else ", yet"
        return (
            f"{self.leader} receives {power(self.more)} and {self.other} {power(self.less)}{link} "
            f"{self.leader} is ahead in 1.6"
        )


def gradient_beside_accuracy(
    gradients: Sequence[GradientView],
    memory: Iterable[MemoryView],
    labels: Mapping[str, str],
) -> str:
    """Say for each cell beside the RNN whether the larger gradient goes with the lead in 1.6.

    What arrives at the first of T digits, T - 2 steps before the loss, is read where sequences of
    T digits were looked at; else at as many steps before the loss in the shortest longer ones.
    Empty where either is not measured, or neither cell is ahead.
    """
    told: dict[str, str] = {}
    for view in memory:
        for cell in view.cells:
            if cell == "rnn" or cell in told or "rnn" not in view.cells:
                continue
            contest = beside_rnn(view, cell)
            cases = [
                case
                for length, leader in contest.leaders.items()
                if leader and (case := _case(gradients, view, labels, length, leader, cell))
            ]
            if cases:
                told[cell] = _sentence(cases, labels[cell], several=contest.several)
    return " ".join(told.values())


def _case(
    gradients: Sequence[GradientView],
    view: MemoryView,
    labels: Mapping[str, str],
    length: int,
    leader: str,
    cell: str,
) -> _Case | None:
    """Return what both cells receive before training at one length; None if not looked at."""
    behind = cell if leader == "rnn" else "rnn"
    starts = {
        name: _start(view.by_length(name)[length][0].settings.as_dict()) for name in ("rnn", cell)
    }
    for looked in sorted(gradients, key=lambda g: g.length):
        found = {name: _received(looked, start, length) for name, start in starts.items()}
        if looked.length >= length and all(found.values()):
            return _Case(
                length=length,
                looked_at=looked.length,
                leader=labels[leader].upper(),
                other=labels[behind].upper(),
                more=found[leader],
                less=found[behind],
            )
    return None


def _received(looked: GradientView, start: tuple[object, ...], length: int) -> tuple[float, ...]:
    """Return what untrained networks of this start receive, T - 2 steps before the loss."""
    return tuple(
        probe.by_time[probe.message][looked.length - length]
        for probe in looked.probes
        if _is_start(probe, start) and looked.length >= length
    )


def _is_start(probe: Probe, start: tuple[object, ...]) -> bool:
    return probe.trained_at is None and _start(probe.settings) == start


def _start(settings: Mapping[str, Any]) -> tuple[object, ...]:
    """Return what a network is before training, but for its seed and the length it reads."""
    names = ("initialisation", "encoding", "hidden_size", "task")
    return (*cell_identity(settings), *(settings[name] for name in names))


def _sentence(cases: Sequence[_Case], name: str, *, several: bool) -> str:
    """Say at which lengths the larger gradient went with the lead, by the furthest of each."""
    seeds = "with every seed" if several else "on one seed"
    parts = []
    for verdict in ("it does", "it does not", "it leaves open"):
        if mine := [case for case in cases if case.verdict == verdict]:
            last = mine[-1]
            at = f" (at T = {last.length:,})" if len(mine) > 1 else ""
            why = "; the seeds' gradients overlap" if verdict == "it leaves open" else ""
            parts.append(
                f"{verdict} at T = {join(f'{case.length:,}' for case in mine)}: {last.told()}"
                f"{at}, {seeds}{why}"
            )
    longer = sorted({case.looked_at for case in cases if case.looked_at != case.length})
    read = f", read off sequences of {join(longer)} digits" if longer else ""
    return (
        f"**Does the gradient before training predict 1.6?** For RNN and {name.upper()}, begun as "
        f"there, T − 2 steps before the loss{read}, {'; '.join(parts)}."
    )
