"""The gradient study: how much of the gradient arrives at each step?"""

from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from unroll.cells import Cell, parse_initialisation
from unroll.cells.initialisation import check_initialisation
from unroll.cells.source import BUILT_IN, CellSource, find_cell
from unroll.errors import CellError, ConfigError
from unroll.study.gradients.measure import measure_gradients
from unroll.study.gradients.settings import DEFAULT_CELLS, DEFAULT_INITS, GradientSettings
from unroll.study.memory.plan import plan_memory
from unroll.study.running.checkpoint import Checkpoint
from unroll.study.running.measurement import MeasurementJob
from unroll.study.running.memory_need import probe_bytes
from unroll.study.running.plan import Plan
from unroll.study.running.worker import TrialJob
from unroll.study.words import count


def plan_gradients(settings: GradientSettings) -> Plan:
    """Check everything that can be checked before a file is written, and list the jobs.

    Raises: ConfigError, CellError or StoreError in one line.
    """
    checkpoint = Checkpoint.read(settings.checkpoint) if settings.checkpoint else None
    cells = settings.cells or ((checkpoint.settings.cell,) if checkpoint else DEFAULT_CELLS)
    sources = {spec: find_cell(spec) for spec in cells}
    trials = plan_memory(settings.training(cells)).trials if settings.trained_at else ()
    jobs = [
        _job(settings, sources[spec], seed, initialisation=name, condition="untrained")
        for spec in cells
        for name in _initialisations(settings, sources[spec])
        for seed in range(settings.seeds)
    ]
    jobs += [_job_of_trial(settings, trial) for trial in trials]
    if checkpoint:
        jobs.append(_job_of_checkpoint(settings, checkpoint, sources))
    return Plan(
        kind="gradients",
        settings=settings,
        protocol=_protocol(settings),
        trials=trials,
        measurements=tuple(jobs),
        intention=_intention(settings, cells),
    )


def _initialisations(settings: GradientSettings, source: CellSource) -> Sequence[str]:
    """Return the initialisations that a cell is looked at with; ConfigError for one it lacks."""
    cell_class = source.load()
    if not issubclass(cell_class, Cell):
        return ("own",)
    for name in settings.inits:
        check_initialisation(cell_class, parse_initialisation(name))
    return settings.inits or [name for name in DEFAULT_INITS if _fits(cell_class, name)]


def _fits(cell_class: type[Cell[Any]], name: str) -> bool:
    initialisation = parse_initialisation(name)
    wants_gate = initialisation.keep_bias is not None or initialisation.bias == "chrono"
    return not wants_gate or cell_class.keep_gate is not None


def _job(
    settings: GradientSettings,
    source: CellSource,
    seed: int,
    *,
    initialisation: str,
    condition: str,
    **further: Any,
) -> MeasurementJob:
    recipe = settings.resolve_recipe()
    encoding: str = further.pop("encoding", recipe.encoding)
    hidden_size: int = further.pop("hidden_size", recipe.hidden_size)
    needs: str | None = further.pop("needs", None)
    weights: bytes | None = further.pop("weights", None)
    sizes = {"B": settings.sequences, "T": settings.length, "H": hidden_size}
    return MeasurementJob(
        kind="gradients",
        measure=measure_gradients,
        settings={
            "cell": source.spec,
            "cell_class": source.class_name,
            "cell_sha256": source.sha256,
            "task": "palindrome",
            "length": settings.length,
            "sequences": settings.sequences,
            "encoding": encoding,
            "hidden_size": hidden_size,
            "initialisation": initialisation,
            "seed": seed,
            "condition": condition,
            "trial": needs,
            **further,
        },
        label=f"gradients of {source.spec} at T = {settings.length}, {condition}, seed {seed}",
        need_bytes=probe_bytes(D=1 if encoding == "scalar" else 10, **sizes),
        source=source,
        needs=needs,
        weights=weights,
    )


def _job_of_trial(settings: GradientSettings, trial: TrialJob) -> MeasurementJob:
    s = trial.settings
    return _job(
        settings,
        trial.source,
        s.seed,
        initialisation=s.initialisation,
        condition="trained",
        trained_at=s.length,
        needs=trial.key,
    )


def _job_of_checkpoint(
    settings: GradientSettings, checkpoint: Checkpoint, sources: dict[str, CellSource]
) -> MeasurementJob:
    s = checkpoint.settings
    if s.cell not in sources:
        raise ConfigError(
            f"{settings.checkpoint}: holds weights of {s.cell}, and --cells names "
            f"{', '.join(sources)}: choose --cells {s.cell}, or leave --cells out"
        )
    source = sources[s.cell]
    if s.cell not in BUILT_IN and source.sha256 != s.cell_sha256:
        raise CellError(
            f"{settings.checkpoint}: the file of {s.cell} was edited since it was trained: its "
            "weights may mean something else; restore that file"
        )
    return _job(
        settings,
        source,
        s.seed,
        initialisation=s.initialisation,
        condition="checkpoint",
        trained_at=s.length,
        encoding=s.encoding,
        hidden_size=s.hidden_size,
        weights=checkpoint.data,
        sha256=sha256(checkpoint.data).hexdigest(),
    )


def _protocol(settings: GradientSettings) -> dict[str, Any]:
    """Return what networks must share to stand in one figure."""
    recipe = settings.resolve_recipe()
    return {
        "recipe": settings.recipe,
        "task": "palindrome",
        "length": settings.length,
        "sequences": settings.sequences,
        "encoding": recipe.encoding,
        "hidden_size": recipe.hidden_size,
    }


def _intention(settings: GradientSettings, cells: Sequence[str]) -> tuple[str, ...]:
    trained = (
        f", and trained at T = {', '.join(map(str, settings.trained_at))} by recipe "
        f"{settings.recipe}"
        if settings.trained_at
        else ""
    )
    return (
        f"gradients: {', '.join(cells)} at T = {settings.length}; "
        f"{count(settings.seeds, 'seed')}; untrained{trained}",
    )
