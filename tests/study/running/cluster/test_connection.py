import http.server
import socket
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.study.undrawn import carry_out
from unroll.cli.entry import main
from unroll.errors import ConfigError
from unroll.report.extra import MissingExtraError
from unroll.study.execute import RunOptions
from unroll.study.memory.settings import MemorySettings
from unroll.study.run import run_command
from unroll.study.running.cluster import address as cluster_address
from unroll.study.running.cluster.address import ClusterError, check_answers, read_address
from unroll.study.running.cluster.connection import connect
from unroll.study.running.cluster.facts import describe_mismatch, local_facts


@pytest.fixture
def free_address() -> str:
    """An address at which nobody listens: what was bound to it is closed again."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"tcp://127.0.0.1:{probe.getsockname()[1]}"


@pytest.fixture
def web_server() -> Iterator[str]:
    server = http.server.HTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"tcp://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("tcp://10.0.0.5:8786", "10.0.0.5", 8786),
        ("tcp://node-7.cluster:1/", "node-7.cluster", 1),
        ("tcp://[::1]:8786", "::1", 8786),
    ],
)
def test_an_address_has_a_host_and_a_port(text: str, host: str, port: int) -> None:
    assert read_address(text) == (host, port)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("localhost:8786", ""),
        ("tcp://localhost", ""),
        ("tcp://:8786", ""),
        ("tcp://localhost:0", ""),
        ("tcp://localhost:65536", ""),
        ("http://localhost:8786", ""),
        ("", ""),
        ("tls://localhost:8786", " (an encrypted connection is not supported)"),
    ],
)
def test_another_form_is_refused(text: str, why: str) -> None:
    with pytest.raises(ConfigError) as refused:
        RunOptions(out=Path("out"), workers=1, quiet=True, executor=text)
    assert str(refused.value) == (
        "executor: expected the address of a Dask scheduler, tcp://HOST:PORT as in "
        f"tcp://127.0.0.1:8786, got '{text}'{why}"
    )


def test_nobody_at_an_address_is_said_at_once_and_nothing_is_written(
    free_address: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    with pytest.raises(SystemExit) as ended:
        main(["memory", "--lengths", "5", "--executor", free_address, "--out", str(out)])
    assert ended.value.code == 2
    assert capsys.readouterr().err == (
        f"unroll: executor: expected a Dask scheduler at {free_address}, and nobody answered "
        "(Connection refused): 'dask scheduler' starts one and prints its address\n"
    )
    assert not out.exists()


def test_something_else_that_listens_is_no_scheduler(
    web_server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # It would wait for us to speak first, for as long as we listen.
    monkeypatch.setattr(cluster_address, "PATIENCE_SECONDS", 0.2)
    with pytest.raises(ClusterError) as refused:
        check_answers(web_server)
    assert str(refused.value) == (
        f"executor: what listens at {web_server} is no Dask scheduler: 'dask scheduler' starts "
        "one and prints its address"
    )


def test_without_the_extra_it_says_what_to_install(
    free_address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(MissingExtraError) as refused:
        connect(free_address, (), out=tmp_path, say=lambda _: None)
    assert str(refused.value) == (
        "--executor needs the package 'distributed', which is not installed: "
        "pip install 'unroll-lab[cluster]'"
    )


def test_where_nothing_is_left_to_do_nobody_is_asked(
    free_address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("unroll.study.execute.write_document", lambda *_: tmp_path / "report.html")
    settings = MemorySettings(
        cells=("rnn",), lengths=(3,), seeds=1, max_steps=2, hidden_size=8, batch_size=8
    )
    first = carry_out(settings, tmp_path)
    options = RunOptions(out=tmp_path, workers=1, quiet=True, executor=free_address)
    assert run_command(settings, options).summary["trials"] == first.summary["trials"]


@pytest.mark.parametrize(
    ("other", "told"),
    [
        ({"unroll": "0.0.9"}, "unroll 0.0.9, and this process 0.1.0"),
        ({"torch": "2.12.0"}, "torch 2.12.0, and this process 2.13.0"),
        ({"python": "3.12"}, "python 3.12, and this process 3.11"),
        ({"unroll's code": "b"}, "other code of unroll 0.1.0 than this process"),
    ],
)
def test_what_is_otherwise_on_a_worker_is_named(other: dict[str, str], told: str) -> None:
    ours = {"unroll": "0.1.0", "unroll's code": "a", "torch": "2.13.0", "python": "3.11"}
    assert describe_mismatch("tcp://a:1", ours | other, ours) == (
        f"executor: the worker tcp://a:1 has {told}: install the same"
    )
    assert describe_mismatch("tcp://a:1", ours, ours) is None


def test_two_waits_for_an_answer_are_less_than_ten_seconds() -> None:
    assert 2 * cluster_address.PATIENCE_SECONDS < 10


def test_the_facts_of_this_process_are_those_it_records() -> None:
    names = {"unroll", "unroll's code", "torch", "python", "distributed"}
    assert local_facts().keys() == names
