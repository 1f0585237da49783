from pathlib import Path

import pytest

from tests.downloads.host import Answer, Host, running
from unroll.downloads import Asking, AskingError, PassingError, user_agent

FILE = "/file"


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


def asking(waited: list[float], attempts: int = 5) -> Asking:
    return Asking(
        what="a file",
        extra="text",
        agent=user_agent("tests"),
        attempts=attempts,
        timeout_seconds=5.0,
        first_wait_seconds=20.0,
        wait=waited.append,
    )


def test_what_is_waited_doubles_up_to_a_minute(tmp_path: Path) -> None:
    waited: list[float] = []
    busy = Answer(status=503)
    with running(Host(files={FILE: b"all"}, answers={FILE: [busy] * 4})) as host:
        asking(waited).download(host.address + FILE, tmp_path / "came")
    assert waited == [0.0, 20.0, 40.0, 60.0, 60.0]
    assert (tmp_path / "came").read_bytes() == b"all"


def test_what_is_not_whole_is_asked_for_again(tmp_path: Path) -> None:
    def check(path: Path) -> None:
        if path.read_bytes() != b"all":
            raise PassingError("half is missing")

    halves = [Answer(body=b"al"), Answer(body=b"a")]
    with running(Host(files={FILE: b"all"}, answers={FILE: list(halves)})) as host:
        asking([]).download(host.address + FILE, tmp_path / "came", check)
    assert (tmp_path / "came").read_bytes() == b"all"
    with running(Host(answers={FILE: list(halves)})) as host:
        with pytest.raises(AskingError) as caught:
            asking([], attempts=2).download(host.address + FILE, tmp_path / "came", check)
        assert str(caught.value) == f"{host.address}{FILE}: half is missing, asked 2 times"
    assert (caught.value.may_pass, caught.value.status) == (True, None)


def test_a_refusal_is_told_at_once(tmp_path: Path) -> None:
    with running(Host()) as host, pytest.raises(AskingError) as caught:
        asking([]).download(host.address + FILE, tmp_path / "came")
    assert str(caught.value) == f"{host.address}{FILE}: the mirror answered 404, asked 1 time"
    assert (caught.value.may_pass, caught.value.status) == (False, 404)
    assert host.asked == [FILE]
