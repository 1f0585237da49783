from dataclasses import replace

import pytest

from tests.report.reading import chart_data, read
from tests.report.samples import document, figures, full_document
from tests.report.study_samples import study_figures
from unroll.report.page import figure_svg, render
from unroll.report.section import Check, Fact, Notice, Section

REACH = study_figures()[0]


def test_opening_stands_after_the_lead_and_before_facts_and_contents() -> None:
    opened = replace(full_document(), opening=(REACH, Notice(text="Look *here*.")))
    page = read(render(opened))
    header = page.one("header")
    kinds = [child.attributes.get("class") for child in header.children]
    assert kinds.index("lead") < kinds.index("opening") < kinds.index("facts")
    opening = header.one("div", class_="opening")
    assert opening.one("figure", id="reach").one("b").words == "Figure 1."
    assert opening.one("div", class_="notice").words == "Look here."
    assert header.attributes["class"] == "masthead opened"
    assert next(iter(chart_data(page))) == "reach"


def test_figures_are_numbered_on_through_the_opening() -> None:
    page = read(render(replace(full_document(), opening=(REACH,))))
    numbers = [b.words for b in page.all("b") if b.words.startswith("Figure")]
    assert numbers == [f"Figure {number}." for number in range(1, 7)]


def test_page_without_an_opening_has_none() -> None:
    header = read(render(full_document())).one("header")
    assert header.all("div", class_="opening") == []
    assert header.attributes["class"] == "masthead"


def test_checks_of_the_opening_are_counted() -> None:
    whole = document(Check(label="below", passed=True))
    page = read(render(replace(whole, opening=(Check(label="above", passed=False),))))
    assert page.one("header").one("div", class_="failed").words == "Checks ✗ 1 of 2 failed"


def test_figure_of_the_opening_needs_an_id_of_its_own() -> None:
    with pytest.raises(ValueError, match="accuracy-by-length"):
        render(replace(document(figures()[0]), opening=(figures()[0],)))


def test_section_without_a_number_shows_none() -> None:
    whole = document()
    section = Section(number="", title="Beyond", blocks=())
    page = read(render(replace(whole, sections=(*whole.sections, section))))
    assert [link.words for link in page.one("nav").all("a")] == [
        "1 Through time",
        "1.3 The vanilla RNN",
        "Beyond",
    ]
    assert page.one("section", id="section-2").one("h2").words == "Beyond"
    assert len(page.one("nav").all("span", class_="number")) == 2
    assert page.one("section", id="section-2").all("span", class_="number") == []


def test_page_of_the_whole_study_stays_below_6_mb() -> None:
    facts = (Fact(label="Seeds", value="3"),)
    page = render(replace(document(*study_figures()[1:]), opening=(REACH,), facts=facts))
    assert len(page.encode()) < 6_000_000


@pytest.mark.parametrize("index", range(8))
def test_every_chart_of_the_study_can_be_drawn_without_a_browser(index: int) -> None:
    figure = study_figures()[index]
    assert figure_svg(figure).startswith("<svg")
    assert figure.rows
    assert figure.alt.endswith(".")
    assert figure.caption.endswith(".")
