"""What three published student reports on the assignment say, to stand beside what is measured."""

from dataclasses import dataclass


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
