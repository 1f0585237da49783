from dataclasses import replace

import pytest

from unroll.report.charts import Palette, copies_by_span, copies_by_stage
from unroll.report.page import figure_svg
from unroll.report.text_rows import CopyRow, StageCopyRow

SPANS = [
    CopyRow(training="quick", kind="written", seed=seed, n=n, share=share + 0.01 * seed)
    for seed in (0, 1, 2)
    for n, share in ((10, 0.5), (20, 0.1), (100, 0.0))
] + [
    CopyRow(training="quick", kind=kind, seed=None, n=n, share=share)
    for kind in ("held-out text", "5-gram model")
    for n, share in ((10, 0.6), (20, 0.2), (100, 0.0))
]
PALETTE = Palette.of_series(["quick"])
STAGES = [
    StageCopyRow(training="quick", seed=0, step=step, n=20, share=share, training_accuracy=accuracy)
    for step, share, accuracy in ((0, 0.0, None), (10, 0.0, 0.3), (100, 0.1, 0.6))
] + [StageCopyRow(training="quick", seed=None, step=None, n=20, share=0.2, training_accuracy=None)]


def drawn(figure_spec: dict[str, object]) -> list[dict[str, object]]:
    datasets = figure_spec["datasets"]
    assert isinstance(datasets, dict)
    (points,) = datasets.values()
    return list(points)


def test_baselines_are_dashed_or_dotted_and_medians_drawn() -> None:
    figure = copies_by_span(SPANS, palette=PALETTE)
    points = drawn(dict(figure.spec))
    assert {(p["condition"], tuple(p["dash"])) for p in points} == {  # type: ignore[arg-type]
        ("written", (1, 0)),
        ("held-out text", (6, 4)),
        ("5-gram model", (2, 3)),
    }
    assert {p["line"] for p in points} == {"quick"}
    assert [p["y"] for p in points if p["condition"] == "written"] == [0.51, 0.11, 0.01]
    assert "median of 3 seeds" in figure.caption
    assert "quick: 51.0% at n = 10, 11.0% at n = 20, 1.0% at n = 100" in figure.alt
    assert figure_svg(figure).startswith("<svg")


def test_copies_accuracy_and_baseline_by_stage() -> None:
    figure = copies_by_stage(STAGES, palette=Palette.of_series(["quick"]))
    points = drawn(dict(figure.spec))
    by = {c: [(p["x"], p["y"]) for p in points if p["condition"] == c] for c in
          ("copied", "accuracy", "baseline")}  # fmt: skip
    assert by["copied"] == [(0, 0.0), (10, 0.0), (100, 0.1)]
    assert by["accuracy"] == [(10, 0.3), (100, 0.6)]
    assert by["baseline"] == [(0, 0.2), (100, 0.2)]
    assert "spans of at least 20" in figure.caption
    assert "the same share of held-out text." in figure.caption
    level = [replace(row, share=0.0) if row.step is None else row for row in STAGES]
    flat = copies_by_stage(level, palette=Palette.of_series(["quick"]))
    assert "of held-out text, 0% and so on the axis." in flat.caption
    assert figure_svg(figure).startswith("<svg")


def test_no_rows_are_refused() -> None:
    with pytest.raises(ValueError, match="text-copies: no rows"):
        copies_by_span([], palette=PALETTE)
    with pytest.raises(ValueError, match="text-copies-by-stage: no rows"):
        copies_by_stage(STAGES[-1:], palette=Palette.of_series(["quick"]))
