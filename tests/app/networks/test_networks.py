"""Networks: listed as a store records them, without disturbing who writes to it."""

import json
import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from unroll.app.networks.found import FoundNetwork
from unroll.app.networks.loading import lessons
from unroll.app.networks.networks import Networks
from unroll.app.refusal import RefusedError
from unroll.records import Store
from unroll.seeding import make_generator
from unroll.study.memory.plan import plan_memory
from unroll.study.memory.settings import MemorySettings
from unroll.study.running.trial import TrialSettings

HOSTILE_IDS = ("", "../x", "/etc/passwd", "..%2f..%2fetc", "unroll.sqlite", "\0", "\ud800")


@pytest.fixture
def store(trained: Path, tmp_path: Path) -> Path:
    """A copy of the study's folder, to be damaged."""
    return Path(shutil.copytree(trained / "palindromes", tmp_path / "study"))


def networks_of(folder: Path) -> Networks:
    """Return the networks of a folder that is searched each time."""
    return Networks([folder], rescan_seconds=0)


def open_file(store: Path) -> closing[sqlite3.Connection]:
    return closing(sqlite3.connect(store / "unroll.sqlite", isolation_level=None))


def change_settings(store: Path, cell: str, change: dict[str, object]) -> None:
    """Change what a store says of the trial of a cell."""
    with open_file(store) as connection:
        rows = connection.execute("SELECT key, settings FROM trials").fetchall()
        (key,) = (key for key, text in rows if json.loads(text)["cell"] == cell)
        settings = {**json.loads(dict(rows)[key]), **change}
        connection.execute(
            "UPDATE trials SET settings = ? WHERE key = ?", (json.dumps(settings), key)
        )


def ids_by_cell(networks: Networks) -> dict[str, str]:
    return {network.settings.cell: network.id for network in networks.networks()}


def refused(networks: Networks, network_id: str) -> RefusedError:
    with pytest.raises(RefusedError) as caught:
        networks.load(network_id)
    return caught.value


def test_lists_the_networks_of_a_study(store: Path) -> None:
    listed = {network.settings.cell: network for network in networks_of(store).networks()}

    assert listed.keys() == {"rnn", "lstm"}
    assert listed["lstm"].settings.length == 5
    assert listed["lstm"].recipe == "other"
    assert listed["lstm"].title == "LSTM, T = 5, uniform start"
    with Store.read(store) as read:
        for network in listed.values():
            (recorded,) = read.evaluations(network.path.stem)
            assert network.accuracy == recorded.accuracy


def test_a_loaded_network_is_as_accurate_as_recorded(store: Path) -> None:
    networks = networks_of(store)
    for found in networks.networks():
        loaded = networks.load(found.id)
        task = loaded.task(5)
        generator = make_generator(0, "evaluation palindrome 5")
        batch = task.encode(task.distinct(10_000, "evaluation", generator))
        with torch.no_grad():
            guessed = loaded.model(batch.inputs).argmax(2)

        right = (guessed == batch.targets).float().mean().item()

        assert len(batch.targets) == 1000
        assert right == pytest.approx(found.accuracy, abs=1e-6)
        assert loaded.facts.accuracy == found.accuracy
        assert (loaded.facts.trained_length, loaded.facts.hidden_size) == (5, 8)


def test_a_curriculum_leads_through_lengths_up_to_its_own(store: Path) -> None:
    settings = networks_of(store).networks()[0].settings
    assert lessons(settings) == (5,)
    led = replace(settings, length=12, curriculum={"start": 4, "factor": 1.5})
    assert lessons(led) == (4, 6, 9, 12)


def test_the_first_to_be_shown_solves_its_length_and_fails_at_others(store: Path) -> None:
    networks = networks_of(store)
    rnn, lstm = sorted(networks.networks(), key=lambda one: one.settings.cell, reverse=True)
    assert (rnn.settings.cell, lstm.settings.cell) == ("rnn", "lstm")
    solved = [replace(one, accuracy=0.95, id=one.settings.cell) for one in (rnn, lstm)]
    led = replace(rnn.settings, length=30, curriculum={"start": 4})
    grown = replace(rnn, accuracy=1.0, id="grown", settings=led)
    unsolved = replace(rnn, accuracy=0.5, id="unsolved")
    assert networks.default([unsolved, grown, *reversed(solved)]) == "rnn"
    assert networks.default([unsolved, grown]) == "grown"


def test_the_shortest_rnn_by_the_assignment_comes_first_and_else_what_is_most_accurate(
    store: Path,
) -> None:
    found = networks_of(store).networks()[0]

    def network(name: str, length: int, accuracy: float, cell: str = "rnn") -> FoundNetwork:
        wanted = MemorySettings(cells=(cell,), lengths=(length,), seeds=1)
        (job,) = plan_memory(wanted).trials
        return replace(found, id=name, settings=job.settings, accuracy=accuracy)

    assigned = [network("20", 20, 0.79), network("10", 10, 1.0), network("5", 5, 0.95)]
    others = [network("3", 3, 1.0), network("lstm", 5, 1.0, "lstm"), replace(found, accuracy=1.0)]
    networks = networks_of(store)
    assert networks.default([*assigned, *others]) == "5"
    assert networks.default([network("4", 4, 0.3), assigned[0], network("30", 30, 0.5)]) == "20"


def test_reading_leaves_a_store_as_it_is(store: Path) -> None:
    with open_file(store) as connection:
        connection.execute("PRAGMA user_version = 1")
    before = {file: file.read_bytes() for file in store.rglob("*") if file.is_file()}

    networks = networks_of(store)
    for network in networks.networks():
        networks.load(network.id)

    assert {file: file.read_bytes() for file in store.rglob("*") if file.is_file()} == before


def test_while_a_store_is_being_written_what_was_known_holds(store: Path) -> None:
    networks = networks_of(store)
    known = networks.networks()
    assert len(known) == 2

    with open_file(store) as writer:
        writer.execute("BEGIN EXCLUSIVE")
        writer.execute("DELETE FROM evaluations")
        (store / "unroll.sqlite").touch()
        assert networks.networks() == known
        writer.execute("COMMIT")

    assert networks.networks() == ()


def test_reading_never_waits_for_a_study_that_trains(store: Path) -> None:
    with Store.create(store) as writer:
        networks = networks_of(store)
        assert len(networks.networks()) == 2
        # And the study goes on as if nobody read.
        (key,) = {network.path.stem for network in networks.networks()[:1]}
        writer.add_evaluations(key, ())


def test_what_is_no_store_holds_no_networks(tmp_path: Path) -> None:
    (tmp_path / "unroll.sqlite").write_text("not a database, but long enough to be read as one")

    assert networks_of(tmp_path).networks() == ()
    assert networks_of(tmp_path).default() is None


@pytest.mark.parametrize(
    "change",
    [
        {"cell": "mine.py:Mine"},
        {"cell_class": "Mine"},
        {"task": "palindrome-half"},
        {"trained": "readout"},
        {"hidden_size": 9},
        {"unheard": "of"},
    ],
)
def test_a_trial_that_is_no_network_for_palindromes_of_ours_is_left_out(
    store: Path, change: dict[str, object]
) -> None:
    change_settings(store, "rnn", change)

    assert ids_by_cell(networks_of(store)).keys() == {"lstm"}


def test_a_study_that_was_killed_while_writing_is_left_for_itself_to_mend(
    store: Path, tmp_path: Path
) -> None:
    killed = tmp_path / "killed"
    with open_file(store) as writer:
        writer.execute("PRAGMA cache_size = 1")
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("UPDATE curves SET accuracy = 0.5, loss_nats = 0.5")
        writer.execute("DELETE FROM environments")
        writer.execute("CREATE TABLE pages (text)")
        writer.executemany("INSERT INTO pages VALUES (?)", [("x" * 4000,)] * 50)
        shutil.copytree(store, killed)
        writer.execute("ROLLBACK")
    before = {file: file.read_bytes() for file in killed.iterdir() if file.is_file()}
    assert killed / "unroll.sqlite-journal" in before

    assert networks_of(killed).networks() == ()

    assert {file: file.read_bytes() for file in killed.iterdir() if file.is_file()} == before
    with Store.create(killed):
        assert len(networks_of(killed).networks()) == 2


@pytest.mark.parametrize(
    "change",
    [
        {"encoding": ["scalar"]},
        {"hidden_size": "8"},
        {"hidden_size": 10**400},
        {"seed": -1},
        {"initialisation": "x" * 101},
        {"optimiser": None},
    ],
)
def test_values_that_no_study_writes_are_left_out_though_their_key_is_right(
    store: Path, change: dict[str, object]
) -> None:
    change_settings(store, "rnn", change)
    with open_file(store) as connection:
        rows = connection.execute("SELECT key, settings FROM trials").fetchall()
        ((old, text),) = ((key, text) for key, text in rows if json.loads(text)["cell"] == "rnn")
        new = TrialSettings(**json.loads(text)).key
        assert new != old
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute("UPDATE trials SET key = ? WHERE key = ?", (new, old))
        connection.execute("UPDATE evaluations SET trial = ? WHERE trial = ?", (new, old))
    weights = store / "weights"
    (weights / f"{old}.safetensors").rename(weights / f"{new}.safetensors")

    assert ids_by_cell(networks_of(store)).keys() == {"lstm"}


@pytest.mark.parametrize("network_id", HOSTILE_IDS)
def test_an_id_is_never_a_path(store: Path, network_id: str) -> None:
    error = refused(networks_of(store), network_id)

    assert (str(error), error.status) == (
        "there is no such network here: choose one of the list",
        404,
    )


def test_damaged_weights_are_refused(store: Path) -> None:
    networks = networks_of(store)
    ids = ids_by_cell(networks)
    (file,) = (n.path for n in networks.networks() if n.settings.cell == "rnn")
    data = bytearray(file.read_bytes())
    data[-1] ^= 1
    file.write_bytes(data)

    error = refused(networks, ids["rnn"])

    assert (str(error), error.status) == (
        f"this network cannot be read: study/weights/{file.name}: damaged: its SHA-256 is not the "
        "recorded one",
        409,
    )
    assert networks.load(ids["lstm"]).facts.cell == "lstm"


def test_a_network_whose_file_is_gone_is_gone(store: Path) -> None:
    networks = networks_of(store)
    ids = ids_by_cell(networks)
    networks.load(ids["rnn"])
    (file,) = (n.path for n in networks.networks() if n.settings.cell == "rnn")
    file.unlink()

    error = refused(networks, ids["rnn"])

    assert error.status == 410
    assert str(error) == (
        "RNN, T = 5, uniform start: the file of this network is gone: choose another one"
    )
    assert ids_by_cell(networks).keys() == {"lstm"}
