"""What a server begins with: what it finds, and what it trains."""

from collections.abc import Iterable
from pathlib import Path

import pytest

from unroll.app.catalogue.catalogue import Catalogue
from unroll.app.playground import Playground
from unroll.app.settings import AppSettings
from unroll.app.trainings.trainings import Trainings
from unroll.app.trainings.wanted import NETWORKS, TEXT


def test_a_playground_begins_what_is_lacking(
    trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[tuple[str, ...]] = []
    said: list[str] = []

    def begin(trainings: Trainings, names: Iterable[str]) -> None:
        said.extend(one.said for one in trainings.progress())
        begun.append(tuple(names))

    monkeypatch.setattr(Trainings, "begin", begin)

    Playground(settings=AppSettings(runs=(trained,), out=tmp_path / "app")).begin()
    assert begun == [()]
    Playground(settings=AppSettings(runs=(tmp_path,), out=tmp_path / "app")).begin()
    assert begun == [(), (TEXT, NETWORKS)]
    assert said == ["looking for what is trained already"] * 4


def test_where_nobody_can_tell_what_is_lacking_that_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_catalogue: Catalogue) -> None:
        raise OSError(5, "Input/output error", str(tmp_path / "app" / "text"))

    monkeypatch.setattr(Catalogue, "runs", fail)
    playground = Playground(settings=AppSettings(runs=(tmp_path,), out=tmp_path / "app"))
    playground.begin()

    assert {(one.name, one.state, one.said) for one in playground.trainings.progress()} == {
        (
            name,
            "failed",
            "OSError: [Errno 5] Input/output error: 'app/text'; start unroll app again",
        )
        for name in (TEXT, NETWORKS)
    }
