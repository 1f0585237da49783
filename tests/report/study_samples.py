"""Made-up measurements for the study's charts, shaped as the real ones are."""

import functools
import math
import random
from collections.abc import Iterable

from unroll.report.charts import (
    Palette,
    accuracy_by_reach,
    gate_maps,
    gradient_over_time,
    gradient_regimes,
    loss_by_optimiser,
    loss_by_rate,
    ravine_paths,
    time_constants,
)
from unroll.report.rows import (
    DescentRow,
    GateMap,
    MessageRow,
    PathRow,
    RateRow,
    RavineSurface,
    ReachRow,
    RegimeRow,
    TimeConstantRow,
)
from unroll.report.section import Figure

SEEDS = (0, 1, 2)
OPTIMISERS = ("sgd", "momentum", "rmsprop", "adam")
CELLS = Palette.of(["rnn", "lstm"])
STYLES = Palette.of_optimisers(OPTIMISERS)

_LONG = (5, 10, 20, 30, 50, 100, 300, 1000, 3000, 10_000)
_SHORT = (5, 10, 15, 20, 25, 30, 40)
_REACH = {
    "assignment: trained at each T": ("each T", _SHORT, 18.0, 5.0),
    "learned: trained up to T = 30": ("5 to 30", _LONG, 90.0, 1.6),
    "learned, recurrence frozen": ("5 to 30", _LONG, 500.0, 1.4),
    "identity:2.5": ("5 to 30", _LONG, 2500.0, 2.0),
    "identity:2.5, recurrence frozen": ("5 to 30", _LONG, 1e7, 2.0),
}


def reach_rows(seeds: Iterable[int] = SEEDS) -> list[ReachRow]:
    """A cliff near T = 20, and four series that go further."""
    return [
        ReachRow(
            series=series,
            cell="rnn",
            trained_at=trained_at,
            length=length,
            seed=seed,
            accuracy=0.1 + 0.9 / (1 + (length / (cliff * 1.15**seed)) ** steep),
            count=10_000,
            held_out=length > 8,
        )
        for series, (trained_at, lengths, cliff, steep) in _REACH.items()
        for seed in seeds
        for length in lengths
    ]


def message_rows(seeds: Iterable[int] = SEEDS, length: int = 100) -> list[MessageRow]:
    """Gradients that fall by a factor per step, some of them below what a float can hold."""
    decay = {
        ("untrained, uniform", "rnn", "h"): 1e-4,
        ("untrained, uniform", "lstm", "h"): 0.27,
        ("untrained, uniform", "lstm", "c"): 0.5,
        ("untrained, forget-bias:5", "lstm", "h"): 0.97,
        ("untrained, forget-bias:5", "lstm", "c"): 0.993,
        ("trained at T = 10: solved", "rnn", "h"): 1.02,
        ("trained at T = 10: solved", "lstm", "h"): 0.8,
        ("trained at T = 10: solved", "lstm", "c"): 0.82,
    }
    return [
        MessageRow(
            cell=cell,
            condition=condition,
            part=part,
            seed=seed,
            step=step,
            norm=norm if norm > 1e-45 else 0.0,
        )
        for (condition, cell, part), factor in decay.items()
        for seed in seeds
        for step in range(1, length)
        for norm in [0.1 * (factor * (1 + 0.02 * seed)) ** (length - step)]
    ]


def regime_rows(seeds: Iterable[int] = SEEDS, length: int = 60) -> list[RegimeRow]:
    """Three spectral radii."""
    radii = {"contracting, ρ = 0.5": 0.5, "orthogonal, ρ = 1": 1.0, "expanding, ρ = 1.5": 1.5}
    return [
        RegimeRow(
            regime=regime,
            seed=seed,
            step=step,
            term_norm=0.03 * radius**back * (0.8 - 0.05 * seed) ** (back / 4),
            jacobian_norm=radius**back * (0.8 - 0.05 * seed) ** (back / 5),
            predicted=radius**back,
        )
        for regime, radius in radii.items()
        for seed in seeds
        for step in range(1, length + 1)
        for back in [length - step]
    ]


def sample_maps(units: int = 128, half: int = 5) -> list[GateMap]:
    """The five maps of an LSTM over one palindrome."""
    rng = random.Random(0)
    front = [rng.randrange(10) for _ in range(half)]
    digits = (*front, *reversed(front))

    def value(gate: str, unit: int, step: int) -> float:
        x = 4 * unit / units - 2 + 0.5 * (digits[step] - 4.5) * math.sin(unit) + 0.2 * step
        if gate == "c":
            return 3 * math.sin(x) * (step + 1) / 10
        return math.tanh(x) if gate == "g" else 1 / (1 + math.exp(-x))

    return [
        GateMap(
            cell="lstm",
            gate=gate,
            seed=0,
            digits=digits,
            values=tuple(
                tuple(value(gate, unit, step) for step in range(len(digits)))
                for unit in range(units)
            ),
        )
        for gate in "ifogc"
    ]


def time_constant_rows(seeds: Iterable[int] = SEEDS, units: int = 128) -> list[TimeConstantRow]:
    """Short before training, long after it; some units never forget."""
    rng = random.Random(1)
    centre = {"untrained": 0.0, "trained at T = 30": 3.0}
    rows = []
    for condition, middle in centre.items():
        for seed in seeds:
            for unit in range(units):
                keep = 1 / (1 + math.exp(-rng.gauss(middle, 1.5)))
                endless = condition != "untrained" and unit < 3
                rows.append(
                    TimeConstantRow(
                        cell="lstm",
                        condition=condition,
                        seed=seed,
                        unit=unit,
                        keep=1.0 if endless else keep,
                        steps=None if endless else -1 / math.log(keep),
                    )
                )
    return rows


def rate_rows(seeds: Iterable[int] = SEEDS) -> list[RateRow]:
    """A U per optimiser; the greatest rates diverge."""
    best = {"sgd": -0.5, "momentum": -1.5, "rmsprop": -3.0, "adam": -2.7}
    rows = []
    for optimiser, middle in best.items():
        for power in (-5, -4.5, -4, -3.5, -3, -2.5, -2, -1.5, -1, -0.5, 0, 0.5):
            for seed in seeds:
                diverged = power > middle + 1 + 0.5 * seed
                loss = min(2.3, 0.0008 * 10 ** (1.6 * abs(power - middle) ** 1.3)) * 1.3**seed
                solved = not diverged and loss < 0.01
                rows.append(
                    RateRow(
                        optimiser=optimiser,
                        rate=float(f"{10**power:.2g}"),
                        seed=seed,
                        final_loss_nats=None if diverged else loss,
                        steps_to_solve=1500 if solved else None,
                        status="diverged" if diverged else "solved" if solved else "not solved",
                    )
                )
    return rows


def descent_rows(seeds: Iterable[int] = SEEDS) -> list[DescentRow]:
    """Four falling curves, each at its best rate."""
    rng = random.Random(2)
    pace = {
        "sgd": (0.3, 900),
        "momentum": (0.03, 500),
        "rmsprop": (0.001, 260),
        "adam": (0.002, 200),
    }
    return [
        DescentRow(
            optimiser=optimiser,
            rate=rate,
            seed=seed,
            step=step,
            loss_nats=2.3
            * math.exp(-step / (constant * (1 + 0.2 * seed)))
            * rng.uniform(0.8, 1.25),
        )
        for optimiser, (rate, constant) in pace.items()
        for seed in seeds
        for step in range(50, 2001, 50)
    ]


SURFACES = (
    RavineSurface(name="κ = 40, along the axes", curvature=40.0, angle_degrees=0.0),
    RavineSurface(name="κ = 40, turned by 30°", curvature=40.0, angle_degrees=30.0),
)


def path_rows(steps: int = 60) -> list[PathRow]:
    """The four optimisers, really run on the two surfaces."""
    rates = {"sgd": 0.045, "momentum": 0.012, "rmsprop": 0.05, "adam": 0.15}
    rows = []
    for surface in SURFACES:
        a = math.radians(surface.angle_degrees)
        for optimiser, rate in rates.items():
            at, first, second = [-2.0, 0.8], [0.0, 0.0], [0.0, 0.0]
            for step in range(steps + 1):
                u = at[0] * math.cos(a) + at[1] * math.sin(a)
                v = at[1] * math.cos(a) - at[0] * math.sin(a)
                loss = (u * u + surface.curvature * v * v) / 2
                x, y = at
                rows.append(
                    PathRow(
                        surface=surface.name, optimiser=optimiser, rate=rate, step=step,
                        x=x, y=y, loss=loss,
                    )
                )  # fmt: skip
                kv = surface.curvature * v
                slope = (u * math.cos(a) - kv * math.sin(a), u * math.sin(a) + kv * math.cos(a))
                for i, g in enumerate(slope):
                    first[i] = {"sgd": 0.0, "rmsprop": 0.0}.get(optimiser, 0.9) * first[i] + g
                    second[i] = 0.9 * second[i] + 0.1 * g * g
                    scale = math.sqrt(second[i]) + 1e-8
                    move = {"rmsprop": g / scale, "adam": 0.1 * first[i] / scale}
                    at[i] -= rate * move.get(optimiser, first[i])
    return rows


@functools.cache
def study_figures() -> tuple[Figure, ...]:
    """Every chart of the study, the opening one first."""
    return (
        accuracy_by_reach(reach_rows(), longest_trained=30),
        gradient_over_time(message_rows(), palette=CELLS),
        gradient_regimes(regime_rows(), length=60),
        gate_maps(sample_maps()),
        time_constants(time_constant_rows(), palette=CELLS, distance=28),
        loss_by_rate(rate_rows(), palette=STYLES),
        loss_by_optimiser(descent_rows(), palette=STYLES),
        ravine_paths(path_rows(), surfaces=SURFACES, palette=STYLES),
    )
