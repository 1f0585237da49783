"""What holds of a cell that was put to the bench more than once."""

from dataclasses import replace
from pathlib import Path

from tests.study.bench.made_up import ASKED, add, settings_of
from unroll.records import MeasurementRecord, RequestRecord, Store
from unroll.study.bench.asked import recorded
from unroll.study.bench.protocol import shared_protocol


def asked(trials: list[str], measurements: tuple[str, ...] = ()) -> RequestRecord:
    return RequestRecord(
        kind="bench",
        settings=shared_protocol(ASKED, 1_000),
        command="unroll bench own.py:Mine --out out",
        trials=tuple(trials),
        measurements=measurements,
        started="2026-01-01T00:00:00+00:00",
    )


def test_an_edited_file_replaces_what_it_was_and_gives_way_when_edited_back(
    tmp_path: Path,
) -> None:
    mine = replace(settings_of("own.py:Mine", "parity", 0.01, 0), cell_class="Mine")
    with Store.create(tmp_path) as store:
        first, second = (
            [add(store, replace(mine, cell_sha256=sha * 64, seed=seed)) for seed in (0, 1)]
            for sha in "ab"
        )
        size = MeasurementRecord(
            key="size",
            kind="bench-size",
            settings={
                "cell": "own.py:Mine",
                "cell_class": "Mine",
                "cell_sha256": "a" * 64,
                "hidden_size": mine.hidden_size,
            },
            values={},
        )
        store.add_measurement(size)
        edited = [asked(first, ("size",)), asked(second)]
        back = [*edited, asked(first, ("size",))]
        of_edited, of_back = recorded(store, edited), recorded(store, back)
    assert ([t.record.key for t in of_edited[0]], of_edited[1]) == (second, [])
    assert [t.record.key for t in of_back[0]] == first
    assert [record.key for record in of_back[1]] == ["size"]


def test_a_file_spelt_in_two_ways_is_one_cell(tmp_path: Path) -> None:
    short = replace(settings_of("own.py:Mine", "parity", 0.01, 0), cell_class="Mine")
    long = replace(short, cell="/home/me/own.py:Mine", task="palindrome")
    with Store.create(tmp_path) as store:
        requests = [asked([add(store, short)]), asked([add(store, long)])]
        trials, _ = recorded(store, requests)
    assert [(t.settings.cell, t.settings.task) for t in trials] == [
        ("own.py:Mine", "parity"),
        ("own.py:Mine", "palindrome"),
    ]
