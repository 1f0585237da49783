"""What the documentation tells a reader to type is run, in a smaller form."""

import re
import runpy
import shlex
from pathlib import Path

import pytest

from tests.study.inline import InlineExecutor
from tests.text.gutenberg_host import Answer, serving
from unroll.cli import main
from unroll.study.execute import RunOptions
from unroll.study.memory.settings import MemorySettings
from unroll.study.run import run_command

ROOT = Path(__file__).parent.parent
PAGES = ("docs/own-cell.md", "README.md")
TEXT_PAGES = [
    page
    for page in ("docs/text.md", "docs/index.md", "README.md")
    if re.search(r"^(\$ )?unroll text ", (ROOT / page).read_text(), re.MULTILINE)
]
BLOCK = re.compile(r"```(?:bash|console)\n(.*?)```", re.DOTALL)

BOOK = "There was once a king who slept; Sleeping beauty is red. A fox saw him!\n" * 150
FETCHED = (
    "*** START OF THE PROJECT GUTENBERG EBOOK TALES ***\n\n"
    f"{BOOK}\n*** END OF THE PROJECT GUTENBERG EBOOK TALES ***\n"
)
STEPS = 3
SMALLER = {
    "train": f"--steps {STEPS} --hidden-size 8 --layers 1 --batch-size 2 --window 8",
    "write": "--length 12",
    "score": "",
    "copies": "--characters 100",
    "context": "--positions 4 --furthest 8 --warm 8 --gradients 2",
    "fetch": "",
}
"""What is given after a command's own options; the last one counts."""


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


def text_commands(page: str) -> list[list[str]]:
    """Return the words after `unroll text` of each command of a page."""
    lines = "\n".join(BLOCK.findall((ROOT / page).read_text())).replace("\\\n", " ").splitlines()
    commands = [re.match(r"(?:\$ )?unroll text (.*)", line) for line in lines]
    return [shlex.split(found[1], comments=True) for found in commands if found]


def smaller(words: list[str], mirror: str) -> list[str]:
    """Return a command that does the same in less time."""
    typed = shlex.join(words)
    if "--resume" in words:
        return words
    for option, instead in (("minutes", ""), ("steps", ""), ("stage", f"--stage {STEPS}")):
        typed = re.sub(rf"--{option} \d+", instead, typed)
    further = f"--mirror {mirror}" if words[0] == "fetch" else SMALLER[words[0]]
    return shlex.split(f"{typed} {further}")


def bring_a_book(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make `folder` the reader's own, with a book under each name that the pages use."""
    monkeypatch.chdir(folder)
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
    for name in ("grimm.txt", "book.txt", "tiny_shakespeare.txt"):
        (folder / name).write_text(BOOK)
    (folder / "letter.txt").write_text("The king's fox.\n")


@pytest.mark.parametrize("page", TEXT_PAGES)
def test_the_commands_on_text_run_one_after_another(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    bring_a_book(tmp_path, monkeypatch)
    with serving({"/cache/epub/2591/pg2591.txt": [Answer(body=FETCHED.encode())]}) as host:
        for words in text_commands(page):
            main(["text", *smaller(words, host.address)])
            assert capsys.readouterr().out, words


def test_the_page_on_text_shows_every_command() -> None:
    assert {words[0] for words in text_commands("docs/text.md")} == set(SMALLER)


def test_the_program_on_text_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = (ROOT / "docs/text.md").read_text()
    ((name, code),) = re.findall(r"```python\n# (\S+)\n(.*?)```", page, re.DOTALL)
    bring_a_book(tmp_path, monkeypatch)
    Path(name).write_text(re.sub(r"(steps|positions)=\d+", rf"\1={STEPS}", code))
    runpy.run_path(name)
    told = capsys.readouterr().out
    assert told.startswith("{'carried_nats': ")
    assert "horizon, and the first distance beyond it: " in told
