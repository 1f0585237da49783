"""The questions of part 3 answered: asked, ran, measured, follows."""

from collections.abc import Mapping, Sequence

from unroll.report.section import Section
from unroll.study.graphs.compare.experiment import Experiment
from unroll.study.graphs.compare.registry import EXPERIMENTS
from unroll.study.graphs.sections.attention import attention_section
from unroll.study.graphs.sections.classification import classification_section
from unroll.study.graphs.sections.contests import contest_sections
from unroll.study.graphs.sections.propagation import propagation_section
from unroll.study.graphs.sections.six_nodes import six_nodes_section
from unroll.study.graphs.sections.words import DATA
from unroll.study.graphs.summary import MODELS
from unroll.study.graphs.view import GraphView


def graph_sections(
    views: Sequence[GraphView], experiments: Mapping[str, Experiment] = EXPERIMENTS
) -> tuple[Section, ...]:
    """Return every section that can be told from what is recorded, the last asked for in front."""
    reach = _of_kind(views, "graph-reach")
    classified = sorted(
        _latest(_of_kind(views, "graph-classify"), "data", "model"), key=_reading_order
    )
    sections = [
        propagation_section(
            next(iter(reach), None),
            _latest(_of_kind(views, "graph-depth"), "data"),
            _of_kind(views, "graph-horizon")[:1],
            classified,
        ),
        *(six_nodes_section(view, f"-{n}" if n else "") for n, view in enumerate(reach)),
        attention_section(classified),
        classification_section(classified),
        *contest_sections(_latest(_of_kind(views, "graph-compare"), "experiment"), experiments),
    ]
    return tuple(section for section in sections if section is not None)


def _of_kind(views: Sequence[GraphView], kind: str) -> list[GraphView]:
    """Return the views of one kind of which something is measured."""
    return [view for view in views if view.kind == kind and view.looks]


def _latest(views: Sequence[GraphView], *names: str) -> list[GraphView]:
    """Return of the views that share these settings the one that was asked for last."""
    found: dict[tuple[object, ...], GraphView] = {}
    for view in views:
        found.setdefault(tuple(view.looks[0].settings[name] for name in names), view)
    return list(found.values())


def _reading_order(view: GraphView) -> tuple[int, str, int]:
    """Return where a classification stands: our own graphs first, and GCN before GAT."""
    data, model = (view.looks[0].settings[name] for name in ("data", "model"))
    known = list(DATA)
    return known.index(data) if data in known else len(known), data, list(MODELS).index(model)
