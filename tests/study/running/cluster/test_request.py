"""How a process answers, without a cluster around it."""

import operator
import pickle
from dataclasses import replace
from pathlib import Path

import pytest

from unroll.study.running.cluster.facts import local_facts
from unroll.study.running.cluster.request import Request, answer


@pytest.fixture
def request_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Request:
    """A call that this process can make; it is answered in another folder, for the test only."""
    monkeypatch.chdir(tmp_path)
    return Request(
        function=operator.add, arguments=(1, 2), facts=local_facts(), cells=(), folder=tmp_path
    )


def ask(request: Request, folder: Path) -> tuple[str, object]:
    return answer(pickle.dumps(request), "tcp://a:1", folder / "scratch")


def test_a_result_comes_back_pickled(request_here: Request, tmp_path: Path) -> None:
    assert ask(request_here, tmp_path) == ("result", pickle.dumps(3))


def test_an_error_comes_back_as_it_was_raised(request_here: Request, tmp_path: Path) -> None:
    kind, value = ask(replace(request_here, arguments=(1, "a")), tmp_path)
    assert kind == "error"
    assert isinstance(value, bytes)
    assert isinstance(pickle.loads(value), TypeError)


def test_other_facts_are_refused(request_here: Request, tmp_path: Path) -> None:
    other = {**local_facts(), "torch": "0.4.1"}
    kind, told = ask(replace(request_here, facts=other), tmp_path)
    assert kind == "refused"
    assert told == (
        f"executor: the worker tcp://a:1 has torch {local_facts()['torch']}, and this process "
        "0.4.1: install the same"
    )


def test_a_folder_that_is_not_shared_is_refused(request_here: Request, tmp_path: Path) -> None:
    token = tmp_path / "elsewhere" / ".unroll-1.token"
    assert ask(replace(request_here, visible=(token,)), tmp_path) == (
        "refused",
        f"executor: the worker tcp://a:1 does not see {token}, and what is to be run there reads "
        "or writes files: give the workers a folder that they share with this process",
    )
