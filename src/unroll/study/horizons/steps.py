"""How far a digit travels through time: what each memory trial and gradient look says of it."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from unroll.records import Horizon
from unroll.report.travel_rows import Condition
from unroll.study.gradients.view import GradientView, Probe
from unroll.study.horizons.travel import Influence, Measured, Travel, relative
from unroll.study.memory.opening import RETAINED_FROM
from unroll.study.memory.series import Series, find_series
from unroll.study.memory.view import MemoryView, TrialView
from unroll.study.views import Views

TASK = "palindrome"
"""The task that asks for one digit, which lies d = T − 1 steps back."""
CHANCE = 0.1
"""What guessing a digit gives."""


def travels_in_steps(views: Views) -> list[Travel]:
    """Return the cells trained at each length, and the networks tested far beyond theirs.

    A cell that was tried at a single length says nothing against distance, and is left out.
    """
    plain = next((v for v in views.plain if _cells(v)), None)
    learned = [_learned(plain, cell, views) for cell in _cells(plain)] if plain else []
    series = [
        s
        for s in find_series(views.memory, views.labels)
        if len(s.tested) >= RETAINED_FROM and s.settings.task == TASK
    ]
    return [*learned, *(_retained(s, name, views) for s, name in _named(series))]


def _cells(view: MemoryView) -> list[str]:
    """Return the cells of the view that were trained at several lengths."""
    if view.trials[0].settings.task != TASK:
        return []
    return [cell for cell in view.cells if len(view.by_length(cell)) > 1]


def _learned(view: MemoryView, cell: str, views: Views) -> Travel:
    trials = view.of_cell(cell)
    horizon = view.horizon(cell)
    settings = trials[0].settings
    label = views.labels[cell]
    probes = _looked(views.gradients, trials[0])
    trained = [p for p in probes if p.trained_at is not None]
    passed = [p for p in trained if p.trained_at == horizon.median]
    failed = [p for p in trained if p.trained_at == _first_failed(horizon)]
    matched = [point for p in trained for point in _norms(p) if point.distance + 1 == p.trained_at]
    return Travel(
        unit="steps",
        line=label,
        network=f"{label.upper()}, trained at each distance",
        kind="learned",
        trained_to=None,
        horizon=in_distances(horizon),
        use=tuple(_use((t.settings.length, t) for t in trials)),
        influence=_traces(
            [p for p in probes if p.trained_at is None and _begins(p, settings.initialisation)],
            passed,
            failed,
        ),
        arriving=tuple(matched),
        command=view.commands[0],
    )


def _retained(series: Series, name: str, views: Views) -> Travel:
    trial = series.trials[0]
    probes = [
        p
        for p in _looked(views.gradients, trial)
        if p.trained_at is None and _begins(p, series.initialisation)
    ]
    horizon = series.view.retained(trial.settings.cell)[series.trained_at]
    return Travel(
        unit="steps",
        line=series.cell,
        network=name,
        kind="frozen" if series.is_frozen else "retained",
        trained_to=series.trained_at - 1,
        horizon=in_distances(horizon),
        use=tuple(_use((length, t) for t in series.trials for length in t.best)),
        influence=_traces(probes, (), ()),
        command=series.view.commands[0],
    )


def _named(series: Sequence[Series]) -> list[tuple[Series, str]]:
    """Return a short name for each series; its whole name where two short ones are the same."""
    names = [_short(s) for s in series]
    return [
        (s, name if names.count(name) == 1 else f"{s.cell.upper()}, {s.name}")
        for s, name in zip(series, names, strict=True)
    ]


def _short(series: Series) -> str:
    cell = series.cell.upper()
    if series.is_frozen:
        return f"{cell}, frozen ({series.initialisation})"
    led = "≤" if series.settings.curriculum else "="
    begun = f" ({series.initialisation})" if series.begins_otherwise else ""
    if series.is_built:
        begun = ", by initialisation"
    return f"{cell}, trained at T {led} {series.trained_at:,}{begun}"


def in_distances(horizon: Horizon) -> Horizon:
    """Return a horizon of lengths T as one of distances: the digit lies T − 1 steps back."""
    return replace(
        horizon,
        readings=tuple(
            replace(
                reading,
                last_passed=None if reading.last_passed is None else reading.last_passed - 1,
                first_failed=None if reading.first_failed is None else reading.first_failed - 1,
            )
            for reading in horizon.readings
        ),
    )


def _first_failed(horizon: Horizon) -> int | None:
    """Return the shortest length that any seed failed."""
    return min(
        (r.first_failed for r in horizon.readings if r.first_failed is not None), default=None
    )


def _use(tested: Iterable[tuple[int, TrialView]]) -> list[Measured]:
    """Return accuracy above chance, (a − c) / (1 − c), of each trial at each length."""
    return [
        Measured(
            seed=trial.settings.seed,
            distance=length - 1,
            value=(trial.best[length].accuracy - CHANCE) / (1 - CHANCE),
        )
        for length, trial in tested
        if length in trial.best
    ]


def _looked(views: Sequence[GradientView], trial: TrialView) -> list[Probe]:
    """Return the looks at networks like this one, of the longest sequences looked at."""
    s = trial.settings
    found: dict[int, list[Probe]] = {}
    for view in views:
        shared = (view.protocol["encoding"], view.protocol["hidden_size"], view.protocol["task"])
        if shared == (s.encoding, s.hidden_size, s.task):
            mine = [p for p in view.probes if p.cell == s.cell]
            found.setdefault(view.length, []).extend(mine)
    return next((probes for _, probes in sorted(found.items(), reverse=True) if probes), [])


def _begins(probe: Probe, initialisation: str) -> bool:
    return probe.initialisation == initialisation


def _norms(probe: Probe) -> tuple[Measured, ...]:
    """Return ‖∂L/∂h(t)‖ at distance T − t over that at distance 1, in one network."""
    norms = probe.by_time[probe.message]
    return relative(
        Measured(seed=probe.seed, distance=len(norms) - place, value=norm)
        for place, norm in enumerate(norms)
    )


def _traces(
    before: Sequence[Probe], passed: Sequence[Probe], failed: Sequence[Probe]
) -> tuple[Influence, ...]:
    """Return the influence by condition, of those that were measured."""
    found: dict[Condition, Sequence[Probe]] = {
        "before training": before,
        "trained": passed,
        "trained, not solved": failed,
    }
    return tuple(
        Influence(condition=condition, points=tuple(p for probe in probes for p in _norms(probe)))
        for condition, probes in found.items()
        if probes
    )
