"""The commands under `unroll graph` as their user meets them."""

import json
from pathlib import Path

import pytest

from tests.cli.refusals import fail
from unroll.cli import main


def test_the_six_node_graph_takes_four_updates(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    main(["graph", "reach", "--out", str(out)])
    captured = capsys.readouterr()
    told = captured.out.splitlines()
    assert told[:7] == [
        "Ã  A  B  C  D  E  F",
        "A  1  1  0  0  1  1",
        "B  1  1  0  1  0  0",
        "C  0  0  1  1  0  0",
        "D  0  1  1  1  0  1",
        "E  1  0  0  0  1  0",
        "F  1  0  0  1  0  1",
    ]
    assert "E first hears of C after 4 updates" in captured.out
    assert told[-2:] == [f"report: {out / 'report.html'}", f"figures: {out / 'figures'}"]
    drawn = {path.suffix for path in (out / "figures").iterdir()}
    assert drawn == {".svg", ".csv"}


@pytest.mark.parametrize(
    ("edges", "updates"), [("A-B,B-C", 2), ("A-B,C-D", None), ("A-B,B-C,A-C", 1)]
)
def test_updates_as_json(
    edges: str, updates: int | None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["graph", "reach", "--edges", edges, "--source", "A", "--target", "C"]
    main([*words, "--json", "--quiet", "--out", str(tmp_path / "out")])
    captured = capsys.readouterr()
    assert captured.err == ""
    summary = json.loads(captured.out)
    assert summary["updates"] == updates
    assert summary["updates_by_jacobian"] == updates


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (
            "compare distanse",
            "unroll: unknown experiment 'distanse': expected one of before, distance, expressions, "
            "images, palindrome, signal (nearest: distance)",
        ),
        ("compare --seeds 0", "unroll: seeds must be 1 to 1,000, got 0"),
        ("compare --steps 0", "unroll: steps must be 1 to 10,000,000, got 0"),
        ("classify --workers 0", "unroll: workers must be 1 or more, got 0"),
        (
            "classify --data karat",
            "unroll: unknown graph 'karat': expected one of citeseer, cora, karate, pubmed "
            "(nearest: karate); or a folder with edges.csv",
        ),
    ],
)
def test_a_mistake_is_one_line_and_leaves_nothing(
    words: str,
    expected: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert fail(["graph", *words.split()], capsys) == expected
    assert list(tmp_path.iterdir()) == []
