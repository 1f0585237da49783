"""What all pages stand on: colours, the tooltip, the heat map and the choosing of a run."""

import json

import pytest
from playwright.sync_api import Page, Route, expect

SECOND_MS = 1000
READABLE = 4.5
"""Contrast of text, WCAG 2.2 AA."""
CONTRAST = """async () => {
  const { share, signed, surprise } = await import("/assets/colour.js");
  const pen = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const light = (colour) => {
    pen.fillStyle = colour;
    pen.fillRect(0, 0, 1, 1);
    const [r, g, b] = [...pen.getImageData(0, 0, 1, 1).data].map((value) => {
      const part = value / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const probe = document.body.appendChild(document.createElement("i"));
  const resolved = (colour) => {
    probe.style.background = colour;
    return light(getComputedStyle(probe).backgroundColor);
  };
  const ink = light(getComputedStyle(document.body).color);
  const contrast = (one) => (Math.max(one, ink) + 0.05) / (Math.min(one, ink) + 0.05);
  const steps = Array.from({ length: 21 }, (_, i) => i / 20);
  const both = steps.map((value) => signed(2 * value - 1));
  const told = [...steps.map(share), ...steps.map(surprise), ...both];
  return {
    least: Math.min(...told.map((colour) => contrast(resolved(colour)))),
    signed: [-1, 0, 1].map((value) => resolved(signed(value))),
    surprise: [1, 0.5, 0.001, 0].map((value) => contrast(resolved(surprise(value)))),
  };
}"""
HEAT = """async () => {
  const { heat } = await import("/assets/heat.js");
  const place = document.querySelector("main").appendChild(document.createElement("div"));
  window.pointed = [];
  window.map = heat(place, {
    rows: 2, columns: 3, values: new Uint8Array([0, 128, 255, 255, 128, 0]), kind: "signed",
    rowLabel: "unit", columnLabel: "step", label: "state",
    describe: (row, column) => `unit ${row + 1}, step ${column + 1}`,
    onpoint: (row, column) => window.pointed.push([row, column]),
  });
}"""
TIP = """async () => {
  const { tip } = await import("/assets/tip.js");
  const button = document.createElement("button");
  button.textContent = "told";
  button.id = "target";
  document.querySelector("main").append(button);
  tip(button, () => "<b>as text</b>");
}"""
CHOOSE = """async () => {
  const { chooseRun } = await import("/assets/chooser.js");
  const select = document.createElement("select");
  select.id = "runs";
  select.style.setProperty("width", "9rem");
  document.querySelector("main").append(select);
  window.chosen = [];
  chooseRun(select, (run) => window.chosen.push(run.id));
}"""


def open_spread(page: Page) -> None:
    """Open a page and wait for its own answer, which moves what is below and ends a notice."""
    page.goto("/spread")
    expect(page.get_by_text("Before any layer only C knows its own news.")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_is_readable_on_every_colour(scheme: str, page: Page) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    open_spread(page)
    told = page.evaluate(CONTRAST)
    assert told["least"] >= READABLE
    below, zero, above = told["signed"]
    # In grey print the two signs differ, and both from 0.
    assert abs(below - above) > 0.05
    assert zero not in (below, above)
    # The less probable, the further the ground is from paper, towards the ink.
    assert told["surprise"] == sorted(told["surprise"], reverse=True)


def test_a_heat_map_is_read_by_keys_and_by_pointer(page: Page) -> None:
    open_spread(page)
    page.evaluate(HEAT)
    canvas = page.locator(".heat canvas")
    expect(canvas).to_have_attribute(
        "aria-label", "state: 2 units down, 3 steps across; arrow keys read it cell by cell"
    )
    canvas.focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowDown"):
        page.keyboard.press(key)
    expect(page.locator(".heat-said")).to_have_text("unit 2, step 2")
    box = canvas.bounding_box()
    assert box is not None
    canvas.hover(position={"x": 0.9 * box["width"], "y": 0.2 * box["height"]})
    expect(page.locator(".heat-said")).to_have_text("unit 1, step 3")
    assert page.evaluate("pointed") == [[0, 0], [0, 1], [1, 1], [0, 2]]
    # Corners: the highest value, and below it the lowest, are as far apart as colours go.
    colours = canvas.evaluate(
        """one => {
          const { data } = one.getContext("2d").getImageData(0, 0, one.width, one.height);
          const column = Math.round(one.width / 6);
          const at = (y) => 4 * (Math.round(y * one.height) * one.width + column);
          return [0.25, 0.75].map((y) => [...data.slice(at(y), at(y) + 3)]);
        }"""
    )
    ends = page.evaluate(
        """async () => { const { ramp } = await import("/assets/colour.js");
          const all = ramp("signed"); return [all[0], all[255]]; }"""
    )
    assert colours == ends


def test_a_tip_is_text_beside_its_target_and_closes(page: Page) -> None:
    open_spread(page)
    page.evaluate(TIP)
    target, tip = page.locator("#target"), page.locator("#tip")
    target.hover()
    expect(tip).to_have_text("<b>as text</b>")
    expect(target).to_have_attribute("aria-describedby", "tip")
    one, other = target.bounding_box(), tip.bounding_box()
    assert one is not None
    assert other is not None
    is_below = other["y"] >= one["y"] + one["height"]
    assert is_below or other["y"] + other["height"] <= one["y"]
    page.keyboard.press("Escape")
    expect(tip).to_be_hidden()
    page.mouse.move(0, 0)
    page.keyboard.press("Tab")
    target.focus()
    expect(tip).to_be_visible()


def test_a_page_waits_for_a_run_and_goes_on_by_itself(page: Page) -> None:
    """The server's answers are given here: late, then none, then a run, then it has finished."""
    run = {"id": "one", "title": "Fable", "state": "training", "stages": [0], "problem": None}
    broken = {**run, "id": "two", "title": "Torn", "state": "damaged", "problem": "no weights"}
    lists = [[broken], [broken, run], [broken, {**run, "state": "finished", "stages": [0, 5]}]]
    training = {"name": "text", "title": "A small model of a book", "said": "step 3 of 90"}
    states = ["training", "training", "finished"]

    late: list[Route] = []

    def runs(route: Route) -> None:
        if len(lists) == 3 and not late:
            return late.append(route)
        return route.fulfill(json={"runs": lists.pop(0), "default": None})

    def trainings(route: Route) -> None:
        known = {**training, "state": states.pop(0), "done": 0.3, "seconds_left": 20.4}
        route.fulfill(body=json.dumps({"trainings": [known]}), content_type="application/json")

    page.route("**/api/runs", runs)
    page.route("**/api/training", trainings)
    page.clock.install()
    page.goto("/spread?run=gone")
    page.evaluate(CHOOSE)
    progress = page.locator("#progress")
    page.clock.run_for(SECOND_MS // 5)
    expect(progress).to_have_text(
        "Waiting for the playground: when it has just been started, it loads PyTorch first, "
        "a few seconds."
    )
    runs(late[0])
    expect(progress).to_contain_text("A small model of a book")
    expect(progress).to_contain_text("step 3 of 90. About 20 s left.")
    expect(progress).to_contain_text("Torn: no weights")
    expect(page.locator("#runs")).to_have_text("no run yet")
    page.clock.run_for(SECOND_MS)
    expect(progress).to_have_text(
        "A small model of a book: 30% trained, about 20 s left; step 3 of 90"
    )
    expect(page.locator("#runs option")).to_have_text(["Fable (training)"])
    expect(page.locator("#lasting")).to_have_text(
        "There is no such run here: the address may be of another machine, or its folder needs "
        "--runs. Shown is Fable."
    )
    assert page.url.endswith("?run=one")
    page.clock.run_for(SECOND_MS)
    expect(page.locator("#runs option")).to_have_text(["Fable"])
    expect(progress).to_be_hidden()
    assert page.evaluate("chosen") == ["one"]


def test_a_choice_goes_along_to_other_pages_and_back_in_the_history(page: Page) -> None:
    open_spread(page)
    page.evaluate(CHOOSE)
    runs, whole = page.locator("#runs"), page.locator(".whole")
    expect(runs).not_to_have_value("")
    one = runs.input_value()
    (other,) = runs.locator("option").evaluate_all(
        "(all, one) => all.map((option) => option.value).filter((id) => id !== one)", one
    )
    runs.select_option(other)
    # The field is too narrow for the title.
    expect(whole).to_have_text(runs.locator(f"option[value='{other}']").inner_text())
    expect(whole).to_be_visible()
    links = page.locator("nav a")
    hrefs = "all => all.map((link) => link.getAttribute('href'))"
    assert links.evaluate_all(hrefs) == [
        f"/write?run={other}",
        f"/inside?run={other}",
        "/remember",
        "/spread",
    ]
    page.go_back()
    expect(runs).to_have_value(one)
    page.go_forward()
    expect(runs).to_have_value(other)
    assert page.evaluate("chosen") == [one, other, one, other]
    assert page.url.endswith(f"?run={other}")


def test_a_choice_lasts_over_pages_without_it_and_an_address_wins(page: Page) -> None:
    open_spread(page)
    page.evaluate(CHOOSE)
    runs = page.locator("#runs")
    expect(runs).not_to_have_value("")
    one = runs.input_value()
    ids = runs.locator("option").evaluate_all("all => all.map((option) => option.value)")
    (other,) = set(ids) - {one}
    runs.select_option(other)
    for address, shown in (("/spread", other), (f"/spread?run={one}", one), ("/spread", one)):
        page.goto(address)
        page.evaluate(CHOOSE)
        expect(runs).to_have_value(shown)
        assert page.url.endswith(f"?run={shown}")


def test_back_to_an_address_of_no_run_here_is_replaced_by_what_is_shown(page: Page) -> None:
    open_spread(page)
    page.evaluate(CHOOSE)
    runs = page.locator("#runs")
    expect(runs).not_to_have_value("")
    shown = runs.input_value()
    page.evaluate(
        "one => ['gone', one].forEach((run) => history.pushState(0, '', `?run=${run}`))", shown
    )
    page.go_back()
    page.wait_for_url(f"**/spread?run={shown}")
    expect(runs).to_have_value(shown)


def test_while_there_is_no_run_one_line_says_so(page: Page) -> None:
    none: dict[str, object] = {"runs": [], "default": None}
    page.route("**/api/runs", lambda route: route.fulfill(json=none))
    page.route("**/api/training", lambda route: route.fulfill(json={"trainings": []}))
    page.goto("/write")
    expect(page.locator("#progress")).to_have_text(
        "There is no run here, and none is being trained."
    )
    expect(page.locator("#said")).to_have_text("")


def test_that_nobody_answers_is_said_until_somebody_does(page: Page, complaints: list[str]) -> None:
    is_down = [True]
    open_spread(page)
    page.route("**/api/*", lambda route: route.abort() if is_down else route.continue_())
    page.evaluate(
        """async () => {
          const { get } = await import("/assets/api.js");
          const { notice } = await import("/assets/dom.js");
          await get("runs").catch(notice);
        }"""
    )
    notice = page.locator("#notice")
    expect(notice).to_have_text("the playground does not answer: is unroll app still running?")
    with page.expect_event("requestfailed"):
        pass
    expect(notice).to_be_visible()
    is_down.clear()
    expect(notice).to_be_hidden()
    assert all("ERR_FAILED" in complaint for complaint in complaints)
    complaints.clear()


def test_a_run_that_is_deleted_leaves_the_list_and_is_said_in_one_line(
    page: Page, complaints: list[str]
) -> None:
    run = {"id": "one", "title": "Fable", "state": "finished", "stages": [0], "problem": None}
    lists = [[run], [{**run, "id": "two", "title": "Tale"}]]
    page.route(
        "**/api/runs", lambda route: route.fulfill(json={"runs": lists.pop(0), "default": None})
    )
    open_spread(page)
    page.evaluate(CHOOSE)
    runs, lasting = page.locator("#runs"), page.locator("#lasting")
    expect(runs).to_have_value("one")
    page.evaluate(
        """async () => {
          const { get } = await import("/assets/api.js");
          const { notice } = await import("/assets/dom.js");
          await get("write/ready", { run: "one", stage: "best" }).catch(notice);
        }"""
    )
    expect(page.locator("#notice")).to_be_visible()
    expect(lasting).to_have_text("Fable is not there any more: choose another run.")
    expect(page.locator("#notice")).to_be_hidden()
    expect(runs.locator("option")).to_have_text(["choose another run", "Tale"])
    expect(runs).to_have_value("")
    # What the page shows is the reader's, until another is chosen.
    assert page.evaluate("chosen") == ["one"]
    runs.select_option("two")
    expect(lasting).to_be_hidden()
    expect(runs.locator("option")).to_have_text(["Tale"])
    assert page.evaluate("chosen") == ["one", "two"]
    assert len(complaints) == 1
    assert "404" in complaints.pop()


def test_a_mistake_in_a_page_is_told_in_plain_words(page: Page, complaints: list[str]) -> None:
    open_spread(page)
    page.evaluate("() => { setTimeout(() => undefined.toLocaleString()); }")
    expect(page.locator("#lasting")).to_have_text(
        "This page has met what it was not made for: reload it. If unroll was changed meanwhile, "
        "start unroll app again, too."
    )
    assert any("toLocaleString" in complaint for complaint in complaints)
    complaints.clear()
