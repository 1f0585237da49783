"""The assignment's questions, and what answers them. Imports no torch: --help is quick."""

from typing import TypeAlias

from unroll.study.ablation.settings import AblationSettings
from unroll.study.bench.settings import BenchSettings
from unroll.study.gates.settings import GateSettings
from unroll.study.gradients.settings import GradientSettings
from unroll.study.graphs.presets import GraphPart, graph_questions
from unroll.study.memory.settings import MemorySettings
from unroll.study.optimisers.settings import OptimiserSettings
from unroll.study.text.part import TextPart

StudySettings: TypeAlias = (
    MemorySettings
    | GradientSettings
    | OptimiserSettings
    | GateSettings
    | AblationSettings
    | BenchSettings
    | TextPart
    | GraphPart
)
"""What a part of a study can be."""

QUESTIONS = {
    "1.1": "gradients through time",
    "1.2": "the vanilla RNN",
    "1.3": "how far it remembers",
    "1.4": "optimisers",
    "1.5": "gates and parameters",
    "1.6": "the LSTM",
    "1.7": "gradients of trained networks",
    "2.1a": "training on a book",
    "2.1b": "samples at stages of training",
    "2.1c": "temperature",
    "2.2": "completing a prompt",
    "2.3": "beam search",
    "3.1": "message passing",
    "3.2": "the six-node graph",
    "GAT": "attention over neighbours",
    "3.3": "classifying nodes",
    "3.4a": "sequence or graph",
    "3.4b": "both in one",
}
"""The questions that a study answers, by number, each in a few words."""


def questions_of(part: StudySettings) -> tuple[str, ...]:
    """Return the questions that a part of a study helps to answer."""
    match part:
        case MemorySettings(recipe="assignment" | "assignment-tuned", cells=cells):
            # The RNN is the other half of 1.6, which compares the two.
            return ("1.2", "1.3", "1.6") if "rnn" in cells else ("1.6",)
        case GradientSettings(trained_at=trained):
            return ("1.1", "1.7") if trained else ("1.1",)
        case OptimiserSettings():
            return ("1.4",)
        case GateSettings():
            return ("1.5",)
        case TextPart():
            return tuple(number for number in QUESTIONS if number.startswith("2."))
        case MemorySettings() | AblationSettings() | BenchSettings():
            return ()
        case _:
            return graph_questions(part)
