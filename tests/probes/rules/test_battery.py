"""Every rule, broken in turn by a cell that keeps the others that it can."""

import re
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from tests.cells.test_contract import State
from tests.probes.rules import broken_cells
from tests.probes.rules.right_cells import RIGHT_CELLS, Right, Turning
from unroll.cells import LinearCell
from unroll.cells.source import BUILT_IN
from unroll.errors import CellError
from unroll.probes.rules import RULES, Finding, Subject, check_rules


def find(cell_class: type, *, D: int = 5, H: int = 8) -> dict[str, Finding]:
    subject = Subject(cell_class=cell_class, path=broken_cells.__file__, D=D, H=H, seed=0)
    return {finding.rule: finding for finding in check_rules(subject)}


class Decay(LinearCell):
    """A user's linear cell."""

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__(input_size, hidden_size)
        self.enter = nn.Linear(input_size, hidden_size)
        self.keep = nn.Linear(input_size, hidden_size)

    def coefficients(self, inputs: Tensor) -> tuple[Tensor, Tensor]:
        return torch.sigmoid(self.keep(inputs)), self.enter(inputs)


@pytest.mark.parametrize("cell_class", [*BUILT_IN.values(), *RIGHT_CELLS, Decay])
def test_a_right_cell_keeps_every_rule(cell_class: type) -> None:
    findings = find(cell_class)
    assert list(findings) == [rule.name for rule in RULES]
    assert {rule: one.told for rule, one in findings.items() if one.outcome != "kept"} == {}
    assert {one.hint for one in findings.values()} == {None}


@pytest.mark.parametrize(("D", "H"), [(1, 1), (1, 8), (16, 2)])
def test_rules_hold_at_other_sizes(D: int, H: int) -> None:
    findings = find(Right, D=D, H=H)
    assert {rule for rule, one in findings.items() if one.outcome != "kept"} == set()


def test_rules_leave_torch_as_it_was() -> None:
    torch.manual_seed(3)
    before = torch.get_rng_state()
    find(Right)
    assert torch.get_default_dtype() == torch.float32
    assert torch.equal(torch.get_rng_state(), before)


BROKEN = [
    (
        broken_cells.OnlyOneRow,
        "shapes",
        "with B = 1, D = 5, H = 8 it raised IndexError: Dimension out of range (expected to be in "
        "range of [-1, 0], but got 1) (line # of broken_cells.py)",
        "Look for squeeze(), or for a size that is written as a number.",
    ),
    (
        broken_cells.ClockSeeded,
        "seed",
        "two cells from the same seed begin with other values in mix.bias",
        "Draw from torch's generator, which each trial seeds: not from random, numpy or the clock.",
    ),
    (
        broken_cells.HiddenDraw,
        "seed",
        "two cells from the same seed, with the same parameters, differ by up to #",
        "Draw from torch's generator, which each trial seeds: not from random, numpy or the clock.",
    ),
    (
        broken_cells.Counts,
        "same-twice",
        "forward changes the cell: self.steps",
        "Keep nothing on self in forward; pass it on in the state.",
    ),
    (
        broken_cells.WritesIntoX,
        "in-place",
        "forward writes into x, which it was given",
        "Return new tensors: h = h * f + …, not h *= f or h[:] = ….",
    ),
    (
        broken_cells.Forgets,
        "memory",
        "another first input changes no output more than 0 steps later: it is not carried",
        "Look at what goes from one step to the next: each part of the returned state must depend "
        "on the passed one and on x.",
    ),
    (
        broken_cells.ReadsTwoInputs,
        "inputs",
        "x[:, 2, 3, 4] of 5 inputs changes no output",
        "Look for x in the equations of forward, and for a slice of it.",
    ),
    (
        broken_cells.WrongGradient,
        "gradient-check",
        "along a random direction of x the gradient says #, differences #",
        "Look for detach(), .data, .item(), torch.no_grad() and torch.tensor(…) in forward. A "
        "backward of your own must be the derivative of its forward; where another gradient is "
        "meant, as for spikes, leave it.",
    ),
    (
        broken_cells.Unregistered,
        "saving",
        "self.more is not among the cell's parameters: neither trained nor saved nor moved with it",
        "Wrap a tensor as nn.Parameter, a list of layers as nn.ModuleList, a constant as "
        "register_buffer.",
    ),
    (
        broken_cells.HalfPrecision,
        "dtype",
        "the output is float32 after a step where the parameters are float64",
        "Look for .float(), dtype=torch.float32 and torch.tensor(…) in forward.",
    ),
    (
        broken_cells.MovesToCPU,
        "device",
        "forward calls torch.Tensor.cpu and so stays on the CPU when the parameters move",
        "Let a tensor decide: weight.new_zeros(…), or device=x.device.",
    ),
    (
        broken_cells.StaysOnCPU,
        "device",
        "forward calls torch.ones and so stays on the CPU when the parameters move",
        "Let a tensor decide: weight.new_zeros(…), or device=x.device.",
    ),
    (
        broken_cells.CutFromX,
        "gradient",
        "x changes the last output by #, and no gradient reaches it",
        "Look for detach(), .data, .item(), torch.no_grad() and torch.tensor(…) in forward.",
    ),
    (
        broken_cells.OnlyFloat32,
        "dtype",
        "initial_state gives state.h in float32 where the parameters are float64",
        "Make it from a parameter, which knows its dtype and device: "
        "weight.new_zeros(batch_size, hidden_size).",
    ),
    (
        broken_cells.Explodes,
        "long",
        "outputs are no longer finite at step #",
        "Look for a state that is multiplied or added to without bound: a tanh or a gate below 1 "
        "holds it.",
    ),
    (
        broken_cells.LogSoftmax,
        "no-softmax",
        "each output sums to 1 after exp, as after a log_softmax",
        "Return h itself: the readout W_p h + b_p follows, and the cross-entropy takes the "
        "softmax.",
    ),
]


@pytest.mark.parametrize(("cell_class", "rule", "told", "hint"), BROKEN)
def test_a_broken_rule_is_told_with_a_hint(
    cell_class: type, rule: str, told: str, hint: str
) -> None:
    finding = find(cell_class)[rule]
    measured = re.sub(r"-?\d+\.\d+(e-\d+)?|(?<=step )\d+|(?<=line )\d+", "#", finding.told)
    assert (finding.outcome, measured, finding.hint) == ("broken", told, hint)


def test_what_depends_on_a_broken_rule_is_not_told() -> None:
    finding = find(broken_cells.Counts)["halves"]
    assert (finding.outcome, finding.told, finding.hint) == (
        "untold",
        "cannot be told while same-twice is not kept",
        None,
    )


def test_a_cell_that_cannot_do_float64_breaks_that_rule_and_no_other() -> None:
    findings = find(broken_cells.OnlyFloat32)
    assert list(findings) == [rule.name for rule in RULES]
    told = {one.told for rule, one in findings.items() if rule != "dtype"}
    assert told == {"cannot be told while dtype is not kept"}


class TurningByParameter(Turning):
    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__(input_size, hidden_size)
        self.factor = nn.Parameter(torch.ones(hidden_size, dtype=torch.complex64))

    def forward(self, x: Tensor, state: State) -> tuple[Tensor, State]:
        return super().forward(x, State(self.factor * state.h))


def test_what_complex_parameters_leave_open_is_not_told() -> None:
    findings = find(TurningByParameter)
    assert {rule: one.told for rule, one in findings.items() if one.outcome != "kept"} == {
        "dtype": "a parameter is complex, and stays so whatever dtype is asked for",
        "saving": "a parameter is complex, and is saved in single precision only",
    }


def test_a_gradient_that_is_cut_says_nothing_of_rows() -> None:
    broken = {rule for rule, one in find(broken_cells.CutFromX).items() if one.outcome == "broken"}
    assert broken == {"gradient"}


def _answer(value: float) -> Callable[[Any, Tensor, Any], Any]:
    def forward(self: Any, x: Tensor, state: Any) -> Any:
        h, _ = Right.forward(self, x, state)
        return h + value, State(h)

    return forward


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_outputs_that_are_no_numbers_are_refused_at_once(value: float) -> None:
    broken = type("Broken", (Right,), {"forward": _answer(value)})
    with pytest.raises(CellError) as raised:
        find(broken)
    assert str(raised.value) == "its output is not finite at step 1, on inputs of about 1"
