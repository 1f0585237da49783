"""What of a bench is not finished, in words: which cells wait for what."""

from unroll.study.bench.view import BenchView
from unroll.study.words import count, join


def unfinished_words(view: BenchView) -> str:
    """Return how many jobs wait, and what they are of; empty where all are."""
    if not view.missing:
        return ""
    waiting = "; ".join([*_measurements(view), *_trainings(view)])
    return f"{count(view.missing, 'job')}{waiting and f' ({waiting})'}"


def _measurements(view: BenchView) -> list[str]:
    """Return what is measured of some cells, and not yet of others."""
    measured = {
        "gradient over time": {gradient.cell for gradient in view.gradients},
        "bits per character": {bits.cell for bits in view.bits.cells},
        "time and memory": {cost.cell for cost in view.costs},
    }
    names = {"gradient over time": "gradient", "bits per character": "bits"}
    told = []
    for what, cells in measured.items():
        lacking = [
            view.labels[cell]
            for cell in view.cells
            if cell not in cells and names.get(what) not in view.left_out(cell)
        ]
        if cells and lacking:
            told.append(f"{what} of {join(lacking)}")
    return told


def _trainings(view: BenchView) -> list[str]:
    """Return the tasks that cells are yet to be trained on, or tested in."""
    told = []
    for task in view.tasks:
        pending = [
            view.labels[cell]
            for cell in view.cells
            if (result := view.result(cell, task)) is not None and result.is_pending
        ]
        if pending:
            told.append(f"{task.replace('-', ' ')} of {join(pending)}")
    return told
