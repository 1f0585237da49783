from typing import NamedTuple

import pytest
import torch
from torch import Tensor, nn

from unroll.seeding import make_generator
from unroll.study.graphs.compare.contest import Contest, split_examples
from unroll.training.supervised import SupervisedSettings


class Points(NamedTuple):
    """Points in the plane, and whether they lie above the diagonal."""

    at: Tensor
    classes: Tensor


def draw(count: int, generator: torch.Generator) -> Points:
    at = torch.randn(count, 2, generator=generator)
    return Points(at, (at[:, 1] > at[:, 0]).long())


def contest(seed: int = 0, batch_size: int = 10) -> Contest[Points]:
    network = nn.Linear(2, 2)
    nn.init.zeros_(network.weight)
    nn.init.zeros_(network.bias)
    return Contest(
        network=network,
        answer=lambda points: network(points.at),
        draw=draw,
        cases={
            "few": draw(7, make_generator(1, "test")),
            "many": draw(600, make_generator(2, "t")),
        },
        seed=seed,
        batch_size=batch_size,
    )


def test_a_contest_trains_tests_and_records() -> None:
    seen: list[int] = []
    values = contest().run(SupervisedSettings(steps=100, rate=0.1), seen.append)
    assert list(values) == ["parameters", "curve", "train_seconds", "cases"]
    assert values["parameters"] == 6
    assert [(row["case"], row["examples"]) for row in values["cases"]] == [
        ("few", 7),
        ("many", 600),
    ]
    # A line through two clouds that touch: a few points near it may fall on the other side.
    assert all(row["value"] > 0.9 for row in values["cases"])
    assert seen == [point["step"] for point in values["curve"]]
    assert seen[-1] == 100
    assert values["curve"][0]["loss"] > 3 * values["curve"][-1]["loss"]


def test_the_seed_decides_what_is_trained_on() -> None:
    one, same, other = (
        contest(seed).run(SupervisedSettings(steps=5), id)["curve"] for seed in (0, 0, 1)
    )
    assert one == same
    assert one != other


def test_accuracy_is_counted_over_all_parts() -> None:
    fixed = contest()
    nn.init.constant_(fixed.network.get_parameter("bias"), 0.0)
    fixed.network.get_parameter("bias").data[1] = 1.0
    examples = draw(601, make_generator(3, "test"))
    # Class 1 is always answered.
    assert fixed.accuracy(examples) == pytest.approx(float(examples.classes.float().mean()))


def test_parts_are_whole_and_in_order() -> None:
    examples = draw(7, make_generator(0, "test"))
    parts = list(split_examples(examples, 3))
    assert [len(part.classes) for part in parts] == [3, 3, 1]
    assert torch.equal(torch.cat([part.at for part in parts]), examples.at)
    assert torch.equal(torch.cat([part.classes for part in parts]), examples.classes)
