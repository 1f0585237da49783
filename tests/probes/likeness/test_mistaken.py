"""The commonest mistakes in an LSTM and a GRU: what is told of each, in full."""

import re

import pytest

from tests.probes.likeness import mistaken
from tests.probes.likeness.layouts import ChoGRU, LinearEach
from tests.probes.likeness.test_compare import beside
from unroll.cells.source import BUILT_IN

_PASSED_H = "Make o before c is assigned anew, of x and the passed h: o = σ(W_x x + W_h h + b)."
_RESET = "Write n = tanh(W_nx x + b_n + r ⊙ (W_nh h + b_nh))."

MISTAKES: list[tuple[type, str, str, str]] = [
    (
        mistaken.KeepsH,
        "lstm",
        "it is an LSTM but for: f keeps h, not c: c' = g ⊙ i + h ⊙ f",
        "Write c' = g ⊙ i + c ⊙ f, with c from the passed state.",
    ),
    (
        mistaken.OutputReadsC,
        "lstm",
        "it is an LSTM but for: o reads c', not the passed h",
        _PASSED_H,
    ),
    (
        mistaken.OutputReadsTanh,
        "lstm",
        "it is an LSTM but for: o reads tanh(c'), not the passed h",
        _PASSED_H,
    ),
    (
        mistaken.Exchanged,
        "lstm",
        "it is an LSTM but for: h and c stand in each other's place in the returned state",
        "Return them by name: State(h=…, c=…).",
    ),
    (
        mistaken.CopiedH,
        "lstm",
        "it is an LSTM but for: f is made with W_h of i",
        "Give f its own W_h where it is made.",
    ),
    (
        mistaken.CopiedX,
        "lstm",
        "it is an LSTM but for: f is made with W_x of o",
        "Give f its own W_x where it is made.",
    ),
    (
        mistaken.CopiedLayer,
        "lstm",
        "it is an LSTM but for: f is made with W_x, W_h and b of i",
        "Give f its own W_x, W_h and b where it is made.",
    ),
    (
        mistaken.CopiedAndTanh,
        "lstm",
        "it is an LSTM but for: o reads tanh(c'), not the passed h; f is made with W_h of i",
        f"{_PASSED_H} Give f its own W_h where it is made.",
    ),
    (
        mistaken.NoMatrix,
        "lstm",
        "it is an LSTM but for: there is no W_h of f",
        "Let each gate read x and h, each through a weight of its own.",
    ),
    (
        mistaken.ResetsAll,
        "gru",
        "it is a GRU but for: r multiplies what comes from x too",
        _RESET,
    ),
    (
        mistaken.UpdateResets,
        "gru",
        "it is a GRU but for: z stands where r should: n = tanh(W_nx x + b_n + z ⊙ (W_nh h + "
        "b_nh))",
        _RESET,
    ),
    (
        mistaken.CopiedReset,
        "gru",
        "it is a GRU but for: r is made with W_h of z",
        "Give r its own W_h where it is made.",
    ),
    (
        LinearEach,
        "peephole",
        "it is not a peephole LSTM: it is an LSTM, equal with copied weights",
        "Compare --as lstm, or see in which equations the two differ.",
    ),
    (
        BUILT_IN["lstm"],
        "min-lstm",
        "it is not a minLSTM: it is an LSTM, equal with copied weights",
        "Compare --as lstm, or see in which equations the two differ.",
    ),
]


@pytest.mark.parametrize(("cell_class", "reference", "told", "hint"), MISTAKES)
def test_a_common_mistake_is_named(cell_class: type, reference: str, told: str, hint: str) -> None:
    finding = beside(cell_class, reference)
    assert (finding.outcome, finding.told, finding.hint) == ("broken", told, hint)


@pytest.mark.parametrize(
    ("cell_class", "reference"), [(mistaken.LSTM, "lstm"), (mistaken.GRU, "gru")]
)
def test_without_a_mistake_it_is_kept(cell_class: type, reference: str) -> None:
    assert beside(cell_class, reference).outcome == "kept"


def test_an_unknown_mistake_is_not_explained_by_a_known_one_beside_it() -> None:
    finding = beside(mistaken.CopiedAndUnknown, "lstm")
    assert finding.outcome == "broken"
    assert finding.told.startswith("it is not an LSTM, nor an LSTM with one or two of the usual")


def test_a_difference_at_the_first_step_does_not_lead_away_from_the_last_gate() -> None:
    finding = beside(ChoGRU, "lstm")
    assert re.fullmatch(
        "it is not an LSTM, nor an LSTM with one or two of the usual mistakes: at best outputs "
        r"differ by 0\.\d+, from step 1 on",
        finding.told,
    )
    assert finding.hint == (
        "The first step from zeros differs already: look at what x and the biases go through, at "
        "the output, and at whether each gate reads the passed state and none reads a new c or h."
    )
