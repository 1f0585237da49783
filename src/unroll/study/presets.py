"""The study's presets: what `unroll study` runs. Imports no torch, so that --help is quick."""

from dataclasses import dataclass

from unroll.errors import unknown_name
from unroll.study.memory_settings import MemorySettings


@dataclass(frozen=True, kw_only=True)
class Preset:
    """A named choice of measurements."""

    name: str
    """The name it is chosen by."""
    summary: str
    """One line for the help."""
    memory: tuple[MemorySettings, ...]
    """The memory studies, in order."""


SMOKE = Preset(
    name="smoke",
    summary="does everything once, in seconds; too short to mean anything",
    memory=(MemorySettings(cells=("rnn", "lstm"), lengths=(3, 9), seeds=2, max_steps=200),),
)

QUICK = Preset(
    name="quick",
    summary="RNN and LSTM on both sides of their cliffs, 3 seeds, at most 2,000 steps",
    memory=(
        MemorySettings(cells=("rnn",), lengths=(5, 10, 15, 20), seeds=3, max_steps=2_000),
        MemorySettings(cells=("lstm",), lengths=(10, 20), seeds=3, max_steps=2_000),
    ),
)

FULL = Preset(
    name="full",
    summary="the assignment in full: three cells, six lengths, 10,000 steps, then four rates",
    memory=(
        MemorySettings(cells=("rnn", "lstm", "gru")),
        MemorySettings(cells=("rnn", "lstm", "gru"), recipe="assignment-tuned"),
    ),
)

PRESETS = {preset.name: preset for preset in (SMOKE, QUICK, FULL)}


def find_preset(name: str) -> Preset:
    """Return the preset called `name`; ConfigError for a name nobody knows."""
    if name not in PRESETS:
        raise unknown_name("preset", name, PRESETS)
    return PRESETS[name]
