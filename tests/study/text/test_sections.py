"""The sections of part 2 over made-up values: that sentences are true whichever way they fall."""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.report.reading import chart_data, read
from tests.study.text.made_up import STEPS, context, copies, trained, training, view, writing
from unroll.report.charts import Palette
from unroll.report.markup import plain
from unroll.report.page import render
from unroll.report.section import Command, Document, Figure, Prose, Section, Table
from unroll.study.lead import write_lead
from unroll.study.parts import TEXT
from unroll.study.text.sections import text_sections
from unroll.study.text.sections.beams import beams_section
from unroll.study.text.sections.completions import completions_section
from unroll.study.text.sections.copying import copying_section
from unroll.study.text.sections.learning import learning_section
from unroll.study.text.sections.looking_back import looking_back_section
from unroll.study.text.sections.stages import stages_section
from unroll.study.text.sections.temperatures import temperatures_section
from unroll.study.text.summary import text_lead
from unroll.study.text.view import Network, TextProblem, TextView
from unroll.study.views import Views

TITLES = [
    "How a network learns a book, character by character",
    "What it writes while it learns",
    "Greedy, and how random a text may be",
    "A sentence to complete",
    "Beam search",
    "Does it copy?",
    "How far back does it look?",
]


BY_TITLE: dict[str, Callable[[TextView], Section | None]] = {
    TITLES[0]: lambda shown: learning_section(shown, Palette.of_series(shown.names), ""),
    TITLES[1]: lambda shown: stages_section(shown, Palette.of_series(shown.names), ""),
    TITLES[2]: temperatures_section,
    TITLES[3]: completions_section,
    TITLES[4]: beams_section,
    TITLES[5]: lambda shown: copying_section(shown, Palette.of_series(shown.names), ""),
    TITLES[6]: lambda shown: looking_back_section(shown, Palette.of_series(shown.names), ""),
}


def section_of(shown: TextView, title: str) -> Section:
    """Return one section; charts take a while to make, so that the others are not made."""
    section = BY_TITLE[title](shown)
    assert section is not None
    assert section.title == title
    return section


def told(shown: TextView, title: str, role: str = "follows") -> str:
    """Return what a section says in one of its parts."""
    blocks = section_of(shown, title).blocks
    return plain(" ".join(b.text for b in blocks if isinstance(b, Prose) and b.role == role))


def tables(section: Section) -> list[Table]:
    return [block for block in section.blocks if isinstance(block, Table)]


def test_every_question_is_answered_in_four_parts() -> None:
    sections = text_sections([view()])
    assert [section.title for section in sections] == TITLES
    assert [section.number for section in sections] == [
        "2.1a",
        "2.1b",
        "2.1c",
        "2.2",
        "2.3",
        "",
        "",
    ]
    for section in sections:
        roles = [b.role for b in section.blocks if isinstance(b, Prose) and b.role]
        assert roles == ["asked", "ran", "measured", "follows"]
        assert section.part == TEXT


def test_what_is_not_measured_yet_is_left_out() -> None:
    bare = training("quick", writing=None, copies=None, context=None)
    assert [section.title for section in text_sections([view([bare])])] == TITLES[:1]
    written = training("quick", copies=None, context=None)
    assert [section.title for section in text_sections([view([written])])] == TITLES[:5]


def test_hyperparameters_stand_side_by_side_each_with_a_reason() -> None:
    table = tables(section_of(view(), TITLES[0]))[0]
    assert [column.title for column in table.columns] == [
        "hyperparameter", "assignment", "quick", "reason",
    ]  # fmt: skip
    values = {row[0]: row[1:3] for row in table.rows}
    assert values["T, window"] == ("30", "48")
    assert values["input"] == ("one-hot", "embedding, 64")
    assert values["optimiser"] == ("RMSProp, 0.99", "AdamW, 0.9 and 0.99")
    assert values["schedule"] == ("× 0.96 every 5,000 steps", "5% up, then cosine to 1%")
    assert values["bias of the keep gate"] == ("–", "1")
    assert values["layers × units"] == ("2\u00a0×\u00a0128", "1\u00a0×\u00a0128")
    assert values["gain of the readout"] == ("1", "3")
    assert values["streams begun at zero"] == ("all", "10%")
    assert all(row[3] for row in table.rows)


def test_the_order_of_two_ways_is_told_for_each_kind_of_figure() -> None:
    streams = training("quick", trained={"nats": 1.50, "window": 0.30})
    windows = training("assignment", trained={"nats": 1.60, "window": 0.02})
    text = told(view([windows, streams]), TITLES[0])
    assert "Carried, quick is ahead with 1.505 nats, 0.100 before assignment, every seed" in text
    assert "in windows of 30, assignment is ahead with 1.625 nats, 0.180 before quick" in text
    assert "Which one is ahead depends on the figure that is asked." in text
    ahead = training("quick", trained={"nats": 1.50, "window": 0.02})
    text = told(view([windows, ahead]), TITLES[0])
    assert "The order is the same whichever figure is asked." in text


def test_ways_on_different_texts_are_not_compared() -> None:
    part = training("by heart", characters=100_000, trained={"nats": 0.5})
    shown = view([training("quick"), part])
    assert "Which is ahead" not in told(shown, TITLES[0])
    assert "by heart gets only the first 100,000 characters" in told(shown, TITLES[0], "ran")
    # Nor does the one with the easier text become the one that writes.
    assert told(shown, TITLES[2], "ran").startswith("quick")


@pytest.mark.parametrize(
    ("rise", "wanted"),
    [(0.0, "came too soon for the two to part"), (0.5, "learns its book by heart")],
)
def test_parting_is_told_only_where_it_is(rise: float, wanted: str) -> None:
    shown = view([training("quick", trained={"parts_by": rise})])
    assert wanted in told(shown, TITLES[0])


def test_windows_that_are_better_than_the_stream_are_told_so() -> None:
    shown = view([training("quick", trained={"window": -0.05})])
    assert "0.050 nats below it for quick" in told(shown, TITLES[0])


def test_completions_are_cut_in_the_table_and_told_by_where_they_part() -> None:
    wrote = writing()
    first, second = wrote["completions"]
    first["text"], second["text"] = "x" * 250, first["truth"][:6] + "y" * 100 + " " * 90
    shown = view([training("quick", writing=wrote)])
    rows = tables(section_of(shown, TITLES[3]))[0].rows
    assert rows[0][1] == "x" * 200 + " …"
    caption = tables(section_of(shown, TITLES[3]))[0].caption
    assert caption.endswith("by the book itself; the first 200 characters.")
    assert str(rows[1][1]).endswith("y […90 blanks]")
    assert "have 0 and 1 characters in common" in told(shown, TITLES[3], "measured")
    second["text"] = "z"
    assert "part at the first character" in told(shown, TITLES[3], "measured")


def test_what_is_taken_of_a_book_is_told_with_what_it_lacks() -> None:
    whole = told(view(), TITLES[3], "ran")
    assert "what was trained on of the book, its first 342,000 characters, does not" in whole
    assert "were taken" not in whole
    caption = tables(section_of(view(), TITLES[3]))[0].caption
    assert caption == "Each beginning completed by the network, and by the book itself."
    part = told(view([training("quick", characters=20_000)]), TITLES[3], "ran")
    assert "Of the book's 400,000 characters only the first 20,000 were taken." in part
    assert "what was trained on of the part taken, its first 342,000 characters," in part


def test_what_changes_is_told_by_what_was_counted() -> None:
    assert "where the share of known words goes from" in told(view(), TITLES[1])
    still = training("quick", writing=writing(learns=False))
    assert "did not grow (10% before, 10% after)" in told(view([still]), TITLES[1])
    assert "90% by step 1,000" in told(view(), TITLES[1], "measured")
    assert "after the last: never 50%." in told(view([still]), TITLES[1], "measured")


def test_samples_are_shorter_and_longer_than_what_gradients_cross() -> None:
    shown = view([training("assignment")])
    assert "20 (shorter than T), 30 (as long as T) and 100 (longer than T)" in told(
        shown, TITLES[1], "ran"
    )
    (table,) = tables(section_of(shown, TITLES[1]))
    assert [row[2] for row in table.rows[:3]] == [20, 30, 100]
    assert table.columns[-1].verbatim


def test_loops_and_sameness_of_greedy_are_told_whichever_way() -> None:
    measured = told(view(), TITLES[2], "measured")
    assert "2 of 2 greedy texts end in a loop" in measured
    assert "Greedy pays for its safety with sameness: 20%" in told(view(), TITLES[2])
    rich = view([training("quick", writing=writing(repeats=False))])
    assert "None of the 2 greedy texts ends in a loop" in told(rich, TITLES[2], "measured")
    assert "Greedy is not more repetitive here: 95%" in told(rich, TITLES[2])


@pytest.mark.parametrize(
    ("shares", "wanted"),
    [
        ((0.9, 0.7, 0.4), "The higher the temperature, the fewer words are words."),
        ((0.9, 0.4, 0.7), "does not fall steadily with the temperature here"),
        ((0.0, 0.0, 0.004), "The share of words of the book is 0% at every temperature here."),
    ],
)
def test_words_by_temperature_are_told_as_far_as_they_differ(
    shares: tuple[float, ...], wanted: str
) -> None:
    wrote = writing()
    for entry, share in zip(wrote["grid"][1:], shares, strict=True):
        for one in entry["texts"]:
            one["known"] = share
    shown = view([training("quick", writing=wrote, seeds=1)])
    assert wanted in told(shown, TITLES[2])


@pytest.mark.parametrize(
    ("nats", "wanted"),
    [
        (0.5, "greedy is likelier than the book by its measure (0.50 against 1.50"),
        (2.0, "greedy is no likelier than the book by its measure (2.00 against 1.50"),
    ],
)
def test_greedy_is_put_beside_the_book_whichever_way(nats: float, wanted: str) -> None:
    wrote = writing()
    wrote["grid"][0]["texts"][0]["nats_per_char"] = nats
    assert wanted in told(view([training("quick", writing=wrote, seeds=1)]), TITLES[2])


def test_a_text_of_blanks_has_no_words_and_no_share_of_them() -> None:
    wrote = writing()
    nothing = {"text": " " * 60, "number": 0, "known": 0.0, "distinct": 0.0}
    for one in (*wrote["grid"][0]["texts"], *wrote["beams"]):
        one.update(nothing)
    wrote["stages"][0].update({"number": 0, "known": 0.0})
    shown = view([training("quick", writing=wrote, seeds=1)])
    assert "no words greedily, 85% at T = 0.5" in told(shown, TITLES[2], "measured")
    assert tables(section_of(shown, TITLES[2]))[1].rows[0][1:3] == ("no words", "no words")
    assert tables(section_of(shown, TITLES[1]))[0].rows[0][1] == "no words"
    assert tables(section_of(shown, TITLES[4]))[1].rows[0][3] == "no words"
    text = told(shown, TITLES[4])
    assert "It has no words at all, the drawn one has." in text
    assert "So the likeliest text is not the best one here" in text
    wrote["grid"][2]["texts"][0].update(nothing)
    wrote["grid"][2]["texts"][1].update(nothing)
    text = told(shown, TITLES[4])
    assert "What was drawn has no words to compare with." in text
    assert "best one" not in text
    assert "sameness" not in text


def test_the_assignments_temperature_is_named() -> None:
    section = section_of(view(), TITLES[2])
    prose = " ".join(b.text for b in section.blocks if isinstance(b, Prose))
    assert "its τ = 0.5, 1 and 2 are T = 2, 1 and 0.5" in prose


def test_beams_are_told_with_their_scores_and_what_they_cost() -> None:
    section = section_of(view(), TITLES[4])
    texts, numbers = tables(section)
    assert [row[0] for row in texts.rows] == [1, 3, 5, 10]
    assert [row[1] for row in texts.rows] == ["−60.0", "−54.5", "−52.0", "−48.5"]
    assert [row[0] for row in numbers.rows][-2:] == ["drawn, T = 1", "the book"]
    measured = told(view(), TITLES[4], "measured")
    assert "likelier in 4 of 4 searches. Gain in log p over all of them: 11.5 nats." in measured
    assert "So the likeliest text is not the best one here" in told(view(), TITLES[4])
    rich = view([training("quick", writing=writing(repeats=False))])
    assert "Here the likelier text is not bought with sameness." in told(rich, TITLES[4])


def test_copying_is_told_beside_two_that_cannot_have_learnt_by_heart() -> None:
    assert "By this measure it does not copy" in told(view(), TITLES[5])
    much = training("quick", copies=copies(most=0.4, grows=True))
    text = told(view([much]), TITLES[5])
    assert "It copies: in spans of 20 or more every seed has more" in text
    assert "what is copied grew" in text
    assert "copying can grow where accuracy does not show it" in text
    level = told(view([training("quick", copies=copies(most=0.4))]), TITLES[5])
    assert "what the author saw is not seen here" in level


def test_a_network_that_learns_by_heart_is_told_with_its_held_out_loss() -> None:
    much = training(
        "overtrained", copies=copies(most=0.4, grows=True), trained={"parts_by": 0.5}, seeds=1
    )
    text = told(view([much]), TITLES[5])
    assert "It copies: in spans of 20 or more it has more than both" in text
    assert re.search(r"the loss on the tuning part, 1\.\d\d nats at its best \(step", text)
    assert "the tuning part" not in told(view(), TITLES[5])
    assert "Another, overtrained on 400,000 characters, copies 40.0% against 3.0%." in plain(
        text_lead([view([training("quick", trained={"nats": 1.0}), much])])
    )
    assert "Another" not in text_lead([view()])


def test_copied_passages_are_of_the_network_that_copies_most() -> None:
    shown = view([training("quick"), training("by heart", copies=copies(most=0.4))])
    section = section_of(shown, TITLES[5])
    assert tables(section)[1].caption.startswith("The longest copied spans of prose of by heart")
    (command,) = [block for block in section.blocks if isinstance(block, Command)]
    assert command.text == "unroll text copies runs/by-heart"


def test_each_part_of_a_book_has_its_own_baselines() -> None:
    shown = view([training("quick"), training("by heart", characters=100_000)])
    table = tables(section_of(shown, TITLES[5]))[0]
    assert [row[0] for row in table.rows] == [
        "quick", "by heart",
        "held-out text, 400k", "5-gram model, 400k",
        "held-out text, 100k", "5-gram model, 100k",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("horizon", "measured", "follows"),
    [
        (None, "gains nothing from any k", "does not use what it has read before"),
        (16, "looks back 16 characters (2 seeds)", "no further than the T = 48"),
        (64, "looks back 64 characters (2 seeds)", "further than the T = 48"),
        (512, "looks back 512 characters or more", "further than the T = 48"),
    ],
)
def test_horizons_are_told_as_they_are(horizon: int | None, measured: str, follows: str) -> None:
    shown = view([training("quick", context=context(horizon=horizon))])
    assert measured in told(shown, TITLES[6], "measured")
    assert follows in told(shown, TITLES[6])


def test_two_that_differ_in_one_setting_are_compared() -> None:
    near = training("quick", context=context(horizon=32))
    far = training("T = 100", window=100, context=context(horizon=128))
    text = told(view([near, far]), TITLES[6])
    assert "With T 100 in place of 48, and all else alike, it looks further (128" in text
    assert "all else alike" not in told(view(), TITLES[6])


def test_foreign_text_before_is_worse_or_better_than_nothing() -> None:
    assert "a wrong memory is worse than none" in told(view(), TITLES[6])
    other = view([training("quick", context=context(zero=0.3))])
    assert "nats less after foreign text" in told(other, TITLES[6])


def test_failures_are_told_inertly() -> None:
    problem = TextProblem(label="quick, seed 0, could not be trained", error="*no* $luck$")
    section = section_of(view(problems=[problem], missing=3), TITLES[0])
    page = read(render(document((section,))))
    notices = [notice.words for notice in page.all("div", class_="notice")]
    assert "quick, seed 0, could not be trained: *no* $luck$" in notices
    assert "3 measurements on this book not recorded yet." in notices


def document(sections: tuple[Section, ...]) -> Document:
    return Document(title="made up", question="?", sections=sections)


EVIL = "</script><script>alert(1)</script> *a* $x_t$ `b` <b>"


def test_everything_of_a_users_book_is_inert() -> None:
    wrote = writing()
    wrote["prompt"] = EVIL
    for stage in wrote["stages"]:
        for sample in stage["samples"]:
            sample["text"] = EVIL
    for entry in wrote["grid"]:
        for text in entry["texts"]:
            text["text"] = EVIL * 3
    for one in (*wrote["completions"], *wrote["beams"]):
        one["prompt"] = one["text"] = EVIL
    copied = copies()
    copied["spans"][0] |= {"text": EVIL, "book_after": EVIL}
    evil = training("quick", writing=wrote, copies=copied)
    shown = view([replace(evil, name=EVIL)], name=EVIL, source=EVIL)
    html = render(document(text_sections([shown])))
    assert "alert(1)</script>" not in re.sub(r"&lt;|\\u003c", "", html)
    assert html.count("<script") == html.count("</script")
    page = read(html)
    assert not page.all("b")[len(page.all("figcaption")) :]
    cells = [cell.text for cell in page.all("td", class_="verbatim")]
    assert any(cell.endswith(EVIL) for cell in cells)
    assert chart_data(page)["text-loss"]["rows"][0]["training"] == EVIL


@pytest.mark.parametrize(
    ("seconds", "wanted"), [(0.12, "0.1"), (0.01, "0.1"), (9.6, "9.6"), (41.7, "42")]
)
def test_the_time_of_a_training_has_digits_enough(seconds: float, wanted: str) -> None:
    shown = training("quick", seeds=1)
    shown.networks[0].result["cpu_seconds"] = seconds
    assert f"for {wanted} core-seconds predicts" in text_lead([view([shown])])


def test_a_smoke_study_says_that_it_is_too_short_to_mean_anything() -> None:
    smoke = replace(view(), commands=("unroll study --preset smoke --out runs",))
    lead = write_lead(Views(texts=(smoke,)), is_running=False)
    assert lead.startswith("**Too short to mean anything:** the preset `smoke`")
    quick = replace(view(), commands=("unroll study --preset quick --out runs",))
    assert "Too short" not in write_lead(Views(texts=(quick,)), is_running=False)


def test_two_books_have_sections_of_their_own() -> None:
    other = view(name="another", sha256="f" * 64)
    sections = text_sections([view(), other])
    assert sections[0].title == f"{TITLES[0]} (made-up)"
    assert sections[7].title == f"{TITLES[0]} (another)"
    figures = [b.id for s in sections for b in s.blocks if isinstance(b, Figure)]
    assert len(figures) == len(set(figures)) == 14
    assert render(document(sections))


def test_one_seed_a_training_that_diverged_early_and_none_of_its_looks() -> None:
    values = trained()
    for point in values["result"]["curve"]:
        point["tuning_nats"] = point["tuning_accuracy"] = None
    one = training("quick")
    shown = view([replace(one, networks=(Network(seed=0, trained=values),))])
    section = section_of(shown, TITLES[0])
    assert f"{STEPS:,} steps, 1 seed" in told(shown, TITLES[0], "ran")
    assert section.title == TITLES[0]
