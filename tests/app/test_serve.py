"""The command as it is typed: a process with several clients, and its end."""

import json
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from unroll.app.playground import Playground
from unroll.app.serve import run_app
from unroll.app.settings import AppSettings
from unroll.errors import ConfigError

TYPED = [sys.executable, "-m", "unroll.cli", "app", "--port"]


@contextmanager
def running(*words: str) -> Iterator[tuple["subprocess.Popen[str]", int]]:
    """Start the command on a free port; give the process and the port that it told."""
    with subprocess.Popen(
        [*TYPED, "0", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        told = process.stdout.readline()
        line = r"the playground is at http://127\.0\.0\.1:(\d+) \(Ctrl-C ends it\)\n"
        found = re.fullmatch(line, told)
        assert found, told
        yield process, int(found[1])
        process.kill()


def ask(port: int, method: str, path: str, body: Any = None) -> tuple[int, list[Any]]:
    """Return the status of an answer, and its lines."""
    with closing(HTTPConnection("127.0.0.1", port, timeout=60)) as asking:
        sent = None if body is None else json.dumps(body)
        asking.request(method, path, sent, {"content-type": "application/json"})
        answer = asking.getresponse()
        return answer.status, [json.loads(line) for line in answer.read().splitlines()]


def begin(port: int, asked: dict[str, Any]) -> socket.socket:
    """Ask for a text, and return the connection, of which nothing is read."""
    body = json.dumps(asked).encode()
    head = f"POST /api/write HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n"
    asking = socket.create_connection(("127.0.0.1", port), timeout=60)
    asking.sendall(f"{head}Content-Type: application/json\r\n\r\n".encode() + body)
    return asking


def ended(process: "subprocess.Popen[str]") -> tuple[int, str, str]:
    """Return exit code and what else was printed."""
    out, err = process.communicate(timeout=60)
    return process.returncode, out, err


def working_on(folder: Path) -> list[str]:
    """Return the command lines of processes that name a folder, where the system shows them."""
    lines = []
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):  # it has ended meanwhile
            lines.append(process.read_text().replace("\0", " "))
    return [line for line in lines if str(folder) in line]


def test_several_clients_and_a_sudden_end(trained: Path, tmp_path: Path) -> None:
    out = tmp_path / "app"
    with running("--runs", str(trained), "--out", str(out)) as (process, port):
        _, (told,) = ask(port, "GET", "/api/runs")
        first, second = (run["id"] for run in told["runs"])
        texts: dict[str, list[Any]] = {}

        def write(run: str) -> None:
            asked = {"run": run, "prompt": "The", "length": 300, "seed": 1}
            texts[run] = ask(port, "POST", "/api/write", asked)[1]

        # One who never reads, one who goes at once, one who says nothing, and two who listen.
        with (
            begin(port, {"run": first, "prompt": "", "length": 2000, "alternatives": 10}),
            socket.create_connection(("127.0.0.1", port)),
        ):
            begin(port, {"run": first, "prompt": "", "length": 2000}).close()
            writing = [threading.Thread(target=write, args=(run,)) for run in (first, second)]
            for one in writing:
                one.start()
            refused = ask(port, "POST", "/api/write", {"run": "0", "prompt": "", "length": 1})
            assert refused[0] == 404
            long = {"run": first, "prompt": "x" * 30_000, "length": 1}
            status, (error,) = ask(port, "POST", "/api/write", long)
            assert status == 400
            assert error["error"].startswith("the prompt may have at most 20,000 characters")
            for one in writing:
                one.join()
            for lines in texts.values():
                assert [line["kind"] for line in lines].count("character") == 300
                assert lines[-1]["kind"] == "end"
            # A second one, as of who is impatient, changes nothing.
            process.send_signal(signal.SIGINT)
            process.send_signal(signal.SIGINT)
            assert ended(process) == (130, "", "")
    assert working_on(out) == []


def test_a_termination_before_anything_was_asked_is_quiet(trained: Path, tmp_path: Path) -> None:
    with running("--runs", str(trained), "--out", str(tmp_path / "app")) as (process, _):
        process.send_signal(signal.SIGTERM)
        assert ended(process) == (0, "", "")


def test_a_port_in_use_is_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = subprocess.run([*TYPED, str(port)], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        f"unroll: port {port} is in use: give another one with --port, or 0 for any that is free\n"
    )


def test_a_port_that_may_not_be_had_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_listening: socket.socket, _address: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("socket.socket.bind", refuse)
    with pytest.raises(ConfigError) as refused:
        run_app(AppSettings(port=80), print)
    assert str(refused.value) == "port 80 cannot be used: Permission denied"


def test_a_browser_that_fills_the_terminal_does_not_hold_the_server_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_serving, order = threading.Event(), []

    def browse(_address: str) -> bool:
        order.append("browsed" if is_serving.wait(30) else "alone")
        return True

    def run(_server: uvicorn.Server, sockets: list[socket.socket]) -> None:
        order.append(f"{len(sockets)} served")
        is_serving.set()

    monkeypatch.setattr("webbrowser.open", browse)
    monkeypatch.setattr(uvicorn.Server, "run", run)
    monkeypatch.setattr(Playground, "begin", lambda _playground: None)
    run_app(AppSettings(runs=(), out=tmp_path, port=0, open=True), print)

    assert order[0] == "1 served"


def test_a_page_is_there_before_torch_is() -> None:
    program = (
        "import sys\n"
        "from unroll.app.serve import configured\n"
        "from unroll.app.playground import Playground\n"
        "from unroll.app.settings import AppSettings\n"
        "configured(Playground(settings=AppSettings()))\n"
        "sys.exit(sorted({'torch', 'numpy', 'altair'} & set(sys.modules)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
