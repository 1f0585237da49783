"""The documentation's example of a cell is run as a reader would run it."""

import re
from pathlib import Path

import pytest

from tests.study.inline import InlineExecutor
from unroll.study.execute import RunOptions
from unroll.study.memory.settings import MemorySettings
from unroll.study.run import run_command

ROOT = Path(__file__).parent.parent
PAGES = ("docs/own-cell.md", "README.md")


@pytest.mark.parametrize("page", PAGES)
def test_the_cell_in_the_text_runs_through_a_study(page: str, tmp_path: Path) -> None:
    blocks = re.findall(r"```python\n# (\S+)\n(.*?)```", (ROOT / page).read_text(), re.DOTALL)
    ((name, code),) = blocks
    (tmp_path / name).write_text(code)
    spec = f"{tmp_path / name}:Leaky"
    settings = MemorySettings(
        cells=("rnn", spec), lengths=(5,), seeds=1, max_steps=30, hidden_size=8, batch_size=8
    )
    options = RunOptions(out=tmp_path / "out", workers=1, quiet=True)
    trials = run_command(settings, options, InlineExecutor()).summary["trials"]
    assert [trial["status"] for trial in trials] == ["budget", "budget"]
