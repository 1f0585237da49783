"""What the sections on graphs share: their part, names, notices and checks."""

import statistics
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from unroll.report.markup import inert
from unroll.report.section import Check, Notice
from unroll.study import parts
from unroll.study.graphs.summary import MODELS
from unroll.study.graphs.view import GraphView
from unroll.study.words import count

PART = parts.GRAPHS
DATA = {
    "karate": "the karate club",
    "cora": "Cora",
    "citeseer": "CiteSeer",
    "pubmed": "PubMed",
}
"""What the graphs that come with the package are called in a sentence."""


def model_name(model: str) -> str:
    """Return what a network is called."""
    return MODELS.get(model, model)


def data_name(data: str) -> str:
    """Return what a graph is called, marked up; a folder's is called as the folder is."""
    return inert(plain_data_name(data))


def plain_data_name(data: str) -> str:
    """Return what a graph is called, for titles and labels, which have no marks."""
    return DATA.get(data, Path(data).name)


def mean_percent(values: Sequence[float]) -> str:
    r"""Return mean and standard deviation of shares, in per cent.

    >>> mean_percent([0.80, 0.82]), mean_percent([0.5])
    ('81.0\xa0±\xa01.4', '50.0')
    """
    mean = f"{100 * statistics.fmean(values):.1f}"
    return f"{mean}\u00a0±\u00a0{100 * statistics.stdev(values):.1f}" if len(values) > 1 else mean


def notices(views: Iterable[GraphView]) -> list[Notice]:
    """Return what failed, and how much is not recorded yet."""
    told = []
    for view in views:
        told += [Notice(text=inert(problem)) for problem in view.problems]
        if view.missing:
            told.append(Notice(text=f"{count(view.missing, 'measurement')} not recorded yet."))
    return told


def checks(values: Iterable[dict[str, Any]]) -> list[Check]:
    """Return what measurements tested, each claim once: it holds where all say that it holds."""
    found: dict[str, list[dict[str, Any]]] = {}
    for each in values:
        for check in each.get("checks", ()):
            found.setdefault(check["claim"], []).append(check)
    told = []
    for claim, tested in found.items():
        failed = [check for check in tested if not check["passed"]]
        shown = (failed or tested)[0]
        told.append(Check(label=claim, passed=not failed, detail=shown["detail"]))
    return told
