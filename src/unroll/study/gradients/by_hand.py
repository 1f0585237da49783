"""Question 1.1: the gradients by hand, held against automatic differentiation."""

from collections.abc import Sequence

from unroll.report.charts import gradient_regimes
from unroll.report.section import Block, Check, Equation, Prose
from unroll.study.gradients.arrival import failure_notices
from unroll.study.gradients.differences import (
    Difference,
    closed_form_differences,
    largest,
    step_differences,
)
from unroll.study.gradients.regimes import (
    beginning,
    decay_sentence,
    find_regimes,
    held_remark,
    regime_rows,
    regime_table,
    why,
)
from unroll.study.gradients.view import GradientView, Probe
from unroll.study.reproduction import with_command
from unroll.study.words import count

AGREEMENT = 1e-10
"""Largest difference allowed between two ways to the same float64 gradient, where the largest
entry is 1; roundings of 2e-16 add up over the steps."""

RNN_GRADIENTS = """frac{∂L}{∂W_{ph}} = (hat{y} - y) h(T)^⊤  "readout: y is the answer, one-hot"
frac{∂L}{∂b_p} = hat{y} - y
δ(T) = (1 - h(T)^2) ⊙ W_{ph}^⊤ (hat{y} - y)  "δ(t): gradient at the input of the tanh"
δ(t) = (1 - h(t)^2) ⊙ W_{hh}^⊤ δ(t+1)  "for t < T"
frac{∂L}{∂W_{hh}} = Σ_{t=1}^{T} δ(t) h(t-1)^⊤  "one term a time step"
frac{∂L}{∂W_{hx}} = Σ_{t=1}^{T} δ(t) x(t)^⊤
frac{∂L}{∂b_h} = Σ_{t=1}^{T} δ(t)"""
JACOBIAN = """frac{∂h(T)}{∂h(k)} = Π_{t=k+1}^{T} "diag"(1 - h(t)^2) W_{hh}"""
LSTM_GRADIENTS = """δ_c(t) = o ⊙ (1 - tanh(c(t))^2) ⊙ δ_h(t) + f(t+1) ⊙ δ_c(t+1)
δ_i = δ_c ⊙ g ⊙ i ⊙ (1 - i)
δ_f = δ_c ⊙ c(t-1) ⊙ f ⊙ (1 - f)
δ_g = δ_c ⊙ i ⊙ (1 - g^2)
δ_o = δ_h ⊙ tanh(c(t)) ⊙ o ⊙ (1 - o)
δ_h(t-1) = W_{ih}^⊤ δ_i + W_{fh}^⊤ δ_f + W_{gh}^⊤ δ_g + W_{oh}^⊤ δ_o
frac{∂L}{∂W_{fh}} = Σ_{t=1}^{T} δ_f(t) h(t-1)^⊤"""


def by_hand_blocks(view: GradientView, all_views: Sequence[GradientView]) -> list[Block]:
    """Return 1.1, told of the untrained RNNs of `view`; every network of all views is checked."""
    regimes = find_regimes(view)
    rows = regime_rows(regimes)
    T = view.length - 1
    sizes = f"{count(view.protocol['sequences'], 'palindrome')} of {view.length} digits"
    return [
        Prose(
            role="asked",
            text="Derive the gradients of the vanilla RNN by hand, show that they are what "
            "automatic differentiation computes, and say from the formula why they vanish or "
            "explode.",
        ),
        Equation(text=RNN_GRADIENTS),
        Prose(
            text="$∂L/∂W_{hh}$ is a sum with one term for each time step, and the term of an "
            "early step $k$ has come through all later ones: $δ(k)$ is $δ(T)$ multiplied by the "
            "transpose of"
        ),
        Equation(text=JACOBIAN),
        Prose(
            text="which is a product of $T - k$ matrices. Where each of them shrinks what it is "
            "applied to, the product vanishes exponentially with the distance; where each "
            "stretches it, the product explodes. The slope $1 - h(t)^2$ of the tanh is at most "
            "1, so that the norm of the product is at most $‖W_{hh}‖^{T-k}$. For the LSTM, with "
            "the gates as in 1.5, and $δ_i$ to $δ_o$ at the inputs of the gates (every gate's "
            "weights as those of $f$):"
        ),
        Equation(text=LSTM_GRADIENTS),
        *agreement_checks(all_views),
        Prose(
            role="ran",
            text=f"Vanilla RNNs as they begin, {beginning(regimes)}; {count(view.seeds, 'seed')}; "
            f"{sizes}, of which the network reads {T}; float64; {view.protocol['hidden_size']} "
            "units.",
        ),
        Prose(role="measured", text=decay_sentence(regimes)),
        with_command(gradient_regimes(rows, length=T, remark=held_remark(rows)), view.commands),
        regime_table(regimes),
        *failure_notices(view),
        Prose(role="follows", text=why(regimes)),
    ]


def agreement_checks(views: Sequence[GradientView]) -> list[Block]:
    """Return whether three ways to the same gradient agree, in all networks looked at."""
    probes = [probe for view in views for probe in view.probes]
    by_cell: dict[str, list[Probe]] = {}
    for probe in probes:
        by_cell.setdefault(probe.cell, []).append(probe)
    return [
        *(
            _check(f"The closed form of the {cell.upper()} equals automatic differentiation", found)
            for cell, mine in by_cell.items()
            if (found := closed_form_differences(mine))
        ),
        _check(
            "The terms of the time steps add up to automatic differentiation's gradient",
            step_differences(probes),
        ),
    ]


def _check(label: str, differences: Sequence[Difference]) -> Check:
    """Return a check with the largest differences, absolute and relative; nan fails it."""
    absolute = largest(difference.absolute for difference in differences)
    relative = largest(difference.relative for difference in differences)
    return Check(
        label=label,
        passed=relative <= AGREEMENT,
        detail=f"largest difference {absolute:.1e}; relative to the gradient's largest entry "
        f"{relative:.1e}; {count(len(differences), 'network')}, float64",
    )
