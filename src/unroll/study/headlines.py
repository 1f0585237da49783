"""A study in a few lines: what stands at the end of a run."""

from collections.abc import Sequence

from unroll.study.bench.told import bench_headlines
from unroll.study.bench.view import BenchView
from unroll.study.gradients.summary import relative_difference
from unroll.study.gradients.view import GradientView
from unroll.study.graphs.headlines import graph_headlines
from unroll.study.graphs.view import GraphView
from unroll.study.memory.series import find_series, is_further
from unroll.study.memory.view import MemoryView, label_cells
from unroll.study.optimisers.view import OptimiserView
from unroll.study.text.summary import text_headlines
from unroll.study.text.view import TextView
from unroll.study.words import count, distance, spread


def headlines(
    memory: Sequence[MemoryView],
    gradients: Sequence[GradientView],
    optimisers: Sequence[OptimiserView],
    texts: Sequence[TextView] = (),
    graphs: Sequence[GraphView] = (),
    benches: Sequence[BenchView] = (),
) -> list[str]:
    """Return the most important numbers, each in a line."""
    plain = [view for view in memory if not is_further(view) and view.trials]
    labels = label_cells(cell for view in memory for cell in view.cells)
    lines = [line for view in plain[:1] for line in _horizons(view)]
    lines += [
        f"{series.cell}, {series.name}: solves up to T = {series.last_solved:,}"
        + (", by construction, not learned" if series.is_frozen or series.is_built else "")
        for series in find_series(memory, labels)
        if len(series.tested) > 1 and series.last_solved is not None
    ]
    if differences := [relative_difference(p) for view in gradients for p in view.probes]:
        lines.append(
            "gradients by hand and by automatic differentiation differ by at most "
            f"{max(differences):.0e} of their largest entry"
        )
    lines += [line for view in optimisers[:1] for line in _fastest(view)]
    return lines + text_headlines(texts) + graph_headlines(graphs) + bench_headlines(benches)


def _horizons(view: MemoryView) -> list[str]:
    labels = label_cells(view.cells)
    lines = []
    for cell in view.cells:
        horizon = view.horizon(cell)
        seeds = count(len(horizon.readings), "seed")
        built = ", by initialisation, not learned" if view.is_built(cell) else ""
        lines.append(f"{labels[cell]} remembers {distance(horizon)} (median of {seeds}){built}")
    for cell in view.cells:
        for length, trials in view.by_length(cell).items():
            solved = sum(trial.is_solved for trial in trials)
            if solved == len(trials):
                continue
            accuracy = spread([trial.accuracy for trial in trials], "{:.3f}")
            lines.append(
                f"{labels[cell]} at T = {length}: solved by {solved} of "
                f"{count(len(trials), 'seed')}, accuracy {accuracy}, chance 0.100"
            )
            break
    return lines


def _fastest(view: OptimiserView) -> list[str]:
    told = []
    for name in view.optimisers:
        steps = [trial.steps_to_solve for trial in view.best(name)]
        if steps and None not in steps:
            told.append(f"{name} {spread(steps, '{:.0f}')}")
    return [f"steps to solve T = {view.protocol['length']}: {', '.join(told)}"] if told else []
