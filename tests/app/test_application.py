"""The pages and their assets, and what is told where there is nothing."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from importlib import resources
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tests.app.conftest import ADDRESS
from unroll.app.application import PAGES, make_application
from unroll.app.playground import Playground
from unroll.app.settings import AppSettings

ASSETS = sorted(entry.name for entry in resources.files("unroll.app").joinpath("assets").iterdir())


# One for all: what is asked for here changes nothing.
@pytest.fixture(scope="module")
def client(trained: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    settings = AppSettings(runs=(trained,), out=tmp_path_factory.mktemp("pages") / "app", port=0)
    with TestClient(make_application(Playground(settings=settings)), base_url=ADDRESS) as asking:
        yield asking


class Named(HTMLParser):
    """Collects what a page asks for, and whatever a policy without `unsafe-inline` forbids."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.asked: list[str] = []
        self.forbidden: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        inline = [name for name in given if name == "style" or name.startswith("on")]
        if inline or tag in ("style", "iframe") or (tag == "script" and "src" not in given):
            self.forbidden.append(tag)
        if tag in ("script", "link", "img"):
            self.asked.append(given.get("src") or given.get("href") or "")


def test_the_first_page_is_write(client: TestClient) -> None:
    answer = client.get("/", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (307, "/write")


@pytest.mark.parametrize("name", PAGES)
def test_a_page_names_itself_and_asks_for_nothing_but_our_own_assets(
    name: str, client: TestClient
) -> None:
    answer = client.get(f"/{name}")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert f"<title>{PAGES[name]} · unroll</title>" in answer.text
    assert answer.text.count('aria-current="page"') == 1
    named = Named(answer.text)
    assert named.forbidden == []
    for asked in named.asked:
        assert asked == "data:," or re.fullmatch(r"/assets/[a-z_-]+\.(css|js)", asked)
        assert asked == "data:," or client.get(asked).status_code == 200
    assert client.head(f"/{name}").content == b""


@pytest.mark.parametrize("asset", [*ASSETS, "tokens.css", "palette.css"])
def test_an_asset_is_asked_for_again_and_not_sent_again(asset: str, client: TestClient) -> None:
    answer = client.get(f"/assets/{asset}")
    assert answer.status_code == 200
    kind = "text/css" if asset.endswith(".css") else "text/javascript"
    assert answer.headers["content-type"] == f"{kind}; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"
    again = client.get(f"/assets/{asset}", headers={"if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("script", [asset for asset in ASSETS if asset.endswith(".js")])
def test_a_script_makes_no_markup_of_text_and_imports_only_our_own(
    script: str, client: TestClient
) -> None:
    text = client.get(f"/assets/{script}").text
    found = re.findall(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function"
        r"|setAttribute\(.style.|https?://(?!www\.w3\.org/)",
        text,
    )
    assert found == []
    imported = re.findall(r'^(?:import|export) .*?from "(.*?)";', text, re.MULTILINE | re.DOTALL)
    assert [name for name in imported if name.removeprefix("./") not in ASSETS] == []


@pytest.mark.parametrize(
    ("method", "path", "status", "told"),
    [
        ("POST", "/nothing", 404, "nothing is at /nothing"),
        ("GET", "/api/nothing", 404, "nothing is at /api/nothing"),
        ("GET", "/api/a%0Ab", 404, "nothing is at /api/a b"),
        ("GET", f"/api/{'x' * 1000}", 404, f"nothing is at /api/{'x' * 381}…"),
        ("GET", "/assets/nothing.js", 404, "nothing is at /assets/nothing.js"),
        ("DELETE", "/write", 405, "/write cannot be asked by DELETE"),
        ("POST", "/api/runs", 405, "/api/runs cannot be asked by POST"),
    ],
)
def test_what_is_not_there_is_told_in_one_line(
    method: str, path: str, status: int, told: str, client: TestClient
) -> None:
    answer = client.request(method, path)
    assert (answer.status_code, answer.json()) == (status, {"error": told})
    assert ("allow" in answer.headers) == (status == 405)


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/nope", "Nothing is at /nope."),
        ("/Remember", "Nothing is at /Remember."),
        ("/a%0A%3Cb%3E", "Nothing is at /a &lt;b&gt;."),
        (f"/{'x' * 1000}", f"Nothing is at /{'x' * 385}…."),
    ],
)
def test_a_wrong_address_is_a_page_with_the_menu(path: str, told: str, client: TestClient) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert f'<p class="question">{told}</p>' in answer.text
    assert [name for name in PAGES if f'href="/{name}"' not in answer.text] == []
    assert "aria-current" not in answer.text
    assert Named(answer.text).forbidden == []
    assert client.head(path).content == b""
