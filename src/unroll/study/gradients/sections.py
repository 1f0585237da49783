"""Questions 1.1 and 1.7: the gradients by hand, and how much of them arrives."""

from collections.abc import Mapping, Sequence

from unroll.report.charts import Palette
from unroll.report.section import Prose, Section
from unroll.study.gradients.arrival import arrival_blocks
from unroll.study.gradients.by_hand import by_hand_blocks
from unroll.study.gradients.outcomes import Prediction, prediction_blocks
from unroll.study.gradients.view import GradientView
from unroll.study.parts import THROUGH_TIME

UNDECIDED = (
    "Whether the gradient at the start decides what is learnt is not answered here: none of these "
    "untrained networks was also trained at the length that it was looked at with."
)


def gradient_sections(
    views: Sequence[GradientView],
    *,
    labels: Mapping[str, str],
    palette: Palette,
    predictions: Sequence[Prediction] = (),
    beside_accuracy: str = "",
) -> tuple[Section, ...]:
    """Return 1.1 and 1.7, as far as they can be told from what is measured.

    `beside_accuracy` says of 1.6's own networks whether the gradient predicts who is ahead.
    """
    told = [view for view in views if view.probes]
    if not told:
        return ()
    with_rnn = [view for view in told if view.untrained("rnn")]
    # Closed forms are clearest on the shortest sequences, vanishing on the others.
    short = min(with_rnn, key=lambda view: view.length) if with_rnn else None
    # The assignment's own networks first: those that are looked at trained as well.
    others = sorted(
        [view for view in told if view is not short] or told,
        key=lambda view: all(probe.trained_at is None for probe in view.probes),
    )
    answer = prediction_blocks(predictions, beside_accuracy) or [
        Prose(role="follows", text=beside_accuracy or UNDECIDED)
    ]
    arrival = Section(
        number="1.7",
        title="How much gradient arrives, and whether that decides",
        part=THROUGH_TIME,
        blocks=(*arrival_blocks(others, labels, palette), *answer),
    )
    if short is None:
        return (arrival,)
    by_hand = Section(
        number="1.1",
        title="The gradients, by hand",
        part=THROUGH_TIME,
        blocks=tuple(by_hand_blocks(short, told)),
    )
    return (by_hand, arrival)
