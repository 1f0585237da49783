"""Vanilla RNNs whose recurrent matrix contracts, keeps or expands what it is applied to."""

import math
import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from unroll.report.rows import RegimeRow
from unroll.report.section import Column, Table
from unroll.study.gradients.view import GradientView, Probe
from unroll.study.words import join, spread

ORTHOGONAL = "orthogonal"
LARGEST_POWER = 300
"""The largest power of ten that is drawn: float64 ends at 308."""
VANISHES, EXPLODES = 0.99, 1.01
"""Below the first factor per step the gradient vanishes, above the second it explodes."""
_CLEARLY_LESS = 0.97
"""A measured factor counts as less than the predicted one below this share of it."""
_LESS = "less than the spectral radius predicts"
_SIDES = {"contracting": "below", "keeping": "at", "expanding": "above"}
"""Where the gain of an orthogonal matrix lies, beside 1."""


def find_regimes(view: GradientView) -> dict[str, list[Probe]]:
    """Return untrained RNNs with an orthogonal W_hh by gain, or all where there are none."""
    found = view.untrained("rnn")
    chosen = {name: found[name] for name in found if name.startswith(ORTHOGONAL)} or found
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


def regime_rows(regimes: Mapping[str, Sequence[Probe]]) -> list[RegimeRow]:
    """Return what is measured and what is predicted at each step of each network."""
    return [
        row
        for name, probes in regimes.items()
        for probe in probes
        if probe.jacobian
        for row in _rows(f"{_kind(probes)}: {name}", probe, probe.jacobian)
    ]


def _rows(regime: str, probe: Probe, jacobian: Mapping[str, Any]) -> list[RegimeRow]:
    norms, terms = jacobian["log10_norms"], probe.values["per_step"]["cell.weight_h"]
    return [
        RegimeRow(
            regime=regime,
            seed=probe.seed,
            step=k,
            # The first step has h(0) = 0 behind it: its term is 0 by definition.
            term_norm=term if k > 1 else None,
            jacobian_norm=0.0 if norm is None else 10.0 ** min(norm, LARGEST_POWER),
            predicted=_held_power(jacobian["spectral_radius"], len(norms) - k),
        )
        for k, (norm, term) in enumerate(zip(norms, terms, strict=True), start=1)
    ]


def _held_power(base: float, exponent: int) -> float:
    """Return base^exponent, or the largest number drawn where that is less.

    >>> _held_power(0.5, 2), _held_power(3.0, 2) == 9.0, _held_power(3.0, 10_000) == 1e300
    (0.25, True, True)
    """
    if base > 1 and exponent * math.log10(base) > LARGEST_POWER:
        return 10.0**LARGEST_POWER
    return float(base**exponent)


def held_remark(rows: Sequence[RegimeRow]) -> str:
    """Say which values stand at the largest number drawn because they are beyond it."""
    held = sum(max(row.jacobian_norm, row.predicted) >= 10.0**LARGEST_POWER for row in rows)
    return f"What exceeds $10^{{{LARGEST_POWER}}}$ is drawn there." if held else ""


def beginning(regimes: Mapping[str, Sequence[Probe]]) -> str:
    """Say how the recurrent matrices began."""
    if not all(name.startswith(ORTHOGONAL) for name in regimes):
        return f"initialised by {join(f'`{name}`' for name in regimes)}"
    sides = dict.fromkeys(_SIDES[_kind(probes)] for probes in regimes.values())
    return f"with $W_{{hh}}$ = $g$ times an orthogonal matrix for $g$ {join(sides)} 1"


def decay_sentence(regimes: Mapping[str, Sequence[Probe]]) -> str:
    """Say by which factor each regime changes the gradient a step back."""
    parts = [
        f"with `{name}` (ρ = {_radius(probes):.2f}) by a factor of **{_decay(probes):.2f}**"
        for name, probes in regimes.items()
    ]
    return f"Each step back changes ‖∂h(T)/∂h(k)‖ {join(parts)} (medians over seeds)."


def regime_table(regimes: Mapping[str, Sequence[Probe]]) -> Table:
    """Return decay as it is predicted and as it is measured."""
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


def why(regimes: Mapping[str, Sequence[Probe]]) -> str:
    """Say what became of the gradient in each regime, and why."""
    sentences = []
    for name, probes in regimes.items():
        radius, decay = _radius(probes), _decay(probes)
        fate = "vanishes" if decay < VANISHES else "explodes" if decay > EXPLODES else "is kept"
        against = (
            ""
            if decay < _CLEARLY_LESS * radius
            else ", as the spectral radius predicts"
            if decay < 1.03 * radius
            else ", more than the spectral radius predicts: the largest singular value of a matrix "
            "that is not normal exceeds its radius"
        )
        sentences.append(
            f"With `{name}` the gradient {fate}: {decay:.2f} per step where ρ = "
            f"{radius:.2f}{against}."
        )
    names = [n for n, probes in regimes.items() if _decay(probes) < _CLEARLY_LESS * _radius(probes)]
    if names:
        sentences.append(
            f"Each step back keeps {_LESS} with {join(f'`{name}`' for name in names)}, because the "
            "slope of the tanh is below 1 wherever a unit is not at rest."
        )
    vanishing = [probes for probes in regimes.values() if _decay(probes) < VANISHES]
    if shares := [_last_share(probe) for probes in vanishing for probe in probes]:
        sentences.append(
            "Where it vanishes, the sum for $∂L/∂W_{hh}$ is nearly its last terms alone (here up "
            f"to {max(shares):.0%} in the last five): it is not small, but it says nothing of the "
            "first digit."
        )
    return " ".join(sentences)
