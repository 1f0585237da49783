"""What part 2 is in each of the study's presets. Imports no torch, so that --help is quick."""

from unroll.study.text.part import TextPart, Training, WritingSettings
from unroll.study.text.settings import ContextSettings, CopiesSettings, TrainSettings

OVERTRAINED = "overtrained"
"""A training that goes on, with a part of the book, until it is learnt by heart."""

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

# Steps, not minutes: the same numbers on every machine. About 170 core-seconds in all, of which
# the trainings take 50, 40 and 30.
QUICK_TEXT = TextPart(
    trainings=(
        Training(
            name="assignment", settings=TrainSettings(preset="assignment", steps=400), seeds=2
        ),
        Training(name="quick", settings=TrainSettings(preset="quick", steps=1_500), seeds=3),
        # A network with a dozen parameters for each character that it is given, 22 times: the
        # best weights are those of the fifth time, and from then on it learns by heart.
        Training(
            name=OVERTRAINED,
            settings=TrainSettings(
                preset="quick",
                hidden_size=256,
                schedule="constant",
                rate=4e-3,
                patience=0,
                characters=30_000,
                steps=1_500,
            ),
            seeds=1,
            looks=("copies",),
        ),
    ),
    copies=CopiesSettings(characters=10_000),
    # With fewer places the horizon is chance's: 192 of them gave 8, 32 and 16 for three seeds.
    context=ContextSettings(positions=1_000, furthest=128, warm=128, gradients=32),
)


def _assignment(window: int, units: int) -> Training:
    """Return the assignment's way with another T and other units."""
    name = "assignment" if (window, units) == (30, 128) else f"T = {window}, {units} units"
    return Training(
        name=name,
        settings=TrainSettings(preset="assignment", window=window, hidden_size=units, steps=10_000),
    )


# About ten core-hours: 2 × 256 units read 11,000 characters a second, 2 × 128 read 30,000.
FULL_TEXT = TextPart(
    preset="full",
    trainings=(
        *(_assignment(window, units) for window in (30, 100) for units in (128, 256)),
        Training(name="quick", settings=TrainSettings(preset="quick", steps=20_000)),
        # As one report was told by the book's author: a network that is trained far too long,
        # here 190 times through its text.
        Training(
            name=OVERTRAINED,
            settings=TrainSettings(
                preset="quick",
                window=100,
                hidden_size=256,
                layers=2,
                dropout=0.0,
                patience=0,
                schedule="constant",
                rate=2e-3,
                characters=100_000,
                steps=20_000,
            ),
        ),
    ),
)
