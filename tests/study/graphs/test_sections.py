"""The sections of part 3 over made-up values: that sentences are true whichever way they fall."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from tests.study.graphs.made_up import (
    DISTANCE,
    DISTANCE_VALUES,
    SIGNAL,
    SIGNAL_VALUES,
    classify_view,
    compare_view,
    depth_view,
    hops_view,
    reach_values,
    reach_view,
)
from unroll.report.markup import plain
from unroll.report.section import Check, Command, Figure, Prose, Section, Table
from unroll.study.graphs.sections import graph_sections
from unroll.study.graphs.sections.attention import attention_section
from unroll.study.graphs.sections.classification import classification_section
from unroll.study.graphs.sections.contest_findings import (
    experiment_findings,
    in_short,
    overall_findings,
)
from unroll.study.graphs.sections.contests import references
from unroll.study.graphs.sections.depth import depth_findings
from unroll.study.graphs.sections.hops import below_check, hop_findings
from unroll.study.graphs.sections.propagation import propagation_section
from unroll.study.graphs.sections.rows import contest_rows
from unroll.study.graphs.sections.six_nodes import six_nodes_section
from unroll.study.graphs.sections.standings import standings
from unroll.study.graphs.view import GraphView, Look
from unroll.study.parts import GRAPHS

EXPERIMENTS = {"distance": DISTANCE, "signal": SIGNAL}
ALL = (
    reach_view(),
    hops_view(seeds=1),
    classify_view(),
    classify_view("karate", "gat"),
    depth_view(),
    compare_view(SIGNAL, SIGNAL_VALUES),
    compare_view(DISTANCE, DISTANCE_VALUES),
)


def told(section: Section | None, role: str = "follows") -> str:
    """Return what a section says from one of its parts on to the next."""
    assert section is not None
    found, part = [], None
    for block in section.blocks:
        if isinstance(block, Prose):
            part = block.role or part
            if part == role:
                found.append(block.text)
    return plain(" ".join(found))


def prose(section: Section) -> str:
    """Return all that a section says, without the marks."""
    return plain(" ".join(block.text for block in section.blocks if isinstance(block, Prose)))


def checks(section: Section | None) -> list[bool]:
    assert section is not None
    return [block.passed for block in section.blocks if isinstance(block, Check)]


def tables(section: Section | None) -> list[Table]:
    assert section is not None
    return [block for block in section.blocks if isinstance(block, Table)]


def findings(values: Mapping[str, Mapping[str, float]], **changed: float) -> str:
    view = compare_view(DISTANCE, values, **changed)  # type: ignore[arg-type] # gap or seeds
    found = standings(DISTANCE, contest_rows(view, DISTANCE))
    return plain(" ".join(experiment_findings(DISTANCE, found)))


def test_every_question_is_answered_in_four_parts() -> None:
    sections = graph_sections(ALL, EXPERIMENTS)
    assert [(section.number, section.title) for section in sections] == [
        ("3.1", "How news travels along edges: one hop a layer"),
        ("3.2", "A small graph: its matrix, and how long news is on its way"),
        ("GAT", "Attention over neighbours"),
        ("3.3", "What graph networks are used for: classifying nodes"),
        ("3.4a", "The same data as a sequence and as a graph: which one wins where"),
        ("", DISTANCE.title),
        ("3.4b", "Both in one model: graphs whose nodes live in time, and trees"),
        ("", SIGNAL.title),
    ]
    for section in sections:
        roles = [b.role for b in section.blocks if isinstance(b, Prose) and b.role]
        assert roles == ["asked", "ran", "measured", "follows"]
        assert section.part == GRAPHS
        assert all(checks(section))
        assert not any(mark in prose(section) for mark in ("**", "$", "`"))
    ids = [b.id for section in sections for b in section.blocks if isinstance(b, Figure)]
    assert len(ids) == len(set(ids))


def test_what_is_not_measured_yet_is_left_out() -> None:
    empty = GraphView(kind="graph-depth", protocol={}, commands=(), looks=(), missing=3)
    assert graph_sections([empty], EXPERIMENTS) == ()
    assert [s.number for s in graph_sections([reach_view()], EXPERIMENTS)] == ["3.1", "3.2"]
    assert [s.number for s in graph_sections([classify_view()], EXPERIMENTS)] == ["3.3"]
    depth = depth_view()
    begun = replace(depth, looks=depth.looks[:4], missing=11)
    (section,) = graph_sections([begun], EXPERIMENTS)
    assert section.number == "3.1"
    assert "11 measurements not recorded yet." in str(section.blocks)


def test_what_was_asked_for_last_stands_for_its_graph() -> None:
    newer, older = classify_view(accuracies=(0.5, 0.5)), classify_view(accuracies=(0.9, 0.9))
    (section,) = graph_sections([newer, older], EXPERIMENTS)
    assert [row[2] for row in tables(section)[0].rows] == ["50.0\xa0±\xa00.0"]


def test_rows_of_the_matrix_are_said_to_sum_to_one_only_where_they_do() -> None:
    section = propagation_section(reach_view(), [], [], [classify_view()])
    text = told(section, "measured")
    assert "do not sum to one" in text
    assert "from 0.85 to 1.18 on this graph and from 0.61 to 1.73 on the karate club" in text
    ring = reach_view(row_sums=[1.0] * 6)
    assert "sum to one here" in told(propagation_section(ring, [], [], []), "measured")


def test_news_goes_one_hop_a_layer_or_the_section_says_that_it_does_not() -> None:
    section = propagation_section(reach_view(), [], [], [])
    assert "so 3 hops need 3 layers" in told(section)
    assert "with Â^2, 4 hops took 2 layers, so 3 hops take 2" in told(section)
    assert checks(section) == [True]
    leaking = reach_values()["by_layer"]
    leaking[1]["jacobian"][4] = 1e-9
    broken = propagation_section(reach_view(by_layer=leaking), [], [], [])
    assert "does not confirm one hop a layer" in told(broken)
    assert checks(broken) == [False]


def test_twins_are_told_by_their_difference() -> None:
    section = propagation_section(reach_view(), [], [], [])
    assert "they are the same but for rounding (0)" in told(section, "measured")
    assert "first half" in told(section)
    apart = propagation_section(reach_view(twin_difference=0.5), [], [], [])
    assert "they differ by 5.0e-01 at most" in told(apart, "measured")
    assert "first half" not in told(apart)
    alone = propagation_section(reach_view(twins=[]), [], [], [])
    assert "Same neighbours" not in told(alone, "measured")


def test_updates_are_told_by_both_ways() -> None:
    section = six_nodes_section(reach_view(), "")
    assert "reaches E after 4 updates, by powers and by Jacobian alike" in told(section, "measured")
    assert "The number of updates is the number of hops, 4. With 3 layers" in told(section)
    assert checks(section) == [True, True, True]
    (table,) = tables(section)
    assert table.rows[0] == ("A", "1", "1", "0", "0", "1", "1", "4", "1.181")
    other = six_nodes_section(reach_view(updates_by_jacobian=3), "")
    assert "The two ways disagree" in told(other, "measured")
    assert "one of them is at fault" in told(other)
    assert checks(other) == [True, False, True]


def test_a_node_out_of_reach_is_never_reached() -> None:
    hops = [3, 2, 0, 1, None, 2]
    away = reach_view(hops=hops, updates=None, updates_by_jacobian=None, squared={"updates": None})
    section = six_nodes_section(away, "")
    assert "never reaches E" in told(section, "measured")
    assert "No stack of layers, however deep" in told(section)
    assert checks(section)[:2] == [True, True]
    assert "Â^2" not in told(propagation_section(away, [], [], []), "measured")


def test_depth_is_blamed_only_for_what_it_did() -> None:
    text = plain(" ".join(depth_findings(depth_view())))
    assert "plain layers go from 94.0 (93.0–95.0)% at L = 1 down to 39.0 (38.0–40.0)%" in text
    assert "There the nodes have become much the same: 4.3e-09 of the Dirichlet energy" in text
    assert "It is not smoothing alone that does the harm: at L = 8" in text
    assert "Residual layers keep 94.0 (93.0–95.0)% at L = 16" in text
    assert "one seed" not in text
    many = depth_view()
    single = tuple(look for look in many.looks if look.settings["seed"] == 0)
    text = plain(" ".join(depth_findings(replace(many, looks=single))))
    assert text.startswith("The drawback, second half: many layers, one seed. On")
    assert "All this is one seed: whether another would show the same is not known." in text
    text = plain(" ".join(depth_findings(depth_view(accuracy=lambda *_: 0.9))))
    assert "plain layers lose no more than 5 points, or no more than the seeds differ" in text
    assert "Nowhere does smoothing alone do better" in text
    assert "Residual layers are no better at L = 16" in text


def test_a_horizon_is_compared_by_shape_by_residual_and_by_attention() -> None:
    text = plain(" ".join(hop_findings(hops_view())))
    assert "8 of 8 kinds of networks stop short of the furthest tested, 8 and 6 hops" in text
    assert "the derivative after training is 6.4e-05 or more" in text
    assert "On trees the horizon is nearer than on paths in 4 of 4 kinds" in text
    assert "Residual layers carry the label further in 4, less far in 0" in text
    text = plain(" ".join(hop_findings(hops_view(lambda *_: 1.0))))
    assert "Every network carried the label as far as was tested, 8 and 6 hops" in text
    # Trees were tested up to 6 hops alone: that paths got to 8 says nothing against them.
    assert "On trees" not in text
    text = plain(" ".join(hop_findings(hops_view(lambda *at: 1.0 if at[-1] < 4 else 0.0))))
    assert "Paths and trees cannot be told apart" in text
    text = plain(
        " ".join(hop_findings(hops_view(lambda shape, *_: 1.0 if shape == "tree" else 0.0)))
    )
    assert "On trees the horizon is further than on paths in 4 of 4" in text


def test_influence_below_the_distance_fails_the_check() -> None:
    assert below_check(hops_view(seeds=1)).passed
    broken = below_check(hops_view(seeds=1, below=1e-12))
    assert not broken.passed
    assert broken.detail == "The largest of 36 networks is 1e-12."


@pytest.mark.parametrize(
    ("accuracies", "verdict"),
    [
        ((0.81, 0.82), "within one standard deviation of it"),
        ((0.70, 0.71), "11.0 points below it"),
        ((0.90, 0.91), "9.0 points above it"),
    ],
)
def test_accuracy_stands_beside_what_is_published(
    accuracies: tuple[float, float], verdict: str
) -> None:
    section = classification_section([classify_view("cora", "gcn", accuracies)])
    assert "beside 81.5% published" in told(section)
    assert verdict in told(section)
    assert "published" not in told(classification_section([classify_view()]))


def test_classes_without_names_are_called_by_their_numbers() -> None:
    known = classify_view(classes=("left", "right", "third"))
    first = known.looks[0]
    drawing = first.values["drawing"] | {"class_names": None}
    unnamed = Look(settings=first.settings, values=first.values | {"drawing": drawing})
    section = classification_section([replace(known, looks=(unnamed,))])
    assert section is not None
    (figure,) = [block for block in section.blocks if isinstance(block, Figure)]
    assert all(f"'class {number}'" in repr(figure.spec) for number in range(3))


def test_a_graph_too_large_to_draw_is_told_of_without_a_drawing() -> None:
    known = classify_view("/home/me/my*graph", "gat")
    first = known.looks[0]
    graph = first.values["graph"] | {"nodes": 20_001}
    large = Look(settings=first.settings, values=first.values | {"drawing": None, "graph": graph})
    view = replace(known, looks=(large,))
    section = classification_section([view])
    assert section is not None
    assert not any(isinstance(block, Figure) for block in section.blocks)
    text = prose(section)
    assert "Graphs of more than 20,000 nodes are not drawn, my*graph therefore not." in text
    assert "would be right for 50.0%. 90% of the edges join nodes of one class." in text
    assert "/home" not in text
    others = [block for block in section.blocks if isinstance(block, Command)]
    assert [(block.label, block.text) for block in others] == [
        (
            "Classify the papers of Cora",
            "unroll graph classify --data cora --model gcn\n"
            "unroll graph classify --data cora --model gat",
        ),
        (
            "Train what is not drawn again",
            "unroll graph classify --data /home/me/my*graph --model gat",
        ),
    ]
    attention = attention_section([view])
    assert attention is not None
    figures = [block.id for block in attention.blocks if isinstance(block, Figure)]
    assert figures == ["gat-heads"]


def test_networks_on_one_graph_are_compared_by_their_seeds() -> None:
    gcn = classify_view("karate", "gcn", (0.90, 0.91))
    near = classify_view("karate", "gat", (0.91, 0.93))
    text = told(classification_section([gcn, near]))
    assert "GAT is ahead of GCN by 1.5 points, less than tells them apart" in text
    far = classify_view("karate", "gat", (0.95, 0.96))
    text = told(classification_section([gcn, far]))
    assert "GAT is ahead of GCN by 5.0 points, every seed of the one above" in text
    guessing = classify_view(accuracies=(0.4, 0.9))
    assert "right for 50.0% of the test nodes" in told(classification_section([guessing]))


def test_attention_is_said_to_choose_only_where_it_is_uneven() -> None:
    gat = classify_view("karate", "gat")
    section = attention_section([gat])
    assert "attention chooses: at 95.4%" in told(section)
    assert "of the mean weight of" in told(section)
    assert checks(section) == [True]
    values = gat.looks[0].values
    even = values["attention"] | {"entropy": {"measured": 1.30, "uniform": 1.31}}
    first = Look(settings=gat.looks[0].settings, values=values | {"attention": even})
    assert "attention hardly chooses" in told(attention_section([replace(gat, looks=(first,))]))
    assert attention_section([classify_view()]) is None


def test_the_leader_is_ahead_with_every_seed() -> None:
    text = findings(DISTANCE_VALUES)
    assert "n = 16. GCN is ahead with 98.0%, 43.0 points before LSTM, edges in DFS order" in text
    assert "n = 32. GCN is still ahead with 92.0%" in text
    assert "Here GCN loses: 50.0%, at chance, behind LSTM, edges in DFS order 97.0%" in text
    assert "A graph has no first edge." in text
    alone = findings(DISTANCE_VALUES, seeds=1)
    assert "on one seed" in alone
    assert "every seed" not in alone


def test_nobody_is_ahead_within_the_spread_of_the_seeds() -> None:
    text = findings(DISTANCE_VALUES, gap=0.4)
    assert "n = 16. Nobody is ahead by more than the seeds differ: GCN 98.0%" in text
    guessing = {name: dict.fromkeys(found, 0.25) for name, found in DISTANCE_VALUES.items()}
    assert "n = 16. Nobody is better than chance" in findings(guessing)


def test_a_winner_that_does_not_lose_where_it_must_is_told_so() -> None:
    wins = DISTANCE_VALUES | {
        "GCN": {"n = 16": 0.98, "n = 32": 0.92, "which edge came first": 0.99}
    }
    text = findings(wins)
    assert "Made for GCN to lose, and it does not: it is ahead with every seed, GCN 99.0%" in text
    assert "it does not: it is ahead on one seed, GCN 98.6%" in findings(wins, seeds=1)
    assert "A graph has no first edge." not in text


def test_errors_are_compared_as_ratios() -> None:
    found = standings(SIGNAL, contest_rows(compare_view(SIGNAL, SIGNAL_VALUES), SIGNAL))
    text = plain(" ".join(experiment_findings(SIGNAL, found)))
    assert "GCN + LSTM is ahead with 0.1, an error 3 times smaller than that of LSTM (0.3)" in text
    assert "no coupling. Here GCN + LSTM loses: 0.11, behind LSTM 0.1 with every seed." in text


def test_what_unfinished_trainings_came_to_is_bounded_by_their_steps() -> None:
    rows = contest_rows(compare_view(DISTANCE, DISTANCE_VALUES), DISTANCE)
    found = standings(DISTANCE, rows, {"order": 150})
    text = plain(" ".join(experiment_findings(DISTANCE, found)))
    assert "n = 16. GCN is ahead with 98.0%" in text
    assert "which edge came first, within 150 steps. Here GCN loses: 50.0%" in text
    assert "A graph has no first edge." not in text
    assert text.endswith("only where the reason holds however long one trains.")
    overall = plain(" ".join(overall_findings([(DISTANCE, found)])))
    assert "it loses its lead in 1. In 1 of these, trainings were cut off unfinished" in overall
    assert "no network is the stronger one" not in overall
    assert in_short(found[0]).startswith("n = 16: GCN")
    assert in_short(found[2]).startswith("which edge came first†: LSTM")
    remark = replace(DISTANCE.remarks["which edge came first"], is_by_construction=True)
    proved = replace(DISTANCE, remarks={"which edge came first": remark})
    assert "A graph has no first edge." in " ".join(experiment_findings(proved, found))


def test_a_case_in_which_all_guess_has_no_leader() -> None:
    guessing = {name: dict.fromkeys(found, 0.25) for name, found in DISTANCE_VALUES.items()}
    rows = contest_rows(compare_view(DISTANCE, guessing), DISTANCE)
    assert in_short(standings(DISTANCE, rows)[0]) == "n = 16: all at chance"


def test_an_overview_counts_the_cases_that_were_lost() -> None:
    found = standings(DISTANCE, contest_rows(compare_view(DISTANCE, DISTANCE_VALUES), DISTANCE))
    text = plain(" ".join(overall_findings([(DISTANCE, found)])))
    assert text.startswith("GCN wins as trained in How far apart are two marked nodes.")
    assert "it loses its lead in 1: no network is the stronger one as such" in text
    undecided = standings(
        DISTANCE, contest_rows(compare_view(DISTANCE, DISTANCE_VALUES, gap=0.4), DISTANCE)
    )
    text = plain(" ".join(overall_findings([(DISTANCE, undecided)])))
    assert text == "Undecided as trained: How far apart are two marked nodes."


def test_what_needs_no_training_stands_beside_the_contestants() -> None:
    view = compare_view(SIGNAL, SIGNAL_VALUES)
    noted = replace(view, looks=tuple(_noted(look) for look in view.looks))
    assert references(noted)["best"]["as trained"] == [0.05] * 3
    assert set(references(noted)) == {
        "best",
        "least squares, from what GCN + LSTM reads",
        "least squares, from what GCN reads",
        "least squares, from what LSTM reads",
    }
    section = graph_sections([noted], EXPERIMENTS)[1]
    names = [row[0] for row in tables(section)[0].rows]
    assert names[:4] == ["GCN + LSTM", "GCN", "LSTM", "best"]
    assert "In all of them: rate 0.02." in told(section, "ran")


def _noted(look: Look) -> Look:
    cases = [found["case"] for found in look.values["cases"]]
    own = float(len(look.settings["contestant"]))
    notes = {
        "rate": 0.02,
        "best": dict.fromkeys(cases, 0.05),
        "least_squares": dict.fromkeys(cases, own),
    }
    return Look(settings=look.settings, values=look.values | {"notes": notes})


def test_an_experiment_half_measured_is_told_as_far_as_it_is() -> None:
    view = compare_view(DISTANCE, DISTANCE_VALUES)
    begun = replace(view, looks=view.looks[:1], missing=14)
    overview, section = graph_sections([begun], EXPERIMENTS)
    assert "Only GCN is measured so far: 97.6%." in told(section)
    assert "14 measurements not recorded yet." in str(section.blocks)
    assert told(overview)


def test_a_case_with_a_training_of_its_own_is_not_beyond_another() -> None:
    cases = (DISTANCE.cases[0], replace(DISTANCE.cases[1], variant="order"), DISTANCE.cases[2])
    rows = contest_rows(compare_view(DISTANCE, DISTANCE_VALUES), replace(DISTANCE, cases=cases))
    assert [row.role for row in rows if row.seed == 0 and row.contestant == "GCN"] == [
        "trained", "other", "losing",
    ]  # fmt: skip
