"""What part 2 is in each of the study's presets. Imports no torch, so that --help is quick."""

from unroll.study.text.part import TextPart, Training, WritingSettings
from unroll.study.text.settings import ContextSettings, CopiesSettings, TrainSettings

SMALL = 100_000
"""Characters of the part of a book that is read so often that it may be learnt by heart."""

SMOKE_TEXT = TextPart(
    preset="smoke",
    trainings=(
        Training(
            name="assignment",
            settings=TrainSettings(
                preset="assignment", steps=6, hidden_size=16, characters=20_000, batch_size=4
            ),
            seeds=1,
        ),
        Training(
            name="quick",
            settings=TrainSettings(preset="quick", steps=12, hidden_size=16, characters=20_000),
            seeds=2,
        ),
    ),
    writing=WritingSettings(
        lengths=(20, 30, 100), measured=100, samples=1, length=60, prompts=2, beams=(1, 3)
    ),
    copies=CopiesSettings(characters=200),
    context=ContextSettings(positions=4, furthest=16, warm=16, gradients=2),
)

# Steps, not minutes: the same numbers on every machine. About 200 core-seconds in all.
QUICK_TEXT = TextPart(
    trainings=(
        Training(
            name="assignment", settings=TrainSettings(preset="assignment", steps=600), seeds=2
        ),
        Training(name="quick", settings=TrainSettings(preset="quick", steps=1_500), seeds=3),
        Training(
            name="100k characters",
            settings=TrainSettings(preset="quick", steps=2_000, characters=SMALL),
            seeds=1,
        ),
    ),
    copies=CopiesSettings(characters=10_000),
    context=ContextSettings(positions=192, furthest=256, gradients=16),
)


def _assignment(window: int, units: int) -> Training:
    """Return the assignment's way with another T and other units."""
    name = "assignment" if (window, units) == (30, 128) else f"T = {window}, {units} units"
    return Training(
        name=name,
        settings=TrainSettings(preset="assignment", window=window, hidden_size=units, steps=20_000),
    )


FULL_TEXT = TextPart(
    preset="full",
    trainings=(
        *(_assignment(window, units) for window in (30, 100) for units in (128, 256)),
        Training(name="quick", settings=TrainSettings(preset="quick", steps=20_000)),
        # As one report was told by the book's author: a network that is trained far too long.
        Training(
            name="100k characters",
            settings=TrainSettings(
                preset="quick",
                window=100,
                hidden_size=256,
                dropout=0.0,
                patience=0,
                schedule="constant",
                rate=2e-3,
                characters=SMALL,
                steps=50_000,
            ),
        ),
    ),
)
