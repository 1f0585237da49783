"""The study's presets: what `unroll study` runs. Imports no torch, so that --help is quick."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from unroll.errors import unknown_name
from unroll.study.ablation.settings import AblationSettings
from unroll.study.gates.settings import GateSettings
from unroll.study.gradients.settings import REGIMES, GradientSettings
from unroll.study.graphs.presets import FULL_GRAPHS, QUICK_GRAPHS, SMOKE_GRAPHS
from unroll.study.memory.settings import MemorySettings
from unroll.study.optimisers.settings import OptimiserSettings
from unroll.study.questions import QUESTIONS, StudySettings, questions_of
from unroll.study.text.part import TextPart
from unroll.study.text.presets import FULL_TEXT, QUICK_TEXT, SMOKE_TEXT
from unroll.study.words import join


@dataclass(frozen=True, kw_only=True)
class Preset:
    """A named choice of measurements."""

    name: str
    """The name it is chosen by."""
    summary: str
    """One line for the help."""
    parts: tuple[StudySettings, ...]
    """What is measured, in order: what the report opens with comes first."""

    def only(self, questions: Sequence[str]) -> "Preset":
        """Return what is needed to answer these questions alone.

        Raises: ConfigError for a question that there is not.
        """
        for number in questions:
            if number not in QUESTIONS:
                raise unknown_name("question", number, QUESTIONS)
        wanted = set(questions)
        return replace(
            self,
            summary=f"{'questions' if len(wanted) > 1 else 'question'} "
            f"{join(dict.fromkeys(questions))} alone",
            parts=tuple(p for p in self.parts if wanted & {*questions_of(p)}),
        )

    def of_book(self, book: Path) -> "Preset":
        """Return the same preset for a book of the user's, which is then what comes first."""
        texts = tuple(part.of_book(book) for part in self.parts if isinstance(part, TextPart))
        others = tuple(part for part in self.parts if not isinstance(part, TextPart))
        return replace(self, parts=(*texts, *others))


BEYOND = (31, 100, 1_001, 10_000)
"""Lengths, odd and even, that networks trained up to T = 30 have never seen."""

SMOKE = Preset(
    name="smoke",
    summary="does everything once, in seconds; too short to mean anything",
    parts=(
        MemorySettings(
            cells=("rnn",),
            lengths=(9,),
            seeds=1,
            recipe="learned",
            max_steps=150,
            test_lengths=(10, 31),
        ),
        MemorySettings(
            cells=("rnn",),
            lengths=(9,),
            seeds=1,
            recipe="learned",
            max_steps=50,
            test_lengths=(10, 31),
            train="readout",
        ),
        MemorySettings(cells=("rnn", "lstm"), lengths=(3, 9), seeds=2, max_steps=200),
        GradientSettings(cells=("rnn",), length=9, inits=REGIMES, seeds=1),
        GradientSettings(length=12, seeds=1, trained_at=(9,), max_steps=200),
        OptimiserSettings(length=3, seeds=1, max_steps=40),
        GateSettings(length=9, max_steps=200),
        SMOKE_TEXT,
        *SMOKE_GRAPHS,
    ),
)

_STEPS = 1_200
"""A budget in which both cells solve T = 10, and neither T = 20."""

QUICK = Preset(
    name="quick",
    summary="RNN and LSTM on both sides of their cliffs, the same RNN far beyond; a book; graphs",
    parts=(
        # The opening figure first, its longest trials in front: it is whole within a minute.
        MemorySettings(cells=("rnn",), lengths=(20,), max_steps=_STEPS),
        *(
            MemorySettings(
                cells=("rnn",),
                lengths=(30,),
                recipe="learned",
                max_steps=_STEPS,
                test_lengths=tested,
                train=train,
            )
            # The control is at chance long before the longest, which takes half of its time.
            for train, tested in (("all", BEYOND), ("readout", BEYOND[:-1]))
        ),
        MemorySettings(cells=("rnn",), lengths=(5, 10), max_steps=_STEPS),
        GradientSettings(cells=("rnn",), length=30, inits=REGIMES),
        MemorySettings(
            cells=("rnn",),
            lengths=(30,),
            seeds=2,
            recipe="learned",
            max_steps=_STEPS,
            test_lengths=(31, 1_001),
            init="identity:2.5",
            train="readout",
        ),
        MemorySettings(cells=("lstm",), lengths=(10, 20), max_steps=_STEPS),
        GradientSettings(trained_at=(10, 20), max_steps=_STEPS, sequences=8),
        GateSettings(max_steps=_STEPS),
        # 21 rates each: a third seed would cost more than anything else here.
        OptimiserSettings(seeds=2),
        # Whether the gradient at the start decides: much of it and stuck, none of it and solved.
        *(
            MemorySettings(
                cells=(cell,),
                lengths=(100,),
                seeds=2,
                recipe="learned",
                max_steps=steps,
                init=init,
                curriculum_start=start,
            )
            for cell, init, steps, start in (
                ("rnn", "identity:2.5", 100, 0),
                ("lstm", "forget-bias:5", 100, 0),
                ("lstm", "forget-bias:5", 600, None),
            )
        ),
        *(
            GradientSettings(
                cells=(cell,), recipe="learned", seeds=2, sequences=16, inits=("uniform", init)
            )
            for cell, init in (("rnn", "identity:2.5"), ("lstm", "forget-bias:5"))
        ),
        QUICK_TEXT,
        *QUICK_GRAPHS,
    ),
)

_FULL_CELLS = ("rnn", "lstm", "gru")
_FURTHEST = (10, 11, 30, 31, 50, 100, 101, 300, 1_000, 3_000, 10_000)

FULL = Preset(
    name="full",
    summary="the assignment in full: three cells, six lengths, 10,000 steps; a book; graphs",
    parts=(
        *(
            MemorySettings(
                cells=_FULL_CELLS,
                lengths=(30,),
                seeds=10,
                recipe="learned",
                test_lengths=_FURTHEST,
                train=train,
            )
            for train in ("all", "readout")
        ),
        MemorySettings(cells=_FULL_CELLS),
        GradientSettings(cells=("rnn",), length=30, inits=REGIMES, seeds=10),
        GradientSettings(cells=_FULL_CELLS, trained_at=(10, 20), seeds=3),
        GateSettings(cells=("lstm", "gru"), seeds=3),
        GateSettings(length=30, recipe="learned", seeds=3),
        OptimiserSettings(seeds=10),
        OptimiserSettings(length=10, max_steps=3_000),
        MemorySettings(
            cells=("rnn", "lstm"),
            lengths=(1_000,),
            recipe="learned",
            test_lengths=(1_001, 3_000),
        ),
        *(
            MemorySettings(
                cells=(cell,),
                lengths=(100,),
                recipe="learned",
                init=init,
                max_steps=2_000,
                curriculum_start=start,
            )
            for cell, init in (
                ("rnn", "uniform"),
                ("rnn", "identity:1"),
                ("rnn", "identity:2.5"),
                ("lstm", "uniform"),
                ("lstm", "forget-bias:5"),
            )
            for start in (0, None)
        ),
        GradientSettings(
            cells=("rnn",), recipe="learned", inits=("uniform", "identity:1", "identity:2.5")
        ),
        GradientSettings(cells=("lstm",), recipe="learned", inits=("uniform", "forget-bias:5")),
        MemorySettings(cells=_FULL_CELLS, recipe="assignment-tuned"),
        *(
            MemorySettings(
                cells=cells,
                lengths=(length,),
                recipe=recipe,
                max_steps=1_000,
                test_lengths=tested,
                train=train,
            )
            for recipe, cells, length, tested in (
                ("latch", ("rnn", "lstm"), 30, _FURTHEST),
                ("learned-scalar", ("lstm",), 300, (10, 11, 31, 100, 299, 301, 500, 1_000)),
            )
            for train in ("all", "readout")
        ),
        AblationSettings(budget=3_000_000, lengths=(5, 10, 20, 30, 50, 100, 200)),
        FULL_TEXT,
        *FULL_GRAPHS,
    ),
)

PRESETS = {preset.name: preset for preset in (SMOKE, QUICK, FULL)}


def find_preset(name: str) -> Preset:
    """Return the preset called `name`; ConfigError for a name nobody knows."""
    if name not in PRESETS:
        raise unknown_name("preset", name, PRESETS)
    return PRESETS[name]
