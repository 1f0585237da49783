"""Every hyperparameter of every way of training, with its reason, in one table."""

from collections.abc import Callable
from typing import Any

from unroll.report.markup import inert
from unroll.report.section import Column, Scalar, Table
from unroll.study.text.view import TextView, TrainingView

Recipe = dict[str, Any]


def hyperparameters_table(view: TextView) -> Table:
    """Return one row a hyperparameter and one column a way of training."""
    rows: list[tuple[Scalar, ...]] = []
    for name, value, reason in _ROWS:
        values = tuple(value(training) for training in view.trainings)
        rows.append((name, *values, reason))
    return Table(
        columns=(
            Column(title="hyperparameter"),
            *(Column(title=inert(training.name)) for training in view.trainings),
            Column(title="reason", wide=True),
        ),
        rows=tuple(rows),
        caption="Every hyperparameter, and why it is there.",
    )


def _plain(name: str) -> Callable[[TrainingView], str]:
    return lambda training: _number(training.recipe[name])


def _number(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, float):
        return f"{value:g}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def _units(training: TrainingView) -> str:
    return f"{training.recipe['layers']}\u00a0×\u00a0{training.recipe['hidden_size']}"


def _input(training: TrainingView) -> str:
    size = training.recipe["embedding_size"]
    return "one-hot" if size is None else f"embedding, {size}"


def _resets(training: TrainingView) -> str:
    if training.recipe["feeding"] == "windows":
        return "all"
    share: float = training.recipe["reset_share"]
    return f"{share:.0%}" if share else "none"


def _dropout(training: TrainingView) -> str:
    named = {"input": "input_dropout", "layers": "dropout", "recurrent": "recurrent_dropout"}
    told = [f"{name} {training.recipe[field]:g}" for name, field in named.items()]
    return ", ".join(told) if any(training.recipe[f] for f in named.values()) else "none"


def _schedule(training: TrainingView) -> str:
    recipe = training.recipe
    if recipe["schedule"] == "step":
        return f"× {recipe['decay_factor']:g} every {recipe['decay_every']:,} steps"
    if recipe["schedule"] == "cosine":
        return f"{recipe['warmup_share']:.0%} up, then cosine to {recipe['final_share']:.0%}"
    return "constant"


def _optimiser(training: TrainingView) -> str:
    recipe = training.recipe
    first, second = recipe["betas"]
    if recipe["optimiser"] == "rmsprop":
        return f"RMSProp, {second:g}"
    return f"AdamW, {first:g} and {second:g}"


def _patience(training: TrainingView) -> str:
    patience = training.recipe["patience"]
    return "no early stop" if patience is None else f"{patience} looks without a better one"


def _steps(training: TrainingView) -> str:
    return f"{training.steps:,} × {training.characters_a_step:,} characters"


def _precision(training: TrainingView) -> str:
    used = {network.trained["precision"] for network in training.networks}
    return " or ".join(sorted(used))


_ROWS: tuple[tuple[str, Callable[[TrainingView], str], str], ...] = (
    ("cell", _plain("cell"), "gates carry what the products of an RNN would lose"),
    (
        "layers × units",
        _units,
        "2 × 128 is the assignment's. One layer has less than half of its parameters, and so gets "
        "more steps out of the same seconds; the work of a step grows with the square of the units",
    ),
    (
        "input",
        _input,
        "one-hot is the assignment's: a column of W for each character. An embedding is the same "
        "product in two factors, of fewer numbers where the characters are many",
    ),
    (
        "initialisation",
        _plain("initialisation"),
        "orthogonal recurrent weights neither shrink nor stretch what they carry at the start",
    ),
    (
        "bias of the keep gate",
        _plain("keep_bias"),
        "1 begins with the forget gate at σ(1) = 0.73, so that gradients reach back from the first "
        "step; – leaves it as drawn, near 0.5",
    ),
    (
        "gain of the readout",
        _plain("readout_gain"),
        "factor on the readout's first weights: the larger they are, the more of the error reaches "
        "the cells in the first steps, and so it learns faster from the first step on",
    ),
    (
        "feeding",
        _plain("feeding"),
        "windows: T characters from random places, from zero state, each place as likely as any "
        "other. Stream: the book in order, the state carried on, so that the network can learn to "
        "use what lies further back than T",
    ),
    (
        "streams begun at zero",
        _resets,
        "a state that is carried on hardly ever begins at zero, and what is not met is not learnt: "
        "such a network predicts the beginning of a window badly. So some of the streams, drawn "
        "anew at each step, begin at zero again",
    ),
    ("T, window", _plain("window"), "gradients flow back through so many characters, no further"),
    (
        "B, batch",
        _plain("batch_size"),
        "few windows make noisier steps, but more of them for the same characters read",
    ),
    (
        "optimiser",
        _optimiser,
        "both divide a gradient by its running size (the last number: what is kept of its square); "
        "AdamW also averages the gradient itself (the first)",
    ),
    ("rate", _plain("rate"), "the highest; the schedule takes it down from there"),
    (
        "schedule",
        _schedule,
        "small steps at the end settle what large ones found; steps are counted, not seconds, so "
        "that a run can be repeated",
    ),
    (
        "weight decay",
        _plain("weight_decay"),
        "pulls matrices, not biases, towards 0 against learning by heart",
    ),
    (
        "gradient norm at most",
        _plain("clip_norm"),
        "keeps one exploding gradient from undoing what was learnt",
    ),
    (
        "dropout",
        _dropout,
        "against learning by heart; it slows the beginning, so that short trainings go without",
    ),
    (
        "early stop",
        _patience,
        "the best weights on the tuning part are kept in any case, and all figures are theirs",
    ),
    ("precision", _precision, "half the bits only where the processor multiplies so natively"),
    ("steps × characters read in each", _steps, "the budget of a training"),
)
