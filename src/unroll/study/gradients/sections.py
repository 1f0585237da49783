"""Questions 1.1 and 1.7: the gradients by hand, and how much of them arrives."""

from collections.abc import Mapping, Sequence

from unroll.report.charts import Palette
from unroll.report.section import Section
from unroll.study.gradients.arrival import arrival_blocks
from unroll.study.gradients.by_hand import by_hand_blocks
from unroll.study.gradients.outcomes import Prediction, prediction_blocks
from unroll.study.gradients.view import GradientView
from unroll.study.memory.sections import PART


def gradient_sections(
    views: Sequence[GradientView],
    *,
    labels: Mapping[str, str],
    palette: Palette,
    predictions: Sequence[Prediction] = (),
) -> tuple[Section, ...]:
    """Return 1.1 and 1.7, as far as they can be told from what is measured."""
    told = [view for view in views if view.probes]
    if not told:
        return ()
    with_rnn = [view for view in told if view.untrained("rnn")]
    # Closed forms are clearest on the shortest sequences, vanishing on the others.
    short = min(with_rnn, key=lambda view: view.length) if with_rnn else None
    others = [view for view in told if view is not short] or told
    arrival = Section(
        number="1.7",
        title="How much gradient arrives, and whether that decides",
        part=PART,
        blocks=(*arrival_blocks(others, labels, palette), *prediction_blocks(predictions)),
    )
    if short is None:
        return (arrival,)
    by_hand = Section(
        number="1.1",
        title="The gradients, by hand",
        part=PART,
        blocks=tuple(by_hand_blocks(short, told)),
    )
    return (by_hand, arrival)
