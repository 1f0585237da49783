"""The gradient study: how much of the gradient arrives at each step?"""

from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Any

from unroll.cells import Cell, is_causal, parse_initialisation
from unroll.cells.initialisation import check_initialisation
from unroll.cells.source import BUILT_IN, CellSource, find_cell
from unroll.errors import CellError, ConfigError
from unroll.study.gradients.measure import measure_gradients
from unroll.study.gradients.settings import DEFAULT_CELLS, DEFAULT_INITS, GradientSettings
from unroll.study.memory.plan import check_different, plan_memory
from unroll.study.running.checkpoint import Checkpoint
from unroll.study.running.measurement import MeasurementJob
from unroll.study.running.memory_need import probe_bytes
from unroll.study.running.plan import Plan
from unroll.study.running.trial import TrialSettings
from unroll.study.running.trial_job import TrialJob
from unroll.study.words import count

TASK = "palindrome"
"""What is read: one digit is asked for, after the last step."""


def plan_gradients(settings: GradientSettings) -> Plan:
    """Check everything that can be checked before a file is written, and list the jobs.

    Raises: ConfigError, CellError or StoreError in one line.
    """
    checkpoint = Checkpoint.read(settings.checkpoint) if settings.checkpoint else None
    cells = settings.cells or ((checkpoint.settings.cell,) if checkpoint else DEFAULT_CELLS)
    sources = {spec: find_cell(spec) for spec in cells}
    check_different(sources.values())
    for spec, source in sources.items():
        if not is_causal(source.load()):
            raise ConfigError(
                f"cell '{spec}': gradients are followed from the last step back to the first, and "
                "a bidirectional network reads both ways; leave it out"
            )
    for name in settings.inits:
        parse_initialisation(name)
    trials = plan_memory(settings.training(cells)).trials if settings.trained_at else ()
    jobs = [
        _job(settings, sources[spec], seed, initialisation=name, condition="untrained")
        for spec in cells
        for name in _initialisations(settings, sources[spec])
        for seed in range(settings.seeds)
    ]
    jobs += [_job_of_trial(settings, trial) for trial in trials]
    if settings.checkpoint and checkpoint:
        job = _job_of_checkpoint(settings, checkpoint, sources.values(), settings.checkpoint.stem)
        jobs.append(job)
    return Plan(
        kind="gradients",
        settings=settings,
        protocol=_protocol(settings),
        trials=trials,
        measurements=tuple(jobs),
        intention=_intention(settings, sources.values()),
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
    needs: str | None = further.pop("needs", None)
    weights: bytes | None = further.pop("weights", None)
    sizes = {"B": settings.sequences, "T": settings.length, "H": recipe.hidden_size}
    return MeasurementJob(
        kind="gradients",
        measure=measure_gradients,
        settings={
            "cell": source.spec,
            "cell_class": source.class_name,
            "cell_sha256": source.sha256,
            "task": TASK,
            "length": settings.length,
            "sequences": settings.sequences,
            "encoding": recipe.encoding,
            "hidden_size": recipe.hidden_size,
            "initialisation": initialisation,
            "seed": seed,
            "condition": condition,
            "trial": needs,
            **further,
        },
        label=f"gradients of {source.spec} at T = {settings.length}, {condition}, seed {seed}",
        need_bytes=probe_bytes(D=1 if recipe.encoding == "scalar" else 10, **sizes),
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
    settings: GradientSettings, checkpoint: Checkpoint, sources: Iterable[CellSource], name: str
) -> MeasurementJob:
    s = checkpoint.settings
    source = _source_of(settings, s, sources)
    _check_fit(settings, s)
    return _job(
        settings,
        source,
        s.seed,
        initialisation=s.initialisation,
        condition="checkpoint",
        trained_at=s.length,
        weights=checkpoint.data,
        sha256=sha256(checkpoint.data).hexdigest(),
        checkpoint=name,
    )


def _check_fit(settings: GradientSettings, trained: TrialSettings) -> None:
    """Raise ConfigError for a network that cannot stand beside the others in one figure."""
    if trained.task != TASK:
        raise ConfigError(
            f"{settings.checkpoint}: was trained on {trained.task}, and gradients are looked at on "
            f"{TASK}: choose a network trained on {TASK}"
        )
    recipe = settings.resolve_recipe()
    options = []
    if trained.encoding != recipe.encoding:
        options.append(f"--recipe {'learned' if trained.encoding == 'one-hot' else 'assignment'}")
    if trained.hidden_size != recipe.hidden_size:
        options.append(f"--hidden-size {trained.hidden_size}")
    if options:
        raise ConfigError(
            f"{settings.checkpoint}: its network has {trained.encoding} digits and "
            f"{count(trained.hidden_size, 'unit')}, the others here {recipe.encoding} digits and "
            f"{count(recipe.hidden_size, 'unit')}: add {' '.join(options)}"
        )


def _source_of(
    settings: GradientSettings, trained: TrialSettings, sources: Iterable[CellSource]
) -> CellSource:
    """Return the cell of a checkpoint, however it is spelt among `sources`."""
    known = {source.spec: source for source in sources}
    identity = (trained.cell_sha256, trained.cell_class)
    for source in known.values():
        if (source.sha256, source.class_name) == identity:
            return source
    if trained.cell not in known:
        raise ConfigError(
            f"{settings.checkpoint}: holds weights of {trained.cell}, and --cells names "
            f"{', '.join(known)}: choose --cells {trained.cell}, or leave --cells out"
        )
    if trained.cell not in BUILT_IN:
        raise CellError(
            f"{settings.checkpoint}: the file of {trained.cell} was edited since it was trained: "
            "its weights may mean something else; restore that file"
        )
    return known[trained.cell]


def _protocol(settings: GradientSettings) -> dict[str, Any]:
    """Return what networks must share to stand in one figure."""
    recipe = settings.resolve_recipe()
    protocol = {
        "recipe": settings.recipe,
        "task": TASK,
        "length": settings.length,
        "sequences": settings.sequences,
        "encoding": recipe.encoding,
        "hidden_size": recipe.hidden_size,
    }
    return protocol | ({"max_steps": recipe.max_steps} if settings.trained_at else {})


def _intention(settings: GradientSettings, sources: Iterable[CellSource]) -> tuple[str, ...]:
    """Say what will be looked at."""
    by_spec = {source.spec: source for source in sources}
    trained = (
        f", and trained at T = {', '.join(map(str, settings.trained_at))} by recipe "
        f"{settings.recipe}"
        if settings.trained_at
        else ""
    )
    lines = [
        f"gradients: {', '.join(by_spec)} at T = {settings.length}; "
        f"{count(settings.seeds, 'seed')}; untrained{trained}"
    ]
    own = [spec for spec, source in by_spec.items() if not issubclass(source.load(), Cell)]
    if own:
        lines.append(f"  {', '.join(own)}: initialised by its own constructor")
    return tuple(lines)
