import hashlib
import os
import pickle
import sys
from pathlib import Path

import pytest

from tests.downloads.host import Answer, Host, running
from tests.graph_data.planetoid_files import parts
from tests.graph_data.test_unpickling import Evil
from unroll.errors import ConfigError, StoreError
from unroll.graph_data import GraphDataError
from unroll.graph_data.fetching import (
    PINNED,
    USER_AGENT,
    GraphFetchSettings,
    default_graph_folder,
    fetch_planetoid,
)
from unroll.graph_data.planetoid import PARTS, read_planetoid

FILES = {f"/ind.citeseer.{part}": content for part, content in parts().items()}
ADVICE = "choose another mirror, or give a folder that holds the files (--root)"


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


def fetch(host: Host, folder: Path, name: str = "citeseer") -> tuple[Path, list[float]]:
    slept: list[float] = []
    settings = GraphFetchSettings(mirror=host.address, folder=folder)
    return fetch_planetoid(name, settings, sleep=slept.append), slept


def refusal(host: Host, folder: Path, name: str = "citeseer") -> str:
    with pytest.raises(GraphDataError) as caught:
        fetch(host, folder, name)
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_a_graph_is_fetched_once_and_its_sums_are_recorded(tmp_path: Path) -> None:
    with running(Host(files=FILES)) as host:
        folder, slept = fetch(host, tmp_path)
        assert fetch(host, tmp_path)[0] == folder
    assert folder == tmp_path / "citeseer"
    assert host.asked == [f"/ind.citeseer.{part}" for part in PARTS]
    assert host.agents == {USER_AGENT}
    assert slept == []
    assert read_planetoid("citeseer", folder).nodes == 9
    sha256 = hashlib.sha256(FILES["/ind.citeseer.x"]).hexdigest()
    assert (folder / "ind.citeseer.x.sha256").read_text() == f"{sha256}  ind.citeseer.x\n"
    assert not list(folder.glob("*.part"))


def test_a_damaged_copy_is_fetched_again(tmp_path: Path) -> None:
    with running(Host(files=FILES)) as host:
        folder, _ = fetch(host, tmp_path)
        (folder / "ind.citeseer.graph").write_bytes(b"damaged")
        fetch(host, tmp_path)
    assert host.asked[8:] == ["/ind.citeseer.graph"]
    assert (folder / "ind.citeseer.graph").read_bytes() == FILES["/ind.citeseer.graph"]


def test_an_altered_file_is_refused(tmp_path: Path) -> None:
    with running(Host(files=dict(FILES))) as host:
        folder, _ = fetch(host, tmp_path)
        (folder / "ind.citeseer.graph").unlink()
        host.files["/ind.citeseer.graph"] = pickle.dumps({0: [1]}, protocol=2)
        message = refusal(host, tmp_path)
    known = hashlib.sha256(FILES["/ind.citeseer.graph"]).hexdigest()
    assert message == (
        f"{host.address}/ind.citeseer.graph: not the file whose SHA-256 is {known}; what came was "
        f"thrown away; {ADVICE}; if it is to change, delete {folder}/ind.citeseer.graph.sha256"
    )
    assert not (folder / "ind.citeseer.graph").exists()
    assert not list(folder.glob("*.part"))


def test_a_file_of_another_sum_than_the_pinned_is_refused(tmp_path: Path) -> None:
    files = {name.replace("citeseer", "cora"): content for name, content in FILES.items()}
    with running(Host(files=files)) as host:
        message = refusal(host, tmp_path, "cora")
    assert message == (
        f"{host.address}/ind.cora.x: not the file whose SHA-256 is {PINNED['ind.cora.x']}; what "
        f"came was thrown away; {ADVICE}"
    )
    assert host.asked == ["/ind.cora.x"]
    assert [path.name for path in (tmp_path / "cora").iterdir()] == [".lock"]


def test_every_file_of_cora_is_pinned() -> None:
    assert set(PINNED) == {f"ind.cora.{part}" for part in PARTS}


def test_a_file_that_is_cut_short_is_not_kept(tmp_path: Path) -> None:
    half = FILES["/ind.citeseer.x"][:100]
    with running(Host(files={**FILES, "/ind.citeseer.x": half})) as host:
        message = refusal(host, tmp_path)
    assert message.startswith(
        f"{host.address}/ind.citeseer.x: not a whole pickle (UnpicklingError): cut short"
    )
    assert [path.name for path in (tmp_path / "citeseer").iterdir()] == [".lock"]


def test_a_file_that_asks_for_a_command_is_not_kept(tmp_path: Path) -> None:
    witness = tmp_path / "witness"
    evil = pickle.dumps(Evil(os.mkdir, str(witness)), protocol=2)
    with running(Host(files={**FILES, "/ind.citeseer.y": evil})) as host:
        message = refusal(host, tmp_path)
    assert message.startswith(
        f"{host.address}/ind.citeseer.y: refused, and nothing of it was run: this pickle asks for "
        "'posix.mkdir', and arrays"
    )
    assert not witness.exists()
    assert not (tmp_path / "citeseer" / "ind.citeseer.y").exists()


X = "/ind.citeseer.x"
CUT = Answer(body=FILES[X][:50], promised_bytes=len(FILES[X]))


@pytest.mark.parametrize(
    "answer",
    [Answer(status=503), Answer(status=429), CUT],
    ids=["busy", "too many", "cut by the host"],
)
def test_what_may_pass_is_asked_again_ever_later(tmp_path: Path, answer: Answer) -> None:
    with running(Host(files=FILES, answers={X: [answer, answer]})) as host:
        folder, slept = fetch(host, tmp_path)
    assert slept == [2.0, 4.0]
    assert (folder / "ind.citeseer.x").read_bytes() == FILES["/ind.citeseer.x"]


def test_a_mirror_that_stays_busy_is_told(tmp_path: Path) -> None:
    with running(Host(files=FILES, answers={X: [Answer(status=503)] * 9})) as host:
        message = refusal(host, tmp_path)
    assert message == (
        f"{host.address}/ind.citeseer.x: the mirror answered 503, asked 3 times; {ADVICE}"
    )


def test_a_file_that_is_not_there_is_told_at_once(tmp_path: Path) -> None:
    with running(Host()) as host:
        message = refusal(host, tmp_path)
    assert message == (
        f"{host.address}/ind.citeseer.x: the mirror answered 404, asked 1 time; {ADVICE}"
    )


def test_a_connection_that_fails_is_told(tmp_path: Path) -> None:
    with running(Host()) as host:
        pass
    assert refusal(host, tmp_path) == (
        f"{host.address}/ind.citeseer.x: the connection failed (ConnectionError), asked 3 times; "
        f"{ADVICE}"
    )


def test_a_damaged_record_is_told(tmp_path: Path) -> None:
    (tmp_path / "citeseer").mkdir()
    record = tmp_path / "citeseer" / "ind.citeseer.x.sha256"
    record.write_text("no sum")
    with running(Host(files=FILES)) as host:
        message = refusal(host, tmp_path)
    assert message == f"{record}: damaged: no SHA-256 in it; delete it and fetch again"


def test_without_the_extra_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pooch", None)
    with running(Host(files=FILES)) as host:
        message = refusal(host, tmp_path)
    assert message == (
        "fetching a graph needs the package 'pooch', which is not installed: "
        "pip install 'unroll-lab[graph]'"
    )


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with running(Host(files=FILES)) as host, pytest.raises(StoreError, match="Not a directory"):
        fetch(host, tmp_path / "file")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            {"mirror": "ftp://host"},
            "mirror: must begin with https:// or http://, got 'ftp://host'",
        ),
        ({"attempts": 0}, "attempts: must be 1 or more, got 0"),
        ({"timeout_seconds": float("nan")}, "timeout_seconds must be above 0, got nan"),
    ],
)
def test_settings_that_cannot_be_are_refused(settings: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        GraphFetchSettings(**settings)  # type: ignore[arg-type]
    assert str(caught.value) == message


def test_graphs_stay_in_the_users_cache_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/somewhere")
    assert default_graph_folder() == Path("/somewhere/unroll/graphs")
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert GraphFetchSettings().folder == Path.home() / ".cache" / "unroll" / "graphs"


def test_the_default_mirror_is_asked_in_safety() -> None:
    assert GraphFetchSettings().mirror.startswith("https://")
