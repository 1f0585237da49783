import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import unroll
from tests.downloads.host import Host
from tests.text.gutenberg_host import TALE, Answer, serving
from tests.text.test_pace import Clock
from unroll.errors import ConfigError, StoreError, UnrollError
from unroll.text import Fetched, FetchError, FetchSettings, book_number, fetch_book, read_book
from unroll.text.fetch import PINNED, default_folder

MADE = "/cache/epub/2591/pg2591.txt"
OLDER = "/2/5/9/2591/2591-0.txt"
SUM = hashlib.sha256(TALE).hexdigest()
BUSY = Answer(status=503, body=b"busy")


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


def fetch(host: Host, folder: Path, clock: Clock | None = None, name: str = "grimm") -> Fetched:
    settings = FetchSettings(mirror=host.address, folder=folder)
    clock = clock or Clock()
    return fetch_book(name, settings, clock=clock, sleep=clock.sleep)


def refusal(host: Host, folder: Path, clock: Clock | None = None) -> str:
    with pytest.raises(FetchError) as caught:
        fetch(host, folder, clock)
    message = str(caught.value)
    assert "\n" not in message
    assert isinstance(caught.value, UnrollError)
    return message


def kept(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))


def test_a_book_is_fetched_kept_and_its_sum_recorded(tmp_path: Path) -> None:
    with serving({MADE: [Answer()]}) as host:
        fetched = fetch(host, tmp_path / "books")
        again = fetch(host, tmp_path / "books")
    path = tmp_path / "books" / "pg2591.txt"
    assert path.read_bytes() == TALE
    assert (fetched.number, fetched.name, fetched.path) == (2591, "grimm", path)
    assert fetched.describe() == (
        f"Project Gutenberg's book 2591, {path}: SHA-256 {SUM}, recorded now, on first use, and "
        "compared with nothing yet"
    )
    assert again.describe() == (
        f"Project Gutenberg's book 2591, {path}: SHA-256 {SUM}, as recorded on first use"
    )
    assert host.asked == [MADE]
    assert kept(tmp_path / "books") == ["pg2591.sha256", "pg2591.txt"]
    assert read_book(path, name=fetched.name).text() == "Äiti söi. Once upon a time.\n"


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="sha256sum is not installed")
def test_the_recorded_sum_is_what_sha256sum_checks(tmp_path: Path) -> None:
    with serving({MADE: [Answer()]}) as host:
        fetch(host, tmp_path)
    command = ["sha256sum", "--check", "--strict", "pg2591.sha256"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout == "pg2591.txt: OK\n"


def test_the_agent_says_who_asks(tmp_path: Path) -> None:
    with serving({MADE: [Answer()]}) as host:
        fetch(host, tmp_path)
    version = ".".join(map(str, sys.version_info[:3]))
    assert host.agents == {f"unroll/{unroll.__version__} (character models; Python {version})"}


def test_a_mirror_without_the_made_text_is_asked_for_the_older_one(tmp_path: Path) -> None:
    clock = Clock()
    with serving({OLDER: [Answer()]}) as host:
        assert fetch(host, tmp_path, clock).sha256 == SUM
    assert host.asked == [MADE, OLDER]
    assert clock.slept == [2.0]


def test_a_book_that_is_not_there_is_told(tmp_path: Path) -> None:
    with serving({}) as host:
        message = refusal(host, tmp_path)
    assert message == (
        f"book 2591 is not on the mirror, neither {host.address}{MADE} nor {host.address}{OLDER}; "
        "look its number up at https://www.gutenberg.org/ebooks/2591, or choose another mirror"
    )
    assert kept(tmp_path) == []


def test_two_books_are_fetched_two_seconds_apart(tmp_path: Path) -> None:
    clock = Clock()
    with serving({MADE: [Answer()], "/cache/epub/11/pg11.txt": [Answer()]}) as host:
        fetch(host, tmp_path, clock)
        assert fetch(host, tmp_path, clock, "11").name == "gutenberg-11"
    assert clock.slept == [2.0]


def test_a_busy_mirror_is_asked_again_ever_later(tmp_path: Path) -> None:
    clock = Clock()
    with serving({MADE: [BUSY, BUSY, BUSY, Answer()]}) as host:
        assert fetch(host, tmp_path, clock).sha256 == SUM
    assert clock.slept == [4.0, 8.0, 16.0]


def test_a_mirror_that_stays_busy_is_told(tmp_path: Path) -> None:
    with serving({MADE: [BUSY] * 9}) as host:
        message = refusal(host, tmp_path)
    assert message == (
        f"{host.address}{MADE}: the mirror answered 503, asked 4 times; try again later, or choose "
        "another mirror"
    )
    assert host.asked == [MADE] * 4


@pytest.mark.parametrize(
    ("asked", "waited"), [("30", 30.0), ("1", 4.0), ("86400", 60.0), ("soon", 4.0)]
)
def test_a_busy_mirror_may_say_when_to_come_back(tmp_path: Path, asked: str, waited: float) -> None:
    clock = Clock()
    busy = Answer(status=503, headers={"Retry-After": asked})
    with serving({MADE: [busy, Answer()]}) as host:
        fetch(host, tmp_path, clock)
    assert clock.slept == [waited]


def test_another_refusal_is_told_at_once(tmp_path: Path) -> None:
    with serving({MADE: [Answer(status=403)]}) as host:
        message = refusal(host, tmp_path)
    assert message == f"{host.address}{MADE}: the mirror answered 403; choose another mirror"
    assert host.asked == [MADE]


@pytest.mark.parametrize("promised_bytes", [len(TALE), None], ids=["length told", "not told"])
def test_a_truncated_text_is_asked_for_again(tmp_path: Path, promised_bytes: int | None) -> None:
    half = Answer(body=TALE[: len(TALE) // 2], promised_bytes=promised_bytes)
    with serving({MADE: [half, Answer()]}) as host:
        assert fetch(host, tmp_path).sha256 == SUM
    assert host.asked == [MADE] * 2
    assert (tmp_path / "pg2591.txt").read_bytes() == TALE


def test_a_text_that_stays_truncated_is_refused(tmp_path: Path) -> None:
    half = TALE[: len(TALE) // 2]
    with serving({MADE: [Answer(body=half)] * 4}) as host:
        message = refusal(host, tmp_path)
    assert message == (
        f"{host.address}{MADE}: the text came without Gutenberg's end marker, so cut short, asked "
        "4 times; try again later, or choose another mirror"
    )
    assert kept(tmp_path) == []


def test_a_connection_that_breaks_is_told(tmp_path: Path) -> None:
    with serving({MADE: [Answer(promised_bytes=len(TALE) + 1)] * 4}) as host:
        message = refusal(host, tmp_path)
    assert message == (
        f"{host.address}{MADE}: the connection failed (ChunkedEncodingError), asked 4 times; try "
        "again later, or choose another mirror"
    )
    # Nobody listens there any more.
    message = refusal(host, tmp_path)
    assert message == (
        f"{host.address}{MADE}: the connection failed (ConnectionError), asked 4 times; try again "
        "later, or choose another mirror"
    )
    assert kept(tmp_path) == []


def test_a_book_of_another_sum_than_the_pinned_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(PINNED, 2591, "0" * 64)
    with serving({MADE: [Answer()]}) as host:
        message = refusal(host, tmp_path)
    assert message == (
        f"{host.address}{MADE}: not the file whose SHA-256 is {'0' * 64}; what came was thrown "
        "away; choose another mirror, or give the text as a file"
    )
    assert host.asked == [MADE]
    assert kept(tmp_path) == []


def test_a_book_of_the_pinned_sum_is_told_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(PINNED, 2591, SUM)
    with serving({MADE: [Answer()]}) as host:
        told = fetch(host, tmp_path).describe()
    assert told.endswith(f"SHA-256 {SUM}, as pinned in this version of unroll")
    assert kept(tmp_path) == ["pg2591.txt"]


def test_a_damaged_copy_is_fetched_again(tmp_path: Path) -> None:
    with serving({MADE: [Answer(), Answer()]}) as host:
        fetch(host, tmp_path)
        (tmp_path / "pg2591.txt").write_bytes(TALE[:-5])
        assert fetch(host, tmp_path).origin == "recorded before"
    assert (tmp_path / "pg2591.txt").read_bytes() == TALE
    assert host.asked == [MADE] * 2


def test_a_damaged_copy_is_not_replaced_by_another_text(tmp_path: Path) -> None:
    edition = TALE.replace(b"Once", b"Some")
    with serving({MADE: [Answer(), Answer(body=edition)]}) as host:
        fetch(host, tmp_path)
        (tmp_path / "pg2591.txt").write_bytes(b"damaged")
        message = refusal(host, tmp_path)
    assert message == (
        f"{host.address}{MADE}: not the file whose SHA-256 is {SUM}; what came was thrown away; if "
        f"Gutenberg has a new edition and you want it, delete {tmp_path}/pg2591.sha256 and "
        f"{tmp_path}/pg2591.txt and fetch again"
    )
    assert (tmp_path / "pg2591.txt").read_bytes() == b"damaged"


def test_a_damaged_record_is_told(tmp_path: Path) -> None:
    (tmp_path / "pg2591.sha256").write_text("no sum")
    with serving({}) as host:
        message = refusal(host, tmp_path)
    assert message == (
        f"{tmp_path}/pg2591.sha256: damaged: no SHA-256 in it; delete it and fetch again"
    )


def test_without_the_extra_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving({MADE: [Answer()]}) as host:
        monkeypatch.setitem(sys.modules, "pooch", None)
        message = refusal(host, tmp_path)
        assert message == (
            "fetching a book needs the package 'pooch', which is not installed: "
            "pip install 'unroll-lab[text]'"
        )
        assert host.asked == []
        monkeypatch.undo()
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        fetch(host, tmp_path)
        # What is kept can be read without it.
        monkeypatch.setitem(sys.modules, "pooch", None)
        assert fetch(host, tmp_path).sha256 == SUM


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with serving({}) as host, pytest.raises(StoreError) as caught:
        fetch(host, tmp_path / "file" / "books")
    assert str(caught.value) == f"{tmp_path}/file/books/pg2591.txt: Not a directory"


def test_nothing_is_printed(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with serving({MADE: [Answer()]}) as host:
        fetch(host, tmp_path)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("name", "number"), [("grimm", 2591), ("sherlock", 1661), ("11", 11), ("070000", 70_000)]
)
def test_a_book_has_a_name_or_a_number(name: str, number: int) -> None:
    assert book_number(name) == number


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("grim", " (nearest: grimm)"),
        ("0", ""),
        ("-5", ""),
        ("", ""),
        ("٣", ""),
        ("../x", ""),
        ("9" * 5000, ""),
    ],
)
def test_another_name_is_refused(name: str, nearest: str) -> None:
    with pytest.raises(ConfigError) as caught:
        book_number(name)
    assert str(caught.value) == (
        f"unknown book '{name}': expected one of grimm, sherlock{nearest}; or a number at Project "
        "Gutenberg"
    )


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            {"mirror": "ftp://host"},
            "mirror: must begin with https:// or http://, got 'ftp://host'",
        ),
        ({"attempts": 0}, "attempts: must be 1 or more, got 0"),
        (
            {"pause_seconds": -1.0},
            "fetch: pause_seconds must be 0 or more and timeout_seconds above 0, got -1.0 and 30.0",
        ),
        (
            {"timeout_seconds": float("nan")},
            "fetch: pause_seconds must be 0 or more and timeout_seconds above 0, got 2.0 and nan",
        ),
    ],
)
def test_settings_that_cannot_be_are_refused(settings: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        FetchSettings(**settings)  # type: ignore[arg-type]
    assert str(caught.value) == message


def test_books_stay_in_the_users_cache_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/somewhere")
    assert default_folder() == Path("/somewhere/unroll/books")
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert FetchSettings().folder == Path.home() / ".cache" / "unroll" / "books"


def test_the_default_mirror_is_asked_in_safety_and_at_the_pace_it_asks_for() -> None:
    settings = FetchSettings()
    assert settings.mirror.startswith("https://")
    assert settings.pause_seconds == 2.0
    assert "www.gutenberg.org" not in settings.mirror
