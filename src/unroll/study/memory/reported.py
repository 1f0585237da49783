"""What three published student reports on the assignment say, to stand beside what is measured."""

from dataclasses import dataclass

from unroll.report.section import Column, Table
from unroll.study.memory.view import SOLVED_ACCURACY, MemoryView
from unroll.study.words import by_seed, distance, join

CRITERION = f"an accuracy of at least {SOLVED_ACCURACY}"
"""From when on a length counts as remembered."""


@dataclass(frozen=True, kw_only=True)
class Reported:
    """One report's figures on the palindrome task; training-batch accuracy in most of them."""

    report: str
    """The name it has here."""
    rnn: str
    """How far the vanilla RNN was perfect."""
    lstm: str
    """How far the LSTM was perfect."""
    remarks: str
    """What it adds."""


REPORTED = (
    Reported(
        report="A",
        rnn="16",
        lstm="23",
        remarks="3 runs each; rate 0.001, 0.0007 or 0.0004 by length; at T = 30–40 the RNN beats "
        "the LSTM",
    ),
    Reported(
        report="B",
        rnn="about 20",
        lstm="10–15",
        remarks="at rate 1e-3; at 1e-4 the LSTM is still above chance past 30; large variance",
    ),
    Reported(
        report="C",
        rnn="5",
        lstm="10",
        remarks="RNN 0.18 at T = 10 and dead past 20; LSTM at T = 10 done by step 4,000",
    ),
)


def reported_table(view: MemoryView) -> Table:
    """Return what the three reports say, beside what was measured here."""
    rows: list[tuple[str, ...]] = [
        (f"report {r.report}", r.rnn, r.lstm, r.remarks) for r in REPORTED
    ]
    measured = [_measured(view, cell) for cell in ("rnn", "lstm")]
    budget = f"at most {view.trials[0].settings.max_steps:,} steps"
    rows.append(("measured here", *measured, f"tested apart from training; {budget}"))
    return Table(
        columns=(
            Column(title="source"),
            Column(title="RNN perfect up to T"),
            Column(title="LSTM perfect up to T"),
            Column(title="remarks"),
        ),
        rows=tuple(rows),
        caption="Reported beside measured. The reports give training-batch accuracy in most "
        f"cases; here a length counts with {CRITERION} for it and every shorter one tested.",
        highlight=frozenset({len(rows) - 1}),
    )


def _measured(view: MemoryView, cell: str) -> str:
    """Return how far a cell remembers, and at which lengths that was asked."""
    if cell not in view.cells:
        return "not run"
    horizon = view.horizon(cell)
    tested = join(f"{length:,}" for length in view.by_length(cell))
    return f"{distance(horizon)} ({by_seed(horizon)}; tested at T = {tested})"
