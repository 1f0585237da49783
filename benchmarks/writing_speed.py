"""How many characters a second does a model write, at batch 1?

    python -m benchmarks.writing_speed [--quick] [--repetitions N]

Two layers of LSTM with the same weights, 67 characters, temperature 1, four ways on one thread:

- usual: `nn.LSTM` on a one-hot vector, one step at a time, softmax, `torch.multinomial`; the loop
  that a student writes;
- LSTMCell: the same with two `nn.LSTMCell`;
- plain: `decoding.sample` over `TensorStep(model.step)`;
- ours: `decoding.sample` over `NumpyStep`, and `decoding.stream`, which the terminal prints.

The last two are complete: prompt, checks, float64 probabilities of every character written, and a
generator of the sample's own. The floor is what a step cannot do without: its matrices, every byte
read once, in NumPy's products and nothing else.

The processes' threads are set before NumPy is loaded, so that the measurement has a process of its
own.
"""

import os
import subprocess
import sys
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from benchmarks.timing import (
    Action,
    Options,
    best_seconds,
    compare,
    parse_options,
    print_table,
    spread,
)
from unroll.decoding import SamplingSettings, TensorStep, sample, stream
from unroll.models import CharacterModel, NumpyStep, build_character_model
from unroll.models.step_layers import prepare

V = 67
LAYERS = 2
PROMPT = 3
SETTINGS = SamplingSettings()
WRITTEN = {128: 600, 512: 60}
"""Characters a call, by hidden units: the usual loop takes about a quarter of a second for them."""


@dataclass(frozen=True, kw_only=True)
class Peers:
    """PyTorch's layers with the weights of a model."""

    lstm: nn.LSTM
    """Both layers."""
    cells: tuple[nn.LSTMCell, ...]
    """One a layer."""
    readout: nn.Linear
    """To the scores."""


def copy_weights(model: CharacterModel) -> Peers:
    """Return PyTorch's layers with the weights of a one-hot `model`."""
    H = model.hidden_size
    lstm, readout = nn.LSTM(V, H, LAYERS), nn.Linear(H, V)
    cells = tuple(nn.LSTMCell(V if n == 0 else H, H) for n in range(LAYERS))
    parameters = model.state_dict()
    readout.load_state_dict({"weight": parameters["weight_p"], "bias": parameters["bias_p"]})
    for n, cell in enumerate(cells):
        own = {
            "weight_ih": parameters[f"cells.{n}.weight_x"],
            "weight_hh": parameters[f"cells.{n}.weight_h"],
            "bias_ih": parameters[f"cells.{n}.bias"],
            "bias_hh": torch.zeros(4 * H),
        }
        cell.load_state_dict(own)
        for name, numbers in own.items():
            getattr(lstm, f"{name}_l{n}").data.copy_(numbers)
    return Peers(lstm=lstm, cells=cells, readout=readout)


@torch.no_grad()
def write_usual(peers: Peers, length: int) -> list[int]:
    """Write as a student's loop does."""
    x, state, written = one_hot(PROMPT).view(1, 1, V), None, []
    for _ in range(length):
        y, state = peers.lstm(x, state)
        token = draw(peers.readout(y[0, 0]))
        x = one_hot(token).view(1, 1, V)
        written.append(token)
    return written


@torch.no_grad()
def write_by_cells(peers: Peers, length: int) -> list[int]:
    """Write with an `nn.LSTMCell` a layer."""
    x, written = one_hot(PROMPT).view(1, V), []
    states: list[tuple[torch.Tensor, torch.Tensor] | None] = [None] * LAYERS
    for _ in range(length):
        for n, cell in enumerate(peers.cells):
            states[n] = cell(x, states[n])
            x = states[n][0]  # type: ignore[index] # it was just filled
        token = draw(peers.readout(x[0]))
        x = one_hot(token).view(1, V)
        written.append(token)
    return written


def one_hot(token: int) -> torch.Tensor:
    """Return a vector (V,) of zeros with a one."""
    x = torch.zeros(V)
    x[token] = 1
    return x


def draw(scores: torch.Tensor) -> int:
    """Draw a token from the softmax of scores (V,)."""
    return int(torch.multinomial(torch.softmax(scores, dim=0), 1))


def ways_of(model: CharacterModel, length: int) -> dict[str, Action]:
    """Return each way to write `length` characters."""
    peers, step = copy_weights(model), NumpyStep(model)
    plain = TensorStep(model.step, vocabulary_size=V)

    def write_plain() -> object:
        state = model.initial_state(1)
        return sample(plain, state, [PROMPT], settings=SETTINGS, length=length, seed=0)

    def write() -> object:
        state = step.initial_state()
        return sample(step, state, [PROMPT], settings=SETTINGS, length=length, seed=0)

    def write_as_a_stream() -> object:
        state = step.initial_state()
        return list(stream(step, state, [PROMPT], settings=SETTINGS, length=length, seed=0))

    return {
        "usual": lambda: write_usual(peers, length),
        "LSTMCell": lambda: write_by_cells(peers, length),
        "plain": write_plain,
        "ours": write,
        "ours, stream": write_as_a_stream,
    }


def floor_of(model: CharacterModel) -> tuple[int, float]:
    """Return the bytes of the matrices that a step reads, and the time of their products."""
    # The first layer's input matrix is not among them: one row of a table is looked up.
    _, layers = prepare(model)
    matrices = [layer.matrix for layer in layers]
    h = np.ones((1, model.hidden_size), dtype=np.float32)
    products = [np.empty((1, matrix.shape[1]), dtype=np.float32) for matrix in matrices]

    def multiply() -> None:
        for matrix, product in zip(matrices, products, strict=True):
            np.dot(h, matrix, product)

    size = sum(matrix.nbytes for matrix in matrices)
    return size, best_seconds(multiply, calls=max(1, 5 * 10**8 // size))


def rows_of(H: int, options: Options) -> list[list[str]]:
    """Return the lines of a width: each way beside the usual one."""
    length = WRITTEN[H] // (5 if options.quick else 1)
    model = build_character_model(
        cell_source="lstm",
        hidden_size=H,
        layers=LAYERS,
        embedding_size=None,
        vocabulary_size=V,
        initialisation="uniform",
        keep_bias=1.0,
        seed=0,
    )
    ways = ways_of(model, length)
    size, floor = floor_of(model)
    rows = []
    for name in [name for name in ways if name != "usual"]:
        times = compare(ways[name], ways["usual"], options)
        ours, usual = (ms / 1e3 / length for ms in (times.ours_ms, times.peer_ms))
        speeds = [f"{1 / usual:,.0f}", f"{1 / ours:,.0f}", spread(times.ratios)]
        at_floor = [f"{size / 1e6:.1f}", f"{1 / floor:,.0f}", f"{ours / floor:.1f}"]
        rows.append([f"{LAYERS}x{H}", name, *speeds, *at_floor])
    return rows


def measure(options: Options) -> None:
    """Measure in this process, and print."""
    torch.set_num_threads(1)
    rows = [row for H in WRITTEN for row in rows_of(H, options)]
    columns = ["model", "way", "usual/s", "characters/s", "ratio", "MB a step", "floor/s"]
    print_table("Writing a text", [*columns, "time/floor"], rows)


def main(options: Options) -> None:
    """Measure in a process that begins with one thread for NumPy's products."""
    names = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
    command = [sys.executable, "-m", "benchmarks.writing_speed", "--here"]
    command += ["--repetitions", str(options.repetitions), *(["--quick"] * options.quick)]
    sys.stdout.flush()
    subprocess.run(command, check=True, env={**os.environ, **dict.fromkeys(names, "1")})


if __name__ == "__main__":
    here = "--here" in sys.argv
    sys.argv = [word for word in sys.argv if word != "--here"]
    (measure if here else main)(parse_options(__doc__ or ""))
