"""Horizons from what is recorded, and what they say of which cell learns further."""

from pathlib import Path

import pytest

from tests.study.bench.made_up import ASKED, add, make_bench, settings_of
from unroll.records import RequestRecord, Store
from unroll.report.charts import Palette
from unroll.report.markup import plain
from unroll.report.section import Prose, Table
from unroll.report.terminal import to_text
from unroll.study.bench.outcomes import (
    furthest_sentences,
    horizon_words,
    known_by_heart,
    rightness,
    task_words,
)
from unroll.study.bench.protocol import shared_protocol
from unroll.study.bench.sections import bench_sections, horizon_rows
from unroll.study.bench.settings import TUNING_SEED
from unroll.study.bench.tables import tell_bench
from unroll.study.bench.view import BenchView, view_bench

LSTM, RNN = ("lstm", "palindrome"), ("rnn", "palindrome")


def sentences(directory: Path, lstm: list[tuple[int, int]], rnn: list[tuple[int, int]]) -> str:
    (told,) = furthest_sentences(make_bench(directory, {LSTM: lstm, RNN: rnn}))
    return plain(told)


def test_learned_ends_where_training_did_and_retained_where_the_answers_do(
    tmp_path: Path,
) -> None:
    view = make_bench(tmp_path, {LSTM: [(20, 50), (30, 20), (9, 100)]})
    result = view.results[LSTM]
    learned, retained = result.learned, result.retained
    assert learned.per_seed == (20, 20, 5)
    # A seed that is right at all it was trained at has not seen its end; training has.
    assert [reading.first_failed for reading in learned.readings] == [30, 50, 10]
    assert (learned.median, learned.range, learned.is_open) == (20, (5, 20), False)
    assert retained.per_seed == (50, 20, 100)
    assert (retained.median, retained.is_open) == (50, False)
    assert learned.unit == "steps"
    assert learned.criterion == "accuracy of at least 0.99"
    assert learned.budget == "at most 2,000,000 sequence-steps a training"


def test_no_end_is_seen_where_training_came_to_the_longest_length(tmp_path: Path) -> None:
    result = make_bench(tmp_path, {LSTM: [(100, 100)]}).results[LSTM]
    assert (result.learned.median, result.learned.is_open) == (100, True)
    assert horizon_words(result.learned) == "100+"


def test_the_choice_of_a_rate_is_told_with_its_edge(tmp_path: Path) -> None:
    view = make_bench(tmp_path, {LSTM: [(20, 20)]})
    choice = view.results[LSTM].choice
    assert choice is not None
    assert (choice.rate, choice.at_edge) == (0.01, True)
    assert [t.settings.seed for t in view.results[LSTM].tuning] == [TUNING_SEED] * 3


def test_a_claim_is_made_only_where_the_seeds_do_not_overlap(tmp_path: Path) -> None:
    apart = sentences(tmp_path / "1", [(50, 50), (20, 20)], [(10, 10), (5, 5)])
    assert apart == (
        "Palindrome: LSTM learns furthest, T = 20 (20–50); RNN 5 (5–10): no seed of the others "
        "comes as far as its worst."
    )
    level = sentences(tmp_path / "2", [(50, 50), (20, 20)], [(20, 20), (5, 5)])
    assert level == (
        "Palindrome: LSTM 20 (20–50) and RNN 5 (5–20) overlap, and these seeds do not tell which "
        "learns further."
    )
    nothing = sentences(tmp_path / "3", [(4, 0)], [(9, 0)])
    assert nothing == "Palindrome: no cell learns the shortest length tested."


def test_three_cells_of_which_one_is_behind(tmp_path: Path) -> None:
    view = make_bench(
        tmp_path,
        {LSTM: [(50, 50)], ("gru", "palindrome"): [(50, 50)], RNN: [(5, 5)]},
    )
    assert [plain(told) for told in furthest_sentences(view)] == [
        "Palindrome: LSTM 50 and GRU 50 overlap, and these seeds do not tell which learns "
        "further; RNN 5 behind."
    ]


def test_a_failed_task_is_told_on_the_card(tmp_path: Path) -> None:
    with Store.create(tmp_path) as store:
        keys = [
            add(
                store, settings_of("lstm", "parity", rate, TUNING_SEED), status="failed", error="no"
            )
            for rate in ASKED.rates
        ]
        asked = RequestRecord(
            kind="bench",
            settings=shared_protocol(ASKED, 1_000),
            command="unroll bench lstm --out out",
            trials=tuple(keys),
            started="2026-01-01T00:00:00+00:00",
        )
        view = view_bench(store, [asked])
    assert (view.is_told, view.succeeded) == (True, False)
    assert "lstm, parity: failed: no" in to_text(tell_bench(view)).splitlines()


@pytest.fixture
def view(tmp_path: Path) -> BenchView:
    return make_bench(
        tmp_path,
        {
            LSTM: [(50, 50), (20, 20), (20, 100)],
            RNN: [(10, 10), (5, 5), (5, 5)],
            ("lstm", "parity"): [(9, 10)] * 3,
            ("rnn", "parity"): [(4, 0)] * 3,
        },
    )


def test_the_terminal_shows_a_row_a_measure_and_a_column_a_cell(
    view: BenchView, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    lines = to_text(tell_bench(view)).splitlines()
    assert max(map(len, lines[:17])) <= 85
    rows = [" ".join(line.split()) for line in lines]
    assert rows[:4] == [
        "Horizons in steps, median of 3 seeds (lowest–highest); + where no end was seen.",
        "Learned: among the lengths that training came to; retained: at all, also beyond.",
        "A length counts from accuracy of at least 0.99 on; † a rate at the edge of the grid.",
        "At most 2,000,000 sequence-steps a training.",
    ]
    assert "learned 20 (20–50) 5 (5–10)" in rows
    assert "retained 50 (20–100) 5 (5–10)" in rows
    assert "learned 5 none" in rows
    assert "rate 0.01 † 0.01 †" in rows


def test_cells_are_stacked_where_the_terminal_is_narrow(
    view: BenchView, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "50")
    rows = [" ".join(line.split()) for line in to_text(tell_bench(view)).splitlines()]
    assert [row for row in rows if row in ("lstm", "rnn")] == ["lstm", "rnn"]


def test_the_report_answers_first_and_then_shows_a_card_for_each_cell(view: BenchView) -> None:
    (section,) = bench_sections(
        [view], labels=view.labels, palette=Palette.of(view.labels.values())
    )
    roles = [block.role for block in section.blocks if isinstance(block, Prose) and block.role]
    assert roles == ["asked", "ran", "measured", "follows"]
    overview, lstm, rnn = [block for block in section.blocks if isinstance(block, Table)]
    assert [column.title for column in overview.columns] == ["", "lstm", "rnn"]
    assert overview.rows[3:] == (
        ("palindrome", "20 (20–50)", "5 (5–10)"),
        ("parity", "5", "none"),
    )
    assert lstm.rows[0][:6] == ("palindrome", "20 (20–50)", "50 (20–100)", "0.01 †", 3, "2")
    assert rnn.rows[1][:3] == ("parity", "none", "none")
    assert "† a rate at the edge of the grid: a better one may lie outside" in rnn.caption
    # Of the first cell nothing is to be remarked.
    assert [column.title for column in lstm.columns][-1] == "seconds"
    assert rnn.rows[1][-1] == "never left T = 4: the budget was too small to tell"


def test_the_figure_has_a_row_for_each_training(view: BenchView) -> None:
    rows = horizon_rows(view, view.labels)
    assert len(rows) == 12
    assert [(row.task, row.cell, row.learned, row.retained) for row in rows[:3]] == [
        ("palindrome", "lstm", 50, 50),
        ("palindrome", "lstm", 20, 20),
        ("palindrome", "lstm", 20, 100),
    ]
    assert (rows[2].trained_to, rows[2].learned_is_open, rows[2].retained_is_open) == (
        20,
        False,
        True,
    )


def test_lengths_at_which_no_sequence_could_be_held_back_are_named(view: BenchView) -> None:
    assert known_by_heart(view) == [
        "Too short to hold any sequence back from training: palindrome up to T = 10 and parity up "
        "to T = 10. There a network may know the answers by heart; only longer sequences show that "
        "it understands."
    ]


def test_what_counts_as_right_is_said_where_a_number_is_asked_for(tmp_path: Path) -> None:
    view = make_bench(tmp_path, {("lstm", "adding"): [(20, 20)], LSTM: [(20, 20)]})
    assert rightness(view) == " (adding, right: within 0.1 of the sum)"
    assert "adding, right: within 0.1 of the sum" in to_text(tell_bench(view)).splitlines()
    assert view.results["lstm", "adding"].learned.criterion == (
        "accuracy of at least 0.99 (right: within 0.1 of the sum)"
    )
    assert rightness(make_bench(tmp_path / "other", {LSTM: [(20, 20)]})) == ""
    assert task_words("adding") == (
        "**Adding**: read numbers, two of them marked, say the sum of the two; right: within 0.1 "
        "of the sum. Chance is right 19% of the time."
    )


def test_tasks_with_fewer_seeds_are_counted(tmp_path: Path) -> None:
    came = {LSTM: [(20, 20)] * 5, ("lstm", "parity"): [(20, 20)] * 3}
    first = to_text(tell_bench(make_bench(tmp_path, came))).splitlines()[0]
    assert first.startswith("Horizons in steps, median of 3 or 5 seeds (lowest–highest);")


def test_nothing_is_claimed_of_a_task_while_a_cell_is_not_tested(tmp_path: Path) -> None:
    # A network is tested at the longest length with its training, and at the others later.
    with Store.create(tmp_path) as store:
        keys = [
            add(store, settings_of(cell, "palindrome", rate, TUNING_SEED), trained_to=9)
            for cell in ("lstm", "rnn")
            for rate in ASKED.rates
        ]
        lstm, rnn = (settings_of(cell, "palindrome", 0.01, 0) for cell in ("lstm", "rnn"))
        keys.append(add(store, lstm, trained_to=100, right_to=100))
        keys.append(add(store, rnn, trained_to=100, right_to=100, tested=(100,)))
        asked = RequestRecord(
            kind="bench",
            settings=shared_protocol(ASKED, 1_000),
            command="unroll bench lstm rnn --out out",
            trials=tuple(keys),
            started="2026-01-01T00:00:00+00:00",
        )
        view = view_bench(store, [asked])
    assert furthest_sentences(view) == []
    lines = to_text(tell_bench(view)).splitlines()
    assert "rnn, palindrome: not finished" in lines
    assert ["learned", "100+", "–"] in [line.split() for line in lines]
    (section,) = bench_sections(
        [view], labels=view.labels, palette=Palette.of(view.labels.values())
    )
    overview, *_ = [block for block in section.blocks if isinstance(block, Table)]
    assert overview.rows[3] == ("palindrome", "100+", "–")


def test_an_open_end_is_told_in_words(tmp_path: Path) -> None:
    (told,) = furthest_sentences(make_bench(tmp_path, {LSTM: [(100, 100)]}))
    assert plain(told) == "Palindrome: LSTM learns T = 100 or more."
