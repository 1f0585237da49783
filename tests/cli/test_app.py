"""The command `unroll app`, up to where it serves."""

import importlib.util
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest

from tests.cli.refusals import fail
from unroll.app.settings import AppSettings
from unroll.cli import parse
from unroll.cli.app import AppCommand


def settings_of(words: str) -> AppSettings:
    command = parse(["app", *words.split()])
    assert isinstance(command, AppCommand)
    return command.settings()


def test_what_is_typed_is_what_is_asked_for(tmp_path: Path) -> None:
    assert settings_of(f"--runs {tmp_path} . --out o --port 0 --open") == AppSettings(
        runs=(tmp_path, Path()), out=Path("o"), port=0, open=True
    )


def test_the_default_folder_may_be_absent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert settings_of("") == AppSettings()
    assert AppSettings() == AppSettings(
        runs=(Path("runs"),), out=Path("runs/app"), port=8765, open=False
    )


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("--runs nope", "unroll: --runs: there is no folder nope"),
        ("--runs . nope", "unroll: --runs: there is no folder nope"),
        ("--runs file", "unroll: --runs: there is no folder file"),
        ("--runs", "unroll: --runs needs a path, got nothing"),
        ("--port 65536", "unroll: port must be 0 to 65535, got 65536"),
        ("--port -1", "unroll: port must be 0 to 65535, got -1"),
        ("--port http", "unroll: --port must be a whole number, got 'http'"),
        ("runs", "unroll: 'runs' is one word too many: unroll app --help lists what there is"),
    ],
)
def test_what_cannot_be_served_is_one_line(
    words: str,
    told: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("file").write_text("")
    assert fail(["app", *words.split()], capsys) == told


@pytest.mark.parametrize("package", ["starlette", "uvicorn", "jinja2", "pydivsufsort"])
def test_a_package_that_is_not_installed_is_one_line(
    package: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    find = importlib.util.find_spec

    def find_others(name: str) -> ModuleSpec | None:
        return None if name == package else find(name)

    monkeypatch.setattr(importlib.util, "find_spec", find_others)
    monkeypatch.setattr("signal.signal", lambda *_: None)
    assert fail(["app"], capsys) == (
        f"unroll: the playground needs the package '{package}', which is not installed: "
        "pip install 'unroll-lab[app]'"
    )
