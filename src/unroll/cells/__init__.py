"""Recurrent cells: one a file, its equation and its state."""

from unroll.cells.cell import Cell, RecurrentCell
from unroll.cells.gru import GRU, GRUState
from unroll.cells.initialisation import Initialisation, initialise, parse_initialisation
from unroll.cells.lstm import LSTM, LSTMState
from unroll.cells.rnn import RNN, RNNState
from unroll.cells.tree_lstm import TreeLSTM

__all__ = [
    "GRU",
    "LSTM",
    "RNN",
    "Cell",
    "GRUState",
    "Initialisation",
    "LSTMState",
    "RNNState",
    "RecurrentCell",
    "TreeLSTM",
    "initialise",
    "parse_initialisation",
]
