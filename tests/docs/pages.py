"""The pages that people read, and the commands that they are told to type."""

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = (
    "README.md",
    "CONTRIBUTING.md",
    "benchmarks/README.md",
    *sorted(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md")),
)
_BLOCK = re.compile(r"^```(bash|console)\n(.*?)^```", re.DOTALL | re.MULTILINE)
_PROGRAM = re.compile(r"```python\n# (\S+)\n(.*?)```", re.DOTALL)
_TIME = re.compile(r"\d½? (minute|hour)|\bhours?\b")
_SETTING = re.compile(r"[A-Z_]+=\S*")


@dataclass(frozen=True, kw_only=True)
class Shown:
    """One command of a page."""

    page: str
    """Where it stands."""
    words: tuple[str, ...]
    """What is typed, without settings of the environment in front and without `> FILE`."""
    into: str | None
    """The file that its output goes to."""
    comment: str
    """What is said beside it, or in the line above."""
    output: tuple[str, ...]
    """What the page shows that it prints; … stands for what was cut."""

    @property
    def is_long(self) -> bool:
        """Whether a time in minutes or hours stands with it."""
        return _TIME.search(self.comment) is not None

    @property
    def is_on_text(self) -> bool:
        """Whether it is one of `unroll text`, which build on each other."""
        return self.words[:2] == ("unroll", "text")


def text_of(page: str) -> str:
    """Return a page as it is written."""
    return (ROOT / page).read_text(encoding="utf-8")


def commands_of(page: str) -> list[Shown]:
    """Return every command of a page's blocks, in order.

    In a `bash` block each line is a command; in a `console` block each line after `$`.
    """
    found = []
    for kind, block in _BLOCK.findall(text_of(page)):
        lines = block.replace("\\\n", " ").splitlines()
        for place, line in enumerate(lines):
            above = lines[place - 1] if place else ""
            if kind == "bash" and line.strip() and not line.startswith("#"):
                found.append(_read(page, line, above, ()))
            elif kind == "console" and line.startswith("$ "):
                after = lines[place + 1 :]
                ends = [n for n, later in enumerate(after) if later.startswith("$ ")]
                found.append(
                    _read(page, line[2:], above, tuple(after[: ends[0] if ends else None]))
                )
    return found


def inline_commands_of(page: str) -> list[str]:
    """Return what stands between backticks in a page's prose and begins like a command."""
    prose = re.sub(r"^```.*?^```", "", text_of(page), flags=re.DOTALL | re.MULTILINE)
    spans = (" ".join(span.split()) for span in re.findall(r"`([^`]+)`", prose))
    return [span for span in spans if re.match(r"(unroll|make|python -m) \S", span)]


def programs_of(page: str) -> dict[str, str]:
    """Return the page's programs by the names in their first lines."""
    return dict(_PROGRAM.findall(text_of(page)))


def _read(page: str, line: str, above: str, output: tuple[str, ...]) -> Shown:
    comment = re.search(r"\s#\s(.*)$", line) or re.match(r"# (.*)$", above)
    words = shlex.split(line, comments=True)
    while words and _SETTING.fullmatch(words[0]):
        words.pop(0)
    into = words[words.index(">") + 1] if ">" in words else None
    return Shown(
        page=page,
        words=tuple(words[: words.index(">")] if ">" in words else words),
        into=into,
        comment=comment[1] if comment else "",
        output=output,
    )
