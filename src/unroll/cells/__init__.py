"""Recurrent cells: one a file, its equation and its state."""

from unroll.cells.bidirectional import Bidirectional, bidirectional, is_causal
from unroll.cells.cell import Cell, RecurrentCell
from unroll.cells.gru import GRU, GRUState
from unroll.cells.initialisation import Initialisation, initialise, parse_initialisation
from unroll.cells.linear import LinearRecurrence
from unroll.cells.linear_cell import LinearCell, LinearState
from unroll.cells.lstm import LSTM, LSTMState
from unroll.cells.min_gru import MinGRU
from unroll.cells.min_lstm import MinLSTM
from unroll.cells.peephole import Peephole
from unroll.cells.rnn import RNN, RNNState
from unroll.cells.tree_lstm import TreeLSTM

__all__ = [
    "GRU",
    "LSTM",
    "RNN",
    "Bidirectional",
    "Cell",
    "GRUState",
    "Initialisation",
    "LSTMState",
    "LinearCell",
    "LinearRecurrence",
    "LinearState",
    "MinGRU",
    "MinLSTM",
    "Peephole",
    "RNNState",
    "RecurrentCell",
    "TreeLSTM",
    "bidirectional",
    "initialise",
    "is_causal",
    "parse_initialisation",
]
