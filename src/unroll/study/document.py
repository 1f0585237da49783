"""The report of a store: its sections, put into one document."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from unroll.errors import StoreError
from unroll.records import MeasurementRecord, Store, TrialRecord
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
from unroll.study.memory.further import further_section
from unroll.study.memory.opening import opening_blocks, opening_sentence
from unroll.study.memory.reasons import list_settings
from unroll.study.memory.sections import memory_sections
from unroll.study.memory.series import is_further
from unroll.study.memory.view import MemoryView, label_cells, load_views
from unroll.study.optimisers.sections import optimiser_section
from unroll.study.optimisers.view import OptimiserView, load_optimisers
from unroll.study.text.sections import text_sections
from unroll.study.text.summary import text_fact, text_lead
from unroll.study.text.view import TextView, load_texts
from unroll.study.words import count, join

REPORT_NAME = "report.html"
TITLE = "unroll: what does a recurrent network remember?"
TEXT_TITLE = "unroll: what does a recurrent network make of a book?"
"""Where nothing is told but of texts, as at the beginning of a study of a user's book."""
QUESTION = "How far does information travel in a network, and what stops it?"


_LEADS = {
    "palindrome": "A network reads the digits of a palindrome one by one and has to say the last, "
    "which is the first: it must carry one digit past all the others. The longer the palindrome, "
    "the further that digit has to travel.",
    "palindrome-half": "A network reads the digits of a palindrome one by one and has to say each "
    "digit of the second half, which mirrors the first: it must carry half the palindrome. The "
    "longer it is, the more there is to carry, and the further.",
}


class NothingFinishedError(StoreError):
    """There is nothing yet that a report could tell."""


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
    texts: tuple[TextView, ...] = ()
    """Character models, one view a book."""
    trained: tuple[TrialRecord, ...] = ()
    """Every trial that they rest on."""
    measured: tuple[MeasurementRecord, ...] = ()
    """Every measurement that they rest on."""

    @classmethod
    def load(cls, store: Store) -> "Views":
        """Return what is finished in a store, the last asked for in front."""
        requests = store.requests()
        trials = dict.fromkeys(key for request in requests for key in request.trials)
        looks = dict.fromkeys(key for request in requests for key in request.measurements)
        return cls(
            memory=tuple(view for view in load_views(store) if view.trials),
            gradients=tuple(view for view in load_gradients(store) if view.probes),
            optimisers=tuple(view for view in load_optimisers(store) if view.trials),
            gates=tuple(view for view in load_gates(store) if view.looks or view.parameters),
            texts=tuple(view for view in load_texts(store) if view.trainings),
            trained=tuple(t for key in trials if (t := store.find_trial(key))),
            measured=tuple(m for key in looks if (m := store.find_measurement(key))),
        )

    @property
    def is_empty(self) -> bool:
        """Whether nothing is finished."""
        return not (self.memory or self.gradients or self.optimisers or self.gates or self.texts)

    @property
    def are_texts(self) -> bool:
        """Whether nothing but character models is finished."""
        others = (self.memory, self.gradients, self.optimisers, self.gates)
        return bool(self.texts) and not any(others)

    @property
    def plain(self) -> tuple[MemoryView, ...]:
        """The views that keep to the assignment's way."""
        return tuple(view for view in self.memory if not is_further(view))

    @property
    def labels(self) -> dict[str, str]:
        """A short name for every cell."""
        return label_cells(cell for cell, _, _ in self.networks())

    def networks(self) -> Iterator[tuple[str, int, int]]:
        """Yield cell, length and seed of every network that there is something to tell of."""
        settings = [t.settings for view in self.memory for t in view.trials]
        settings += [t.settings for view in self.optimisers for t in view.trials]
        settings += [look.settings for view in self.gates for look in view.looks]
        for chosen in settings:
            yield chosen.cell, chosen.length, chosen.seed
        for view in self.gradients:
            for probe in view.probes:
                yield probe.cell, view.length, probe.seed


def write_document(store: Store, progress: Progress | None = None) -> Path:
    """Draw the report of everything in the store, and return where it lies.

    Raises: NothingFinishedError; MissingExtraError without the extra `report`.
    """
    views = Views.load(store)
    if views.is_empty:
        raise NothingFinishedError(f"{store.directory}: nothing is finished; run the study first")
    path = store.directory / REPORT_NAME
    write_atomically(path, render(build_document(views, progress)).encode())
    return path


def build_document(views: Views, progress: Progress | None = None) -> Document:
    """Return the report of these views, the most important in front."""
    first = (*views.plain, *views.memory)[:1]
    return Document(
        title=TEXT_TITLE if views.are_texts else TITLE,
        question=QUESTION,
        lead=_lead(views, is_running=progress is not None),
        opening=opening_blocks(views.memory, views.labels),
        facts=_facts(views),
        sections=_sections(views),
        settings=tuple(setting for view in first for setting in list_settings(view)),
        provenance=_provenance(views),
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
    return (*([further] if further else []), *numbered, *text_sections(views.texts))


def _lead(views: Views, *, is_running: bool) -> str:
    """Say in a few sentences what came out, and what is left to do."""
    return "\n\n".join(
        text
        for text in (_memory_lead(views, is_running=is_running), text_lead(views.texts))
        if text
    )


def _memory_lead(views: Views, *, is_running: bool) -> str:
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
    """Return the run at a glance: of the trials by length, or of whatever else there is."""
    return (*_facts_of_trials(views), *(text_fact(view) for view in views.texts))


def _facts_of_trials(views: Views) -> tuple[Fact, ...]:
    shown = views.plain or views.memory
    networks = list(Views(memory=shown).networks() if shown else views.networks())
    if not networks:
        return ()
    labels = label_cells(cell for cell, _, _ in networks)
    told = (
        Fact(label="Cells", value=join(labels.values())),
        Fact(label="Lengths T", value=join(sorted({n for _, n, _ in networks})) + " digits"),
        Fact(label="Seeds", value=str(len({seed for _, _, seed in networks}))),
    )
    if not shown:
        return told
    steps = sorted({trial.settings.max_steps for view in shown for trial in view.trials})
    return (
        *told,
        Fact(label="Recipe", value=join(dict.fromkeys(view.protocol["recipe"] for view in shown))),
        Fact(label="Budget", value=f"at most {join(f'{n:,}' for n in steps)} steps a trial"),
    )


def _provenance(views: Views) -> tuple[Fact, ...]:
    """Return with what all of it was measured, and how long that took."""
    work: dict[str, Sequence[TrialRecord | MeasurementRecord]] = {
        "trial": views.trained,
        "measurement": views.measured,
    }
    environments = [record.environment for records in work.values() for record in records]
    if not environments:
        return ()
    told = [
        f"{count(len(records), noun)}, {sum(r.seconds for r in records):,.0f} core-seconds"
        for noun, records in work.items()
        if records
    ]
    return (
        Fact(label="Versions", value=_versions(environments)),
        Fact(label="Machine", value=_machines(environments)),
        Fact(label="Work", value="; ".join(told)),
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
