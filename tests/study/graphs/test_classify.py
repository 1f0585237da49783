import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.graph_data.planetoid_files import write
from unroll.errors import ConfigError
from unroll.graph_data import GraphDataError
from unroll.graph_data.karate import karate_club
from unroll.study.graphs.measure import classify
from unroll.study.graphs.measure.classify import MOST_WEIGHTS, measure_classify
from unroll.study.graphs.measure.node_data import check_learnable
from unroll.study.graphs.plans.classify import plan_classify
from unroll.study.graphs.settings import ClassifySettings
from unroll.study.running.measurement import run_measurement

EDGES = "".join(f"n{i},n{i + 1}\n" for i in range(7))
NODES = "name,label,split\n" + "".join(
    f"n{i},{'left' if i < 4 else 'right'},{'train' if i in (0, 7) else 'test'}\n" for i in range(8)
)


def values_of(settings: ClassifySettings) -> list[dict[str, Any]]:
    records = [run_measurement(job) for job in plan_classify(settings).measurements]
    assert [record.error for record in records] == [None] * len(records)
    return [record.values for record in records if record.values is not None]


def own_graph(folder: Path) -> str:
    (folder / "edges.csv").write_text(EDGES)
    (folder / "nodes.csv").write_text(NODES)
    return str(folder)


def test_the_club_is_classified_and_drawn() -> None:
    first, second = values_of(ClassifySettings(seeds=2, epochs=60))
    assert first["accuracy"]["train"] == 1
    assert first["accuracy"]["validation"] is None
    # Chance is a half; two labelled members tell the sides of the 32 others, but for a few.
    assert first["accuracy"]["test"] >= 0.9
    assert (first["epochs"], first["parameters"]) == (60, 34 * 16 + 16 * 2)
    # 1/√(d_i d_j) over each row, from the degrees alone.
    assert first["graph"] == {
        "name": "karate",
        "nodes": 34,
        "edges": 78,
        "features": 34,
        "classes": 2,
        "train": 2,
        "validation": 0,
        "test": 32,
        "isolated": 0,
        "row_sums": [0.6295, 2.0032],
        # 17 a side, a leader each not tested; of 78 friendships 11 join the two sides.
        "commonest": 0.5,
        "alike": pytest.approx(67 / 78),
    }
    drawing = first["drawing"]
    assert {len(drawing[name]) for name in ("x", "y", "names", "label", "predicted", "role")} == {
        34
    }
    assert len(drawing["edges"]) == 78
    assert [node for node, role in enumerate(drawing["role"]) if role == "train"] == [0, 33]
    right = [a == b for a, b in zip(drawing["label"], drawing["predicted"], strict=True)]
    assert (sum(right) - 2) / 32 == first["accuracy"]["test"]
    assert first["attention"] is None
    assert second["drawing"] is None
    assert first["curve"] != second["curve"]
    assert all(check["passed"] for values in (first, second) for check in values["checks"])


def test_attention_is_recorded_of_the_first_seed() -> None:
    first, second = values_of(ClassifySettings(model="gat", seeds=2, epochs=15))
    attention = first["attention"]
    # Both directions of 78 friendships, and each member's loop.
    assert len(attention["edges"]) == len(attention["by_head"]) == 2 * 78 + 34
    by_target: dict[int, float] = {}
    for (target, _, weight), heads in zip(attention["edges"], attention["by_head"], strict=True):
        by_target[target] = by_target.get(target, 0.0) + weight
        assert weight == pytest.approx(sum(heads) / 8, abs=1e-4)
    # Of weights rounded to 4 digits, at most 18 a member.
    assert list(by_target.values()) == pytest.approx([1] * 34, abs=18e-4)
    entropy = attention["entropy"]
    assert 0 < entropy["measured"] <= entropy["uniform"] + 1e-6
    assert entropy["uniform"] < math.log(18)
    assert second["attention"] is None


def test_of_a_large_graph_the_attention_of_some_nodes_is_recorded(tmp_path: Path) -> None:
    pairs = "".join(f"{i},{(i + step) % 120}\n" for i in range(120) for step in (1, 2, 3))
    (tmp_path / "edges.csv").write_text(pairs)
    rows = "".join(f"{i},{i % 2},{'train' if i < 4 else 'test'}\n" for i in range(120))
    (tmp_path / "nodes.csv").write_text(f"name,label,split\n{rows}")
    (values,) = values_of(ClassifySettings(data=str(tmp_path), model="gat", seeds=1, epochs=1))
    edges = values["attention"]["edges"]
    # Each node attends to six others and itself, and is recorded whole or not at all.
    assert MOST_WEIGHTS - 7 < len(edges) <= MOST_WEIGHTS
    targets = [target for target, _, _ in edges]
    assert {targets.count(target) for target in targets} == {7}


def test_a_folder_of_the_users_own_is_classified(tmp_path: Path) -> None:
    (values,) = values_of(ClassifySettings(data=own_graph(tmp_path), seeds=1, epochs=150))
    assert values["accuracy"]["test"] == 1
    assert values["drawing"]["class_names"] == ["left", "right"]


def test_sparse_files_with_a_missing_paper_are_classified(tmp_path: Path) -> None:
    settings = ClassifySettings(data="citeseer", root=write(tmp_path), seeds=1, epochs=30)
    (values,) = values_of(settings)
    assert values["graph"]["isolated"] == 1
    assert values["drawing"]["label"][7] == -1
    assert values["drawing"]["role"][7] == "none"
    assert values["curve"][-1]["validation_accuracy"] is not None
    assert math.isfinite(values["curve"][-1]["validation_loss_nats"])


def test_the_key_follows_the_graph_and_the_recipe(tmp_path: Path) -> None:
    def keys(**changed: Any) -> list[str]:
        settings = ClassifySettings(**{"data": str(tmp_path), "seeds": 1, **changed})
        return [job.key for job in plan_classify(settings).measurements]

    own_graph(tmp_path)
    before = keys()
    assert keys() == before
    assert keys(epochs=3) != before
    assert keys(model="gat") != before
    (tmp_path / "edges.csv").write_text(EDGES + "n0,n7\n")
    assert keys() != before


def test_a_graph_that_changed_since_is_refused(tmp_path: Path) -> None:
    settings = ClassifySettings(data=own_graph(tmp_path), seeds=1, epochs=1)
    (job,) = plan_classify(settings).measurements
    (tmp_path / "edges.csv").write_text(EDGES + "n0,n7\n")
    with pytest.raises(ConfigError) as caught:
        measure_classify(job)
    assert str(caught.value) == (
        f"{tmp_path.name}: the graph changed since the study began; start it again"
    )


@pytest.mark.parametrize(
    ("nodes", "told"),
    [
        ("", "labels are needed to learn classes, got none: give nodes.csv a column label"),
        (NODES.replace("test", ""), "nodes to test are needed, got none: give nodes.csv"),
        (
            NODES.replace("right", "left"),
            "nodes of two classes are needed, got one class only, 'left': give nodes.csv",
        ),
        (NODES.replace("n5,right", "n5,middle"), "class 'middle' has no training node: give"),
    ],
)
def test_a_graph_that_cannot_be_learned_is_refused(tmp_path: Path, nodes: str, told: str) -> None:
    own_graph(tmp_path)
    (tmp_path / "nodes.csv").write_text(nodes)
    if not nodes:
        (tmp_path / "nodes.csv").unlink()
    with pytest.raises(ConfigError) as caught:
        plan_classify(ClassifySettings(data=str(tmp_path)))
    assert str(caught.value).startswith(f"{tmp_path.name}: {told}")


def test_of_files_from_elsewhere_no_table_is_asked_for() -> None:
    alone = replace(karate_club(), labels=torch.zeros(34, dtype=torch.int64))
    with pytest.raises(ConfigError) as caught:
        check_learnable(alone, "karate")
    assert str(caught.value) == (
        'karate: nodes of two classes are needed, got one class only, "instructor\'s"; get its '
        "files from their own source"
    )


def test_a_graph_too_large_to_draw_is_classified_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn, _ = values_of(ClassifySettings(model="gat", seeds=2, epochs=2))
    monkeypatch.setattr(classify, "MOST_DRAWN", 7)
    settings = ClassifySettings(data=own_graph(tmp_path), model="gat", seeds=1, epochs=2)
    (values,) = values_of(settings)
    assert drawn["drawing"] is not None
    assert values["drawing"] is None
    # Six of eight are tested, three a side; of seven edges one joins the sides.
    assert values["graph"]["commonest"] == 0.5
    assert values["graph"]["alike"] == pytest.approx(6 / 7)
    assert values["attention"]["names"] == {str(n): f"n{n}" for n in range(8)}


def test_the_plan_tells_how_long_and_of_what_files(tmp_path: Path) -> None:
    def told(**settings: Any) -> tuple[str, ...]:
        return plan_classify(ClassifySettings(seeds=1, **settings)).intention

    assert told(epochs=3)[0].endswith(
        "at most 3 epochs, stopped by a window of 10 on the validation loss; here no validation "
        "nodes: just 3 epochs"
    )
    assert "validation loss and accuracy, at most 1 epoch; here" in told(model="gat", epochs=1)[0]
    root = write(tmp_path, "cora")
    (line,) = told(data="cora", root=root)[1:]
    assert line.startswith("cora: ind.cora.x is not the file that is known (SHA-256 ")
    assert line.endswith("); nor are 7 of the others")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"model": "gan"}, "unknown model 'gan': expected one of gat, gcn (nearest: gcn)"),
        ({"seeds": 0}, "seeds must be 1 or more, got 0"),
        ({"seeds": 5000}, "seeds must be at most 1,000, got 5000"),
        ({"epochs": 0}, "epochs must be 1 or more, got 0"),
        ({"epochs": 10**20}, f"epochs must be at most 1,000,000, got {10**20}"),
        ({"data": ""}, "data must name a graph or a folder, got nothing"),
        (
            {"root": Path("here")},
            "root: karate needs none; it is where files of cora, citeseer, pubmed lie",
        ),
    ],
)
def test_settings_that_cannot_be_are_refused(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        ClassifySettings(**settings)
    assert str(caught.value) == message


def test_files_that_are_not_there_are_told(tmp_path: Path) -> None:
    with pytest.raises(GraphDataError, match="no files of cora there"):
        plan_classify(ClassifySettings(data="cora", root=tmp_path))


def test_the_command_says_what_is_not_the_default() -> None:
    settings = ClassifySettings(data="cora", root=Path("a b"), model="gat", seeds=3, epochs=9)
    assert settings.command("out") == (
        "unroll graph classify --data cora --root 'a b' --model gat --seeds 3 --epochs 9 --out out"
    )
    assert ClassifySettings().command("out") == "unroll graph classify --out out"
    intention = plan_classify(ClassifySettings(seeds=1)).intention
    assert intention[0].startswith("classify: gcn on karate, 34 nodes, 78 edges; 1 seed; Kipf")
