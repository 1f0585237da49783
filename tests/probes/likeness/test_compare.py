"""A cell beside a shipped one: equal in every layout, and told apart where it is another."""

import re

import pytest
import torch
from torch import Tensor

from tests.probes.likeness import layouts
from unroll.cells.source import BUILT_IN
from unroll.errors import ConfigError
from unroll.probes.likeness import FAMILIES, compare, find_family
from unroll.probes.rules import Finding, Subject


def beside(cell_class: type, reference: str, *, D: int = 5, H: int = 8) -> Finding:
    subject = Subject(cell_class=cell_class, path=None, D=D, H=H, seed=0)
    return compare(subject, find_family(reference))


EQUAL = r"outputs over 20 steps (are the same|differ by \de-1[5-7] at most), from zeros and from a"

LAYOUTS = [
    (layouts.FusedOnBoth, "lstm", "; its gates stand in the order f, i, o, g"),
    (layouts.FusedTransposed, "lstm", "; its gates stand in the order i, f, o, g"),
    (layouts.TorchCell, "lstm", "; two biases a gate, whose sum is ours"),
    (layouts.LinearEach, "lstm", "; two biases a gate, whose sum is ours"),
    (layouts.TensorsEach, "lstm", ""),
    (layouts.Stacked, "lstm", "; its gates stand in the order g, i, f, o"),
    (layouts.Nameless, "lstm", "; its gates stand in the order o, f, i, g"),
    (layouts.GatesInTheMiddle, "lstm", "; its gates stand in the order g, i, f, o"),
    (
        layouts.LearnedStart,
        "lstm",
        "; its gates stand in the order f, i, o, g; its first state is learned, h_0, c_0",
    ),
    (layouts.TorchGRU, "gru", ""),
    (layouts.TorchRNN, "rnn", "; two biases a gate, whose sum is ours"),
    (layouts.PeepholeEach, "peephole", ""),
    (layouts.LinearMinGRU, "min-gru", ""),
]


@pytest.mark.parametrize(("cell_class", "reference", "more"), LAYOUTS)
def test_a_right_cell_is_found_equal_however_it_is_written(
    cell_class: type, reference: str, more: str
) -> None:
    finding = beside(cell_class, reference)
    called = re.escape(FAMILIES[reference].called)
    assert re.fullmatch(f"it is {called}: {EQUAL} passed state{re.escape(more)}", finding.told)
    assert (finding.outcome, finding.hint) == ("kept", None)


@pytest.mark.parametrize("sizes", [(8, 8), (3, 8), (1, 4), (16, 8), (2, 1)])
@pytest.mark.parametrize("cell_class", [layouts.FusedOnBoth, layouts.TensorsEach])
def test_sizes_that_leave_the_axes_open_are_told_apart_too(
    cell_class: type, sizes: tuple[int, int]
) -> None:
    assert beside(cell_class, "lstm", D=sizes[0], H=sizes[1]).outcome == "kept"


@pytest.mark.parametrize("name", BUILT_IN)
def test_each_shipped_cell_is_itself_and_no_other(name: str) -> None:
    for reference in ("lstm", name):
        finding = beside(BUILT_IN[name], reference)
        assert (finding.outcome == "kept") == (reference == name)
        if reference != name:
            assert finding.told == (
                f"it is not {FAMILIES[reference].called}: it is {FAMILIES[name].called}, equal "
                "with copied weights"
            )


def test_published_forms_of_a_gru_are_grus() -> None:
    finding = beside(layouts.ChoGRU, "gru")
    assert (finding.outcome, finding.told) == (
        "kept",
        "it is a GRU but that r is applied before W_nh, as in Cho et al. 2014, and z and 1 − z "
        "stand in each other's place, as in Chung et al. 2014: torch and unroll apply r after "
        "W_nh, and keep h with z",
    )
    finding = beside(layouts.TwoAndOneGRU, "gru")
    assert (finding.outcome, finding.told) == (
        "kept",
        "it is a GRU but that z and 1 − z stand in each other's place, as in Chung et al. 2014: "
        "to copy them, negate z's weights and bias; its gates stand in the order z, r, n",
    )


def test_a_forget_bias_that_is_raised_in_the_step_makes_an_lstm() -> None:
    finding = beside(layouts.RaisedForgetBias, "lstm")
    assert (finding.outcome, finding.told) == (
        "kept",
        "it is an LSTM but that f has 1 added to its bias, as in TensorFlow: to copy it, add 1 to "
        "b_f; its gates stand in the order i, g, f, o",
    )


def test_a_state_in_one_piece_is_not_said_to_hold_other_values() -> None:
    finding = beside(layouts.OneTensor, "lstm")
    assert finding.outcome == "kept"
    assert finding.told.endswith(
        "; its state is laid out otherwise than ours, and was not compared"
    )


class SigmoidRNN(layouts.OneState):
    def declare(self, D: int, H: int) -> None:
        self.w, self.u, self.b = layouts.number(D, H), layouts.number(H, H), layouts.number(H)

    def forward(self, x: Tensor, state: layouts.H) -> tuple[Tensor, layouts.H]:
        h = (x @ self.w + state.h @ self.u + self.b).sigmoid()
        return h, layouts.H(h)


class NoResetGRU(layouts.TwoAndOneGRU):
    def forward(self, x: Tensor, state: layouts.H) -> tuple[Tensor, layouts.H]:
        z, _ = (self.gates_x(x) + self.gates_h(state.h)).sigmoid().chunk(2, 1)
        n = (self.candidate_x(x) + self.candidate_h(state.h)).tanh()
        h = (1 - z) * n + z * state.h
        return h, layouts.H(h)


class CarriesOnlyAtFirst(layouts.TorchCell):
    def forward(self, x: Tensor, state: layouts.CH) -> tuple[Tensor, layouts.CH]:
        h, (c, _) = super().forward(x, state)
        return h, layouts.CH(c * 0.9, h)


class ThreeGates(layouts.Written):
    def declare(self, D: int, H: int) -> None:
        self.gates = torch.nn.Linear(D + H, 3 * H)

    def forward(self, x: Tensor, state: layouts.CH) -> tuple[Tensor, layouts.CH]:
        i, g, o = self.gates(torch.cat([x, state.h], 1)).chunk(3, 1)
        c = g.tanh() * i.sigmoid() + state.c * (1 - i.sigmoid())
        h = c.tanh() * o.sigmoid()
        return h, layouts.CH(c, h)


class Normalised(layouts.TorchCell):
    def declare(self, D: int, H: int) -> None:
        super().declare(D, H)
        self.table = layouts.number(7, 7)


OTHERS = [
    (
        SigmoidRNN,
        "rnn",
        "it is an RNN but for: h' has σ where an RNN has tanh",
        "Write h' = tanh(…).",
    ),
    (
        NoResetGRU,
        "gru",
        "it is a GRU but for: the reset gate is missing; its gates stand in the order z, r, n",
        "Write n = tanh(W_nx x + b_n + r ⊙ (W_nh h + b_nh)).",
    ),
    (
        ThreeGates,
        "lstm",
        "it is an LSTM but for: the forget gate is 1 − i",
        "Write c' = g ⊙ i + c ⊙ f.",
    ),
    (
        Normalised,
        "lstm",
        "it is not an LSTM: with D = 5, H = 8, table (7, 7) has none of the shapes of an LSTM's "
        "parameters",
        "The weights are (4·H, D) and (4·H, H), in one piece or gate by gate, the biases (H,) a "
        "gate.",
    ),
    (
        layouts.ChoGRU,
        "rnn",
        "it is not an RNN: its parameters make 3 blocks on x, 3 on h and 3 vectors, and an RNN "
        "has 1, 1 and 1",
        "They may be those of gru: compare --as gru.",
    ),
]


@pytest.mark.parametrize(("cell_class", "reference", "told", "hint"), OTHERS)
def test_what_differs_is_named(cell_class: type, reference: str, told: str, hint: str) -> None:
    finding = beside(cell_class, reference)
    assert (finding.outcome, finding.told, finding.hint) == ("broken", told, hint)


def test_what_nothing_explains_is_told_by_size_and_step() -> None:
    finding = beside(CarriesOnlyAtFirst, "lstm")
    assert finding.outcome == "broken"
    assert re.fullmatch(
        "it is not an LSTM, nor an LSTM with one or two of the usual mistakes: at best outputs "
        r"differ by 0\.0\d+, from step 2 on",
        finding.told,
    )
    assert finding.hint == (
        "Up to step 1 it is equal: look at what the state goes through, and not at x or the output."
    )


def test_a_reference_that_there_is_not() -> None:
    with pytest.raises(ConfigError) as raised:
        find_family("lstmm")
    assert str(raised.value) == (
        "unknown reference cell 'lstmm': expected one of gru, linear, lstm, min-gru, min-lstm, "
        "peephole, rnn (nearest: lstm)"
    )
