"""The playground's own networks: trained once, what is lost or damaged trained anew."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from unroll.app.networks.networks import Networks
from unroll.app.trainings.palindromes import train_networks
from unroll.app.trainings.wanted import NETWORKS, WANTED, Wanted, lacks_networks
from unroll.records import Store
from unroll.training.recipes import RECIPES

TWO = (
    Wanted(recipe="assignment", length=3, cells=("rnn",), share=1),
    Wanted(recipe="learned", length=4, cells=("lstm",), share=0.5),
)
STEPS = 20


def train(out: Path) -> list[tuple[float, str]]:
    told: list[tuple[float, str]] = []
    said = train_networks(out, lambda done, said: told.append((done, said)), TWO, STEPS)
    assert said == "2 networks"
    return told


def weights(out: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in out.rglob("*.safetensors")}


@pytest.fixture(scope="module")
def trained_once(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[tuple[float, str]]]:
    """A folder with two networks, trained for a few steps, and what was told meanwhile."""
    out = tmp_path_factory.mktemp("own")
    return out, train(out)


@pytest.fixture
def out(trained_once: tuple[Path, list[tuple[float, str]]], tmp_path: Path) -> Path:
    """A copy of that folder, to be damaged."""
    return Path(shutil.copytree(trained_once[0], tmp_path / "app"))


def test_trains_and_tells_how_far_it_is(
    trained_once: tuple[Path, list[tuple[float, str]]],
) -> None:
    out, told = trained_once

    assert {said for _, said in told} == {
        "RNN at T = 3, step 20 of at most 20",
        "LSTM at T = 4, step 20 of at most 20",
    }
    assert told[-1][0] == pytest.approx(1)
    listed = {n.settings.cell: n for n in Networks([out]).networks()}
    assert {(n.recipe, n.settings.length) for n in listed.values()} == {
        ("assignment", 3),
        ("learned", 4),
    }


def test_what_is_trained_is_not_trained_again(out: Path) -> None:
    before = weights(out)

    assert train(out) == []
    assert weights(out) == before


def test_a_network_whose_file_is_damaged_is_trained_anew_to_the_same_numbers(out: Path) -> None:
    before = weights(out)
    file = next(out.rglob("*.safetensors"))
    file.write_bytes(file.read_bytes()[:-1])

    assert len(train(out)) == 1
    assert weights(out) == before


def test_a_store_that_is_damaged_is_left_and_another_made_beside_it(out: Path) -> None:
    file = out / NETWORKS / "unroll.sqlite"
    file.write_bytes(b"damaged" * 1000)

    assert len(train(out)) == 2

    assert file.read_bytes() == b"damaged" * 1000
    with Store.read(out / "networks-2") as store:
        assert len(store.requests()) == 2
    assert len(Networks([out]).networks()) == 2


def test_all_of_the_own_set_must_be_there_where_there_is_no_other_network(out: Path) -> None:
    own = Networks([out]).networks()
    assert lacks_networks((), out)
    assert lacks_networks(own, out)
    assert not lacks_networks(own, out.parent / "other")
    elsewhere = replace(own[0], path=out.parent / "study" / "weights" / own[0].path.name)
    assert not lacks_networks((*own, elsewhere), out)


def test_what_is_wanted_can_be_trained_and_lets_cells_and_recipes_be_compared() -> None:
    assert {wanted.recipe for wanted in WANTED} <= RECIPES.keys()
    cells = [cell for wanted in WANTED for cell in wanted.cells]
    assert set(cells) == {"rnn", "lstm", "gru"}
    assert cells.count("rnn") == cells.count("lstm") == len(WANTED)
