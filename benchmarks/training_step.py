"""How long does one training step take, beside PyTorch's own layer and beside the floor?

    python -m benchmarks.training_step [--quick] [--repetitions N]

One thread, batch 128, 128 hidden units, scalar digits: the assignment's protocol. Both sides
draw their batches from the same stream and share the readout's size, loss, clipping at 10 and
RMSProp; only the recurrent layer differs. The floor is the time of the step's matrix products,
non-linearities and kept numbers at the rates of this machine, measured in the same run.
"""

import torch

from benchmarks.floor import Machine, measure_machine, work_of
from benchmarks.steps import CELLS, LAYERS, LayerClassifier, TrainingStep, batches_of, our_model
from benchmarks.timing import Options, compare, parse_options, print_table, spread

BATCH_SIZE = 128
HIDDEN_SIZE = 128
LENGTHS = (10, 20, 40)


def row(cell: str, T: int, machine: Machine, options: Options) -> list[str]:
    """Return one line of the table."""
    model = our_model(cell, HIDDEN_SIZE)
    ours = TrainingStep(model, batches_of(T, BATCH_SIZE))
    peer = TrainingStep(LayerClassifier(cell, 1, HIDDEN_SIZE), batches_of(T, BATCH_SIZE))
    result = compare(ours, peer, options)
    floor_ms = work_of(CELLS[cell], BATCH_SIZE, T, 1, HIDDEN_SIZE).seconds(machine) * 1e3
    return [
        cell,
        str(T),
        model.engine_for(BATCH_SIZE),
        f"{result.ours_ms:.2f}",
        f"nn.{LAYERS[cell].__name__}",
        f"{result.peer_ms:.2f}",
        spread(result.ratios),
        f"{floor_ms:.2f}",
        f"{result.ours_ms / floor_ms:.2f}",
    ]


def main(options: Options) -> None:
    """Measure and print."""
    torch.set_num_threads(1)
    machine = measure_machine()
    lengths = LENGTHS[:1] if options.quick else LENGTHS
    rows = [row(cell, T, machine, options) for cell in CELLS for T in lengths]
    columns = [
        "cell",
        "T",
        "engine",
        "ours ms",
        "peer",
        "peer ms",
        "ratio",
        "floor ms",
        "ours/floor",
    ]
    print_table("One training step", columns, rows)
    print(
        f"\nFloor: {machine.flops_per_second / 1e9:.0f} GFLOP/s in a product of "
        f"128 x 128 x 128, {machine.sigmoid_seconds * 1e9:.2f} ns a sigmoid, "
        f"{machine.bytes_per_second / 1e9:.0f} GB/s copied in cache."
    )


if __name__ == "__main__":
    main(parse_options(__doc__))
