"""The count of updates as a job."""

from unroll.study.graphs.measure.reach import HIDDEN_SIZE, measure_reach
from unroll.study.graphs.settings.reach import ReachSettings, check_ends, name_nodes
from unroll.study.running.measurement import MeasurementJob
from unroll.study.running.plan import Plan
from unroll.study.words import count


def plan_reach(settings: ReachSettings) -> Plan:
    """Return the one measurement; where edges come from a file, what it says decides.

    Raises: ConfigError or GraphDataError in one line, for a file that cannot be read or has no
    such nodes.
    """
    edges = settings.read_edges()
    check_ends(edges, settings.source, settings.target)
    N = len(name_nodes(edges))
    asked = {
        "edges": [list(edge) for edge in edges],
        "source": settings.source,
        "target": settings.target,
        "directed": settings.directed,
    }
    arrow = f"{settings.source} → {settings.target}"
    return Plan(
        kind="graph-reach",
        settings=settings,
        protocol=asked,
        measurements=(
            MeasurementJob(
                kind="graph-reach",
                measure=measure_reach,
                settings=asked,
                label=f"reach {arrow}",
                # Every layer's states of N·H copies, a few times over, float64.
                need_bytes=8 * 6 * N * N * (N * HIDDEN_SIZE) * HIDDEN_SIZE,
            ),
        ),
        intention=(f"reach: {arrow} across {count(N, 'node')} and {count(len(edges), 'edge')}",),
    )
