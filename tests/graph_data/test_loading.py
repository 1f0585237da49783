import hashlib
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from tests.graph_data.planetoid_files import parts, write
from unroll.errors import ConfigError
from unroll.graph_data import DATA_NAMES, GraphDataError
from unroll.graph_data.digest import graph_sha256
from unroll.graph_data.karate import karate_club
from unroll.graph_data.loading import find_cora, load_graph


def test_each_name_leads_to_its_graph(tmp_path: Path) -> None:
    assert load_graph("karate").name == "karate"
    for name in ("cora", "citeseer", "pubmed"):
        assert load_graph(name, write(tmp_path, name)).name == name
    (tmp_path / "edges.csv").write_text("a,b\n")
    assert load_graph(str(tmp_path)).names == ("a", "b")
    assert set(DATA_NAMES) == {"karate", "cora", "citeseer", "pubmed"}


def test_a_graph_in_the_cache_is_not_fetched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    folder = write(tmp_path / "unroll" / "graphs" / "pubmed", "pubmed")
    with pytest.raises(GraphDataError, match="no SHA-256 in it"):
        # Proof that the cache is looked at: a damaged record there is found before any request.
        _with_damaged_record(folder)
    for part, content in parts().items():
        _record(folder / f"ind.pubmed.{part}", content)
    assert load_graph("pubmed").nodes == 9


def _with_damaged_record(folder: Path) -> None:
    (folder / "ind.pubmed.x.sha256").write_text("no sum")
    load_graph("pubmed")


def _record(path: Path, content: bytes) -> None:
    path.with_name(f"{path.name}.sha256").write_text(f"{hashlib.sha256(content).hexdigest()}  x\n")


def test_a_name_that_nobody_knows_is_refused() -> None:
    with pytest.raises(ConfigError) as caught:
        load_graph("korate")
    assert str(caught.value) == (
        "unknown graph 'korate': expected one of citeseer, cora, karate, pubmed (nearest: karate); "
        "or a folder with edges.csv"
    )


def test_a_root_where_none_is_needed_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load_graph("karate", tmp_path)
    assert str(caught.value) == (
        "root: karate needs none; it is where files of cora, citeseer, pubmed lie"
    )


def test_cora_is_found_only_whole_and_never_fetched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert find_cora() is None
    assert find_cora(tmp_path) is None
    folder = write(tmp_path / "Cora" / "raw", "cora")
    assert find_cora(tmp_path) == folder
    (folder / "ind.cora.y").unlink()
    assert find_cora(tmp_path) is None
    kept = write(tmp_path / "cache" / "unroll" / "graphs" / "cora", "cora")
    assert find_cora() == kept


def test_a_graph_is_known_by_all_that_is_learned_from_and_told(tmp_path: Path) -> None:
    club = karate_club()
    assert graph_sha256(club) == graph_sha256(karate_club())
    others = [
        club.relabelled(torch.arange(34).flip(0)),
        load_graph("cora", write(tmp_path, "cora")),
        load_graph("citeseer", write(tmp_path)),
        replace(club, class_names=("one", "other")),
    ]
    sums = {graph_sha256(graph) for graph in (club, *others)}
    assert len(sums) == 5
