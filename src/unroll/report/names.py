"""Cells as prose names them."""

_BOTH_WAYS = "bidirectional:"
_NAMES = {
    "rnn": "RNN",
    "lstm": "LSTM",
    "gru": "GRU",
    "peephole": "peephole LSTM",
    "min-gru": "minGRU",
    "min-lstm": "minLSTM",
    "linear": "linear recurrence",
}


def cell_name(label: str) -> str:
    """Return a cell's name as prose has it; one of a user's own is as it is spelt.

    >>> cell_name("lstm"), cell_name("bidirectional:min-gru"), cell_name("Leaky")
    ('LSTM', 'bidirectional minGRU', 'Leaky')
    """
    if label.startswith(_BOTH_WAYS):
        return f"bidirectional {cell_name(label.removeprefix(_BOTH_WAYS))}"
    return _NAMES.get(label, label)
