"""What a store holds as a result: every horizon under a name of its own."""

from dataclasses import replace
from pathlib import Path

import pytest

import unroll
from tests.study.graphs.made_up import hops_view
from tests.study.horizons.made_up import START, all_views, beyond, cliff, texts
from unroll.study.results import horizons_of
from unroll.study.running.inline import InlineExecutor
from unroll.study.views import Views


def test_the_horizons_of_one_command_are_named_by_the_network_alone() -> None:
    view = cliff({3: (1.0, 1.0), 5: (1.0, 0.5)})
    assert horizons_of(Views(memory=(view,))) == {"rnn": view.horizon("rnn")}
    book = texts()
    (training,) = book.trainings
    assert horizons_of(Views(texts=(book,))) == {"quick": training.horizon()}
    assert "path gcn plain" in horizons_of(Views(graphs=(hops_view(),)))


def test_a_cell_trained_in_several_ways_has_a_horizon_for_each() -> None:
    memory = (
        cliff({3: (1.0,), 5: (0.1,)}),
        beyond({6: 1.0}, **START),
        beyond({6: 0.1}, trained="readout", **START),
        beyond({6: 0.1}, max_steps=7, **START),
    )
    horizons = horizons_of(Views(memory=memory))
    ways = [
        "rnn, assignment, uniform",
        "rnn, learned, identity:1, at most 10 steps",
        "rnn, learned, identity:1, recurrence frozen",
        "rnn, learned, identity:1, at most 7 steps",
    ]
    assert horizons == dict(zip(ways, (view.horizon("rnn") for view in memory), strict=True))


def test_two_books_and_two_looks_over_hops_are_told_apart() -> None:
    books = tuple(
        replace(texts(horizon), book={**texts().book, "name": name})
        for name, horizon in (("tales", 64), ("letters", 16))
    )
    hops = hops_view()
    short = replace(hops, protocol={**hops.protocol, "steps": 7})
    horizons = horizons_of(Views(texts=books, graphs=(hops, short)))
    assert [horizons[f"quick ({name})"].median for name in ("tales", "letters")] == [64, 16]
    graphs = [name for name in horizons if name.startswith("path gcn plain")]
    assert len(graphs) == 2
    assert graphs[1].endswith(", at most 7 steps")


def test_a_study_loses_no_horizon() -> None:
    views = all_views()
    of_steps = sum(len(view.cells) for view in views.memory)
    horizons = horizons_of(views).values()
    assert sum(horizon.unit == "steps" for horizon in horizons) == of_steps


def test_results_that_all_failed_have_not_succeeded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "cells.py").write_text(
        "from unroll.cells import RNN\n"
        "class Bad(RNN):\n"
        "    def forward(self, x, state):\n"
        "        if len(x) == 8: raise RuntimeError('eight')\n"
        "        return super().forward(x, state)\n"
    )
    monkeypatch.setattr("unroll.study.execute.WorkerPool", lambda _: InlineExecutor())
    monkeypatch.setattr("unroll.study.execute.write_document", lambda *_: tmp_path)
    settings = unroll.MemorySettings(
        cells=(f"{tmp_path}/cells.py:Bad",), lengths=(3,), seeds=1, max_steps=2, batch_size=8
    )
    assert not unroll.run(settings, tmp_path / "out", quiet=True).succeeded
    assert not unroll.open_results(tmp_path / "out").succeeded
