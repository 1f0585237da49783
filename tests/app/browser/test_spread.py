"""Spread in a browser: the assignment's graph, and graphs that are drawn by pointer and by keys."""

import re

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.app.spread.graphs import ask, dense_hat
from unroll.study.graphs.settings.reach import ReachSettings


def at(page: Page, x: float, y: float) -> None:
    """Click into the drawing, at a part of its width and height."""
    box = page.locator("#graph").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + x * box["width"], box["y"] + y * box["height"])


def node(page: Page, name: str) -> str:
    """Return what is said of a node to those who do not see it."""
    return page.locator(f"[data-node={name}]").get_attribute("aria-label") or ""


def edges(page: Page) -> set[str]:
    """Return the edges that are drawn."""
    names = page.locator("[data-edge]").evaluate_all("all => all.map(one => one.dataset.edge)")
    return set(names)


def test_the_six_nodes_of_the_assignment_are_there(page: Page) -> None:
    page.goto("/spread")
    asked = ReachSettings()
    expect(page.locator("#source")).to_have_value(asked.source)
    assert edges(page) == {"–".join(edge) for edge in asked.read_edges()}
    # Nothing moves before the reader wants it to.
    expect(page.locator("#told")).to_have_text("Before any layer only C knows its own news.")
    expect(page.locator("#play")).to_have_text("Play")
    below = page.locator("#held-title")
    place = below.bounding_box()
    for _ in range(2):
        page.locator("#forth").click()
    expect(page.locator("#told")).to_contain_text("After 2 layers, news of C has reached 4 of 6")
    assert below.bounding_box() == place
    expect(page.locator("#matrices input:checked + span")).to_have_text("Â")
    assert node(page, "E") == "E: hears first after 4 layers"
    page.locator("#layer").focus()
    for _ in range(2):
        page.keyboard.press("ArrowRight")
    expect(page.locator("#told")).to_contain_text("has reached 6 of 6 nodes, E just now.")
    held = np.linalg.matrix_power(dense_hat(ask()), 4)[4, 2]
    assert node(page, "E") == f"E: holds {held:.3f} after 4 layers"
    page.locator("[data-node=E]").click()
    expect(page.locator("#sum-title")).to_have_text("What E adds up in layer 4")
    rows = page.locator("#sum tbody tr")
    assert rows.locator("th").all_inner_texts() == ["A", "E, itself", "sum"]
    before = np.linalg.matrix_power(dense_hat(ask()), 3)[0, 2]
    weight = dense_hat(ask())[4, 0]
    told = rows.nth(0).locator("td").all_inner_texts()
    assert told == [
        f"1/√(2·4) = {weight:.2f}",
        f"{before:.3f}",
        f"{weight * before:.3f}",
    ]


def test_a_graph_is_drawn_by_clicking(page: Page) -> None:
    page.goto("/spread?layer=2")
    expect(page.locator("#told")).to_contain_text("After 2 layers")
    page.get_by_role("button", name="clear").click()
    expect(page.locator("#play")).to_be_disabled()
    assert page.locator("#source option").count() == 0
    for x, y in ((0.2, 0.5), (0.5, 0.2), (0.8, 0.5)):
        at(page, x, y)
    for name in "ABBC":
        page.locator(f"[data-node={name}]").click()
    assert edges(page) == {"A–B", "B–C"}
    expect(page.locator("#told")).to_have_text("Before any layer only A knows its own news.")
    page.get_by_role("button", name="One layer on").click()
    expect(page.locator("#told")).to_contain_text("reached 2 of 3 nodes, B just now.")
    # Halfway between A and B, where their edge is.
    at(page, 0.35, 0.35)
    expect(page.locator("#told")).to_contain_text("No way leads to B and C.")
    assert edges(page) == {"B–C"}
    page.locator("#undo").click()
    expect(page.locator("#told")).to_contain_text("reached 2 of 3 nodes")
    page.locator("[data-node=B]").press("Delete")
    expect(page.locator("#told")).to_contain_text("No way leads to C.")
    assert page.locator("[data-node]").count() == 2


def test_what_was_drawn_last_is_removed_and_comes_back_by_keys(page: Page) -> None:
    page.goto("/spread")
    expect(page.locator("#told")).to_contain_text("Before any layer")
    page.get_by_role("radio", name="Draw").check()
    page.locator("[data-node=E]").click()
    at(page, 0.9, 0.9)
    # An edge that was begun ends in the new node, which has the focus.
    assert "E–G" in edges(page)
    page.keyboard.press("Delete")
    assert page.locator("[data-node]").count() == 6
    page.keyboard.press("Control+z")
    assert "E–G" in edges(page)
    page.keyboard.press("Control+z")
    assert page.locator("[data-node]").count() == 6
    assert "E–G" not in edges(page)
    expect(page.locator("#undo")).to_be_disabled()


def test_an_edge_is_turned_round_and_more_than_1_is_held(page: Page) -> None:
    page.goto("/spread?way=one&source=A&layer=4")
    asked = ask(directed=True, source=0)
    held = np.linalg.matrix_power(dense_hat(asked), 4)[4, 0]
    assert held > 1
    expect(page.locator("#told")).to_contain_text("After 4 layers")
    assert node(page, "E") == f"E: holds {held:.2f} after 4 layers"
    most = max(np.linalg.matrix_power(dense_hat(asked), k).max() for k in range(13))
    expect(page.locator("#colours")).to_contain_text(f"{most:.2f}, the most here")
    expect(page.locator("#held")).to_contain_text("Â is no average")
    expect(page.locator("#held thead th").last).to_have_text("∞")
    page.get_by_role("radio", name="Draw").check()
    page.keyboard.down("Shift")
    box = [page.locator(f"[data-node={name}] .disc").bounding_box() for name in "CD"]
    x, y = (sum(one[way] + one["width"] / 2 for one in box if one) / 2 for way in ("x", "y"))
    page.mouse.click(x, y)
    page.keyboard.up("Shift")
    assert "D→C" in edges(page)
    expect(page.locator("#told")).to_contain_text("has reached 6 of 6")


def test_the_address_holds_what_is_shown(page: Page) -> None:
    page.goto("/spread")
    page.get_by_role("button", name="ring").click()
    page.get_by_role("radio", name="GAT").check()
    page.locator("#again").click()
    page.locator("#source").select_option("C")
    page.locator("#forth").click()
    expect(page).to_have_url(re.compile(r"\?graph=ring&kind=gat&seed=1&source=C&layer=1$"))
    page.get_by_role("radio", name="Draw").check()
    page.locator("[data-node=C]").click()
    at(page, 0.5, 0.5)
    expect(page).to_have_url(re.compile("graph=A"))
    expect(page.locator("#held").get_by_role("rowheader", name="I", exact=True)).to_be_visible()
    before = page.locator("#held").inner_text()
    drawn = edges(page)
    page.reload()
    expect(page.locator("#held")).to_have_text(before, use_inner_text=True)
    assert edges(page) == drawn
    assert "C–I" in drawn
    # What cannot be read is said, and does not stay.
    page.goto("/spread?graph=A0000B&layer=13&source=B")
    expect(page.locator("#notice")).to_have_text(
        "Not all of this address can be read (layer, graph): shown is what comes first."
    )
    expect(page).to_have_url(re.compile(r"/spread\?source=B$"))


def test_without_an_answer_nothing_of_another_graph_is_shown(
    page: Page, complaints: list[str]
) -> None:
    page.goto("/spread?layer=2")
    expect(page.locator("#told")).to_contain_text("news of C")
    page.route("**/api/spread", lambda route: route.abort())
    page.get_by_role("button", name="ring").click()
    expect(page.locator("#notice")).to_contain_text("the playground does not answer")
    expect(page.locator("#told")).to_contain_text("The numbers of this graph are missing.")
    expect(page.locator(".tables")).to_be_hidden()
    assert page.locator(".numbers text").count() == 0
    page.unroute("**/api/spread")
    page.locator("#forth").click()
    expect(page.locator("#told")).to_contain_text("After 1 layer, news of A has reached 3 of 8")
    expect(page.locator("#notice")).to_be_hidden()
    complaints.clear()


def test_a_graph_is_drawn_without_a_pointer(page: Page) -> None:
    page.goto("/spread?layer=2")
    expect(page.locator("#told")).to_contain_text("After 2 layers")
    # In the drawing arrow keys go from node to node, and Enter chooses.
    page.locator("[data-node=C]").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.locator("#sum-title")).to_have_text("What D adds up in layer 2")
    page.locator(".by-list summary").press("Enter")
    page.get_by_role("button", name="Add node").press("Enter")
    page.get_by_label("Edge from").select_option("E")
    page.get_by_label("Edge to").select_option("G")
    page.get_by_role("button", name="Add edge").press("Enter")
    page.get_by_role("button", name="Add edge").press("Enter")
    expect(page.locator("#limits")).to_have_text("The edge E–G is there already.")
    page.locator("#directed").check()
    page.get_by_label("Edge", exact=True).select_option("A→E")
    page.get_by_role("button", name="Remove edge").press("Enter")
    assert edges(page) == {"A→B", "A→F", "B→D", "C→D", "D→F", "E→G"}
    page.get_by_label("Edge", exact=True).select_option("E→G")
    for turned in ("G→E", "E→G"):
        page.get_by_role("button", name="Turn it round").press("Enter")
        assert turned in edges(page)
    page.get_by_role("button", name="Add node").press("Enter")
    page.get_by_label("Node", exact=True).select_option("H")
    page.get_by_role("button", name="Remove node").press("Enter")
    assert page.locator("[data-node]").count() == 7
    page.locator("#source").select_option("B")
    # The table is made anew at every layer, and the focus stays.
    page.get_by_role("button", name="go to layer 12").press("Enter")
    expect(page.locator("#layer")).to_have_value("12")
    expect(page.get_by_role("button", name="go to layer 12")).to_be_focused()
    expect(page.locator("#told")).to_contain_text("No way leads to A, C, E and G.")


def test_attention_is_drawn_again(page: Page) -> None:
    page.goto("/spread?layer=2")
    page.get_by_role("radio", name="GAT").check()
    page.locator("[data-node=D]").click()
    expect(page.locator("#numbers")).to_contain_text("α of layer 2, the mean of the heads")
    total = page.locator("#sum .sum td")
    expect(page.locator("#sum thead")).to_contain_text("head 2")
    assert total.all_inner_texts()[:3] == ["1.00", "1.00", "1.00"]
    first = page.locator("#sum tbody").inner_text()
    page.locator("#again").click()
    expect(page.locator("#sum tbody")).not_to_have_text(first)
    page.get_by_role("button", name="One layer back").click()
    expect(page.locator("#numbers")).to_contain_text("α of layer 1, the mean of the heads")
    # All at once: the table is made anew when an answer comes.
    rows: list[list[str]] = page.evaluate(
        """() => [...document.querySelectorAll("#sum tbody tr:not(.sum)")].map(
          (row) => [...row.querySelectorAll("td")].slice(0, 3).map((cell) => cell.innerText))"""
    )
    weights = [list(map(float, row)) for row in rows]
    assert np.array(weights).sum(0) == pytest.approx([1, 1, 1], abs=0.02)
