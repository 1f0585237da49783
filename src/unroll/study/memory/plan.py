"""The memory study: which cell solves which length?"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

import torch

from unroll.cells import Cell, parse_initialisation
from unroll.cells.bidirectional import stepping_class
from unroll.cells.initialisation import check_initialisation
from unroll.cells.source import BUILT_IN, CellSource, find_cell
from unroll.engines import find_engine
from unroll.errors import CellError, ConfigError, in_one_line, unknown_name
from unroll.probes import parameter_formula
from unroll.study.memory.settings import MemorySettings
from unroll.study.running.plan import Plan
from unroll.study.running.trial import TrialSettings
from unroll.study.running.trial_job import TrialJob
from unroll.study.words import count
from unroll.tasks import PALINDROMES, check_task_takes, make_task
from unroll.training.recipes import LATCH, Recipe


def plan_memory(settings: MemorySettings) -> Plan:
    """Check everything that can be checked before a file is written, and list the trials.

    Raises: ConfigError or CellError in one line.
    """
    if settings.device == "cuda" and not torch.cuda.is_available():
        raise ConfigError("device cuda: PyTorch sees no CUDA device here; use --device cpu")
    if settings.task not in PALINDROMES:
        raise unknown_name("task", settings.task, PALINDROMES)
    recipe = settings.resolve_recipe()
    sources = {spec: find_cell(spec) for spec in settings.cells}
    check_different(sources.values())
    keep_own = []
    parameters = {}
    for spec, source in sources.items():
        check_task_takes(settings.task, source.load())
        cell_class = stepping_class(source.load())
        if issubclass(cell_class, Cell):
            initialisation = recipe.for_cell(spec).initialisation
            task = make_task(settings.task, min(settings.lengths), recipe.encoding)
            check_initialisation(cell_class, parse_initialisation(initialisation), task.input_size)
        else:
            _check_begins_itself(source, recipe)
            keep_own.append(spec)
        parameters[spec] = _count_parameters(settings, recipe, source)
    jobs = [
        TrialJob(
            settings=_trial(settings, recipe.for_cell(spec), sources[spec], length, rate, seed),
            source=sources[spec],
            lengths=tuple(sorted({length, *settings.test_lengths})),
            parameters=parameters[spec],
            test_count=settings.test_count,
        )
        for length in sorted(settings.lengths)
        for spec in settings.cells
        for rate in recipe.for_cell(spec).rates
        for seed in range(settings.seeds)
    ]
    return Plan(
        kind="memory",
        settings=settings,
        protocol=_protocol(settings, recipe),
        trials=tuple(jobs),
        intention=_intention(settings, recipe, keep_own),
    )


def _check_begins_itself(source: CellSource, recipe: Recipe) -> None:
    """Raise ConfigError where the recipe rests on how cells begin, and this one decides itself."""
    if recipe.name == LATCH.name:
        raise ConfigError(
            f"recipe {recipe.name} sets the weights of rnn, lstm and peephole, and "
            f"{source.class_name} keeps its own: choose another recipe, or leave that cell out"
        )


def _intention(
    settings: MemorySettings, recipe: Recipe, keep_own: Sequence[str]
) -> tuple[str, ...]:
    """Say what will be trained."""
    frozen = ", only the readout trained" if settings.train == "readout" else ""
    lines = [
        f"memory: {', '.join(settings.cells)} at T = "
        f"{', '.join(map(str, sorted(settings.lengths)))}; {count(settings.seeds, 'seed')}; "
        f"recipe {settings.recipe}, at most {count(recipe.max_steps, 'step')}{frozen}"
    ]
    if keep_own:
        lines.append(f"  {', '.join(keep_own)}: initialised by its own constructor")
    return tuple(lines)


def _trial(
    settings: MemorySettings,
    recipe: Recipe,
    source: CellSource,
    length: int,
    rate: float,
    seed: int,
) -> TrialSettings:
    """Return one trial; `recipe` is the one for its cell."""
    has_own = not issubclass(stepping_class(source.load()), Cell)
    return TrialSettings(
        cell=source.spec,
        cell_class=source.class_name,
        cell_sha256=source.sha256,
        task=settings.task,
        length=length,
        seed=seed,
        encoding=recipe.encoding,
        initialisation="own" if has_own else recipe.initialisation,
        hidden_size=recipe.hidden_size,
        batch_size=recipe.batch_size,
        optimiser=recipe.optimiser,
        rate=rate,
        clip_norm=recipe.clip_norm,
        max_steps=recipe.max_steps,
        stop_loss_nats=recipe.stop_loss_nats,
        engine=settings.engine,
        device=settings.device,
        curriculum=asdict(recipe.curriculum) if recipe.curriculum else None,
        trained=settings.train,
    )


def check_different(sources: Iterable[CellSource]) -> None:
    """Raise ConfigError when one cell is named twice, in two spellings."""
    seen: dict[tuple[str, str], str] = {}
    for source in sources:
        identity = (source.sha256, source.class_name)
        if identity in seen:
            raise ConfigError(f"cells: {seen[identity]} and {source.spec} are the same cell")
        seen[identity] = source.spec


def _count_parameters(settings: MemorySettings, recipe: Recipe, source: CellSource) -> int:
    """Return the size of a network; ConfigError or CellError when its cell cannot be run.

    A built-in cell is not built for that: it runs by every engine, and a large one takes gigabytes
    that nobody has yet asked whether they are there.
    """
    task = make_task(settings.task, min(settings.lengths), recipe.encoding)
    if source.spec in BUILT_IN:
        return parameter_formula(source.spec, recipe.hidden_size, task.input_size, task.outputs)
    try:
        cell = source.load()(task.input_size, recipe.hidden_size)
    except ConfigError:
        raise
    except (Exception, SystemExit) as error:
        reason = in_one_line(error)
        raise CellError(
            f"cell '{source.spec}': cannot be built with input_size={task.input_size}, "
            f"hidden_size={recipe.hidden_size}; it raised {reason}"
        ) from error
    find_engine(cell, recipe.batch_size, settings.engine)
    in_cell: int = sum(parameter.numel() for parameter in cell.parameters())
    return in_cell + task.outputs * (recipe.hidden_size + 1)


def _protocol(settings: MemorySettings, recipe: Recipe) -> dict[str, Any]:
    """Return what trials must share to stand in one figure."""
    shared = asdict(recipe)
    del shared["name"], shared["summary"]
    return {
        "recipe": settings.recipe,
        "task": settings.task,
        "engine": settings.engine,
        "device": settings.device,
        "trained": settings.train,
        **shared,
    }
