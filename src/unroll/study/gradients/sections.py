"""Questions 1.1 and 1.7: the gradients by hand, and how much of them arrives."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from unroll.report.charts import Palette, gradient_over_time, gradient_regimes
from unroll.report.rows import MessageRow, RegimeRow
from unroll.report.section import (
    Block,
    Check,
    Column,
    Command,
    Equation,
    Notice,
    Prose,
    Section,
    Table,
)
from unroll.study.gradients.prediction import Prediction, prediction_blocks
from unroll.study.gradients.view import GradientView, Probe, arriving, outcome, power
from unroll.study.memory.sections import PART
from unroll.study.memory.view import SOLVED_ACCURACY
from unroll.study.words import count, join, spread

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


def gradient_sections(
    views: Sequence[GradientView],
    *,
    labels: Mapping[str, str],
    palette: Palette,
    predictions: Sequence[Prediction] = (),
) -> tuple[Section, ...]:
    """Return 1.1 and 1.7, as far as they can be told from what is measured."""
    told = [view for view in views if view.probes]
    with_rnn = [view for view in told if view.untrained("rnn")]
    if not told:
        return ()
    # Closed forms are clearest on the shortest sequences, vanishing on the others.
    short = min(with_rnn, key=lambda view: view.length) if with_rnn else None
    others = [view for view in told if view is not short] or told
    sections = []
    if short is not None:
        blocks = tuple(_by_hand(short, told))
        sections.append(
            Section(number="1.1", title="The gradients, by hand", part=PART, blocks=blocks)
        )
    tellers = [
        _Arrival(view=view, labels=labels, palette=palette, suffix=f"-{i}" if i else "")
        for i, view in enumerate(others)
    ]
    sections.append(
        Section(
            number="1.7",
            title="How much gradient arrives, and whether that decides",
            part=PART,
            blocks=tuple(
                [block for teller in tellers for block in teller.blocks(len(tellers) > 1)]
                + prediction_blocks(predictions)
            ),
        )
    )
    return tuple(sections)


def _by_hand(view: GradientView, all_views: Sequence[GradientView]) -> list[Block]:
    regimes = _regimes(view)
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
        *_checks(all_views),
        Prose(
            role="ran",
            text=f"Vanilla RNNs as they begin, with $W_{{hh}}$ = $g$ times an orthogonal matrix "
            f"for $g$ below, at and above 1; {count(_seeds(view), 'seed')}; {sizes}, of which the "
            f"network reads {T}; float64; {view.protocol['hidden_size']} units.",
        ),
        Prose(role="measured", text=_decay_sentences(regimes)),
        gradient_regimes(_regime_rows(regimes), length=T),
        _regime_table(regimes),
        *(Command(text=text) for text in view.commands),
        Prose(role="follows", text=_why(regimes)),
    ]


def _regimes(view: GradientView) -> dict[str, list[Probe]]:
    """Return untrained RNNs with an orthogonal W_hh by gain, or all where there are none."""
    found = view.untrained("rnn")
    chosen = {name: found[name] for name in found if name.startswith("orthogonal")} or found
    return dict(sorted(chosen.items(), key=lambda item: _radius(item[1])))


def _radius(probes: Sequence[Probe]) -> float:
    return float(statistics.median(p.jacobian["spectral_radius"] for p in probes if p.jacobian))


def _decay(probes: Sequence[Probe]) -> float:
    return float(statistics.median(p.jacobian["decay_measured"] for p in probes if p.jacobian))


def _kind(probes: Sequence[Probe]) -> str:
    """Return what W_hh itself does, whatever the tanh adds to it."""
    radius = _radius(probes)
    if abs(radius - 1) < 0.01:
        return "keeping"
    return "contracting" if radius < 1 else "expanding"


def _regime_name(name: str, probes: Sequence[Probe]) -> str:
    return f"{_kind(probes)}: {name}"


def _regime_rows(regimes: Mapping[str, Sequence[Probe]]) -> list[RegimeRow]:
    rows = []
    for name, probes in regimes.items():
        for probe in probes:
            jacobian = probe.jacobian
            if jacobian is None:
                continue
            norms = jacobian["log10_norms"]
            terms = probe.values["per_step"]["cell.weight_h"]
            for k, (norm, term) in enumerate(zip(norms, terms, strict=True), start=1):
                rows.append(
                    RegimeRow(
                        regime=_regime_name(name, probes),
                        seed=probe.seed,
                        step=k,
                        # The first step has h(0) = 0 behind it: its term is 0 by definition.
                        term_norm=term if k > 1 else None,
                        jacobian_norm=0.0 if norm is None else 10.0**norm,
                        predicted=jacobian["spectral_radius"] ** (len(norms) - k),
                    )
                )
    return rows


def _decay_sentences(regimes: Mapping[str, Sequence[Probe]]) -> str:
    parts = [
        f"with `{name}` (ρ = {_radius(probes):.2f}) by a factor of **{_decay(probes):.2f}**"
        for name, probes in regimes.items()
    ]
    return f"Each step back changes ‖∂h(T)/∂h(k)‖ {join(parts)} (medians over seeds)."


def _regime_table(regimes: Mapping[str, Sequence[Probe]]) -> Table:
    rows = []
    for name, probes in regimes.items():
        jacobians = [probe.jacobian for probe in probes if probe.jacobian]
        ends = [j["log10_norms"][0] for j in jacobians if j["log10_norms"][0] is not None]
        rows.append(
            (
                name,
                spread([j["spectral_radius"] for j in jacobians], "{:.3f}"),
                spread([j["mean_slope"] for j in jacobians], "{:.2f}"),
                spread([j["decay_measured"] for j in jacobians], "{:.3f}"),
                spread(ends, "{:.1f}") if ends else "0 (underflow)",
                spread([_last_share(probe) for probe in probes], "{:.3f}"),
            )
        )
    return Table(
        columns=(
            Column(title="$W_{hh}$"),
            Column(title="ρ: predicted factor per step", numeric=True),
            Column(title="mean $1 - h^2$", numeric=True),
            Column(title="measured factor per step", numeric=True),
            Column(title="log₁₀ ‖∂h(T)/∂h(1)‖", numeric=True),
            Column(title="share of the last 5 steps' terms", numeric=True),
        ),
        rows=tuple(rows),
        caption="Predicted and measured decay of the gradient: median over seeds "
        "(least–greatest). Last column: the norms of the last five terms of $∂L/∂W_{hh}$ over "
        "those of all terms.",
    )


def _last_share(probe: Probe, steps: int = 5) -> float:
    terms = probe.values["per_step"]["cell.weight_h"]
    total = sum(terms)
    return sum(terms[-steps:]) / total if total else 1.0


def _why(regimes: Mapping[str, Sequence[Probe]]) -> str:
    sentences = []
    for name, probes in regimes.items():
        radius, decay = _radius(probes), _decay(probes)
        fate = "vanishes" if decay < 0.99 else "explodes" if decay > 1.01 else "is kept"
        against = (
            "less than the spectral radius predicts, because the slope of the tanh is below 1 "
            "wherever a unit is not at rest"
            if decay < 0.97 * radius
            else "as the spectral radius predicts"
            if decay < 1.03 * radius
            else "more than the spectral radius predicts: the largest singular value of a matrix "
            "that is not normal exceeds its radius"
        )
        sentences.append(
            f"With `{name}` the gradient {fate}: {decay:.2f} per step where ρ = {radius:.2f}, "
            f"{against}."
        )
    shares = [_last_share(p) for probes in regimes.values() for p in probes]
    sentences.append(
        "Where it vanishes, the sum for $∂L/∂W_{hh}$ is nearly its last terms alone (here up to "
        f"{max(shares):.0%} in the last five): it is not small, but it says nothing of the first "
        "digit."
    )
    return " ".join(sentences)


def _checks(views: Sequence[GradientView]) -> list[Block]:
    """Return whether three ways to the same gradient agree, in all networks looked at."""
    probes = [probe for view in views for probe in view.probes]
    by_cell: dict[str, list[tuple[float, float]]] = {}
    for probe in probes:
        difference = probe.values["max_abs_difference"]
        if difference is not None:
            by_cell.setdefault(probe.cell, []).append((difference, difference / _scale(probe)))
    checks: list[Block] = [
        Check(
            label=f"The closed form of the {cell.upper()} equals automatic differentiation",
            passed=max(relative for _, relative in found) <= AGREEMENT,
            detail=_agreement(found),
        )
        for cell, found in by_cell.items()
    ]
    steps = [
        (p.values["steps_difference"], p.values["steps_difference"] / _scale(p)) for p in probes
    ]
    checks.append(
        Check(
            label="The terms of the time steps add up to automatic differentiation's gradient",
            passed=max(relative for _, relative in steps) <= AGREEMENT,
            detail=_agreement(steps),
        )
    )
    return checks


def _scale(probe: Probe) -> float:
    """Return the largest entry of a gradient, at least 1."""
    return max(1.0, float(probe.values["largest_gradient"]))


def _agreement(differences: Sequence[tuple[float, float]]) -> str:
    """Return the largest differences, absolute and relative to a gradient's largest entry."""
    absolute, relative = (max(values) for values in zip(*differences, strict=True))
    return (
        f"largest difference {absolute:.1e}; relative to the gradient's largest entry "
        f"{relative:.1e}; {count(len(differences), 'network')}, float64"
    )


def _seeds(view: GradientView) -> int:
    return len({probe.seed for probe in view.probes})


@dataclass(frozen=True, kw_only=True)
class _Arrival:
    """Tells 1.7 of one view."""

    view: GradientView
    labels: Mapping[str, str]
    palette: Palette
    suffix: str

    def blocks(self, is_one_of_several: bool) -> list[Block]:
        view = self.view
        heading = f"**Digits enter {self._encoding()}**" if is_one_of_several else ""
        conditions = view.conditions()
        return [
            *([Prose(text=heading)] if heading else []),
            Prose(
                role="asked",
                text="How large is the gradient that arrives at each time step: "
                "‖∂L/∂h(t)‖, and ‖∂L/∂c(t)‖ for the LSTM? This is the message from step to step, "
                "not the gradient of a parameter. Does it say which network will learn?",
            ),
            Prose(
                role="ran",
                text=f"{join(self.labels[c].upper() for c in view.cells)}, "
                f"{view.protocol['hidden_size']} units, {count(_seeds(view), 'seed')}; "
                f"{count(view.protocol['sequences'], 'palindrome')} of {view.length} digits, "
                f"which enter {self._encoding()}; the loss is read after the last step; float64. "
                "The norm is that of one sequence's own gradient, averaged over the sequences.",
            ),
            Prose(role="measured", text=self._sentences(conditions)),
            gradient_over_time(
                self._rows(conditions),
                palette=self.palette,
                figure_id=f"gradient-over-time{self.suffix}",
            ),
            self._table(conditions),
            *(Notice(text=f"Not measured: {text}") for text in dict.fromkeys(view.failures)),
            *(Command(text=text) for text in view.commands),
        ]

    def _encoding(self) -> str:
        return "as one number 0–9" if self.view.protocol["encoding"] == "scalar" else "one-hot"

    def _rows(self, conditions: Mapping[str, Sequence[Probe]]) -> list[MessageRow]:
        return [
            MessageRow(
                cell=self.labels[probe.cell],
                condition=condition,
                part=part,
                seed=probe.seed,
                step=t,
                norm=float(f"{norm:.4g}"),
            )
            for condition, probes in conditions.items()
            for probe in probes
            for part, norms in probe.by_time.items()
            for t, norm in enumerate(norms, start=1)
        ]

    def _sentences(self, conditions: Mapping[str, Sequence[Probe]]) -> str:
        """Name the networks in which most and least arrives at the first step."""
        first = {
            f"{self.labels[cell].upper()}, {condition}": statistics.median(arriving(mine, "h"))
            for condition, probes in conditions.items()
            for cell in dict.fromkeys(p.cell for p in probes)
            if (mine := [p for p in probes if p.cell == cell])
        }
        most, least = max(first, key=first.__getitem__), min(first, key=first.__getitem__)
        smallest = f"{first[least]:.1e}" if first[least] else "0: it underflowed"
        return (
            f"At the first digit, {self.view.length - 2} steps before the loss, most arrives in "
            f"{most} (‖∂L/∂h(1)‖ = {first[most]:.1e}) and least in {least} ({smallest})."
            f"{self._trained()}"
        )

    def _trained(self) -> str:
        """Say how the gradient travels in trained networks, solved ones apart from others."""
        parts = []
        for told, is_solved in (("solved", True), ("did not solve", False)):
            decays = [
                p.values["decay_per_step"]["h"]
                for p in self.view.probes
                if p.accuracy is not None and (p.accuracy >= SOLVED_ACCURACY) is is_solved
            ]
            if decays:
                parts.append(
                    f"in those that {told} the length they were trained at it changes by a factor "
                    f"of {spread(decays, '{:.3f}')} with each step back"
                )
        return f" After training, {join(parts)}." if parts else ""

    def _table(self, conditions: Mapping[str, Sequence[Probe]]) -> Table:
        rows = []
        for condition, probes in conditions.items():
            for cell in dict.fromkeys(probe.cell for probe in probes):
                mine = [probe for probe in probes if probe.cell == cell]
                told = f": {outcome(mine)}" if outcome(mine) else ""
                decays = [probe.values["decay_per_step"] for probe in mine]
                rows.append(
                    (
                        self.labels[cell],
                        f"{condition}{told}",
                        power(arriving(mine, "h")),
                        power(arriving(mine, "c")),
                        spread([decay["h"] for decay in decays], "{:.3f}"),
                        spread([decay.get("c") for decay in decays], "{:.3f}"),
                    )
                )
        return Table(
            columns=(
                Column(title="cell"),
                Column(title="network"),
                Column(title="‖∂L/∂h(1)‖", numeric=True),
                Column(title="‖∂L/∂c(1)‖", numeric=True),
                Column(title="h: factor per step", numeric=True),
                Column(title="c: factor per step", numeric=True),
            ),
            rows=tuple(rows),
            caption="What arrives at the first step, and by which factor it changes with each "
            "step back: median over seeds (least–greatest).",
        )
