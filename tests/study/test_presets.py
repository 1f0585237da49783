"""What a study consists of: questions chosen, and Cora where it is at hand."""

from pathlib import Path

import pytest

from tests.graph_data.planetoid_files import write
from unroll.errors import ConfigError
from unroll.study.cora import with_cora
from unroll.study.graphs.settings import ClassifySettings, CompareSettings, ReachSettings
from unroll.study.presets import FULL, PRESETS, QUICK
from unroll.study.questions import QUESTIONS, questions_of
from unroll.study.text.part import TextPart


@pytest.mark.parametrize("name", PRESETS)
def test_every_question_is_asked_by_some_part(name: str) -> None:
    asked = {number for part in PRESETS[name].parts for number in questions_of(part)}
    assert asked == set(QUESTIONS)


def test_only_what_a_question_needs_is_run() -> None:
    assert QUICK.only(["3.2"]).parts == (ReachSettings(),)
    assert QUICK.only(["3.2"]).summary == "question 3.2 alone"
    assert QUICK.only(["3.2", "1.3"]).summary == "questions 3.2 and 1.3 alone"
    assert {type(part) for part in QUICK.only(["2.1c"]).parts} == {TextPart}
    names = [part.experiment for part in FULL.only(["3.4b"]).parts]  # type: ignore[union-attr] # experiments alone
    assert names == ["signal", "expressions"]
    assert {type(part) for part in QUICK.only(["3.4a", "3.2"]).parts} == {
        ReachSettings,
        CompareSettings,
    }


def test_a_question_that_there_is_not_is_named() -> None:
    with pytest.raises(ConfigError) as raised:
        QUICK.only(["1.3", "9.9"])
    assert str(raised.value).startswith("unknown question '9.9': expected one of 1.1, 1.2, ")


def test_cora_is_added_where_it_lies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert with_cora(QUICK, None) is QUICK
    write(tmp_path / "here", "cora")
    added = with_cora(QUICK, tmp_path / "here").parts[len(QUICK.parts) :]
    assert {part.model for part in added if isinstance(part, ClassifySettings)} == {"gcn", "gat"}
    assert all(part.data == "cora" and part.root == tmp_path / "here" for part in added)  # type: ignore[union-attr] # as above


def test_a_root_without_cora_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as raised:
        with_cora(QUICK, tmp_path)
    assert str(raised.value) == (
        f"root: no files of Cora in {tmp_path}: expected Cora/raw/ind.cora.x and seven others "
        "there, or ind.cora.x in the folder itself"
    )
