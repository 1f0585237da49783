import base64
import hashlib
import json
import re
from dataclasses import asdict, replace
from itertools import pairwise

import pytest

from tests.report.reading import chart_data, read
from tests.report.samples import (
    CELLS,
    HORIZON_ROWS,
    LENGTHS,
    curve_rows,
    document,
    figures,
    full_document,
    trial_rows,
)
from unroll.report.charts import Palette, accuracy_curves, loss_curves, memory_horizon
from unroll.report.page import figure_svg, render
from unroll.report.section import (
    Check,
    Column,
    Command,
    Document,
    Figure,
    Part,
    Progress,
    Prose,
    Section,
    Setting,
    Table,
)

HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)>"


def test_four_parts_of_a_question_are_headings_below_its_title() -> None:
    page = read(render(full_document()))
    section = page.one("section", id="1.3")
    assert section.one("h3").words == "1.3 How far does it remember?"
    assert [heading.words for heading in section.all("h4")] == [
        "What is asked",
        "What was run",
        "What was measured",
        "What follows",
    ]


def test_headings_skip_no_level() -> None:
    page = read(render(full_document()))
    tags = [element.tag for element in page.all() if re.fullmatch("h[1-6]", element.tag)]
    levels = [int(tag[1]) for tag in tags]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(below <= above + 1 for above, below in pairwise(levels))


def test_contents_lead_to_every_section() -> None:
    page = read(render(full_document()))
    links = page.one("nav").all("a")
    targets = [link.attributes["href"].removeprefix("#") for link in links]
    sections = [element.attributes["id"] for element in page.one("main").all("section")]
    assert targets == ["part-1", *sections]
    assert sections == ["1.3", "1.5", "settings"]
    assert [link.words for link in links] == [
        "1 Through time",
        "1.3 How far does it remember?",
        "1.5 What a gate costs ✗",
        "Settings",
    ]


def test_figures_and_tables_are_numbered_in_reading_order() -> None:
    page = read(render(full_document()))
    captions = [caption.words for caption in page.all("figcaption")]
    assert [caption.split(".")[0] for caption in captions] == [
        "Figure 1",
        "Figure 2",
        "Figure 3",
        "Figure 4",
        "Figure 5",
        "Table 1",
    ]


def test_every_figure_has_words_for_those_who_do_not_see_it() -> None:
    drawn = figures()
    page = read(render(document(*drawn)))
    charts = page.all("div", class_="chart")
    assert [chart.attributes["aria-label"] for chart in charts] == [fig.alt for fig in drawn]
    assert all(chart.attributes["role"] == "img" for chart in charts)
    assert all(figure.alt for figure in drawn)


def test_rows_to_download_are_the_rows_that_were_given() -> None:
    data = chart_data(read(render(document(*figures()))))
    assert data["accuracy-by-length"]["rows"] == [asdict(row) for row in trial_rows()]
    assert data["loss-curves"]["rows"] == [asdict(row) for row in curve_rows()]


def test_numbers_that_json_cannot_name_are_missing_in_the_page() -> None:
    figure = Figure(
        id="f", spec={}, caption="", alt="none", rows=({"a": float("nan"), "b": float("inf")},)
    )
    assert chart_data(read(render(document(figure))))["f"]["rows"] == [{"a": None, "b": None}]


def test_table_shows_each_value_and_where_one_is_missing() -> None:
    page = read(render(full_document()))
    table = page.one("figure", class_="table").one("tbody")
    assert [[cell.words for cell in row.children] for row in table.all("tr")] == [
        ["rnn", "10"],
        ["lstm", "–"],
    ]
    assert [cell.words for cell in table.all("th", scope="row")] == ["rnn", "lstm"]
    assert [cell.words for cell in table.all("td", class_="numeric")] == ["10", "–"]
    assert table.one("tr", class_="highlight").one("th").words == "rnn"


def test_failed_check_is_marked_where_it_stands_and_where_the_reader_begins() -> None:
    page = read(render(full_document()))
    failed = page.one("div", class_="check failed")
    assert failed.words == "✗ failed The count is right Failed. expected 8, got 9"
    passed = page.one("div", class_="check passed")
    assert passed.words == "✓ holds The RNN solves T = 5 lowest 0.99"
    assert page.one("header").one("div", class_="failed").words == "Checks ✗ 1 of 2 failed"
    assert len(page.one("nav").all("span", class_="fault")) == 1


def test_checks_that_all_hold_are_counted_without_a_mark() -> None:
    page = read(render(document(Check(label="one", passed=True), Check(label="two", passed=True))))
    assert "Checks all 2 hold" in page.one("header").one("dl").words
    assert page.all("span", class_="fault") == []
    alone = read(render(document(Check(label="one", passed=True))))
    assert "Checks 1 holds" in alone.one("header").one("dl").words


def test_page_of_a_run_that_goes_on_says_how_much_is_in() -> None:
    page = read(render(document(progress=Progress(done=9, total=27))))
    notice = page.one("div", class_="progress")
    assert notice.words == ("Still running: 9 of 27 trials are in. Reload the page to see more.")
    assert notice.one("progress").attributes["value"] == "9"


def test_finished_page_has_no_progress() -> None:
    assert read(render(document())).all("div", class_="progress") == []


def test_texts_of_users_stay_texts() -> None:
    palette = Palette.of([HOSTILE])
    page = read(
        render(
            document(
                Prose(text=HOSTILE),
                Command(text=HOSTILE, label=HOSTILE),
                Check(label=HOSTILE, passed=False, detail=HOSTILE),
                Table(columns=(Column(title=HOSTILE),), rows=((HOSTILE,),), caption=HOSTILE),
                loss_curves(curve_rows([HOSTILE]), palette=palette, remark=HOSTILE),
            )
        )
    )
    scripts = [script for script in page.all("script") if not script.attributes.get("type")]
    assert len(scripts) == 2
    assert page.all("img") == []
    assert not any(name.startswith("on") for element in page.all() for name in element.attributes)
    assert page.one("th", scope="row").words == HOSTILE
    assert page.one("div", class_="command").one("pre").words == HOSTILE
    assert chart_data(page)["loss-curves"]["rows"][0]["cell"] == HOSTILE


def test_hostile_titles_stay_texts() -> None:
    part = Part(number=HOSTILE, title=HOSTILE)
    section = Section(number=HOSTILE, title=HOSTILE, part=part, blocks=())
    page = read(
        render(
            Document(
                title=HOSTILE,
                question=HOSTILE,
                about=HOSTILE,
                settings=(Setting(name=HOSTILE, value=HOSTILE, reason=HOSTILE),),
                settings_of=HOSTILE,
                sections=(section,),
            )
        )
    )
    assert page.one("title").text == HOSTILE
    assert page.one("p", class_="about").words == f"unroll · {HOSTILE}"
    assert page.one("h2", class_="part", id="part-1").words == f"{HOSTILE} {HOSTILE}"
    assert page.one("h1").words == HOSTILE
    assert len(page.all("script")) == 2
    assert page.all("img") == []


@pytest.mark.parametrize(
    ("command", "folded"),
    [
        ("unroll memory --seeds 3", False),
        ("unroll memory --cells rnn\nunroll memory --cells lstm", False),
        ("unroll a\nunroll b\nunroll c", True),
        ("unroll memory " + "--cells rnn lstm gru " * 9, True),
    ],
    ids=["one", "two", "three", "long"],
)
def test_command_stands_below_its_figure_folded_where_it_is_long(
    command: str, folded: bool
) -> None:
    figure = replace(figures()[0], command=command.strip())
    page = read(render(document(figure)))
    caption = page.one("figure", class_="figure").one("figcaption")
    assert len(caption.all("details")) == folded
    typed = caption.one("pre").all("span", class_="line")
    assert [line.words for line in typed] == command.strip().split("\n")
    assert caption.one("pre").text.strip().split() == command.split()
    assert len([b for b in caption.all("button") if "data-copy" in b.attributes]) == 1


def test_figure_without_a_command_shows_none() -> None:
    assert read(render(document(figures()[0]))).all("pre") == []


def test_a_question_is_reached_by_its_number_and_a_part_by_its_place() -> None:
    text = Part(number="2", title="Text")
    numbers = [
        ("1.3", None),
        ("2.1a", text),
        ("", text),
        ("2.2", text),
        ("2.2", text),
        ("a b", None),
    ]
    sections = tuple(
        Section(number=number, title="A title", part=part, blocks=()) for number, part in numbers
    )
    page = read(render(Document(title="t", sections=sections)))
    assert [section.attributes["id"] for section in page.one("main").all("section")] == [
        "1.3",
        "2.1a",
        "section-3",
        "section-4",
        "section-5",
        "section-6",
    ]
    assert [heading.words for heading in page.one("main").all("h2")] == [
        "1.3 A title",
        "2 Text",
        "a b A title",
    ]
    assert page.one("h2", class_="part").attributes["id"] == "part-2"
    assert len(page.one("main").all("h3")) == 4


def test_no_line_ends_within_the_range_of_a_number() -> None:
    table = Table(
        columns=(Column(title="cell"), Column(title="loss", numeric=True)),
        rows=(("rnn (a)", "0.5 (0.4–<b>)"),),
        caption="Median.",
    )
    row = read(render(document(table))).one("tbody")
    assert row.one("td").one("span", class_="unbroken").words == "(0.4–<b>)"
    assert row.one("td").words == "0.5 (0.4–<b>)"
    assert row.one("th").all("span") == []


def test_a_book_is_inert_wherever_it_stands() -> None:
    book = "</script><!-- <script> --> </style><img src=x onerror=alert(1)>"
    figure = replace(
        loss_curves(curve_rows([book]), palette=Palette.of([book]), remark=book), command=book
    )
    table = Table(
        columns=(Column(title="text", verbatim=True), Column(title="n", numeric=True)),
        rows=((book, book),),
        caption=book,
    )
    page = read(render(document(figure, table, Command(text=book, label=book))))
    assert len([script for script in page.all("script") if not script.attributes.get("type")]) == 2
    assert page.all("img") == []
    assert {script.attributes.get("type") for script in page.all("script")} == {
        None,
        "application/json",
    }
    assert [typed.words for typed in page.all("pre")] == [book, book]
    drawn = figure_svg(figure)
    assert "<script" not in drawn
    assert "<img" not in drawn
    assert "<!--" not in drawn


def test_page_loads_nothing() -> None:
    page = read(render(full_document()))
    assert not any("src" in element.attributes for element in page.all())
    targets = [e.attributes["href"] for e in page.all() if "href" in e.attributes]
    assert all(target.startswith("#") for target in targets)
    assert page.all("link") == []
    assert re.search(r"url\(|@import", page.one("style").text) is None


def test_content_policy_knows_exactly_the_two_scripts() -> None:
    page = read(render(full_document()))
    (policy,) = [m.attributes["content"] for m in page.all("meta") if "http-equiv" in m.attributes]
    assert policy.startswith("default-src 'none';")
    scripts = [script.text for script in page.all("script") if not script.attributes.get("type")]
    digests = [base64.b64encode(hashlib.sha256(s.encode()).digest()).decode() for s in scripts]
    assert re.findall("'sha256-([^']+)'", policy) == digests


def test_page_of_a_large_study_stays_below_6_mb() -> None:
    # 54 trials with 60 points each, in both figures of training curves.
    cells, palette = ("rnn", "lstm"), Palette.of(["rnn", "lstm"])
    rows = curve_rows(cells, lengths=range(5, 50, 5), points=60)
    assert len(rows) == 54 * 60
    page = render(
        document(loss_curves(rows, palette=palette), accuracy_curves(rows, palette=palette))
    )
    assert len(page.encode()) < 6_000_000


def test_two_figures_of_one_id_are_refused() -> None:
    figure = figures()[0]
    with pytest.raises(ValueError, match="accuracy-by-length") as error:
        render(document(figure, figure))
    assert str(error.value) == (
        "render: every figure needs an id of its own, got twice: ['accuracy-by-length']"
    )


def test_table_with_a_row_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="row 1") as error:
        Table(columns=(Column(title="a"),), rows=((1,), (1, 2)), caption="")
    assert str(error.value) == "Table: row 1 must have 1 values, one per column, got 2"


@pytest.mark.parametrize("index", range(5))
def test_every_figure_can_be_drawn_without_a_browser(index: int) -> None:
    drawing = figure_svg(figures()[index])
    assert drawing.startswith("<svg")
    assert all(cell in drawing for cell in CELLS)


def test_drawing_of_panels_has_one_per_length() -> None:
    drawing = figure_svg(figures()[2])
    assert [f"T = {length}" in drawing for length in LENGTHS] == [True] * len(LENGTHS)


def test_drawing_of_a_horizon_has_words_for_what_no_mark_can_say() -> None:
    palette = Palette.of(CELLS)
    figure = memory_horizon(HORIZON_ROWS, palette=palette, criterion="an accuracy of 0.95")
    drawing = figure_svg(figure)
    for words in ("none passed", "no result", "→", "gru, seed 0"):
        assert drawing.count(f">{words}<") == 1
    assert json.dumps(figure.spec)
