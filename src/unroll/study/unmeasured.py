"""What was asked for and could not be measured at all: told under its question, with the reason."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from unroll.report.markup import inert
from unroll.report.section import Block, Notice, Prose, Section
from unroll.study.gates.view import GateView
from unroll.study.gradients.view import GradientView
from unroll.study.graphs.compare.registry import EXPERIMENTS
from unroll.study.graphs.view import GraphView
from unroll.study.parts import GRAPHS, TEXT, THROUGH_TIME
from unroll.study.questions import QUESTIONS
from unroll.study.reproduction import anew
from unroll.study.text.view import TextView


@dataclass(frozen=True, kw_only=True)
class Unmeasured:
    """A request of which every measurement failed."""

    question: str
    """The number of the question that it was to answer."""
    commands: tuple[str, ...]
    """The commands that ask for it."""
    reasons: tuple[str, ...]
    """Why nothing could be measured, one line each."""

    @property
    def notice(self) -> Notice:
        """What the report says of it."""
        asked = ", ".join(f"`{inert(anew(command))}`" for command in self.commands)
        why = "; ".join(inert(reason) for reason in dict.fromkeys(self.reasons))
        return Notice(text=f"**Not measured:** {asked} failed. {why}")


def of_gradients(views: Iterable[GradientView]) -> list[Unmeasured]:
    """Return the looks at gradients of which every network failed."""
    return [
        Unmeasured(
            question="1.7" if "max_steps" in view.protocol else "1.1",
            commands=view.commands,
            reasons=view.failures,
        )
        for view in views
        if view.failures and not view.probes
    ]


def of_gates(views: Iterable[GateView]) -> list[Unmeasured]:
    """Return the looks at gates of which every measurement failed."""
    return [
        Unmeasured(
            question="1.5",
            commands=view.commands,
            reasons=tuple(f"{problem.label}: {problem.error}" for problem in view.problems),
        )
        for view in views
        if view.problems and not (view.looks or view.parameters)
    ]


def of_texts(views: Iterable[TextView]) -> list[Unmeasured]:
    """Return the books on which every training failed."""
    return [
        Unmeasured(
            question="2.1a",
            commands=view.commands,
            reasons=tuple(f"{problem.label}: {problem.error}" for problem in view.problems),
        )
        for view in views
        if view.problems and not view.trainings
    ]


def of_graphs(views: Iterable[GraphView]) -> list[Unmeasured]:
    """Return the requests on graphs of which every measurement failed."""
    return [
        Unmeasured(
            question=_question_about_graphs(view), commands=view.commands, reasons=view.problems
        )
        for view in views
        if view.problems and not view.looks
    ]


def _question_about_graphs(view: GraphView) -> str:
    match view.kind:
        case "graph-reach":
            return "3.2"
        case "graph-classify":
            return "GAT" if view.protocol["model"] == "gat" else "3.3"
        case "graph-compare":
            experiment = EXPERIMENTS.get(view.protocol["experiment"])
            return experiment.question if experiment else "3.4a"
        case _:
            return "3.1"


def with_unmeasured(
    sections: Sequence[Section], unmeasured: Sequence[Unmeasured]
) -> tuple[Section, ...]:
    """Return the sections in their order, with a notice under the question of each failure.

    A question of which nothing else is known gets a section for it.
    """
    told = list(sections)
    for failed in unmeasured:
        numbers = [section.number for section in told]
        if failed.question in numbers:
            at = numbers.index(failed.question)
            told[at] = replace(told[at], blocks=_with_notice(told[at].blocks, failed.notice))
        else:
            told.insert(_place(numbers, failed.question), _section(failed))
    return tuple(told)


def _with_notice(blocks: Sequence[Block], notice: Notice) -> tuple[Block, ...]:
    """Return blocks with a notice in front of what was measured, or at the end."""
    at = next(
        (i for i, b in enumerate(blocks) if isinstance(b, Prose) and b.role == "measured"),
        len(blocks),
    )
    return (*blocks[:at], notice, *blocks[at:])


def _place(numbers: Sequence[str], question: str) -> int:
    """Return where a question belongs: before the first one that comes later, or at the end."""
    order = list(QUESTIONS)
    later = {number for number in order if order.index(number) > order.index(question)}
    return next((i for i, number in enumerate(numbers) if number in later), len(numbers))


def _section(failed: Unmeasured) -> Section:
    parts = {"1": THROUGH_TIME, "2": TEXT}
    title = QUESTIONS[failed.question]
    return Section(
        number=failed.question,
        title=f"{title[:1].upper()}{title[1:]}",
        part=parts.get(failed.question[0], GRAPHS),
        blocks=(failed.notice,),
    )
