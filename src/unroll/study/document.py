"""The report of a store: its sections, put into one document."""

from collections.abc import Sequence
from pathlib import Path

from unroll.errors import StoreError
from unroll.records import Store
from unroll.records.atomic import write_atomically
from unroll.report.page import render
from unroll.report.section import Document, Fact, Progress
from unroll.study.memory_blocks import MemoryBlocks
from unroll.study.memory_sections import memory_sections
from unroll.study.memory_view import MemoryView, label_cells, load_views
from unroll.study.reasons import list_settings
from unroll.study.words import join

REPORT_NAME = "report.html"
QUESTION = "How far does information travel in a network, and what stops it?"


_LEADS = {
    "palindrome": "A network reads the digits of a palindrome one by one and has to say the last, "
    "which is the first: it must carry one digit past all the others. The longer the palindrome, "
    "the further that digit has to travel.",
    "palindrome-half": "A network reads the digits of a palindrome one by one and has to say each "
    "digit of the second half, which mirrors the first: it must carry half the palindrome. The "
    "longer it is, the more there is to carry, and the further.",
}


def write_document(store: Store, progress: Progress | None = None) -> Path:
    """Draw the report of everything in the store, and return where it lies.

    Raises: StoreError when nothing is finished; MissingExtraError without the extra `report`.
    """
    views = [view for view in load_views(store) if view.trials]
    if not views:
        raise StoreError(f"{store.directory}: no trial is finished; run the study first")
    path = store.directory / REPORT_NAME
    write_atomically(path, render(build_document(views, progress)).encode())
    return path


def build_document(views: Sequence[MemoryView], progress: Progress | None = None) -> Document:
    """Return the report of these views, the most important in front."""
    # A trial that two recipes share was trained once.
    trials = list({t.record.key: t for view in views for t in view.trials}.values())
    environments = [trial.record.environment for trial in trials]
    seconds = sum(trial.record.seconds for trial in trials)
    return Document(
        title="unroll: what does a recurrent network remember?",
        question=QUESTION,
        lead=_lead(views[0], is_running=progress is not None),
        facts=_facts(views),
        sections=memory_sections(views),
        settings=list_settings(views[0]),
        provenance=(
            Fact(label="Versions", value=_versions(environments)),
            Fact(label="Machine", value=_machines(environments)),
            Fact(label="Training", value=f"{len(trials)} trials, {seconds:,.0f} core-seconds"),
        ),
        progress=progress,
    )


def _lead(view: MemoryView, *, is_running: bool) -> str:
    """Say in a few sentences what came out, and what is left to do."""
    blocks = MemoryBlocks(view=view, labels=label_cells(view.cells))
    return (
        f"{_LEADS[view.trials[0].settings.task]}\n\n"
        + " ".join(blocks.horizon_sentence(cell) for cell in view.cells)
        + (_unfinished(view.missing) if view.missing and not is_running else "")
    )


def _unfinished(missing: int) -> str:
    return (
        f"\n\n**Not finished:** {missing} trials of the last command are missing here; run it "
        "again to go on."
    )


def _facts(views: Sequence[MemoryView]) -> tuple[Fact, ...]:
    settings = [trial.settings for view in views for trial in view.trials]
    labels = label_cells(cell for view in views for cell in view.cells)
    lengths = sorted({s.length for s in settings})
    steps = sorted({s.max_steps for s in settings})
    return (
        Fact(label="Cells", value=join(labels.values())),
        Fact(label="Lengths T", value=join(lengths) + " digits"),
        Fact(label="Seeds", value=str(len({s.seed for s in settings}))),
        Fact(label="Recipe", value=join(dict.fromkeys(view.protocol["recipe"] for view in views))),
        Fact(label="Budget", value=f"at most {join(f'{n:,}' for n in steps)} steps a trial"),
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
