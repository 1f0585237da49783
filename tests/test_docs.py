"""What the documentation tells a reader to type is run, in a smaller form."""

import itertools
import re
import runpy
import shlex
from pathlib import Path

import pytest

from tests.graph_data import planetoid_files
from tests.text.gutenberg_host import Answer, serving
from unroll.cli import main
from unroll.graph_data import DATA_NAMES, PLANETOID_NAMES
from unroll.study.execute import RunOptions
from unroll.study.graphs.settings.compare import EXPERIMENTS
from unroll.study.memory.settings import MemorySettings
from unroll.study.run import run_command
from unroll.study.running.inline import InlineExecutor

ROOT = Path(__file__).parent.parent
PAGES = ("docs/own-cell.md", "README.md")
GRAPHS = ROOT / "docs/graphs.md"
TEXT_PAGES, GRAPH_PAGES = (
    [
        page
        for page in (f"docs/{topic}.md", "docs/index.md", "README.md")
        if re.search(rf"^(\$ )?unroll {topic[:5]} ", (ROOT / page).read_text(), re.MULTILINE)
    ]
    for topic in ("text", "graphs")
)
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
SMALLER_GRAPH = {
    "reach": "",
    "classify": "--seeds 1 --epochs 2",
    "depth": "--seeds 1 --epochs 2 --depths 1 2",
    "horizon": "--seeds 1 --steps 2 --distances 1 2 --hidden-size 8",
    "compare": "--seeds 1 --steps 2",
}
"""The same for graphs."""


@pytest.mark.parametrize("page", PAGES)
def test_the_cell_in_the_text_runs_through_a_study(page: str, tmp_path: Path) -> None:
    name, code = program_of(page)
    (tmp_path / name).write_text(code)
    spec = f"{tmp_path / name}:Leaky"
    settings = MemorySettings(
        cells=("rnn", spec), lengths=(5,), seeds=1, max_steps=30, hidden_size=8, batch_size=8
    )
    options = RunOptions(out=tmp_path / "out", workers=1, quiet=True)
    trials = run_command(settings, options, InlineExecutor()).summary["trials"]
    assert [trial["status"] for trial in trials] == ["budget", "budget"]


def commands_of(page: str, about: str) -> list[list[str]]:
    """Return the words after `unroll text` or `unroll graph` of each command of a page."""
    lines = "\n".join(BLOCK.findall((ROOT / page).read_text())).replace("\\\n", " ").splitlines()
    commands = [re.match(rf"(?:\$ )?unroll {about} (.*)", line) for line in lines]
    return [shlex.split(found[1], comments=True) for found in commands if found]


def program_of(page: str) -> tuple[str, str]:
    """Return the name and the text of a page's one program."""
    ((name, code),) = re.findall(
        r"```python\n# (\S+)\n(.*?)```", (ROOT / page).read_text(), re.DOTALL
    )
    return name, code


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
        for words in commands_of(page, "text"):
            main(["text", *smaller(words, host.address)])
            assert capsys.readouterr().out, words


def test_the_page_on_text_shows_every_command() -> None:
    assert {words[0] for words in commands_of("docs/text.md", "text")} == set(SMALLER)


def test_the_program_on_text_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    name, code = program_of("docs/text.md")
    bring_a_book(tmp_path, monkeypatch)
    Path(name).write_text(re.sub(r"(steps|positions)=\d+", rf"\1={STEPS}", code))
    runpy.run_path(name)
    told = capsys.readouterr().out
    assert told.startswith("{'carried_nats': ")
    assert "horizon, and the first distance beyond it: " in told


def bring_graphs(words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Put what a command reads where it looks for it: the page's own tables, and a tiny Cora."""
    given = dict(itertools.pairwise(words))
    data, edges = given.get("--data", "karate"), Path(given.get("--edges", ""))
    if edges.suffix == ".csv":
        write_tables(edges.parent)
    if data in PLANETOID_NAMES:
        root = planetoid_files.write(Path(given.get("--root", "fetched")), data)
        monkeypatch.setattr("unroll.graph_data.loading.fetch_planetoid", lambda *_: root)
    elif data not in DATA_NAMES:
        write_tables(Path(data))


def write_tables(folder: Path) -> None:
    """Write the tables that the page on graphs shows."""
    tables = re.findall(r"`tales/(\S+)`:\n\n```text\n(.*?)```", GRAPHS.read_text(), re.DOTALL)
    assert [name for name, _ in tables] == ["edges.csv", "nodes.csv"]
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in tables:
        (folder / name).write_text(table)


@pytest.mark.parametrize("page", GRAPH_PAGES)
def test_the_commands_on_graphs_run_one_after_another(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("unroll.study.execute.WorkerPool", lambda _: InlineExecutor())
    for words in commands_of(page, "graph"):
        bring_graphs(words, monkeypatch)
        main(["graph", *words, *SMALLER_GRAPH[words[0]].split()])
        assert "\nreport: " in capsys.readouterr().out, words


def test_the_page_on_graphs_shows_every_command_and_experiment() -> None:
    commands = commands_of("docs/graphs.md", "graph")
    assert {words[0] for words in commands} == set(SMALLER_GRAPH)
    shown = re.findall(r"^\| `(\w+)` \|", GRAPHS.read_text(), re.MULTILINE)
    assert shown == list(EXPERIMENTS)


def test_the_counts_of_updates_on_the_page_are_those_that_are_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    command_and_output = re.compile(
        r"^\$ unroll (graph reach.*)\n((?:(?!```|\$).*\n)*)", re.MULTILINE
    )
    reaches = command_and_output.findall(GRAPHS.read_text())
    assert reaches
    for command, shown in reaches:
        words = shlex.split(command)
        bring_graphs(words, monkeypatch)
        main(words)
        told = capsys.readouterr().out.splitlines()
        assert [line for line in shown.splitlines() if line not in (*told, "…")] == [], command


def test_the_program_on_graphs_prints_what_the_page_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    name, code = program_of("docs/graphs.md")
    monkeypatch.chdir(tmp_path)
    Path(name).write_text(code)
    runpy.run_path(name)
    told = capsys.readouterr().out
    assert f"```console\n$ python {name}\n{told}```" in GRAPHS.read_text()
