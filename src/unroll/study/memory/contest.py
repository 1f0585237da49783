"""Which of two cells is ahead, length by length."""

from dataclasses import dataclass

from unroll.study.memory.view import MemoryView


@dataclass(frozen=True, kw_only=True)
class Contest:
    """The vanilla RNN beside another cell, trained at the same lengths in the same way."""

    leaders: dict[int, str]
    """Who is ahead at each length, with every seed; empty where neither is."""
    several: bool
    """Whether both have several seeds at some length."""


def beside_rnn(view: MemoryView, cell: str) -> Contest:
    """Compare a cell with the RNN at each length that both were trained at."""
    rnn, other = view.by_length("rnn"), view.by_length(cell)
    leaders, several = {}, False
    for length in sorted({*rnn} & {*other}):
        # A trial that diverged learned nothing; one that failed says nothing of the cell.
        mine, theirs = (
            [t.accuracy or 0.0 for t in trials if t.record.status != "failed"]
            for trials in (rnn[length], other[length])
        )
        if mine and theirs:
            several = several or min(len(mine), len(theirs)) > 1
            rnn_leads, other_leads = min(mine) > max(theirs), min(theirs) > max(mine)
            leaders[length] = "rnn" if rnn_leads else cell if other_leads else ""
    return Contest(leaders=leaders, several=several)
