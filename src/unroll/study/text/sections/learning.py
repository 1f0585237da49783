"""Question 2.1a: how character models learn, and what decides it."""

import statistics

from unroll.report.charts import Palette, text_accuracy, text_loss
from unroll.report.charts.learning import BITS_PER_NAT
from unroll.report.markup import inert
from unroll.report.section import Block, Column, Command, Equation, Prose, Section, Table
from unroll.study.reproduction import with_commands
from unroll.study.text.figure_rows import learning_rows
from unroll.study.text.sections.hyperparameters import hyperparameters_table
from unroll.study.text.sections.learning_findings import FIGURES, what_follows
from unroll.study.text.sections.words import PART, heading, problem_notices, study_commands
from unroll.study.text.view import TextView, TrainingView
from unroll.study.words import count, in_cell, join, spread

LOSS_EQUATION = 'L = -frac{1}{T} Σ_{t=1}^{T} log p(x_{t+1} | x_1 … x_t)  "nats per character"'
REPORTED = (
    ("Sherlock Holmes", "–", "accuracy 0.70"),
    (
        "a Finnish novel",
        "1k, 5k, 10k, 25k, 50k, 100k, 500k, 1M",
        "training accuracy 0.42, 0.61, 0.66, 0.71, 0.74, 0.77, 0.80, 0.81",
    ),
    ("Grimm's tales", "360k", "loss 0.94, accuracy 0.70"),
)
"""Book, steps and what finished reports on the assignment say."""


def learning_section(view: TextView, palette: Palette, suffix: str) -> Section | None:
    """Return the answer to 2.1a, or None while nothing is trained."""
    if not view.trainings:
        return None
    rows = learning_rows(view)
    figures: list[Block] = []
    if any(row.loss_nats is not None for row in rows):
        figures = [
            text_loss(rows, palette=palette, figure_id=f"text-loss{suffix}"),
            text_accuracy(rows, palette=palette, figure_id=f"text-accuracy{suffix}"),
        ]
    return Section(
        number="2.1a",
        title=heading("How a network learns a book, character by character", view),
        part=PART,
        blocks=(
            *_asked(),
            Prose(role="ran", text=_ran(view)),
            hyperparameters_table(view),
            *problem_notices(view),
            Prose(role="measured", text=_measured(view)),
            *with_commands(figures, study_commands(view, "2.1a")),
            _figures_table(view),
            _cost_table(view),
            *(
                Command(text=training.command, label=_label(training))
                for training in view.trainings
            ),
            Prose(role="follows", text="\n\n".join(what_follows(view))),
            _reported_table(),
        ),
    )


def _label(training: TrainingView) -> str:
    return f"Train such a network ({training.name})"


def _asked() -> list[Block]:
    return [
        Prose(
            role="asked",
            text="A two-layer LSTM reads a book character by character and predicts the next one "
            "at every step. Show loss and accuracy in training and on held-out text, and give "
            "every hyperparameter with its reason.",
        ),
        Equation(text=LOSS_EQUATION),
        Prose(
            text="Divided by log 2 a loss in nats is one in bits: how many yes-or-no questions a "
            "character costs on average.\n\n"
            "Held-out losses come in two kinds that must not be compared with each other. "
            "**Carried**: the held-out text is read once, as one stream, and the state goes on "
            "from each character to the next. **Windowed**: the same text is cut into windows of "
            "256, 64 or 30, each read from a zero state. The first characters of a window are "
            "predicted from next to nothing, and the shorter the windows, the larger the share of "
            "such characters. A carried figure says how well the network predicts a book; a "
            "windowed one is what a Transformer with that context, or the assignment's own loss "
            "at T = 30, compares with.",
        ),
    ]


def _ran(view: TextView) -> str:
    book = view.book
    trained = view.of_most_text()[0].networks[0].trained
    splits, vocabulary = trained["splits"], trained["vocabulary_size"]
    trainings = join(
        f"{inert(t.name)} ({count(t.steps, 'step')}, {count(len(t.networks), 'seed')})"
        for t in view.trainings
    )
    parts = [
        f"The book is `{inert(book['name'])}`: {inert(book['source'])}; "
        f"{book['characters']:,} characters, SHA-256 `{book['sha256'][:12]}`. Cut by position, "
        f"never by random windows: the last {splits['validation']:,} characters are the held-out "
        "text, read once at the end of a training; the "
        f"{splits['tuning']:,} before them tune (the best weights are those of the lowest loss "
        f"there); the first {splits['training']:,} are trained on. "
        f"{vocabulary - 1:,} different characters and one symbol for any other. "
        f"Trained: {trainings}."
    ]
    whole = view.of_most_text()
    if whole[0].characters != book["characters"]:
        parts.append(f"Of the book, only the first {whole[0].characters:,} characters are taken.")
    parts += [
        f"**{inert(training.name)}** gets only the first {training.characters:,} characters, and "
        "its held-out text is the last tenth of those: its figures are of another text than the "
        "others'."
        for training in view.trainings
        if training not in whole
    ]
    return " ".join(parts)


def _measured(view: TextView) -> str:
    return "\n\n".join(_end_sentence(training) for training in view.trainings)


def _end_sentence(training: TrainingView) -> str:
    """Say where one way of training ends."""
    bits = training.median("carried_nats") * BITS_PER_NAT
    right = [100 * share for share in training.figures("accuracy")]
    own = [network.result["training"] for network in training.networks]
    return (
        f"**{inert(training.name)}** ends at a carried loss of "
        f"{spread(training.figures('carried_nats'), '{:.3f}')} nats "
        f"({bits:.2f} bits) per held-out character, and predicts "
        f"{spread(right, '{:.1f}')}% of them right; on "
        "its own training text, over the last part of training, "
        f"{spread([figures['loss_nats'] for figures in own], '{:.3f}')} nats and "
        f"{spread([100 * figures['accuracy'] for figures in own], '{:.1f}')}%."
    )


def _figures_table(view: TextView) -> Table:
    return Table(
        columns=(
            Column(title="training"),
            *(Column(title=f"{title}, nats", numeric=True) for title, _ in FIGURES),
            Column(title="accuracy, carried", numeric=True),
        ),
        rows=tuple(
            (
                training.name,
                *(in_cell(training.figures(name), "{:.3f}") for _, name in FIGURES),
                in_cell(training.figures("accuracy"), "{:.3f}"),
            )
            for training in view.trainings
        ),
        caption="Held-out text, with the best weights on the tuning part: median "
        "(lowest–highest) over seeds. Compare down a column, never across: carried reads one "
        "stream, windows each begin from a zero state.",
    )


def _cost_table(view: TextView) -> Table:
    def of(training: TrainingView, name: str) -> list[float]:
        return [network.result[name] for network in training.networks]

    return Table(
        columns=(
            Column(title="training"),
            Column(title="parameters", numeric=True),
            Column(title="steps", numeric=True),
            Column(title="best step", numeric=True),
            Column(title="times through the text", numeric=True),
            Column(title="core-seconds", numeric=True),
            Column(title="characters a second", numeric=True),
        ),
        rows=tuple(
            (
                training.name,
                f"{training.networks[0].result['parameters']:,}",
                in_cell(of(training, "steps"), "{:,.0f}"),
                in_cell(of(training, "best_step"), "{:,.0f}"),
                f"{_epochs(training):.1f}",
                in_cell(of(training, "cpu_seconds"), "{:.1f}"),
                in_cell(of(training, "characters_per_second"), "{:,.0f}"),
            )
            for training in view.trainings
        ),
        caption="What it cost: process CPU seconds of training with its looks at the tuning part "
        "and its checkpoints; median (lowest–highest) over seeds.",
    )


def _epochs(training: TrainingView) -> float:
    read: float = statistics.median(n.result["steps"] for n in training.networks)
    size: int = training.networks[0].trained["splits"]["training"]
    return read * training.characters_a_step / size


def _reported_table() -> Table:
    return Table(
        columns=(Column(title="book"), Column(title="steps"), Column(title="reported")),
        rows=REPORTED,
        caption="What finished reports on the assignment say of other books: not measured here, "
        "and a loss on one book says nothing of another.",
    )
