import json
from pathlib import Path
from typing import Any

import pytest

from unroll.errors import ConfigError
from unroll.graph_data import GraphDataError
from unroll.study.graphs.plans.reach import plan_reach
from unroll.study.graphs.settings.reach import ReachSettings, name_nodes


def measured(**settings: Any) -> dict[str, Any]:
    """Return the values of one measurement as they come out of a store."""
    (job,) = plan_reach(ReachSettings(**settings)).measurements
    values: dict[str, Any] = json.loads(json.dumps(job.measure(job)))
    return values


def test_the_six_nodes() -> None:
    values = measured()
    assert values["names"] == ["A", "B", "C", "D", "E", "F"]
    assert values["updates"] == values["updates_by_jacobian"] == 4
    assert values["squared"] == {"updates": 2, "updates_by_jacobian": 2}
    assert values["hops"] == [3, 2, 0, 1, 4, 2]
    assert values["a_tilde"] == [
        [1, 1, 0, 0, 1, 1],
        [1, 1, 0, 1, 0, 0],
        [0, 0, 1, 1, 0, 0],
        [0, 1, 1, 1, 0, 1],
        [1, 0, 0, 0, 1, 0],
        [1, 0, 0, 1, 0, 1],
    ]
    assert values["degrees"] == [4, 3, 2, 4, 2, 3]
    # They do not sum to one, whatever one report says.
    assert min(values["row_sums"]) == pytest.approx(0.854, abs=1e-3)
    assert max(values["row_sums"]) == pytest.approx(1.181, abs=1e-3)
    arrived = [layer["jacobian"][4] for layer in values["by_layer"]]
    assert arrived[:4] == [0.0] * 4
    assert min(arrived[4:]) > 0
    assert values["twins"] == [["B", "F"]]
    assert all(check["passed"] for check in values["checks"])
    assert len(values["checks"]) == 4


def test_where_no_way_leads_there_is_no_number() -> None:
    for settings in ({"directed": True}, {"edges": "C-D,E-F"}):
        values = measured(**settings)
        assert values["updates"] is values["updates_by_jacobian"] is None
        assert values["squared"] == {"updates": None, "updates_by_jacobian": None}
        assert all(check["passed"] for check in values["checks"])


def test_a_node_has_its_own_news_at_once() -> None:
    assert measured(edges="A-B,B-B", source="B", target="B")["updates"] == 0


def test_edges_from_a_file_count_as_the_same_edges_written_out(tmp_path: Path) -> None:
    path = tmp_path / "edges.csv"
    path.write_text("source,target\n10,x y\n\nx y,9\n")
    (job,) = plan_reach(ReachSettings(edges=str(path), source="10", target="9")).measurements
    assert job.settings["edges"] == [["10", "x y"], ["x y", "9"]]
    values = job.measure(job)
    assert values["names"] == ["9", "10", "x y"]
    assert values["updates"] == 2
    path.write_text("a,b\n")
    with pytest.raises(ConfigError) as caught:
        plan_reach(ReachSettings(edges=str(path), source="a", target="z"))
    assert str(caught.value) == "target: no edge names a node 'z': choose one of a, b"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"edges": " "}, "edges: at least one edge is needed, such as A-B, got none"),
        (
            {"edges": "A-B,,C-D"},
            "edges: an edge must be two names with a hyphen between, such as A-B, got ''; other "
            "names need a file that ends in .csv",
        ),
        (
            {"edges": "A-B-C"},
            "edges: an edge must be two names with a hyphen between, such as A-B, got 'A-B-C'; "
            "other names need a file that ends in .csv",
        ),
        ({"edges": "A-B,B-A"}, "edges: edge B-A is given twice: give it once"),
        ({"edges": "A-A,A-A"}, "edges: self-loop A-A is given twice: give it once"),
        (
            {"source": "Z"},
            "source: no edge names a node 'Z': choose one of A, B, C, D, E, F",
        ),
        (
            {"edges": ",".join(f"0-{i}" for i in range(1, 65))},
            "edges: at most 64 nodes can be followed step by step, got 65: leave out those far "
            "from source and target",
        ),
        ({"edges": "none.csv"}, "none.csv: cannot be read (No such file or directory)"),
        (
            {"edges": "A->B,B-C"},
            "edges: write A-B, and --directed for arrows, got 'A->B'",
        ),
        (
            {"source": "Z" * 5000},
            f"source: no edge names a node '{'Z' * 99}…': choose one of A, B, C, D, E, F",
        ),
        (
            {"edges": "A\nB-C"},
            "edges: a node's name must be one line, got 'A\\nB': is a quotation mark left open?",
        ),
    ],
)
def test_what_is_no_graph_is_refused_in_one_line(settings: dict[str, Any], message: str) -> None:
    with pytest.raises((ConfigError, GraphDataError)) as caught:
        plan_reach(ReachSettings(**settings))
    assert str(caught.value) == message


def test_nodes_with_numbers_come_by_size() -> None:
    long = "1" * 5000
    assert name_nodes((("x", long), ("10", "9"), ("007", "0"), ("7", "x"))) == (
        *("0", "007", "7", "9", "10"),
        long,
        "x",
    )


def test_a_file_of_another_form_is_refused_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "edges.csv"
    path.write_text("a,b\nc\n")
    with pytest.raises(ConfigError) as caught:
        plan_reach(ReachSettings(edges=str(path)))
    assert str(caught.value) == f"{path}, line 2: expected source,target, got 'c'"
    path.write_bytes(b"\xff\xfea")
    with pytest.raises(GraphDataError, match=r"edges\.csv: not UTF-8 at byte 0"):
        plan_reach(ReachSettings(edges=str(path)))
    path.write_text('a,b\n"b\nc",d\n')
    with pytest.raises(ConfigError) as caught:
        plan_reach(ReachSettings(edges=str(path)))
    assert str(caught.value) == (
        f"{path}, line 3: a node's name must be one line, got 'b\\nc': is a quotation mark left "
        "open?"
    )


def test_the_command_asks_for_the_same() -> None:
    settings = ReachSettings(edges="A-B,B-C", source="A", target="C", directed=True)
    command = "unroll graph reach --edges A-B,B-C --source A --target C --directed --out runs/x"
    assert settings.command("runs/x") == command
