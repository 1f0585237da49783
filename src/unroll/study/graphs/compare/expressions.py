"""Expressions of and, or and xor: a Tree-LSTM against an LSTM that reads their symbols in a row."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from unroll.cells import LSTM, TreeLSTM
from unroll.models import SequenceClassifier
from unroll.models.tree_classifier import TreeClassifier
from unroll.scan import scan, scan_tree
from unroll.seeding import make_generator
from unroll.study.graphs.compare.experiment import Case, Experiment, Remark
from unroll.tasks.expressions import SYMBOLS, ExpressionBatch, Expressions, stream_expressions
from unroll.training.supervised import SupervisedSettings, fit_supervised

TREE, PREFIX, POSTFIX = "Tree-LSTM", "LSTM, prefix order", "LSTM, postfix order"
INFIX = "LSTM, infix order"
ORDER_OF = {PREFIX: "prefix", POSTFIX: "postfix", INFIX: "infix"}
BRACKETS, CALCULATOR = "main", "calculator"
RULE_OF = {BRACKETS: "brackets", CALCULATOR: "calculator"}

TRAINED, FURTHER, FURTHEST = "7–12 operators", "13–24 operators", "25–48 operators"
NO_BRACKETS = "25–48 operators without brackets"
SIZES_OF = {
    TRAINED: (7, 8, 9, 10, 11, 12),
    FURTHER: (13, 16, 20, 24),
    FURTHEST: (25, 32, 40, 48),
    NO_BRACKETS: (25, 32, 40, 48),
}
"""Operators of the expressions tested on."""
TRAINED_SIZES = range(1, 13)

TREE_WIDTH, LSTM_WIDTH = 16, 24
"""As many parameters within 3%: 2,978 and 2,930."""
RATE = 4e-2
"""The Tree-LSTM's best of a few; the LSTM does as well at 1e-2, 2e-2 and this."""
FORGET_BIAS = 1.0
"""Of both cells, so that they begin by keeping (Jozefowicz et al. 2015)."""
BATCH_SIZE = 64
TESTED = 960

Answer = Callable[[ExpressionBatch], Tensor]
"""Scores (B, 2) of expressions."""

_SAME = 1e-12
"""Float64 states of size 1 that differ by less are equal but for rounding."""


def measure(
    variant: str, contestant: str, seed: int, steps: int, on_step: Callable[[int], object]
) -> dict[str, Any]:
    """Train one contestant on expressions of up to 12 operators, and test it on larger ones."""
    task = Expressions(rule=RULE_OF[variant])
    network, answer = make_contestant(contestant, seed)
    generator = make_generator(seed, "expressions")
    fitted = fit_supervised(
        network,
        stream_expressions(task, TRAINED_SIZES, BATCH_SIZE, generator),
        lambda batch: functional.cross_entropy(answer(batch), batch.targets),
        SupervisedSettings(steps=steps, rate=RATE),
        on_progress=on_step,
    )
    cases = make_cases(variant, seed)
    checks = check_balance(cases)
    if isinstance(network, TreeClassifier):
        checks.append(check_chain(network.cell, seed))
    return {
        "parameters": sum(p.numel() for p in network.parameters()),
        "curve": fitted.curve,
        "train_seconds": fitted.seconds,
        "cases": [
            {"case": name, "value": accuracy(answer, batches), "examples": TESTED}
            for name, batches in cases.items()
        ],
        "checks": checks,
        "notes": {"rate": RATE, "batch_size": BATCH_SIZE},
    }


def make_contestant(contestant: str, seed: int) -> tuple[nn.Module, Answer]:
    """Return an untrained network, and how it answers."""
    generator = make_generator(seed, "weights")
    classes = 2
    if contestant == TREE:
        tree_cell = TreeLSTM(len(SYMBOLS), TREE_WIDTH, generator=generator)
        tree = TreeClassifier(tree_cell, classes, generator=generator)
        _open_forget_gate(tree_cell)
        return tree, lambda batch: tree(batch.in_order("prefix"), batch.children)
    cell = LSTM(len(SYMBOLS), LSTM_WIDTH, generator=generator)
    sequence = SequenceClassifier(cell, LSTM_WIDTH, classes, generator=generator)
    _open_forget_gate(cell)
    return sequence, lambda batch: sequence(batch.in_order(ORDER_OF[contestant]))[:, -1]


def make_cases(variant: str, seed: int) -> dict[str, list[ExpressionBatch]]:
    """Return what is tested on, by the case's name: the same for all contestants."""
    task = Expressions(rule=RULE_OF[variant])
    cases = {}
    for case in EXPERIMENT.cases:
        if case.variant == variant:
            generator = make_generator(seed, f"expressions to test on, {case.name}")
            sizes = SIZES_OF[case.name]
            cases[case.name] = [task.sample(n, TESTED // len(sizes), generator) for n in sizes]
    return cases


@torch.no_grad()
def accuracy(answer: Answer, batches: list[ExpressionBatch]) -> float:
    """Return the share of expressions answered right."""
    right = sum(int((answer(batch).argmax(1) == batch.targets).sum()) for batch in batches)
    return right / sum(len(batch.targets) for batch in batches)


def check_balance(cases: dict[str, list[ExpressionBatch]]) -> list[dict[str, Any]]:
    """Count the values at every size."""
    shares = {float(batch.targets.double().mean()) for case in cases.values() for batch in case}
    return [
        {
            "claim": "Half of the expressions of every size tested are true",
            "passed": shares == {0.5},
            "detail": f"shares: {', '.join(f'{share:.3f}' for share in sorted(shares))}",
        }
    ]


@torch.no_grad()
def check_chain(cell: TreeLSTM, seed: int) -> dict[str, Any]:
    """Run the trained cell, with its weights for a left child, as an LSTM along a sequence."""
    H = cell.hidden_size
    tree = TreeLSTM(cell.input_size, H, children=1).double()
    tree.weight_x.copy_(cell.weight_x)
    i, f, _, g, o = cell.weight_h[:, :H].chunk(5)
    tree.weight_h.copy_(torch.cat([i, f, g, o]))
    tree.bias.copy_(cell.bias)
    line = LSTM(cell.input_size, H).double()
    line.load_state_dict(tree.state_dict())
    x = torch.rand(50, cell.input_size, generator=make_generator(seed, "chain")).double()
    up_the_chain, _ = scan_tree(tree, x, torch.arange(-1, 49).unsqueeze(1))
    along, _ = scan(line, x.unsqueeze(0))
    difference = float((up_the_chain - along[0]).abs().max())
    return {
        "claim": "On a chain, one child each, the Tree-LSTM is the LSTM",
        "passed": difference < _SAME,
        "detail": f"largest difference over 50 steps, trained weights, float64: {difference:.1e}",
    }


@torch.no_grad()
def _open_forget_gate(cell: LSTM | TreeLSTM) -> None:
    cell.bias[cell.hidden_size : 2 * cell.hidden_size] = FORGET_BIAS


EXPERIMENT = Experiment(
    name="expressions",
    question="3.4b",
    title="Expressions as trees and as sequences",
    task=(
        "What is the value of an expression of and, or and xor over 0 and 1? Both networks are "
        "trained on 1 to 12 operators. The Tree-LSTM is given the tree and goes from the leaves "
        "to the root; the LSTM reads the same symbols in prefix or in postfix order, from which "
        "the tree can be rebuilt. Half of the expressions of each size are true, and operators "
        "tell nothing about the value. In the losing variant there are no brackets, every operator "
        "applies to the value so far, and the LSTM reads in infix order, from left to right."
    ),
    metric="accuracy",
    unit="share of expressions answered right",
    contestants={
        TREE: (BRACKETS, CALCULATOR),
        PREFIX: (BRACKETS,),
        POSTFIX: (BRACKETS,),
        INFIX: (CALCULATOR,),
    },
    cases=(
        Case(name=TRAINED, chance=0.5),
        Case(name=FURTHER, role="further", chance=0.5),
        Case(name=FURTHEST, role="further", chance=0.5),
        Case(name=NO_BRACKETS, variant=CALCULATOR, role="losing", chance=0.5),
    ),
    steps=1200,
    measure=measure,
    remarks={
        FURTHEST: Remark(
            ahead=TREE,
            behind=POSTFIX,
            text=(
                "From 12 operators to 48 the row of symbols grows from 25 to 97, but the "
                "longest way from a leaf to the root only from about 6 levels to 11, and each "
                "level asks for what was learned at every other. The LSTM has to keep a stack "
                "of unfinished operators in its state, deeper than any that it was trained on."
            ),
        ),
        NO_BRACKETS: Remark(
            ahead=INFIX,
            behind=TREE,
            text=(
                "The same symbols in infix order, on a pocket calculator that takes them as "
                "they come. The running value is all that an LSTM has to carry; a subtree is a "
                "piece of the row, and the Tree-LSTM has to sum it up for both values that may "
                "come before."
            ),
        ),
    },
)
