"""The help of commands that stand under another one."""

import subprocess
import sys

import pytest

from unroll.cli import main

COMMANDS = {
    "text": ("fetch", "train", "write", "score", "copies", "context"),
    "graph": ("classify", "reach", "horizon", "depth", "compare"),
}
PAGES = [
    [group, *name] for group, names in COMMANDS.items() for name in ([], *([n] for n in names))
]


@pytest.mark.parametrize("words", PAGES, ids=" ".join)
def test_help_fits_80_columns_and_has_an_example(
    words: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    with pytest.raises(SystemExit) as ended:
        main([*words, "--help"])
    assert ended.value.code == 0
    told = capsys.readouterr().out
    assert f"Example: unroll {words[0]}" in told
    # argparse's usage line is not wrapped by tyro; everything else is.
    assert max(len(line) for line in told.splitlines()[1:]) <= 80


@pytest.mark.parametrize("words", [["text", "train"], ["graph", "classify"]], ids=" ".join)
def test_help_does_not_import_torch(words: list[str]) -> None:
    program = (
        "import sys, unroll.cli\n"
        f"try:\n    unroll.cli.main({[*words, '--help']})\nexcept SystemExit:\n    pass\n"
        "sys.exit(sorted({'torch', 'numpy'} & set(sys.modules)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
