"""What a run tells and how it ends, when nothing came of it or its report cannot be drawn."""

from dataclasses import replace
from pathlib import Path

import pytest

from unroll.cli import main
from unroll.errors import StoreError
from unroll.records import Store
from unroll.study.execute import RunOptions
from unroll.study.gradients.settings import GradientSettings
from unroll.study.run import run_command, write_report
from unroll.study.running.inline import InlineExecutor

TINY = GradientSettings(
    cells=("rnn",), inits=("uniform",), length=5, seeds=3, sequences=2, hidden_size=4
)
BROKEN = """
from unroll.cells import RNN

class Broken(RNN):
    def forward(self, x, state):
        if len(x) == 2:
            raise RuntimeError("out of order")
        return super().forward(x, state)
"""


def test_where_every_measurement_failed_the_reasons_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "own.py").write_text(BROKEN)
    out = tmp_path / "out"
    settings = replace(TINY, cells=(f"{tmp_path}/own.py:Broken",))
    result = run_command(settings, RunOptions(out=out, workers=1, quiet=False), InlineExecutor())
    assert not result.succeeded
    assert result.summary["report"] is None
    why = f"{settings.cells[0]}: RuntimeError: out of order"
    assert result.summary["failures"] == [why] * 3
    assert f"failed: {why}" in result.text.splitlines()
    assert capsys.readouterr().err.splitlines()[-1] == "no report drawn: every job failed"
    with pytest.raises(StoreError) as raised:
        write_report(out)
    assert str(raised.value) == f"{out}: nothing is finished; run the study first"
    with Store.create(out), pytest.raises(StoreError) as raised:
        write_report(out)
    running = f"{out}: nothing is finished; the study is running, ask again later"
    assert str(raised.value) == running
    with pytest.raises(SystemExit) as ended:
        main(["report", str(out)])
    assert ended.value.code == 2


def test_a_defect_in_drawing_is_told_once_and_ends_no_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    drawn: list[bool] = []

    def draw(_: object, progress: object = None) -> Path:
        drawn.append(progress is not None)
        if progress is not None:
            raise IndexError("list index\nout of range")
        return tmp_path / "report.html"

    monkeypatch.setattr("unroll.study.execute.write_document", draw)
    monkeypatch.setattr("unroll.study.execute.REWRITE_SECONDS", -1.0)
    monkeypatch.setattr("unroll.study.execute.REST_FACTOR", -1.0)
    monkeypatch.setattr("unroll.study.running.runner.wait", one_at_a_time)
    result = run_command(TINY, RunOptions(out=tmp_path, workers=1, quiet=False), InlineExecutor())
    assert result.succeeded
    assert drawn == [True, True, False]
    told = [line for line in capsys.readouterr().err.splitlines() if "not drawn" in line]
    assert told == ["report not drawn: IndexError: list index out of range"]


def one_at_a_time(waiting: dict[object, object], **_: object) -> tuple[list[object], None]:
    """Hand back one finished call, so that the run goes on after it."""
    return [next(iter(waiting))], None
