"""Every setting of a study with its reason, or that it was given instead of the recipe's."""

from unroll.cells.initialisation import INITIALISATIONS
from unroll.report.section import Setting
from unroll.study.memory.view import MemoryView
from unroll.study.running.trial import TrialSettings
from unroll.study.words import join
from unroll.tasks.names import TASKS
from unroll.training.recipes import find_recipe

_ENGINES = {
    "auto": "for each cell the fastest engine proven equal to the plain scan",
    "plain": "the loop over time that every other engine must equal",
    "torch": "PyTorch's own kernels, fed with the same parameters",
    "closed-form": "backpropagation through time by hand",
    "parallel": "all steps of a linear cell together",
}


def list_settings(view: MemoryView) -> tuple[Setting, ...]:
    """Return what every trial of the view shares; each value is the recipe's unless it says so."""
    settings = view.trials[0].settings
    recipe = find_recipe(view.protocol["recipe"])
    usual = {rate for cell in view.cells for rate in recipe.for_cell(cell).rates}
    optimisers = dict.fromkeys(trial.settings.optimiser for trial in view.trials)
    rates = tuple(sorted({trial.settings.rate for trial in view.trials}, reverse=True))
    initialisations = sorted({trial.settings.initialisation for trial in view.trials})
    named = [name for name in initialisations if name != "own"]

    def setting(name: str, value: int, usual: int, reason: str) -> Setting:
        if value != usual:
            reason = f"{reason}; chosen for this run, the recipe has {usual:,}"
        return Setting(name=name, value=f"{value:,}", reason=reason)

    return (
        Setting(name="recipe", value=recipe.name, reason=recipe.summary),
        Setting(name="task", value=settings.task, reason=TASKS[settings.task]),
        Setting(name="encoding", value=settings.encoding, reason="how a digit enters"),
        setting("hidden-size", settings.hidden_size, recipe.hidden_size, "units of the cell"),
        setting("batch-size", settings.batch_size, recipe.batch_size, "sequences in a batch"),
        Setting(
            name="optimiser",
            value=join(optimisers),
            reason="divides each gradient by its running size, which differs widely over weights",
        ),
        Setting(
            name="rate",
            value=join(f"{rate:g}" for rate in rates),
            reason="the recipe's"
            if set(rates) == usual
            else f"the recipe has {join(f'{rate:g}' for rate in sorted(usual, reverse=True))}",
        ),
        Setting(
            name="clip-norm",
            value=f"{settings.clip_norm:g}",
            reason="keeps one exploding gradient from undoing what was learnt",
        ),
        setting("max-steps", settings.max_steps, recipe.max_steps, "the budget of a trial"),
        Setting(
            name="stop-loss",
            value=f"{settings.stop_loss_nats:g} nats",
            reason="mean of the last 100 batches: the task is then answered nearly always",
        ),
        Setting(
            name="init",
            value=join(initialisations),
            reason="; ".join(
                [INITIALISATIONS[name.partition(":")[0]] for name in named]
                + ["own: the cell's constructor decides"] * ("own" in initialisations)
            ),
        ),
        *_further_settings(settings),
        Setting(name="engine", value=settings.engine, reason=_ENGINES[settings.engine]),
        Setting(name="device", value=settings.device, reason="where it was computed"),
    )


def _further_settings(settings: TrialSettings) -> list[Setting]:
    """Return the settings that the assignment's way of training does not have."""
    found = []
    if curriculum := settings.curriculum:
        found.append(
            Setting(
                name="curriculum-start",
                value=f"{curriculum['start']}",
                reason=f"T is multiplied by {curriculum['factor']:g} when the mean accuracy of "
                f"{curriculum['window']} batches reaches {curriculum['accuracy']:g}",
            )
        )
    if settings.trained != "all":
        found.append(
            Setting(
                name="train", value=settings.trained, reason="a control: the cell stays as it began"
            )
        )
    return found
