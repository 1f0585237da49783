"""A signal that moves over a graph: a GCN inside an LSTM against each of the two alone."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from unroll.graphs import propagate
from unroll.models.graph_sequence import GraphSequence, GraphSnapshot
from unroll.records.schema import finite_or_none
from unroll.seeding import make_generator
from unroll.study.graphs.compare.experiment import Case, Experiment, Remark
from unroll.tasks.signal import NOISE, SCORED_FROM, SignalBatch, Signals, stream_signals
from unroll.training.supervised import SupervisedSettings, fit_supervised

BOTH, PAST, NEIGHBOURS = "GCN + LSTM", "LSTM", "GCN"
WAVE, UNCOUPLED, DIFFUSION = "main", "uncoupled", "diffusion"
LAW_OF = {WAVE: "wave", UNCOUPLED: "uncoupled", DIFFUSION: "diffusion"}

TRAINED, LARGER = "16 nodes", "64 nodes"
APART, NO_VELOCITY = "nodes not coupled", "no velocity"
NODES_OF = {TRAINED: 16, LARGER: 64, APART: 16, NO_VELOCITY: 16}

LSTM_WIDTH, GCN_WIDTH = 32, 46
"""As many parameters within 3%: 4,513 with both, 4,385 for the LSTM, 4,463 for the GCN."""
RATE = 3e-2
"""Between 2e-2 and 4e-2, where all three learn within 100 steps."""
GRAPHS = 4
"""Graphs in a batch."""

TESTED_NODES, TESTED_SIGNALS = 1024, 4

Predict = Callable[[SignalBatch], Tensor]


def measure(
    variant: str, contestant: str, seed: int, steps: int, on_step: Callable[[int], object]
) -> dict[str, Any]:
    """Train one contestant on signals of one law, and test it on new graphs."""
    task = Signals(law=LAW_OF[variant])
    network = make_network(contestant, seed)
    trained_nodes = NODES_OF[TRAINED]
    batches = stream_signals(task, trained_nodes, GRAPHS, make_generator(seed, "signals"))

    def predict(batch: SignalBatch) -> Tensor:
        predicted: Tensor = network(batch.positions, batch.matrix)
        return predicted

    fitted = fit_supervised(
        network,
        batches,
        lambda batch: batch.error(predict(batch)),
        SupervisedSettings(steps=steps, rate=RATE),
        on_progress=on_step,
    )
    cases = make_cases(variant, seed)
    return {
        "parameters": sum(p.numel() for p in network.parameters()),
        "curve": fitted.curve,
        "train_seconds": fitted.seconds,
        "cases": [
            {"case": name, "value": value, "examples": TESTED_NODES * TESTED_SIGNALS}
            for name, value in errors(predict, cases).items()
        ],
        "checks": check_view(contestant, predict, seed),
        "notes": {
            "rate": RATE,
            "variance of the noise": NOISE**2,
            "best": errors(task.best_prediction, cases),
            "persistence": errors(lambda batch: batch.positions, cases),
            "least_squares": errors(fit_least_squares(task, contestant, seed), cases),
        },
    }


def make_network(contestant: str, seed: int) -> nn.Module:
    """Return an untrained contestant."""
    generator = make_generator(seed, "weights")
    if contestant == NEIGHBOURS:
        return GraphSnapshot(1, GCN_WIDTH, generator=generator)
    return GraphSequence(1, LSTM_WIDTH, hears=contestant == BOTH, generator=generator)


def make_cases(variant: str, seed: int) -> dict[str, list[SignalBatch]]:
    """Return what is tested on, by the case's name: the same for all contestants."""
    task = Signals(law=LAW_OF[variant])
    return {
        case.name: task.sample(
            NODES_OF[case.name],
            TESTED_NODES // NODES_OF[case.name],
            make_generator(seed, f"signals to test on, {case.name}"),
            signals=TESTED_SIGNALS,
        )
        for case in EXPERIMENT.cases
        if case.variant == variant
    }


@torch.no_grad()
def errors(predict: Predict, cases: dict[str, list[SignalBatch]]) -> dict[str, float | None]:
    """Return the mean squared error in units of σ² by case; None where it is not finite."""
    return {
        name: finite_or_none(
            sum(batch.error(predict(batch)).item() for batch in batches) / len(batches)
        )
        for name, batches in cases.items()
    }


def fit_least_squares(task: Signals, contestant: str, seed: int) -> Predict:
    """Return the best linear predictor from what a contestant reads, fitted in closed form.

    The laws are linear, so that this is how far its view can carry a network of that kind: the
    rest of its error is not a matter of training.
    """
    generator = make_generator(seed, "signals for least squares")
    samples = task.sample(NODES_OF[TRAINED], 64, generator, signals=4)
    views = torch.cat([_view(contestant, batch).flatten(0, 1) for batch in samples])
    changes = torch.cat([_changes(batch).flatten(0, 1) for batch in samples])
    weights = torch.linalg.lstsq(views.double(), changes.double()).solution.float()

    def predict(batch: SignalBatch) -> Tensor:
        predicted = batch.positions.clone()
        predicted[:, SCORED_FROM:] += _view(contestant, batch) @ weights
        return predicted

    return predict


def _view(contestant: str, batch: SignalBatch) -> Tensor:
    """Return what a contestant sees before each scored prediction: (N, T − 8, P)."""
    x = batch.positions.squeeze(2)
    heard = propagate(batch.matrix, x)
    if contestant == NEIGHBOURS:
        return torch.stack([x, heard, propagate(batch.matrix, heard)], 2)[:, SCORED_FROM:]
    past = [x, heard] if contestant == BOTH else [x]
    return torch.cat([part.unfold(1, SCORED_FROM + 1, 1) for part in past], 2)


def _changes(batch: SignalBatch) -> Tensor:
    return (batch.following - batch.positions)[:, SCORED_FROM:]


@torch.no_grad()
def check_view(contestant: str, predict: Predict, seed: int) -> list[dict[str, Any]]:
    """Disturb the other nodes, and the past: a contestant answers only to what it reads."""
    generator = make_generator(seed, "signals to disturb")
    (batch,) = Signals().sample(NODES_OF[TRAINED], 1, generator, signals=1)
    others, past = batch.positions.clone(), batch.positions.clone()
    others[1:] += 1.0
    past[:, :-1] += 1.0
    last = predict(batch)[:, -1]
    by_others = float((predict(batch._replace(positions=others))[:, -1] - last)[0].abs())
    by_past = float((predict(batch._replace(positions=past))[:, -1] - last).abs().max())
    return [
        {
            "claim": _VIEWS[contestant],
            "passed": (by_others > 0, by_past > 0) == _READS[contestant],
            "detail": "a prediction changes by "
            f"{by_others:.2g} when all other nodes are moved by 1 and by {by_past:.2g} when all "
            "steps before the last are",
        }
    ]


_READS = {BOTH: (True, True), PAST: (False, True), NEIGHBOURS: (True, False)}
_VIEWS = {
    BOTH: "GCN + LSTM reads the neighbours and the past",
    PAST: "The LSTM alone reads nothing of the other nodes",
    NEIGHBOURS: "The GCN alone reads nothing of the past",
}

EXPERIMENT = Experiment(
    name="signal",
    question="3.4b",
    title="A signal that moves over a graph",
    task=(
        "Every node of a random graph is a mass on a spring, pulled by its neighbours and pushed "
        "by noise at each step. Its position is seen, its velocity is not; asked is where each "
        "node will be one step later. The LSTM reads each node's own past; the GCN (two layers, "
        "with a weight of its own for the node itself) reads where all nodes are now; GCN + LSTM "
        "is an LSTM at each node that also reads $Âx$, what its neighbours say. What the "
        "noise does next nobody can know: its variance is the unit of the error, so that 1 is "
        "the best there is."
    ),
    metric="error",
    unit="mean squared error in units of the unforeseeable noise (1 is the floor)",
    contestants={
        BOTH: (WAVE, UNCOUPLED, DIFFUSION),
        PAST: (WAVE, UNCOUPLED),
        NEIGHBOURS: (WAVE, DIFFUSION),
    },
    cases=(
        Case(name=TRAINED),
        Case(name=LARGER, role="further"),
        Case(name=APART, variant=UNCOUPLED, role="losing"),
        Case(name=NO_VELOCITY, variant=DIFFUSION, role="losing"),
    ),
    steps=400,
    measure=measure,
    remarks={
        TRAINED: Remark(
            is_by_construction=True,
            ahead=BOTH,
            behind=PAST,
            text=(
                "The next position follows from three numbers and the noise: the node's "
                "position, its position a step before, and what its neighbours say. Only one "
                "contestant reads all three."
            ),
        ),
        LARGER: Remark(
            is_by_construction=True,
            ahead=BOTH,
            behind=PAST,
            text=("The weights are the same at every node, so that any number of nodes will do."),
        ),
        APART: Remark(
            is_by_construction=True,
            ahead=PAST,
            behind=BOTH,
            text=(
                "Without coupling a node's next position follows from its own last two, and the "
                "neighbours tell nothing: the graph cannot help."
            ),
        ),
        NO_VELOCITY: Remark(
            ahead=NEIGHBOURS,
            behind=BOTH,
            text=(
                "Where nothing is left of a velocity, the next position follows from the "
                "positions now, and the past tells nothing: the LSTM cannot help."
            ),
        ),
    },
)
