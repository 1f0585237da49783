"""What a network is called, and which of many are listed."""

from dataclasses import replace
from pathlib import Path

import pytest

from unroll.app.networks.found import WAYS, FoundNetwork, best_of_each
from unroll.study.memory.plan import plan_memory
from unroll.study.memory.settings import MemorySettings
from unroll.training.recipes import RECIPES


def network(settings: MemorySettings, accuracy: float = 1.0) -> FoundNetwork:
    (job,) = plan_memory(settings).trials
    return FoundNetwork(
        id="1", path=Path("weights"), settings=job.settings, sha256="", accuracy=accuracy
    )


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
@pytest.mark.parametrize(
    ("recipe", "way"),
    [("assignment", "fixed T = 10"), ("learned", "T grown to 10")],
)
def test_is_called_by_the_recipe_that_trained_it(cell: str, recipe: str, way: str) -> None:
    found = network(MemorySettings(cells=(cell,), lengths=(10,), seeds=1, recipe=recipe))

    assert found.recipe == recipe
    assert found.title == f"{cell.upper()}, {way}"


def test_every_recipe_has_words() -> None:
    assert WAYS.keys() == RECIPES.keys()


def test_fewer_steps_are_the_same_recipe_and_other_values_another() -> None:
    short = MemorySettings(cells=("rnn",), lengths=(10,), seeds=1, max_steps=5)

    assert network(short).recipe == "assignment"
    for change in ({"hidden_size": 64}, {"init": "identity:2"}, {"curriculum_start": 4}):
        assert network(replace(short, **change)).recipe == "other"
    assert network(replace(short, init="identity:2")).title == "RNN, T = 10, identity:2 start"


def test_of_several_seeds_and_rates_the_most_accurate_is_listed() -> None:
    one = network(MemorySettings(cells=("rnn",), lengths=(10,), seeds=1), accuracy=0.8)
    better = replace(one, id="2", accuracy=0.9, settings=replace(one.settings, seed=1, rate=0.1))
    worse = replace(one, id="3", accuracy=0.7, settings=replace(one.settings, seed=2))
    longer = replace(one, id="4", accuracy=0.1, settings=replace(one.settings, length=11))

    assert best_of_each([one, better, worse, longer]) == [better, longer]


def test_networks_of_another_study_are_listed_beside() -> None:
    own = network(MemorySettings(cells=("rnn",), lengths=(10,), seeds=1), accuracy=0.8)
    better = replace(own, id="2", path=Path("study/weights/2"), accuracy=0.9)

    assert best_of_each([own, better]) == [own, better]
