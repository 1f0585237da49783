"""What failed altogether stands in the report under its question, with the reason."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.study.graphs.made_up import classify_view, depth_view, reach_view
from tests.study.graphs.made_up import view as graph_view
from tests.study.made_up_views import gradient_view, probe
from tests.study.text.made_up import view as text_view
from unroll.records import MeasurementRecord, RequestRecord, Store
from unroll.report.section import Notice, Prose, Section
from unroll.study.document import build_document
from unroll.study.gates.view import GateProblem, GateView
from unroll.study.graphs.view import GraphView
from unroll.study.parts import GRAPHS, TEXT, THROUGH_TIME
from unroll.study.text.view import TextProblem
from unroll.study.unmeasured import (
    Unmeasured,
    of_gates,
    of_gradients,
    of_graphs,
    of_texts,
    with_unmeasured,
)
from unroll.study.views import Views

GATES = GateView(
    looks=(),
    parameters=(),
    problems=(GateProblem(label="LSTM, seed 0", error="it *broke*"),),
    protocol={},
    missing=0,
    commands=("unroll gates --out runs/x",),
)


def broken(view: GraphView) -> GraphView:
    return replace(view, looks=(), problems=("ValueError: no",))


def asked(number: str) -> Unmeasured:
    return Unmeasured(question=number, commands=("unroll gates",), reasons=("no",))


def section(number: str) -> Section:
    blocks = (Prose(role="asked", text="a"), Prose(role="measured", text="m"))
    return Section(number=number, title="T", blocks=blocks)


def test_a_notice_names_the_command_and_each_reason_once() -> None:
    (failed,) = of_gates([GATES])
    assert failed.question == "1.5"
    assert failed.notice.text == (
        r"**Not measured:** `unroll gates` failed. LSTM, seed 0: it \*broke\*"
    )
    twice = replace(failed, reasons=("no", "no", "never"))
    assert twice.notice.text == "**Not measured:** `unroll gates` failed. no; never"


def test_what_is_measured_in_part_is_no_failure() -> None:
    told = gradient_view([probe("rnn")])
    assert of_gradients([told, replace(told, probes=())]) == []
    assert of_graphs([replace(reach_view(), problems=("no",))]) == []
    problem = TextProblem(label="quick, seed 0, could not be trained", error="no")
    assert of_texts([replace(text_view(), problems=(problem,))]) == []
    (failed,) = of_texts([replace(text_view(), trainings=(), problems=(problem,))])
    assert (failed.question, failed.reasons) == (
        "2.1a",
        ("quick, seed 0, could not be trained: no",),
    )


@pytest.mark.parametrize(
    ("view", "question"),
    [
        (reach_view(), "3.2"),
        (depth_view(), "3.1"),
        (classify_view(model="gcn"), "3.3"),
        (replace(classify_view(), protocol={"model": "gat"}), "GAT"),
        (graph_view("graph-compare", [], experiment="signal"), "3.4b"),
        (graph_view("graph-compare", [], experiment="of a later version"), "3.4a"),
    ],
)
def test_each_kind_belongs_to_a_question(view: GraphView, question: str) -> None:
    if "model" not in view.protocol:
        view = replace(view, protocol={**view.protocol, "model": "gcn"})
    assert [failed.question for failed in of_graphs([broken(view)])] == [question]


def test_gradients_of_trained_networks_belong_to_their_own_question() -> None:
    view = replace(gradient_view([probe("rnn")]), probes=(), failures=("own: it broke",))
    assert [failed.question for failed in of_gradients([view])] == ["1.1"]
    trained = replace(view, protocol={**view.protocol, "max_steps": 10})
    assert [failed.question for failed in of_gradients([trained])] == ["1.7"]


def test_a_notice_stands_in_front_of_what_was_measured() -> None:
    (told,) = with_unmeasured([section("1.5")], [asked("1.5")])
    assert told.blocks == (
        section("1.5").blocks[0],
        asked("1.5").notice,
        section("1.5").blocks[1],
    )


def test_a_question_of_which_nothing_is_known_has_a_section_in_its_place() -> None:
    known = [
        section("1.4"),
        section(""),
        section("2.1a"),
        section(""),
        section("3.4b"),
        section(""),
    ]
    told = with_unmeasured(known, [asked("GAT"), asked("1.7"), asked("2.3")])
    assert [s.number for s in told] == ["1.4", "", "1.7", "2.1a", "", "2.3", "GAT", "3.4b", ""]
    found = {s.number: (s.title, s.part, s.blocks) for s in told}
    notice = (asked("1.7").notice,)
    assert found["1.7"] == ("Gradients of trained networks", THROUGH_TIME, notice)
    assert found["2.3"] == ("Beam search", TEXT, notice)
    assert found["GAT"] == ("Attention over neighbours", GRAPHS, notice)
    assert [s.number for s in with_unmeasured([], [asked("3.1")])] == ["3.1"]


def test_the_report_of_a_study_tells_what_failed(tmp_path: Path) -> None:
    with Store.create(tmp_path) as store:
        for key, values, error in (("a", None, "RuntimeError: no"), ("b", {"rows": []}, None)):
            store.add_measurement(
                MeasurementRecord(
                    key=key,
                    kind="graph-depth" if values is None else "parameters",
                    settings={},
                    values=values,
                    error=error,
                )
            )
        for kind, key in (("graph-depth", "a"), ("gates", "b")):
            store.add_request(
                RequestRecord(
                    kind=kind,
                    settings={},
                    command=f"unroll {kind.replace('-', ' ')} --out x",
                    trials=(),
                    measurements=(key,),
                    started="2026-01-01T00:00:00+00:00",
                )
            )
        views = Views.load(store)
    assert views.graphs == ()
    told = build_document(replace(views, gates=(), texts=(text_view(),)))
    assert told.sections[-1].number == "3.1"
    assert told.sections[-1].blocks == (
        Notice(text="**Not measured:** `unroll graph depth` failed. RuntimeError: no"),
    )
