"""The report of a store: its sections, put into one document."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from unroll.errors import StoreError
from unroll.records import Store
from unroll.records.atomic import write_atomically
from unroll.report.charts import Palette
from unroll.report.page import render
from unroll.report.section import Document, Fact, Progress, Section
from unroll.study.gates.sections import gate_section
from unroll.study.gates.view import GateView, load_gates
from unroll.study.gradients.prediction import predict
from unroll.study.gradients.sections import gradient_sections
from unroll.study.gradients.view import GradientView, load_gradients
from unroll.study.memory.blocks import MemoryBlocks
from unroll.study.memory.further import (
    further_section,
    is_further,
    opening_blocks,
    opening_sentence,
)
from unroll.study.memory.reasons import list_settings
from unroll.study.memory.sections import memory_sections
from unroll.study.memory.view import MemoryView, label_cells, load_views
from unroll.study.optimisers.sections import optimiser_section
from unroll.study.optimisers.view import OptimiserView, load_optimisers
from unroll.study.words import join

REPORT_NAME = "report.html"
TITLE = "unroll: what does a recurrent network remember?"
QUESTION = "How far does information travel in a network, and what stops it?"


_LEADS = {
    "palindrome": "A network reads the digits of a palindrome one by one and has to say the last, "
    "which is the first: it must carry one digit past all the others. The longer the palindrome, "
    "the further that digit has to travel.",
    "palindrome-half": "A network reads the digits of a palindrome one by one and has to say each "
    "digit of the second half, which mirrors the first: it must carry half the palindrome. The "
    "longer it is, the more there is to carry, and the further.",
}


@dataclass(frozen=True, kw_only=True)
class Views:
    """Everything that a store knows, put in order to be told."""

    memory: tuple[MemoryView, ...] = ()
    """Trials by length, one view a protocol."""
    gradients: tuple[GradientView, ...] = ()
    """Looks at gradients."""
    optimisers: tuple[OptimiserView, ...] = ()
    """Comparisons of optimisers."""
    gates: tuple[GateView, ...] = ()
    """Looks at gates."""

    @classmethod
    def load(cls, store: Store) -> "Views":
        """Return what is finished in a store, the last asked for in front."""
        return cls(
            memory=tuple(view for view in load_views(store) if view.trials),
            gradients=tuple(view for view in load_gradients(store) if view.probes),
            optimisers=tuple(view for view in load_optimisers(store) if view.trials),
            gates=tuple(view for view in load_gates(store) if view.looks or view.parameters),
        )

    @property
    def is_empty(self) -> bool:
        """Whether nothing is finished."""
        return not (self.memory or self.gradients or self.optimisers or self.gates)

    @property
    def plain(self) -> tuple[MemoryView, ...]:
        """The views that keep to the assignment's way."""
        return tuple(view for view in self.memory if not is_further(view))

    @property
    def labels(self) -> dict[str, str]:
        """A short name for every cell."""
        views: list[MemoryView | GradientView] = [*self.memory, *self.gradients]
        return label_cells(cell for view in views for cell in view.cells)


def write_document(store: Store, progress: Progress | None = None) -> Path:
    """Draw the report of everything in the store, and return where it lies.

    Raises: StoreError when nothing is finished; MissingExtraError without the extra `report`.
    """
    views = Views.load(store)
    if views.is_empty:
        raise StoreError(f"{store.directory}: nothing is finished; run the study first")
    path = store.directory / REPORT_NAME
    write_atomically(path, render(build_document(views, progress)).encode())
    return path


def build_document(views: Views, progress: Progress | None = None) -> Document:
    """Return the report of these views, the most important in front."""
    # A trial that two recipes share was trained once.
    trials = list({t.record.key: t for view in views.memory for t in view.trials}.values())
    environments = [trial.record.environment for trial in trials]
    seconds = sum(trial.record.seconds for trial in trials)
    first = (*views.plain, *views.memory)[:1]
    return Document(
        title=TITLE,
        question=QUESTION,
        lead=_lead(views, is_running=progress is not None),
        opening=opening_blocks(views.memory, views.labels),
        facts=_facts(views),
        sections=_sections(views),
        settings=tuple(setting for view in first for setting in list_settings(view)),
        provenance=(
            *_provenance(environments),
            Fact(label="Training", value=f"{len(trials)} trials, {seconds:,.0f} core-seconds"),
        ),
        progress=progress,
    )


def _sections(views: Views) -> tuple[Section, ...]:
    """Return every section that can be told, by the number of its question."""
    labels = views.labels
    palette = Palette.of(labels.values())
    asked = [optimiser_section(views.optimisers), gate_section(views.gates)]
    sections = [
        *(section for section in asked if section is not None),
        *memory_sections(views.plain, labels=labels, palette=palette),
        *gradient_sections(
            views.gradients,
            labels=labels,
            palette=palette,
            predictions=predict(views.gradients, views.memory, labels),
        ),
    ]
    further = further_section(views.memory, labels)
    numbered = sorted(sections, key=lambda section: section.number)
    return tuple(([further] if further else []) + numbered)


def _lead(views: Views, *, is_running: bool) -> str:
    """Say in a few sentences what came out, and what is left to do."""
    if not views.memory:
        return ""
    view = (*views.plain, *views.memory)[0]
    blocks = MemoryBlocks(view=view, labels=views.labels)
    sentences = [blocks.horizon_sentence(cell) for cell in view.cells]
    sentences.append(opening_sentence(views.memory, views.labels))
    missing = max((view.missing for view in views.memory), default=0)
    return (
        f"{_LEADS[view.trials[0].settings.task]}\n\n"
        + " ".join(sentence for sentence in sentences if sentence)
        + (_unfinished(missing) if missing and not is_running else "")
    )


def _unfinished(missing: int) -> str:
    return (
        f"\n\n**Not finished:** {missing} trials of the last command are missing here; run it "
        "again to go on."
    )


def _facts(views: Views) -> tuple[Fact, ...]:
    shown = views.plain or views.memory
    settings = [trial.settings for view in shown for trial in view.trials]
    if not settings:
        return (Fact(label="Cells", value=join(views.labels.values())),)
    labels = label_cells(cell for view in shown for cell in view.cells)
    lengths = sorted({s.length for s in settings})
    steps = sorted({s.max_steps for s in settings})
    return (
        Fact(label="Cells", value=join(labels.values())),
        Fact(label="Lengths T", value=join(lengths) + " digits"),
        Fact(label="Seeds", value=str(len({s.seed for s in settings}))),
        Fact(label="Recipe", value=join(dict.fromkeys(view.protocol["recipe"] for view in shown))),
        Fact(label="Budget", value=f"at most {join(f'{n:,}' for n in steps)} steps a trial"),
    )


def _provenance(environments: Sequence[dict[str, str]]) -> tuple[Fact, ...]:
    if not environments:
        return ()
    return (
        Fact(label="Versions", value=_versions(environments)),
        Fact(label="Machine", value=_machines(environments)),
    )


def _versions(environments: Sequence[dict[str, str]]) -> str:
    names = ("unroll", "torch", "numpy", "python")
    return "; ".join(
        dict.fromkeys(", ".join(f"{n} {e[n]}" for n in names if n in e) for e in environments)
    )


def _machines(environments: Sequence[dict[str, str]]) -> str:
    return "; ".join(
        dict.fromkeys(
            f"{e.get('processor', '?')}, {e.get('cores', '?')} cores, {e.get('system', '?')}"
            for e in environments
        )
    )
