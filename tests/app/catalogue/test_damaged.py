"""Runs that are damaged, or are not ours to open: listed so, and refused in one line."""

import json
import os
from pathlib import Path

import pytest

from tests.app.catalogue.opened import catalogue_of, refused
from unroll.app.catalogue import loading
from unroll.app.catalogue.loading import LoadedRun
from unroll.app.catalogue.titles import titles_of
from unroll.app.search import known_as
from unroll.errors import StoreError


def flip_a_byte(file: Path) -> None:
    data = bytearray(file.read_bytes())
    data[-5] ^= 1
    file.write_bytes(data)


def test_damaged_weights_are_refused_and_then_listed_so(runs: Path) -> None:
    catalogue, run_id = catalogue_of(runs), known_as(runs / "lstm")
    best = runs / "lstm" / "checkpoints" / "best.safetensors"
    whole = best.read_bytes()
    flip_a_byte(best)

    error = refused(catalogue, run_id)

    problem = "lstm/checkpoints/best.safetensors: damaged: its SHA-256 is not the one beside it"
    assert (str(error), error.status) == (f"this run cannot be read: {problem}", 409)
    listed = {run.id: run for run in catalogue.runs()}
    assert (listed[run_id].state, listed[run_id].problem) == ("damaged", problem)
    assert catalogue.default() == known_as(runs / "gru")

    best.write_bytes(whole)
    assert catalogue.load(run_id).stage == "best"
    assert {run.state for run in catalogue.runs()} == {"finished"}


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("run.json", "{", "run.json: damaged: not JSON"),
        ("run.json", "[" * 100_000, "run.json: damaged: not JSON"),
        ("run.json", "[1]", "run.json: damaged: not a JSON object"),
        ("run.json", "{}", "run.json: damaged ('recipe' is missing)"),
        ("result.json", "null", "result.json: damaged: not a JSON object"),
        (
            "corpus/corpus.json",
            None,
            "corpus/corpus.json: missing, the book that it was trained on",
        ),
        (
            "checkpoints/best.safetensors",
            None,
            "checkpoints/best.safetensors: missing, its best weights",
        ),
    ],
)
def test_a_damaged_run_is_listed_with_its_problem_beside_the_others(
    runs: Path, name: str, content: str | None, problem: str
) -> None:
    file = runs / "lstm" / name
    file.unlink()
    if content is not None:
        file.write_text(content)
    catalogue = catalogue_of(runs)

    listed = {run.path.name: run for run in catalogue.runs()}

    assert (listed["lstm"].state, listed["lstm"].problem) == ("damaged", problem)
    assert listed["gru"].state == "finished"
    error = refused(catalogue, known_as(runs / "lstm"))
    assert (str(error), error.status) == (f"this run cannot be read: {problem}", 409)


@pytest.mark.parametrize(
    ("key", "value"),
    [("seed", float("inf")), ("steps", "many"), ("book", None), ("recipe", {"cell": "lstm"})],
)
def test_values_that_cannot_be_make_a_run_damaged(runs: Path, key: str, value: object) -> None:
    file = runs / "lstm" / "run.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), key: value}))

    listed = {run.path.name: run for run in catalogue_of(runs).runs()}

    assert listed["lstm"].state == "damaged"
    assert (listed["lstm"].problem or "").startswith("run.json: damaged (")


def test_a_cell_of_a_users_own_is_never_imported(runs: Path, tmp_path: Path) -> None:
    told = tmp_path / "imported"
    code = tmp_path / "cell.py"
    code.write_text(f"import pathlib\npathlib.Path({str(told)!r}).touch()\nclass Mine: ...\n")
    file = runs / "lstm" / "run.json"
    facts = json.loads(file.read_text())
    facts["recipe"]["cell"] = f"{code}:Mine"
    file.write_text(json.dumps(facts))
    catalogue = catalogue_of(runs)

    error = refused(catalogue, known_as(runs / "lstm"))

    assert str(error) == (
        "this run cannot be read: of a cell of its own, Mine: only built-in cells run here"
    )
    assert not told.exists()


def test_a_built_in_cell_without_a_fast_step_is_named(runs: Path) -> None:
    file = runs / "lstm" / "run.json"
    facts = json.loads(file.read_text())
    facts["recipe"]["cell"] = "min-gru"
    file.write_text(json.dumps(facts))

    error = refused(catalogue_of(runs), known_as(runs / "lstm"))

    assert str(error) == (
        "this run cannot be read: of the cell min-gru: only rnn, lstm and gru run here"
    )


def test_a_run_that_the_memory_has_no_room_for_is_not_called_damaged(
    runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalogue, run_id = catalogue_of(runs), known_as(runs / "lstm")
    load = loading.load_run

    def fail(*_asked: object) -> LoadedRun:
        raise MemoryError("4 GiB")

    monkeypatch.setattr(loading, "load_run", fail)
    error = refused(catalogue, run_id)

    assert str(error) == "this run cannot be read: MemoryError: 4 GiB"
    assert {run.state for run in catalogue.runs()} == {"finished"}
    monkeypatch.setattr(loading, "load_run", load)
    assert catalogue.load(run_id).stage == "best"


def test_a_run_that_could_not_be_read_for_a_moment_is_whole_again(
    runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalogue, run_id = catalogue_of(runs), known_as(runs / "lstm")
    load = loading.load_run

    def fail(*_asked: object) -> LoadedRun:
        raise StoreError("too many open files")

    monkeypatch.setattr(loading, "load_run", fail)
    refused(catalogue, run_id)
    assert {run.id: run.state for run in catalogue.runs()}[run_id] == "damaged"

    monkeypatch.setattr(loading, "load_run", load)
    catalogue.load(run_id)

    assert {run.state for run in catalogue.runs()} == {"finished"}


@pytest.mark.parametrize("name", ["rate", "hidden_size", "layers", "window"])
def test_a_number_with_a_thousand_digits_makes_a_run_damaged(runs: Path, name: str) -> None:
    file = runs / "lstm" / "run.json"
    facts = json.loads(file.read_text())
    facts["recipe"][name] = 10**1000
    file.write_text(json.dumps(facts))

    listed = catalogue_of(runs).runs()

    assert titles_of(listed).keys() == {run.id for run in listed}
    (problem,) = (run.problem for run in listed if run.path.name == "lstm")
    assert problem == f"run.json: damaged ('{name}' is no number that can be)"


def test_a_book_with_an_endless_name_is_called_by_its_beginning(runs: Path) -> None:
    file = runs / "lstm" / "run.json"
    facts = json.loads(file.read_text())
    facts["book"]["name"] = "once upon a time " * 10_000
    file.write_text(json.dumps(facts))

    (run,) = (run for run in catalogue_of(runs).runs() if run.path.name == "lstm")

    assert run.state == "finished"
    assert run.book.startswith("once upon a time once")
    assert len(run.book) <= 100


def test_a_file_of_any_size_is_not_read(runs: Path) -> None:
    # Sparse: it takes no space on the disk.
    os.truncate(runs / "lstm" / "run.json", 2**26 + 1)

    (run,) = (run for run in catalogue_of(runs).runs() if run.path.name == "lstm")

    assert run.problem == "run.json: damaged: more than 67,108,864 bytes"
