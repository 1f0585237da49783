"""Lines and tables for a terminal, and where a run tells of itself."""

import pytest
from rich.table import Table

from unroll.report.terminal import standard_error, to_text


def test_lines_are_not_folded_and_a_users_words_are_no_styles(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    # As in a notebook's kernel, where every stream is said to take colours.
    monkeypatch.setenv("FORCE_COLOR", "1")
    table = Table(box=None, pad_edge=False)
    table.add_column("cell")
    table.add_row("[bold]mine[/bold]")
    long = "x " * 40 + "x"
    lines = [line.rstrip() for line in to_text([long, "", table]).splitlines()]
    assert lines == [long, "cell", "[bold]mine[/bold]"]


def test_standard_error_gets_lines_without_colours_where_it_is_no_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    standard_error(quiet=False).print("[bold]half[/bold] way")
    standard_error(quiet=True).print("nothing")
    assert capsys.readouterr().err == "half way\n"
