"""Looks at gates in tables and in rows for figures, all filled from the records."""

import statistics
from collections.abc import Callable, Sequence

from unroll.probes import ParameterCount
from unroll.report.rows import GateMap, TimeConstantRow
from unroll.report.section import Check, Column, Scalar, Table
from unroll.study.gates.plan import CLOSED, KEEP_GATE, MAPPED, MEMORY, OPEN, SILENCED
from unroll.study.gates.view import GateLook, NetworkLook
from unroll.study.words import count, spread

SHARES = frozenset("ifozr")
"""The gates that lie between 0 and 1; of the others the size is told."""
WRITTEN = {"lstm": "i ⊙ g", "gru": "(1 − z) ⊙ n"}
"""What one step adds to the memory."""
KEPT = {"lstm": "f ⊙ c(t − 1)", "gru": "z ⊙ h(t − 1)"}
"""What one step keeps of the memory."""
ENDLESS = "endless"
"""The time constant of a unit that never forgets."""
STEPS_TOLD = 10
"""Most rows of a table by step."""
UNITS_TOLD = 6
"""Units told one by one."""


def map_rows(look: GateLook) -> list[GateMap]:
    """Return the maps of one network, the units that keep longest on top."""
    constants = look.after.constants
    order = sorted(range(len(constants)), key=lambda unit: -constants[unit])
    return [
        GateMap(
            cell=look.settings.cell,
            gate=gate,
            seed=look.settings.seed,
            digits=look.palindrome[:-1],
            values=tuple(tuple(look.maps[gate][unit]) for unit in order),
        )
        for gate in MAPPED[look.settings.cell]
    ]


def constant_rows(looks: Sequence[GateLook]) -> list[TimeConstantRow]:
    """Return how long each unit keeps, before and after training."""
    return [
        TimeConstantRow(
            cell=look.settings.cell,
            condition=condition,
            seed=look.settings.seed,
            unit=unit,
            keep=keep,
            steps=steps,
        )
        for look in looks
        for condition, network in (
            ("untrained", look.before),
            (f"trained at T = {look.settings.length}", look.after),
        )
        for unit, (keep, steps) in enumerate(zip(network.keep, network.time_constants, strict=True))
    ]


def gates_table(looks: Sequence[GateLook]) -> Table:
    """Return what each gate of one cell does, before and after training."""
    cell, length = looks[0].settings.cell, looks[0].settings.length
    between = "step 2" if length == 4 else f"steps 2–{length - 2}"
    columns: list[tuple[str, Callable[[GateLook, str], float | None]]] = [
        ("untrained", lambda look, gate: statistics.fmean(look.before.gates[gate]["size"])),
        ("trained", lambda look, gate: statistics.fmean(look.after.gates[gate]["size"])),
        ("step 1", lambda look, gate: look.after.gates[gate]["size"][0]),
        (between, lambda look, gate: _between(look.after, gate)),
        (f"step {length - 1}", lambda look, gate: look.after.gates[gate]["size"][-1]),
        (f"below {CLOSED}", lambda look, gate: _share(look.after, gate, "closed")),
        (f"above {OPEN}", lambda look, gate: _share(look.after, gate, "open")),
    ]
    if length == 3:
        del columns[3]
    rows: list[tuple[Scalar, ...]] = []
    for gate in MAPPED[cell]:
        name = gate if gate in SHARES else f"|{gate}|"
        forms = ["{:.0%}" if title[0] in "ba" else "{:.2f}" for title, _ in columns]
        values = (
            spread([value(look, gate) for look in looks], form)
            for (_, value), form in zip(columns, forms, strict=True)
        )
        rows.append((name, *values))
    seeds = "" if len(looks) == 1 else f"; median of {len(looks)} seeds (least–greatest)"
    signed = " and ".join(f"${gate}$" for gate in MAPPED[cell] if gate not in SHARES)
    return Table(
        columns=(
            Column(title=f"{cell.upper()} gate"),
            *(Column(title=title, numeric=True) for title, _ in columns),
        ),
        rows=tuple(rows),
        caption=f"What each gate does on average over units and {looks[0].count} palindromes"
        f"{seeds}: before training over all steps, after it over all and by step; last, which "
        f"share of its values lies near its ends after training. Of {signed}, which have both "
        "signs, the mean size.",
    )


def digit_table(look: GateLook) -> Table:
    """Return where the first digit is found, step by step."""
    cell = look.settings.cell
    shares = look.after.by_step
    kinds = ("memory_first", "written_first", "written_read")
    return Table(
        columns=(
            Column(title="step", numeric=True),
            Column(title=f"first digit, of {MEMORY[cell]}", numeric=True),
            Column(title=f"first digit, of {WRITTEN[cell]}", numeric=True),
            Column(title=f"digit just read, of {WRITTEN[cell]}", numeric=True),
        ),
        rows=tuple(
            (step + 1, *(f"{shares[kind][step]:.0%}" for kind in kinds))
            for step in _thin(range(look.settings.length - 1))
        ),
        caption=f"How much of the variance, mean over units, a digit explains in the trained "
        f"{cell.upper()}, seed {look.settings.seed}: of the memory ${MEMORY[cell]}$, and of what "
        f"the step adds to it. A digit that has no part in it would explain about "
        f"{chance_share(look):.1%}.",
    )


def silenced_table(look: GateLook) -> Table:
    """Return how well the trained network answers with its writing or its keeping taken away."""
    starts = sorted({one["from"] for one in look.after.silencings})
    cell = look.settings.cell
    rows = [
        (f"from step {start} on", *(f"{look.after.silenced(what, start):.3f}" for what in SILENCED))
        for start in starts
    ]
    whole = f"{look.after.accuracy:.3f}"
    return Table(
        columns=(
            Column(title="taken away"),
            Column(title=f"what is written, {WRITTEN[cell]}", numeric=True),
            Column(title=f"what is kept, {KEPT[cell]}", numeric=True),
        ),
        rows=(("nothing", whole, whole), *rows),
        caption=f"Accuracy of the trained {cell.upper()}, seed {look.settings.seed}, when from "
        "some step on a unit's memory is only what was kept, or only what was just written. The "
        "network was not trained for it; chance is 0.100.",
    )


def units_table(look: GateLook) -> Table:
    """Return the units that tell the first digit best."""
    after, before = look.after, look.before
    best = sorted(range(len(after.digit_share)), key=lambda unit: -after.digit_share[unit])
    cell, last = look.settings.cell, look.settings.length - 1
    return Table(
        columns=(
            Column(title="unit", numeric=True),
            Column(title=f"first digit, of {MEMORY[cell]}({last})", numeric=True),
            Column(title="τ untrained, steps", numeric=True),
            Column(title="τ trained, steps", numeric=True),
            Column(title=f"kept by {KEEP_GATE[cell]} alone", numeric=True),
        ),
        rows=tuple(
            (
                unit,
                f"{after.digit_share[unit]:.1%}",
                steps_text(before.constants[unit]),
                steps_text(after.constants[unit]),
                f"{after.kept[unit]:.0%}",
            )
            for unit in best[:UNITS_TOLD]
        ),
        caption=f"The {count(min(UNITS_TOLD, len(best)), 'unit')} of the trained {cell.upper()}, "
        f"seed {look.settings.seed}, whose memory at the last step tells the first digit best: "
        "the share of its variance that the digit explains, the time constant, and the share of "
        f"what was held at step 1 that ${KEEP_GATE[cell]}$ leaves at step {last}.",
    )


def parameters_check(counts: Sequence[ParameterCount]) -> Check:
    """Return whether the formula gives what every model has."""
    wrong = [row for row in counts if row.formula != row.model]
    detail = f"{count(len(counts), 'model')} of {count(len(_by_size(counts)), 'random size')}"
    if wrong:
        row = wrong[0]
        detail = (
            f"{len(wrong)} of {count(len(counts), 'model')} differ, first {row.cell.upper()} with "
            f"n = {row.n}, d = {row.d}, K = {row.K}: formula {row.formula:,}, model {row.model:,}"
        )
    return Check(
        label="The formula gives the number of parameters that each model has",
        passed=bool(counts) and not wrong,
        detail=detail,
    )


def parameters_table(counts: Sequence[ParameterCount]) -> Table:
    """Return formula and model side by side, one row a size."""
    sizes = _by_size(counts)
    cells = tuple(dict.fromkeys(row.cell for row in counts))
    return Table(
        columns=(
            *(Column(title=title, numeric=True) for title in ("n", "d", "K")),
            *(Column(title=f"{cell.upper()}: formula, model", numeric=True) for cell in cells),
        ),
        rows=tuple((*size, *map(_compare, rows)) for size, rows in sizes.items()),
        caption="Parameters by formula and counted in the model built: $n$ units, $d$ inputs, "
        "$K$ classes, drawn at random; highlighted where they differ.",
        highlight=frozenset(
            index
            for index, rows in enumerate(sizes.values())
            if any(row.formula != row.model for row in rows)
        ),
    )


def chance_share(look: GateLook) -> float:
    """Return the share of variance that ten classes explain of values that know nothing of them.

    (K − 1)/(N − 1) for N values in K classes.
    """
    return 9 / (look.count - 1)


def steps_text(steps: float) -> str:
    """Return a time constant as one reads it.

    >>> steps_text(2.6735), steps_text(1031.4), steps_text(float("inf"))
    ('2.7', '1,031', 'endless')
    """
    if steps == float("inf"):
        return ENDLESS
    return f"{steps:,.1f}" if steps < 100 else f"{steps:,.0f}"


def _between(network: NetworkLook, gate: str) -> float | None:
    """Return the mean size of a gate between the first and the last step."""
    sizes = network.gates[gate]["size"][1:-1]
    return statistics.fmean(sizes) if sizes else None


def _share(network: NetworkLook, gate: str, kind: str) -> float | None:
    """Return the share of a gate's values that are closed or open; None where it is no switch."""
    share: float = network.gates[gate][kind]
    return share if gate in SHARES else None


def _compare(row: ParameterCount) -> str:
    sign = "=" if row.formula == row.model else "≠"
    return f"{row.formula:,} {sign} {row.model:,}"


def _by_size(counts: Sequence[ParameterCount]) -> dict[tuple[int, int, int], list[ParameterCount]]:
    sizes: dict[tuple[int, int, int], list[ParameterCount]] = {}
    for row in counts:
        sizes.setdefault((row.n, row.d, row.K), []).append(row)
    return sizes


def _thin(steps: range) -> list[int]:
    """Return at most STEPS_TOLD steps: the first five, and the others evenly up to the last."""
    if len(steps) <= STEPS_TOLD:
        return list(steps)
    early, late = steps[:5], STEPS_TOLD - 5
    return [*early, *(4 + round(n * (len(steps) - 5) / late) for n in range(1, late + 1))]
