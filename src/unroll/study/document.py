"""The report of a store: its sections, put into one document."""

from pathlib import Path

from unroll.errors import StoreError
from unroll.records import Store
from unroll.records.atomic import write_atomically
from unroll.records.opening import is_locked
from unroll.report.charts import Palette
from unroll.report.page import render
from unroll.report.section import Document, Progress, Section
from unroll.study.ablation.sections import ablation_section
from unroll.study.bench.sections import bench_sections
from unroll.study.facts import about_line, list_facts, list_provenance
from unroll.study.gates.sections import gate_section
from unroll.study.gradients.beside_accuracy import gradient_beside_accuracy
from unroll.study.gradients.prediction import predict
from unroll.study.gradients.sections import gradient_sections
from unroll.study.graphs.sections import graph_sections
from unroll.study.horizons.section import closing_sections
from unroll.study.lead import write_lead
from unroll.study.memory.further import further_section
from unroll.study.memory.opening import opening_blocks
from unroll.study.memory.reasons import list_settings
from unroll.study.memory.sections import memory_sections
from unroll.study.optimisers.sections import optimiser_section
from unroll.study.text.sections import text_sections
from unroll.study.unmeasured import with_unmeasured
from unroll.study.views import Views

REPORT_NAME = "report.html"
ASKS_FURTHER = "1.7"
"""The first question that rests on networks trained past the assignment's way."""
QUESTION = "How far does information travel in a network, and what stops it?"
"""The title of a report that has more than one part; above the others it is the wider question."""
TITLE = "What does a recurrent network remember?"
"""Where nothing is told but of networks that carry a digit."""
TEXT_TITLE = "What does a recurrent network make of a book?"
"""Where nothing is told but of texts, as at the beginning of a study of a user's book."""
GRAPH_TITLE = "How does information travel across a graph?"
"""Where nothing is told but of graphs."""
BENCH_TITLE = "Which cell remembers furthest, and at what cost?"
"""Where nothing is told but of cells on the bench."""
ABLATION_TITLE = "Which change of training carries a memory further?"
"""Where nothing is told but of recipes, one change at a time."""


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
        advice = (
            "the study is running, ask again later"
            if is_locked(store.directory)
            else "run the study first"
        )
        raise NothingFinishedError(f"{store.directory}: nothing is finished; {advice}")
    return build_document(views, progress)


def build_document(views: Views, progress: Progress | None = None) -> Document:
    """Return the report of these views, the most important in front."""
    first = (*views.plain, *views.memory)[:1]
    title = _title(views)
    return Document(
        title=title,
        about=about_line(views),
        question="" if title == QUESTION else QUESTION,
        lead=write_lead(views, is_running=progress is not None),
        opening=opening_blocks(views.memory, views.labels),
        facts=list_facts(views),
        sections=_sections(views),
        settings=tuple(setting for view in first for setting in list_settings(view)),
        settings_of="".join(
            f"The trials by length in recipe `{v.protocol['recipe']}` share "
            "these. What other questions set otherwise stands with them."
            for v in first
        ),
        provenance=list_provenance(views),
        progress=progress,
    )


def _title(views: Views) -> str:
    if views.are_texts:
        return TEXT_TITLE
    if views.are_graphs:
        return GRAPH_TITLE
    if views.are_benches:
        return BENCH_TITLE
    if views.are_ablations:
        return ABLATION_TITLE
    return QUESTION if views.texts or views.graphs or views.benches else TITLE


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
            beside_accuracy=gradient_beside_accuracy(views.gradients, views.plain, labels),
        ),
    ]
    further = further_section(views.memory, labels)
    ablation = ablation_section(views.ablations, labels=labels, palette=palette)
    numbered = sorted(sections, key=lambda section: section.number)
    told = (
        *(section for section in numbered if section.number < ASKS_FURTHER),
        *(section for section in (further, ablation) if section is not None),
        *(section for section in numbered if section.number >= ASKS_FURTHER),
        *text_sections(views.texts),
        *graph_sections(views.graphs),
        *bench_sections(views.benches, labels=labels, palette=palette),
    )
    return (*with_unmeasured(told, views.unmeasured), *closing_sections(views))
