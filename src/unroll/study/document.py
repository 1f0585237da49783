"""The report of a store: its sections, put into one document."""

from pathlib import Path

from unroll.errors import StoreError
from unroll.records import Store
from unroll.records.atomic import write_atomically
from unroll.report.charts import Palette
from unroll.report.page import render
from unroll.report.section import Document, Progress, Section
from unroll.study.facts import list_facts, list_provenance
from unroll.study.gates.sections import gate_section
from unroll.study.gradients.prediction import predict
from unroll.study.gradients.sections import gradient_sections
from unroll.study.graphs.headlines import graph_lead
from unroll.study.graphs.sections import graph_sections
from unroll.study.memory.blocks import MemoryBlocks
from unroll.study.memory.further import further_section
from unroll.study.memory.opening import opening_blocks, opening_sentence
from unroll.study.memory.reasons import list_settings
from unroll.study.memory.sections import memory_sections
from unroll.study.optimisers.sections import optimiser_section
from unroll.study.text.sections import text_sections
from unroll.study.text.summary import text_lead
from unroll.study.views import Views

REPORT_NAME = "report.html"
TITLE = "unroll: what does a recurrent network remember?"
TEXT_TITLE = "unroll: what does a recurrent network make of a book?"
"""Where nothing is told but of texts, as at the beginning of a study of a user's book."""
GRAPH_TITLE = "unroll: how does information travel across a graph?"
"""Where nothing is told but of graphs."""
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


def write_document(store: Store, progress: Progress | None = None) -> Path:
    """Draw the report of everything in the store, and return where it lies.

    Raises: NothingFinishedError; MissingExtraError without the extra `report`.
    """
    path = store.directory / REPORT_NAME
    write_atomically(path, render(load_document(store, progress)).encode())
    return path


def load_document(store: Store, progress: Progress | None = None) -> Document:
    """Return the report of everything in the store.

    Raises: NothingFinishedError; MissingExtraError without the extra `report`.
    """
    views = Views.load(store)
    if views.is_empty:
        raise NothingFinishedError(f"{store.directory}: nothing is finished; run the study first")
    return build_document(views, progress)


def build_document(views: Views, progress: Progress | None = None) -> Document:
    """Return the report of these views, the most important in front."""
    first = (*views.plain, *views.memory)[:1]
    return Document(
        title=_title(views),
        question=QUESTION,
        lead=_lead(views, is_running=progress is not None),
        opening=opening_blocks(views.memory, views.labels),
        facts=list_facts(views),
        sections=_sections(views),
        settings=tuple(setting for view in first for setting in list_settings(view)),
        provenance=list_provenance(views),
        progress=progress,
    )


def _title(views: Views) -> str:
    if views.are_texts:
        return TEXT_TITLE
    return GRAPH_TITLE if views.are_graphs else TITLE


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
    return (
        *([further] if further else []),
        *numbered,
        *text_sections(views.texts),
        *graph_sections(views.graphs),
    )


def _lead(views: Views, *, is_running: bool) -> str:
    """Say in a few sentences what came out, and what is left to do."""
    return "\n\n".join(
        text
        for text in (
            _memory_lead(views, is_running=is_running),
            text_lead(views.texts),
            graph_lead(views.graphs),
        )
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
