"""A student's LSTM with one mistake in it: what is told of each, in full.

What is measured of it stands here as 0.1.
"""

import re
from pathlib import Path

import pytest

from unroll.study.check.command import check

RIGHT = (Path(__file__).parent / "student_lstm.py").read_text()

MISTAKES: dict[str, tuple[list[tuple[str, str]], dict[str, tuple[str, str]]]] = {
    "gates swapped": (
        [
            ("i = torch.sigmoid(self.W_i", "i = torch.sigmoid(self.W_f"),
            ("f = torch.sigmoid(self.W_f", "f = torch.sigmoid(self.W_i"),
        ],
        {
            "as": (
                "it is an LSTM but for: gates are swapped: W_i.weight does the work of f, "
                "W_f.weight does the work of i",
                "Exchange the names, or their places in the equations.",
            )
        },
    ),
    "state not carried": (
        [("State(h, c)", "State(h, torch.zeros_like(c))")],
        {
            "passed-state": (
                "state.c comes back as it was passed: it is never renewed",
                "Return the new c in the state, not the one that forward was given.",
            ),
            "gradient-parameters": (
                "no gradient reaches W_f.weight, W_f.bias",
                "Use it in forward, or take it out of the cell. Where it is used, look for "
                "detach(), .data and torch.no_grad().",
            ),
            "as": (
                "it is an LSTM but for: c is not carried: c' = g ⊙ i at every step",
                "Keep the old cell state: c' = g ⊙ i + c ⊙ f, with c from the passed state.",
            ),
        },
    ),
    "returned in the wrong order": (
        [("State(h, c)", "State(c, h)")],
        {
            "as": (
                "it is an LSTM but for: h and c stand in each other's place in the returned state",
                "Return them by name: State(h=…, c=…).",
            )
        },
    ),
    "passed state unread": (
        [("[x, state.h]", "[x, torch.zeros_like(state.h)]")],
        {
            "passed-state": (
                "another state.h is passed and no output changes in 32 steps",
                "Read state.h in forward, and return the new one in the state; look for zeros "
                "that are made at every step.",
            ),
            "as": (
                "it is an LSTM but for: h is not carried: the gates read no h of the step before",
                "Return h' in the state, and let each gate read the passed h.",
            ),
        },
    ),
    "softmax before the loss": (
        [("return h, State", "return torch.softmax(h, dim=1), State")],
        {
            "no-softmax": (
                "each output sums to 1, as after a softmax",
                "Return h itself: the readout W_p h + b_p follows, and the cross-entropy takes "
                "the softmax.",
            ),
            "as": (
                "it is an LSTM but for: the output goes through softmax",
                "Return h itself: the readout W_p h + b_p follows, and the cross-entropy "
                "squashes it.",
            ),
        },
    ),
    "biases forgotten": (
        [
            ("hidden_size, hidden_size)", "hidden_size, hidden_size, bias=False)"),
            ("W_i.bias", "W_i.weight"),
        ],
        {
            "as": (
                "it is an LSTM but for: there is no bias for any gate",
                "Give each gate a bias; a forget gate's is where memory begins.",
            )
        },
    ),
    "one bias forgotten": (
        [
            (
                "self.W_f = nn.Linear(input_size + hidden_size, hidden_size)",
                "self.W_f = nn.Linear(input_size + hidden_size, hidden_size, bias=False)",
            )
        ],
        {
            "as": (
                "it is an LSTM but for: there is no bias for f",
                "Give each gate a bias; a forget gate's is where memory begins.",
            )
        },
    ),
    "tanh on a gate": (
        [("i = torch.sigmoid", "i = torch.tanh")],
        {"as": ("it is an LSTM but for: i has tanh where an LSTM has σ", "Write i = σ(…).")},
    ),
    "sigmoid on the candidate": (
        [("g = torch.tanh", "g = torch.sigmoid")],
        {"as": ("it is an LSTM but for: g has σ where an LSTM has tanh", "Write g = tanh(…).")},
    ),
    "no tanh of c": (
        [("torch.tanh(c) * o", "c * o")],
        {
            "as": (
                "it is an LSTM but for: h' = c' ⊙ o, without tanh of c'",
                "Write h' = tanh(c') ⊙ o, with the new c'.",
            )
        },
    ),
    "output of the old c": (
        [("torch.tanh(c) * o", "torch.tanh(state.c) * o")],
        {
            "as": (
                "it is an LSTM but for: h' is made of the old c, not of c'",
                "Write h' = tanh(c') ⊙ o, with the new c'.",
            )
        },
    ),
    "g added": (
        [("g * i + state", "g + i + state")],
        {
            "as": (
                "it is an LSTM but for: g is added to i, not multiplied: c' = g + i + c ⊙ f",
                "Write c' = g ⊙ i + c ⊙ f.",
            )
        },
    ),
    "a bracket too many": (
        [("c = g * i + state.c * f", "c = (g * i + state.c) * f")],
        {
            "as": (
                "it is an LSTM but for: f multiplies the sum: c' = f ⊙ (c + g ⊙ i)",
                "Write c' = g ⊙ i + c ⊙ f.",
            )
        },
    ),
    "gates read c": (
        [("[x, state.h]", "[x, state.c]")],
        {
            "passed-state": (
                "another state.h is passed and no output changes in 32 steps",
                "Read state.h in forward, and return the new one in the state; look for zeros "
                "that are made at every step.",
            ),
            "as": (
                "it is an LSTM but for: the gates read c of the step before instead of h",
                "Give W_h the passed h; c goes into c' = g ⊙ i + c ⊙ f alone.",
            ),
        },
    ),
    "two mistakes": (
        [("i = torch.sigmoid", "i = torch.tanh"), ("torch.tanh(c) * o", "c * o")],
        {
            "as": (
                "it is an LSTM but for: h' = c' ⊙ o, without tanh of c'; i has tanh where an "
                "LSTM has σ",
                "Write h' = tanh(c') ⊙ o, with the new c'. Write i = σ(…).",
            )
        },
    ),
    "detached": (
        [("state.c * f", "state.c.detach() * f")],
        {
            "gradient": (
                "state.c changes the last output by 0.1, and no gradient reaches state.c",
                "Look for detach(), .data, .item(), torch.no_grad() and torch.tensor(…) in "
                "forward.",
            )
        },
    ),
    "kept on self": (
        [
            ("        return h, S", "        self.h = h\n        return h, S"),
            ("[x, state.h]", "[x, getattr(self, 'h', state.h)]"),
        ],
        {
            "same-twice": (
                "two calls with the same input and state differ by up to 0.1: the cell remembers "
                "something on itself: self.h",
                "Keep nothing on self in forward; pass it on in the state.",
            )
        },
    ),
    "dropout": (
        [("return h, S", "h = torch.dropout(h, 0.5, True)\n        return h, S")],
        {
            "same-twice": (
                "two calls with the same input and state differ by up to 0.1: it draws random "
                "numbers in forward",
                "Take dropout and noise out of forward, or make them a layer around the cell.",
            )
        },
    ),
    "in place": (
        [("c = g * i + state.c * f", "c = state.c.mul_(f).add_(g * i)")],
        {
            "in-place": (
                "forward writes into state.c, which it was given",
                "Return new tensors: h = h * f + …, not h *= f or h[:] = ….",
            )
        },
    ),
    "mean over the batch": (
        [("return h, S", "h = h - h.mean(0)\n        return h, S")],
        {
            "rows": (
                "another row 1 changes the other rows' outputs by up to 0.1",
                "Look for mean(0), sum(0), softmax(dim=0), batch normalisation, and view or "
                "reshape that exchanges axes.",
            )
        },
    ),
    "zeros on the CPU": (
        [("self.W_i.bias.new_zeros(", "torch.zeros(")],
        {
            "dtype": (
                "initial_state gives state.h in float32 where the parameters are float64",
                "Make it from a parameter, which knows its dtype and device: "
                "weight.new_zeros(batch_size, hidden_size).",
            ),
            "device": (
                "initial_state calls torch.zeros and so stays on the CPU when the parameters move",
                "Let a tensor decide: weight.new_zeros(…), or device=x.device.",
            ),
        },
    ),
    "squeezed": (
        [("return h, State(h, c)", "return h.squeeze(), State(h, c)")],
        {
            "shapes": (
                "with B = 1, D = 5, H = 8 the output is (8,), not (1, 8)",
                "Look for squeeze(), or for a size that is written as a number.",
            )
        },
    ),
    "output too wide": (
        [("return h, State(h, c)", "return torch.cat([h, c], 1), State(h, c)")],
        {
            "form": (
                "output of forward must be a tensor (B=3, H=8), got a tensor (3, 16)",
                "forward(x, state) returns (output, state): output (B, H), and a NamedTuple of "
                "tensors (B, …) as initial_state gives it; docs/own-cell.md has one in twenty "
                "lines.",
            )
        },
    ),
}

UNCOMPARED = ("mean over the batch",)
"""Nothing explains these beside an LSTM; what is told of them there is tested elsewhere."""


def plant(folder: Path, changes: list[tuple[str, str]]) -> str:
    """Write the student's file with a mistake, and return the cell's name."""
    text = RIGHT
    for right, wrong in changes:
        assert right in text
        text = text.replace(right, wrong)
    (folder / "mine.py").write_text(text)
    return f"{folder / 'mine.py'}:MyLSTM"


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_told_with_where_to_look(name: str, tmp_path: Path) -> None:
    changes, expected = MISTAKES[name]
    result = check(plant(tmp_path, changes), as_=None if name in UNCOMPARED else "lstm")
    broken = {
        one["rule"]: (re.sub(r"\b0\.\d+", "0.1", one["told"]), one["hint"])
        for one in result.summary["findings"]
        if one["outcome"] == "broken"
    }
    assert broken == expected
    assert not result.succeeded


def test_without_a_mistake_every_rule_is_kept(tmp_path: Path) -> None:
    result = check(plant(tmp_path, []), as_="lstm")
    assert {one["outcome"] for one in result.summary["findings"]} == {"kept"}
    assert result.succeeded
