from collections.abc import Sequence
from dataclasses import replace

import pytest

from unroll.records import Horizon, Reading
from unroll.report.travel_rows import Condition, Kind, Unit
from unroll.study.horizons.findings import comparison, stops, without_influence
from unroll.study.horizons.travel import Influence, Measured, Travel


def points(values: dict[int, float]) -> tuple[Measured, ...]:
    return tuple(Measured(seed=0, distance=d, value=value) for d, value in values.items())


def travel(
    last: int | None,
    failed: int | None,
    *,
    unit: Unit = "hops",
    kind: Kind = "learned",
    network: str = "net",
    arriving: dict[int, float] | None = None,
    use: dict[int, float] | None = None,
    before: dict[int, float] | None = None,
    trained_to: int | None = None,
) -> Travel:
    """Return one seed's travel with these numbers."""
    start: Condition = "before training"
    return Travel(
        unit=unit,
        line="rnn",
        network=network,
        kind=kind,
        trained_to=trained_to,
        horizon=Horizon(
            unit=unit,
            criterion="made up",
            budget="200 steps",
            readings=(Reading(seed=0, last_passed=last, first_failed=failed),),
        ),
        use=points(use or {}),
        influence=(Influence(condition=start, points=points(before)),) if before else (),
        arriving=points(arriving or {}),
    )


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (
            travel(2, 4, arriving={1: 1.0, 2: 0.5, 4: 3e-5}, use={2: 1.0, 4: 0.1}),
            "For net, influence ends with use: of the nearest distance's gradient 50% arrives from "
            "d = 2, its horizon, and 3e-05 arrives from d = 4, where use has fallen to 10%.",
        ),
        (
            travel(2, 4, arriving={1: 1.0, 2: 0.001, 4: 3e-5}, use={4: 0.0}),
            "For net, influence fades before use: of the nearest distance's gradient 0.1% arrives "
            "from d = 2, its horizon, and 3e-05 arrives from d = 4, where use has fallen below "
            "0.1%.",
        ),
        (
            travel(9, 19, arriving={1: 1.0, 9: 0.9, 19: 2e-8}, use={9: 1.0, 19: 0.43}),
            "For net, use outlasts influence: of the nearest distance's gradient 90% arrives from "
            "d = 9, its horizon, and 2e-08 arrives from d = 19, where use has fallen to 43%. How "
            "much gradient arrives does not say there how much is used.",
        ),
        (
            travel(2, 4, arriving={1: 1.0, 2: 1.5, 4: 0.4}, use={2: 1.0, 5: 0.64}),
            "For net, influence outlasts use: of the nearest distance's gradient 150% arrives from "
            "d = 2, its horizon, and 40% arrives from d = 4, where use has fallen to 64%. News "
            "gets there, and not all of it is used.",
        ),
        (
            travel(4, None, arriving={1: 1.0, 4: 1.25}),
            "For net, no end of use was seen up to d = 4 hops: 125% of the nearest distance's "
            "gradient arrives from there.",
        ),
        (travel(4, None), None),
        (travel(2, 4, arriving={2: 1.0}), None),
    ],
    ids=[
        "ends",
        "fades",
        "use outlasts",
        "outlasts",
        "open",
        "unmeasured",
        "unmeasured where it failed",
    ],
)
def test_influence_is_compared_with_use(asked: Travel, told: str | None) -> None:
    assert comparison([asked], "hops") == (f"**Hops.** {told}" if told else "")


def test_seeds_that_differ_much_are_told() -> None:
    asked = travel(2, 4, arriving={2: 1.0, 4: 0.5})
    other = replace(Measured(seed=1, distance=4, value=0.02))
    told = comparison([replace(asked, arriving=(*asked.arriving, other))], "hops")
    assert "26% (by seed 2% to 50%) arrives from d = 4" in told


def test_use_without_influence_at_the_start_is_named() -> None:
    vanished = {1: 1.0, 50: 1e-30}
    frozen = travel(90, 200, unit="steps", kind="frozen", before=vanished)
    assert without_influence([frozen]) == (
        "**Use without influence at the start.** Before training, less than 1e-07 of the nearest "
        "distance's gradient, too little to count in a sum of float32, arrives from distances that "
        "are used in the end: net (1e-30 from d = 50, used up to d = 90). Nothing was learned "
        "there through time: what is used is there by construction."
    )
    learned = without_influence([replace(frozen, kind="learned")])
    assert learned.endswith(
        "A gradient that has vanished at the start does not settle how far a network comes."
    )
    assert without_influence([replace(frozen, horizon=travel(20, 30).horizon)]) == ""
    assert without_influence([travel(90, None, before={1: 1.0, 50: 0.5})]) == ""
    assert without_influence([travel(90, None)]) == ""


LEARNED = travel(9, 19, unit="steps")
RETAINED = travel(999, None, unit="steps", kind="retained")


@pytest.mark.parametrize(
    ("travels", "told"),
    [
        (
            [LEARNED, RETAINED],
            "In steps, training RNN at each distance ends at d = 9, and the same equations, "
            "trained nearer, hold to d = 999 or more: it is not the equations that stop the digit "
            "there, but how they were trained (recipe and encoding of digits).",
        ),
        (
            [LEARNED, travel(5, 9, unit="steps", kind="retained")],
            "In steps, training RNN at each distance ends at d = 9, and the same equations, "
            "trained nearer, hold to d = 5: training otherwise did not carry the digit further "
            "here.",
        ),
        (
            [LEARNED, replace(RETAINED, line="gru")],
            "In steps, training RNN at each distance ends at d = 9, and GRU, trained nearer, holds "
            "to d = 999 or more.",
        ),
        (
            [travel(None, 3, unit="steps")],
            "In steps, training RNN at each distance solves none of those tried; nothing was "
            "trained nearer and tested beyond: what stops it is left open.",
        ),
        ([travel(9, None, unit="steps"), RETAINED], None),
        ([RETAINED], None),
    ],
    ids=["further", "no further", "another cell", "none", "open", "retained alone"],
)
def test_what_stops_a_digit(travels: Sequence[Travel], told: str | None) -> None:
    assert stops(travels) == ([told] if told else [])


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (
            travel(16, 32, unit="characters", trained_to=64, use={1: 1.0, 2: 0.5, 9: 0.001}),
            "net looks furthest, d = 16 (all but 1% of what context gives lies within 8); "
            "gradients flowed through T = 64, and already d = 32 saves less than the criterion "
            "asks: it is not the window that stops it.",
        ),
        (
            # The end lies between 32 and 64, and so does the window.
            travel(32, 64, unit="characters", trained_to=48),
            "net looks furthest, d = 32; gradients flowed through T = 48, and the next distance "
            "tested lies beyond that: whether the window stops it is left open.",
        ),
        (
            travel(32, 64, unit="characters", trained_to=32),
            "net looks furthest, d = 32; gradients flowed through T = 32, and the next distance "
            "tested lies beyond that: whether the window stops it is left open.",
        ),
        (
            travel(64, 128, unit="characters", trained_to=30),
            "net looks furthest, d = 64; gradients flowed through T = 30 only: it looks further "
            "than it was ever taught to, and the window does not stop it.",
        ),
        (
            travel(512, None, unit="characters", trained_to=30),
            "net looks back d = 512 or more: no end was seen.",
        ),
        (
            travel(None, 1, unit="characters", trained_to=30),
            "net uses nothing of what it has read before.",
        ),
    ],
    ids=["within", "window between", "at the window", "beyond the window", "open", "none"],
)
def test_what_stops_characters(asked: Travel, told: str) -> None:
    assert stops([asked]) == [f"In characters, {told}"]


@pytest.mark.parametrize(
    ("travels", "told"),
    [
        (
            [travel(4, None)],
            "nothing stopped it within the distances tested: as many layers as hops were enough.",
        ),
        (
            [travel(4, None), travel(2, 4, arriving={4: 0.4})],
            "1 of 2 kinds of networks stops although their layers reach the source, and although "
            "40% of the nearest distance's gradient arrives from there, or more: neither the "
            "number of layers nor a vanished gradient stops it. Training did not come to use all "
            "of it within its budget (200 steps).",
        ),
        (
            [travel(2, 4, arriving={4: 1e-6})],
            "1 of 1 kind of networks stops although their layers reach the source; of its "
            "influence, 1e-06 is left there in one of them.",
        ),
        (
            [travel(2, 4)],
            "1 of 1 kind of networks stops although their layers reach the source: what stops it "
            "is left open.",
        ),
    ],
    ids=["open", "arrives", "gone", "influence unknown"],
)
def test_what_stops_a_label(travels: Sequence[Travel], told: str) -> None:
    assert stops(travels) == [f"In hops, {told}"]
