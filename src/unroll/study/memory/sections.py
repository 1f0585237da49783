"""Questions 1.2, 1.3 and 1.6: what is asked, what was run, what was measured, what follows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from unroll.report.charts import (
    Palette,
    accuracy_by_length,
    accuracy_curves,
    loss_by_length,
    loss_curves,
    memory_horizon,
)
from unroll.report.section import Block, Equation, Prose, Section
from unroll.study.memory.blocks import MemoryBlocks
from unroll.study.memory.rates import rate_blocks
from unroll.study.memory.reported import CRITERION, reported_table
from unroll.study.memory.tables import MemoryTables
from unroll.study.memory.view import MemoryView
from unroll.study.parts import THROUGH_TIME
from unroll.study.reproduction import with_commands
from unroll.tasks.names import TASKS

RNN_EQUATION = """h(t) = tanh(W_{hx} x(t) + W_{hh} h(t-1) + b_h)
p(t) = W_{ph} h(t) + b_p
hat{y}(t) = softmax(p(t))"""
LSTM_EQUATION = """g = tanh(W_{gx} x + W_{gh} h + b_g)  "input modulation gate"
i = σ(W_{ix} x + W_{ih} h + b_i)  "input gate"
f = σ(W_{fx} x + W_{fh} h + b_f)  "forget gate"
o = σ(W_{ox} x + W_{oh} h + b_o)  "output gate"
c(t) = g ⊙ i + c(t-1) ⊙ f
h(t) = tanh(c(t)) ⊙ o
p(t) = W_{ph} h(t) + b_p"""


def memory_sections(
    views: Sequence[MemoryView], *, labels: Mapping[str, str], palette: Palette
) -> tuple[Section, ...]:
    """Return the sections that can be told from what is recorded so far."""
    told = [view for view in views if view.trials]
    tellers = [
        _Teller(
            blocks=MemoryBlocks(view=view, labels=labels),
            palette=palette,
            suffix=f"-{i}" if i else "",
            has_search=any(view.is_searched for view in told),
        )
        for i, view in enumerate(told)
    ]
    with_rnn = [teller for teller in tellers if "rnn" in teller.cells]
    with_others = [teller for teller in tellers if teller.cells != ("rnn",)]
    plan = (
        ("1.2", "The vanilla RNN learns", with_rnn, _Teller.rnn_training),
        ("1.3", "How far the vanilla RNN remembers", with_rnn, _Teller.rnn_memory),
        ("1.6", "The gated cells, and all in one figure", with_others, _Teller.comparison),
    )
    return tuple(
        Section(number=number, title=title, part=THROUGH_TIME, blocks=_join_blocks(mine, tell))
        for number, title, mine, tell in plan
        if mine
    )


@dataclass(frozen=True, kw_only=True)
class _Teller:
    """Tells of one protocol; `suffix` keeps its figures apart from another's."""

    blocks: MemoryBlocks
    palette: Palette
    suffix: str
    has_search: bool
    """Whether any protocol of the report has several rates to choose from."""

    @property
    def cells(self) -> tuple[str, ...]:
        """The cells of this protocol."""
        return self.blocks.view.cells

    @property
    def tables(self) -> MemoryTables:
        """The tables of this protocol."""
        return MemoryTables(view=self.blocks.view, labels=self.blocks.labels)

    def heading(self) -> Prose:
        """Say which protocol follows, where there are several."""
        settings = self.blocks.view.trials[0].settings
        return Prose(
            text=f"**Recipe `{self.blocks.view.protocol['recipe']}`, at most "
            f"{settings.max_steps:,} steps a trial**"
        )

    def rnn_training(self) -> list[Block]:
        """Answer 1.2."""
        cells = ("rnn",)
        return [
            Prose(
                role="asked",
                text="Build the vanilla recurrent network from tensors and parameters alone, and "
                f"train it: {TASKS[self.blocks.view.trials[0].settings.task]}.",
            ),
            Equation(text=RNN_EQUATION),
            *self.blocks.parameters_checks("rnn", gates=1),
            Prose(role="ran", text=self.blocks.what_was_run(cells)),
            Prose(role="measured", text=self.blocks.steps_sentence("rnn")),
            *self.blocks.failures(cells),
            *with_commands(self._curves(cells, "rnn-"), self.commands(cells)),
            Prose(
                role="follows",
                text=f"{self.blocks.learned_sentence('rnn')} {self.blocks.plateau_sentence(cells)}",
            ),
        ]

    def rnn_memory(self) -> list[Block]:
        """Answer 1.3."""
        cells = ("rnn",)
        return [
            Prose(
                role="asked",
                text="How does the accuracy fall as the palindrome grows, over several seeds and "
                "on sequences that training never saw?",
            ),
            Prose(
                role="ran",
                text="The networks of 1.2, each tested at the length it was trained "
                "on; every seed is a point.",
            ),
            Prose(role="measured", text=self.blocks.medians_sentence("rnn")),
            *with_commands(
                [
                    accuracy_by_length(
                        self.blocks.trial_rows(cells),
                        palette=self.palette,
                        figure_id=f"rnn-accuracy{self.suffix}",
                    )
                ],
                self.commands(cells),
            ),
            self.tables.results(cells),
            self.tables.cost(cells),
            Prose(
                role="follows",
                text=f"{self.blocks.horizon_sentence('rnn')} {self.blocks.cliff_sentence('rnn')}",
            ),
        ]

    def comparison(self) -> list[Block]:
        """Answer 1.6."""
        others = tuple(cell for cell in self.cells if cell != "rnn")
        return [
            Prose(
                role="asked",
                text="Repeat the experiment with the LSTM, from scratch as well, with the rate "
                "adjusted to the length where that helps, and show both curves in one figure.",
            ),
            *self._lstm_equation(),
            Prose(role="ran", text=self.blocks.what_was_run(others)),
            *rate_blocks(self.tables, has_search=self.has_search),
            Prose(
                role="measured",
                text=" ".join(self.blocks.medians_sentence(cell) for cell in self.cells),
            ),
            *self.blocks.failures(others),
            *with_commands(self._by_length(), self.commands(self.cells)),
            self.tables.results(others),
            self.tables.cost(others),
            *self._retained(),
            *with_commands(self._curves(others), self.commands(others)),
            Prose(
                role="follows",
                text="\n\n".join(
                    [
                        *(
                            f"{self.blocks.horizon_sentence(cell)} "
                            f"{self.blocks.cliff_sentence(cell)}"
                            for cell in self.cells
                        ),
                        *self._beside(others),
                    ]
                ),
            ),
            reported_table(self.blocks.view),
        ]

    def commands(self, cells: Sequence[str]) -> list[str]:
        """Return the recorded commands that ask for these cells."""
        return self.blocks.view.commands_for(cells)

    def _by_length(self) -> list[Block]:
        """Return accuracy, loss and horizon of all cells, each in one figure."""
        rows = self.blocks.trial_rows(self.cells)
        return [
            accuracy_by_length(rows, palette=self.palette, figure_id=f"accuracy{self.suffix}"),
            loss_by_length(rows, palette=self.palette, figure_id=f"loss{self.suffix}"),
            memory_horizon(
                self.blocks.horizon_rows(self.cells),
                palette=self.palette,
                criterion=CRITERION,
                figure_id=f"horizon{self.suffix}",
            ),
        ]

    def _curves(self, cells: Sequence[str], prefix: str = "") -> list[Block]:
        """Return the training curves; there are none where every trial failed."""
        rows = self.blocks.curve_rows(cells)
        drawn = (
            (loss_curves, f"{prefix}loss-curves{self.suffix}"),
            (accuracy_curves, f"{prefix}accuracy-curves{self.suffix}"),
        )
        if not rows:
            return []
        return [draw(rows, palette=self.palette, figure_id=name) for draw, name in drawn]

    def _beside(self, others: Sequence[str]) -> list[str]:
        """Return which of two cells is ahead, for each beside the RNN."""
        told = (self.blocks.beside_sentence(cell) for cell in others if "rnn" in self.cells)
        return [sentence for sentence in told if sentence]

    def _lstm_equation(self) -> list[Block]:
        if "lstm" not in self.cells:
            return []
        return [Equation(text=LSTM_EQUATION), *self.blocks.parameters_checks("lstm", gates=4)]

    def _retained(self) -> list[Block]:
        table = self.tables.retained()
        return [table] if table.rows else []


def _join_blocks(
    tellers: Sequence[_Teller], tell: Callable[[_Teller], list[Block]]
) -> tuple[Block, ...]:
    """Tell of each protocol in turn, and name it where there is more than one."""
    blocks: list[Block] = []
    for teller in tellers:
        if len(tellers) > 1:
            blocks.append(teller.heading())
        blocks += tell(teller)
    return tuple(blocks)
