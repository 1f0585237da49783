"""The mistakes that are often made in an LSTM."""

from unroll.probes.likeness.form import Change, after_changes, copied_changes, squash_changes
from unroll.probes.likeness.lstm import GATES, SQUASHES


def lstm_changes() -> list[Change]:
    """Return the published variant and the mistakes that are tried, the likeliest first."""
    changes = [
        Change(
            told="f has 1 added to its bias, as in TensorFlow",
            hint="to copy it, add 1 to b_f",
            values={"raised": 1.0},
            published=True,
        ),
        Change(
            told="c is not carried: c' = g ⊙ i at every step",
            hint="Keep the old cell state: c' = g ⊙ i + c ⊙ f, with c from the passed state.",
            values={"keep": "0"},
        ),
        Change(
            told="h is not carried: the gates read no h of the step before",
            hint="Return h' in the state, and let each gate read the passed h.",
            values={"carried": "nothing"},
        ),
        Change(
            told="h and c stand in each other's place in the returned state",
            hint="Return them by name: State(h=…, c=…).",
            values={"carried": "c, and h as c"},
        ),
        Change(
            told="the gates read c of the step before instead of h",
            hint="Give W_h the passed h; c goes into c' = g ⊙ i + c ⊙ f alone.",
            values={"carried": "c"},
        ),
        Change(
            told="the gates read tanh(c) of the step before, without the output gate",
            hint="Carry h' = tanh(c') ⊙ o in the state, the same as the output.",
            values={"carried": "tanh(c)"},
        ),
        Change(
            told="f keeps h, not c: c' = g ⊙ i + h ⊙ f",
            hint="Write c' = g ⊙ i + c ⊙ f, with c from the passed state.",
            values={"kept": "h"},
        ),
        *_output_gate_changes(),
        *_cell_state_changes(),
        *_output_changes(),
        *copied_changes(GATES),
    ]
    for place, gate in enumerate(GATES):
        changes += squash_changes(gate, place, SQUASHES, "an LSTM")
    changes += after_changes()
    for one in ("softmax", "log_softmax", "σ", "tanh", "relu"):
        changes.append(
            Change(
                told=f"h' goes through {one}, and is carried on so",
                hint="Return h' = tanh(c') ⊙ o itself, and carry it.",
                values={"after": one, "carried": "after"},
            )
        )
    return changes + _ignored_changes()


def _output_gate_changes() -> list[Change]:
    hint = "Make o before c is assigned anew, of x and the passed h: o = σ(W_x x + W_h h + b)."
    return [
        Change(told=f"o reads {new}, not the passed h", hint=hint, values={"o_reads": new})
        for new in ("c'", "tanh(c')")
    ]


def _cell_state_changes() -> list[Change]:
    right = "Write c' = g ⊙ i + c ⊙ f."
    values: list[tuple[str, dict[str, object]]] = [
        ("the forget gate is missing: c' = g ⊙ i + c", {"keep": "1"}),
        ("the forget gate is 1 − i", {"keep": "1 − i"}),
        ("1 − f keeps c, where f does", {"keep": "1 − f"}),
        ("f multiplies the sum: c' = f ⊙ (c + g ⊙ i)", {"keep": "f of the sum"}),
        ("the input gate is missing: c' = g + c ⊙ f", {"write": "g"}),
        ("the input gate is 1 − f", {"write": "(1 − f) ⊙ g"}),
        ("1 − i admits g, where i does", {"write": "(1 − i) ⊙ g"}),
        ("g is added to i, not multiplied: c' = g + i + c ⊙ f", {"write": "g + i"}),
        ("g is missing: c' = i + c ⊙ f", {"write": "i"}),
    ]
    return [Change(told=told, hint=right, values=fields) for told, fields in values]


def _output_changes() -> list[Change]:
    meant = {
        "c' ⊙ o": "h' = c' ⊙ o, without tanh of c'",
        "tanh(c')": "the output gate is missing: h' = tanh(c')",
        "tanh(c) ⊙ o": "h' is made of the old c, not of c'",
        "tanh(c' ⊙ o)": "o stands inside the tanh: h' = tanh(c' ⊙ o)",
        "σ(c') ⊙ o": "σ of c' where an LSTM has tanh of c'",
        "tanh(c') + o": "o is added to tanh(c'), not multiplied",
        "c'": "the output is c' itself",
        "o": "the output is the output gate alone",
    }
    hint = "Write h' = tanh(c') ⊙ o, with the new c'."
    return [Change(told=told, hint=hint, values={"output": key}) for key, told in meant.items()]


def _ignored_changes() -> list[Change]:
    changes = [
        Change(
            told="no bias is added",
            hint="Add each gate's bias.",
            values={"unbiased": GATES},
            leaves_idle=True,
        )
    ]
    for field, what, hint in (
        ("unbiased", "adds no bias", "Add b_{gate} to what {gate} is made of."),
        ("deaf_h", "does not read h", "Add W_h h to what {gate} is made of."),
        ("deaf_x", "does not read x", "Add W_x x to what {gate} is made of."),
    ):
        for gate in GATES:
            told = f"{gate} {what}"
            values = {field: (gate,)}
            hinted = hint.format(gate=gate)
            changes.append(Change(told=told, hint=hinted, values=values, leaves_idle=True))
    return changes
