"""Question 1.5: what the gates are for, what they do, and how many parameters they take."""

from collections.abc import Sequence
from dataclasses import dataclass

from unroll.report.charts import Palette, gate_maps, time_constants
from unroll.report.markup import inert
from unroll.report.section import (
    Block,
    Check,
    Equation,
    Figure,
    Notice,
    Prose,
    Section,
)
from unroll.study.gates.findings import conclude, name_look
from unroll.study.gates.plan import KEEP_GATE
from unroll.study.gates.tables import (
    constant_rows,
    digit_table,
    gates_table,
    map_rows,
    parameters_check,
    parameters_table,
    silenced_table,
    units_table,
)
from unroll.study.gates.view import GateLook, GateView
from unroll.study.memory.sections import LSTM_EQUATION
from unroll.study.memory.view import SOLVED_ACCURACY
from unroll.study.parts import THROUGH_TIME
from unroll.study.reproduction import with_commands
from unroll.study.words import count, join

GRU_EQUATION = """r = σ(W_{rx} x + W_{rh} h + b_r)  "reset gate"
z = σ(W_{zx} x + W_{zh} h + b_z)  "update gate"
n = tanh(W_{nx} x + b_n + r ⊙ (W_{nh} h + b_{nh}))  "candidate"
h(t) = (1 - z) ⊙ n + z ⊙ h(t-1)
p(t) = W_{ph} h(t) + b_p"""

_LSTM_ROLES = """Each unit holds one number of memory, $c$. At every step the **forget gate** $f$ \
says which share of $c$ is kept, the **input gate** $i$ which share of the candidate is added, and \
the **output gate** $o$ which share of $tanh(c)$ the rest of the network gets to see. The \
**candidate** $g$ (input modulation gate) is what there is to write.

$i$, $f$ and $o$ multiply what passes, so each has to be a share: σ lies between 0, closed, and 1, \
open. It is a switch, but a soft one: it has a slope everywhere, along which a gradient can teach \
it when to open. A tanh in its place could turn the sign of what it lets through.

$g$ is content, which needs both signs: tanh is centred on 0, so that a step can take away from \
$c$ as well as add to it, where σ could only ever add. It is bounded, so that no step changes $c$ \
by more than 1 besides what is forgotten: after t steps $c$ lies between −t and t. The tanh on the \
way out brings whatever $c$ has come to back between −1 and 1."""

_GRU_ROLES = """The GRU has no memory apart from $h$. Its **update gate** $z$ says which share of \
$h$ is kept, and the candidate $n$ fills the rest, $1 - z$: it cannot write without forgetting. \
The **reset gate** $r$ says how much of $h$ the candidate gets to see. $r$ and $z$ are shares, so \
they come from σ; $n$ is content of both signs, so it comes from tanh, and a mean of values \
between −1 and 1 stays there."""

_TIME_CONSTANT = """A unit that keeps the share $bar{f}$ on average holds $bar{f}^t$ of a number \
after t steps, if nothing is written over it: a **time constant** of $τ = -1 / ln bar{f}$ steps, \
after which 1/e (37%) is left. The keep gate is $f$ in an LSTM and $z$ in a GRU; it counts from \
step 2 on, because at step 1 there is nothing to keep."""


def gate_section(views: Sequence[GateView]) -> Section | None:
    """Return the answer to 1.5, from what is recorded so far; None where nobody asked."""
    if not views:
        return None
    tellers = [_Teller(view=view, suffix=f"-{i}" if i else "") for i, view in enumerate(views)]
    names = [teller.heading() if len(views) > 1 else "" for teller in tellers]
    measured: list[Block] = []
    for name, teller in zip(names, tellers, strict=True):
        blocks = with_commands(teller.measured(), teller.view.commands)
        text = "\n\n".join(part for part in (name, teller.accuracy_sentence()) if part)
        measured += [Prose(role=None if measured else "measured", text=text), *blocks]
    follows = [
        "\n\n".join(part for part in (name, teller.conclusion()) if part)
        for name, teller in zip(names, tellers, strict=True)
    ]
    ran = " ".join(teller.what_was_run() for teller in tellers)
    return Section(
        number="1.5",
        title="What each gate does",
        part=THROUGH_TIME,
        blocks=(
            *_asked(tuple(dict.fromkeys(cell for view in views for cell in view.cells))),
            Prose(role="ran", text=ran),
            *measured,
            *_parameters(views),
            Prose(role="follows", text="\n\n".join(follows)),
        ),
    )


def _asked(cells: Sequence[str]) -> list[Block]:
    """Return the question, and what each gate is for by its equation."""
    blocks: list[Block] = [
        Prose(
            role="asked",
            text="What is each gate for, and why has it the non-linearity that it has? What does "
            "it really do while a palindrome is read, for how long does a unit keep what it "
            "holds, and how many parameters does all of that take?",
        )
    ]
    if "lstm" in cells or not cells:
        blocks += [Equation(text=LSTM_EQUATION), Prose(text=_LSTM_ROLES)]
    if "gru" in cells:
        blocks += [Equation(text=GRU_EQUATION), Prose(text=_GRU_ROLES)]
    return [*blocks, Prose(text=_TIME_CONSTANT)]


def _parameters(views: Sequence[GateView]) -> list[Block]:
    """Return the parameter formula beside the models; nothing where it is not measured yet."""
    counts = next((view.parameters for view in views if view.parameters), ())
    if not counts:
        return []
    text = (
        "**Parameters.** Each set of two matrices and a bias takes $n d + n^2 + n$ numbers. An RNN "
        "has one, an LSTM four, $4 (n d + n^2 + n)$, a GRU three and a second bias, "
        "$3 (n d + n^2 + n) + n$; the readout adds $K (n + 1)$."
    )
    return [Prose(text=text), parameters_check(counts), parameters_table(counts)]


@dataclass(frozen=True, kw_only=True)
class _Teller:
    """Tells of one protocol; `suffix` keeps its figures apart from another's."""

    view: GateView
    suffix: str

    @property
    def length(self) -> int:
        """T."""
        length: int = self.view.protocol["length"]
        return length

    def heading(self) -> str:
        """Say which protocol follows."""
        protocol = self.view.protocol
        digits = f", digits {protocol['digits']}" if protocol["digits"] else ""
        return (
            f"**Recipe `{protocol['recipe']}`, T = {self.length}, at most "
            f"{count(protocol['max_steps'], 'step')}{digits}**"
        )

    def what_was_run(self) -> str:
        """Say which networks were looked into, and over what."""
        protocol = self.view.protocol
        how = (
            f"recipe `{protocol['recipe']}` at T = {self.length}, "
            f"{count(protocol['hidden_size'], 'unit')}, at most "
            f"{count(protocol['max_steps'], 'step')}"
        )
        if not self.view.looks:
            return f"Asked for: {how}."
        cells = join(
            f"{cell.upper()} ({count(len(self.view.of_cell(cell)), 'seed')})"
            for cell in self.view.cells
        )
        look = self.view.looks[0]
        apart = (
            "held out from training"
            if look.held_out
            else "*not held out*: there are too few of that length to keep any apart"
        )
        return (
            f"{cells}, {how}. Each network is looked into as it began and with the parameters of "
            f"its best validation, over {count(look.count, 'palindrome')} ({apart})."
        )

    def accuracy_sentence(self) -> str:
        """Say how well the networks answer what they are looked at with."""
        if not self.view.looks:
            return "No network could be looked into."
        parts = [
            f"{name_look(look)} answers {look.after.accuracy:.3f} of them right after training, "
            f"{look.before.accuracy:.3f} before"
            for look in self.view.looks
        ]
        return "; ".join(parts) + " (chance 0.100)."

    def measured(self) -> list[Block]:
        """Return what was seen, or why it was not."""
        blocks: list[Block] = [*self._solved(), *self._problems()]
        for cell in self.view.cells:
            look = self.view.drawn(cell)
            blocks += [self._maps(look), gates_table(self.view.of_cell(cell))]
        if self.view.looks:
            blocks.append(self._constants())
        for cell in self.view.cells:
            look = self.view.drawn(cell)
            blocks += [digit_table(look), silenced_table(look), units_table(look)]
        return blocks

    def conclusion(self) -> str:
        """Say what the gates of each network that is drawn do."""
        if not self.view.looks:
            return "Nothing: there is no network whose gates could be read."
        return "\n\n".join(conclude(self.view.drawn(cell)) for cell in self.view.cells)

    def _solved(self) -> list[Block]:
        """Return whether the networks do what is to be explained."""
        solved = [look for look in self.view.looks if look.is_solved]
        blocks: list[Block] = []
        if solved:
            scores = "; ".join(f"{name_look(k)}: accuracy {k.after.accuracy:.3f}" for k in solved)
            number = f"{len(solved)} of {len(self.view.looks)}"
            blocks.append(
                Check(
                    label=f"Trained networks that solve T = {self.length}: {number}",
                    passed=True,
                    detail=f"{scores}; solved from {SOLVED_ACCURACY} on",
                )
            )
        return blocks + [
            Notice(
                text=f"**Not solved:** {name_look(look)} answers {look.after.accuracy:.3f} of the "
                f"palindromes of T = {self.length} right, and {SOLVED_ACCURACY} counts as solved. "
                "What its gates do is not how a palindrome is remembered."
            )
            for look in self.view.looks
            if not look.is_solved
        ]

    def _problems(self) -> list[Notice]:
        notices = [
            Notice(text=f"**{problem.label} could not be measured:** {inert(problem.error)}")
            for problem in self.view.problems
        ]
        if self.view.missing:
            number = count(self.view.missing, "measurement")
            notices.append(Notice(text=f"{number} of the last command not recorded yet."))
        return notices

    def _maps(self, look: GateLook) -> Figure:
        digits = "".join(map(str, look.palindrome))
        keep = KEEP_GATE[look.settings.cell]
        verdict = "rightly" if look.answer == look.palindrome[-1] else "wrongly"
        return gate_maps(
            map_rows(look),
            figure_id=f"gate-maps-{look.settings.cell}{self.suffix}",
            remark=f"Trained {name_look(look)}. The palindrome is {digits}; its last digit is not "
            f"read but asked for, and the network answers {look.answer}, {verdict}. The units "
            f"whose ${keep}$ keeps longest are on top.",
        )

    def _constants(self) -> Figure:
        return time_constants(
            constant_rows(self.view.looks),
            palette=Palette.of(self.view.cells),
            distance=self.length - 2,
            figure_id=f"time-constants{self.suffix}",
        )
