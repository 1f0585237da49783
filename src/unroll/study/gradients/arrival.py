"""Question 1.7: how much gradient arrives at each step."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from unroll.report.charts import Palette, gradient_over_time
from unroll.report.markup import inert
from unroll.report.rows import MessageRow
from unroll.report.section import Block, Column, Notice, Prose, Table
from unroll.study.gradients.view import GradientView, Probe, arriving, outcome, power
from unroll.study.memory.view import SOLVED_ACCURACY
from unroll.study.reproduction import with_command
from unroll.study.words import count, join, spread

ASKED = (
    "How large is the gradient that arrives at each time step: ‖∂L/∂h(t)‖, and ‖∂L/∂c(t)‖ for the "
    "LSTM? This is the message from step to step, not the gradient of a parameter. Does it say "
    "which network will learn?"
)


def arrival_blocks(
    views: Sequence[GradientView], labels: Mapping[str, str], palette: Palette
) -> list[Block]:
    """Return what is asked, and what each view has to say to it under a heading of its own."""
    blocks: list[Block] = [Prose(role="asked", text=ASKED)]
    for index, view in enumerate(views):
        if len(views) > 1:
            blocks.append(Prose(text=f"**{_heading(view, views)}**"))
        teller = _Arrival(view=view, labels=labels, palette=palette)
        blocks += teller.blocks(f"gradient-over-time{f'-{index}' if index else ''}")
    return blocks


def _heading(view: GradientView, views: Sequence[GradientView]) -> str:
    """Return how digits enter, and whatever else tells this view from others."""
    words = {
        "length": f"T = {view.length}",
        "hidden_size": count(view.protocol["hidden_size"], "unit"),
        "sequences": count(view.protocol["sequences"], "sequence"),
        "max_steps": _training(view.protocol),
    }
    differing = [
        said
        for name, said in words.items()
        if said and len({v.protocol.get(name) for v in views}) > 1
    ]
    return "; ".join([f"Digits enter {_encoding(view)}", *differing])


def _encoding(view: GradientView) -> str:
    return "as one number 0–9" if view.protocol["encoding"] == "scalar" else "one-hot"


def _training(protocol: Mapping[str, Any]) -> str:
    """Say how the networks that this command trains are trained; nothing where it trains none."""
    if "max_steps" not in protocol:
        return ""
    return f"trained by recipe {protocol['recipe']}, at most {count(protocol['max_steps'], 'step')}"


@dataclass(frozen=True, kw_only=True)
class _Arrival:
    """Tells 1.7 of one view."""

    view: GradientView
    labels: Mapping[str, str]
    palette: Palette

    def blocks(self, figure_id: str) -> list[Block]:
        view, conditions = self.view, self.view.conditions()
        training = _training(view.protocol)
        return [
            Prose(
                role="ran",
                text=f"{join(self.labels[c].upper() for c in view.cells)}, "
                f"{view.protocol['hidden_size']} units, {count(view.seeds, 'seed')}; "
                f"{count(view.protocol['sequences'], 'palindrome')} of {view.length} digits, "
                f"which enter {_encoding(view)}; the loss is read after the last step; float64. "
                "The norm is that of one sequence's own gradient, averaged over the sequences."
                f"{f' Some networks are {training}.' if training else ''}",
            ),
            Prose(role="measured", text=self._sentences(conditions)),
            with_command(
                gradient_over_time(
                    self._rows(conditions), palette=self.palette, figure_id=figure_id
                ),
                view.commands,
            ),
            self._table(conditions),
            *failure_notices(view),
        ]

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
        first, part = {}, {}
        for condition, probes in conditions.items():
            for cell, mine in _by_cell(probes).items():
                name = f"{self.labels[cell].upper()}, {condition}"
                first[name] = statistics.median(probe.received for probe in mine)
                part[name] = mine[0].message
        most, least = max(first, key=first.__getitem__), min(first, key=first.__getitem__)
        smallest = f"{first[least]:.2g}" if first[least] else "0: it underflowed"
        if part[least] != part[most]:
            smallest = f"‖∂L/∂{part[least]}(1)‖ = {smallest}"
        return (
            f"At the first digit, {self.view.length - 2} steps before the loss, most arrives in "
            f"{most} (‖∂L/∂{part[most]}(1)‖ = {first[most]:.2g}) and least in {least} "
            f"({smallest}).{self._trained()}"
        )

    def _trained(self) -> str:
        """Say how the gradient travels in trained networks, solved ones apart from others."""
        parts = []
        for told, is_solved in (("solved", True), ("did not solve", False)):
            decays = [
                probe.decay
                for probe in self.view.probes
                if probe.accuracy is not None and (probe.accuracy >= SOLVED_ACCURACY) is is_solved
            ]
            if decays:
                parts.append(
                    f"in those that {told} the length they were trained at it changes by a factor "
                    f"of {spread(decays, '{:.3f}')} with each step back"
                )
        return f" After training, {join(parts)}." if parts else ""

    def _table(self, conditions: Mapping[str, Sequence[Probe]]) -> Table:
        parts = self.view.parts
        rows = []
        for condition, probes in conditions.items():
            for cell, mine in _by_cell(probes).items():
                told = f": {outcome(mine)}" if outcome(mine) else ""
                decays = [probe.values["decay_per_step"] for probe in mine]
                rows.append(
                    (
                        self.labels[cell],
                        f"{condition}{told}",
                        *(power(arriving(mine, part)) for part in parts),
                        *(
                            spread([decay.get(part) for decay in decays], "{:.3f}")
                            for part in parts
                        ),
                    )
                )
        return Table(
            columns=(
                Column(title="cell"),
                Column(title="network"),
                *(Column(title=f"‖∂L/∂{part}(1)‖", numeric=True) for part in parts),
                *(Column(title=f"{part}: factor per step", numeric=True) for part in parts),
            ),
            rows=tuple(rows),
            caption="What arrives at the first step, and by which factor it changes with each "
            "step back: median over seeds (least–greatest).",
        )


def failure_notices(view: GradientView) -> list[Notice]:
    """Return why networks could not be looked at, each reason once."""
    return [Notice(text=f"Not measured: {inert(text)}") for text in dict.fromkeys(view.failures)]


def _by_cell(probes: Sequence[Probe]) -> dict[str, list[Probe]]:
    groups: dict[str, list[Probe]] = {}
    for probe in probes:
        groups.setdefault(probe.cell, []).append(probe)
    return groups
