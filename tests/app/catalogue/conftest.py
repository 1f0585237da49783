"""Runs that may be damaged."""

import shutil
from pathlib import Path

import pytest


@pytest.fixture
def runs(trained: Path, tmp_path: Path) -> Path:
    """A folder with a copy of the trained runs, to be damaged."""
    shutil.copytree(trained / "text", tmp_path / "runs")
    return tmp_path / "runs"
