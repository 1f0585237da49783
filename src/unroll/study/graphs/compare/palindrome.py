"""The palindrome as a path graph: how many layers it takes, and why more than reach it.

With T − 2 layers the derivative of the last node by the first digit is exactly 0 and every
answer is chance. T − 1 layers are necessary, and in principle enough, but seldom found. At T = 5
(1,000 steps, three seeds, all 1,000 palindromes tested):

    4 layers, H = 33              87, 76, 59%       at a rate of 1e-2 and batches of 64: 10%
    the same, directed edges      57, 53, 64%
    4 layers, H = 132             100, 100, 84%
    6 layers, H = 33              96, 100, 99%
    8 layers, H = 33              100, 100, 100%
    4 layers, first digit marked  100, 100, 100%
    LSTM                          100, 100, 100%

Why. Of the walks of 4 steps that end at the last node one alone begins at the first, and Â and W
add up all digits along the way alike. In row T of Â⁴ the first digit weighs 0.019, and the second
and the middle one 20 and 10 times as much: what arrives is a bag of digits in which the one asked
for weighs least, and nothing in it says which one that is. No linear readout of Âᴸ X does better
than chance, however many layers (10.0%; by least squares, in float64, so that smallness is no
excuse): non-linear units have to read which digits a sum is made of, from its smallest part. At
T = 7 the factors are 48 to 137, and 6 layers stayed at chance in all trials (H = 32 to 128).

So what stops the digit is dilution and mixing, not distance as such, and 4 layers can express the
answer though training seldom finds it. What helps takes one of the two away. More layers: with 8
the factors are 4.5 and 2.2, since walks that dawdle reach the first node too. A first digit in
channels of its own ends the mixing; at T = 7 it is enough as well (2 of 2 trials) if weights start
3 times as large. Width, and such a start at H = 64 (73 to 100%, one trial), keep more of the digit
until it is noticed. What helps little: directed edges, which spare the way back but add up a
binomial bag instead; a second weight matrix for a node's own state was learned in 2 of 4 trials.
"""

from collections.abc import Callable
from typing import Any

from torch import Tensor
from torch.nn import functional

from unroll.cells import LSTM
from unroll.graphs import Propagation, a_hat
from unroll.models import SequenceClassifier
from unroll.models.graph_network import GraphNetwork
from unroll.seeding import make_generator
from unroll.study.graphs.compare.contest import Contest
from unroll.study.graphs.compare.dilution import check_reach, check_weights, readout_accuracy
from unroll.study.graphs.compare.experiment import Case, Experiment, Remark
from unroll.tasks.palindrome import DIGITS
from unroll.tasks.palindrome_path import NAMES, PalindromePath, PathDigits
from unroll.training.supervised import SupervisedSettings

TASK = PalindromePath(length=5)
RATE = 8e-3
BATCH_SIZE = 128

GCN, DIRECTED, READER = "GCN", "GCN, directed edges", "LSTM"
MAIN, FEW, MORE, WIDE = "main", "too few", "more", "wide"
MARKED, SHUFFLED = "marked", "shuffled"
LAYERS = {FEW: 3, MAIN: 4, MARKED: 4, WIDE: 4, MORE: 8, SHUFFLED: 8}
"""T − 1 = 4 layers reach the first digit."""
CASES = {
    FEW: "T − 2 layers",
    MAIN: "T − 1 layers",
    MORE: "T + 3 layers",
    WIDE: "T − 1 layers, 4 times as wide",
    MARKED: "T − 1 layers, first digit marked",
    SHUFFLED: "nodes in random order, with links",
}
RENAMED = "nodes in random order, renamed"
GCN_WIDTH, WIDE_WIDTH, LSTM_WIDTH, SHUFFLED_WIDTH = 33, 132, 26, 29


def measure(
    variant: str, contestant: str, seed: int, steps: int, on_step: Callable[[int], object]
) -> dict[str, Any]:
    """Train one contestant on random palindromes, and test it on all that there are."""
    cases = make_cases(variant, seed)
    every = cases[CASES[variant]]
    network: SequenceClassifier | GraphNetwork
    if contestant == READER:
        network, answer = _make_lstm(variant, seed)
        told: dict[str, Any] = {"checks": [], "notes": {}}
    else:
        matrix = path_matrix(directed=contestant == DIRECTED)
        network = make_network(variant, seed)
        answer = answer_on_paths(network, matrix, marked=variant == MARKED)
        told = {
            "checks": [check_reach(TASK, network, every, matrix, marked=variant == MARKED)],
            "notes": {},
        }
        if contestant == GCN and variant != MARKED:
            share = readout_accuracy(TASK, every, matrix, LAYERS[variant])
            told["notes"] = {"a linear readout of Â^L X": {CASES[variant]: share}}
            told["checks"] += (
                [check_weights(TASK, matrix, LAYERS[variant])] if variant != FEW else []
            )
    contest = Contest(
        network=network,
        answer=answer,
        draw=TASK.sample,
        cases=cases,
        seed=seed,
        batch_size=BATCH_SIZE,
    )
    values = contest.run(SupervisedSettings(steps=steps, rate=RATE), on_step)
    told["notes"] |= {"T": TASK.length, "rate": RATE, "batch_size": BATCH_SIZE}
    return values | told


def make_cases(variant: str, seed: int) -> dict[str, PathDigits]:
    """Return what is tested on, by the case's name: every palindrome there is."""
    generator = make_generator(seed, "palindromes to test on")
    cases = {CASES[variant]: TASK.every(generator)}
    if variant == SHUFFLED:
        cases[RENAMED] = TASK.every(generator, renamed=True)
    return cases


def path_matrix(*, directed: bool = False) -> Propagation:
    """Return Â of one path."""
    return a_hat(TASK.graph(directed=directed))


def make_network(variant: str, seed: int) -> GraphNetwork:
    """Return an untrained graph network; widths are such that parameters are nearly equal."""
    return GraphNetwork(
        "gcn",
        input_size=2 * DIGITS + 1 if variant == MARKED else DIGITS + 1,
        hidden_size=WIDE_WIDTH if variant == WIDE else GCN_WIDTH,
        output_size=DIGITS,
        layers=LAYERS[variant],
        generator=make_generator(seed, "weights"),
    )


def answer_on_paths(
    network: GraphNetwork, matrix: Propagation, *, marked: bool
) -> Callable[[PathDigits], Tensor]:
    """Return how a graph network answers at the last node of each path.

    Where nodes come in random order it is given the same: its answer does not depend on how
    nodes are numbered.
    """
    copies: dict[int, Propagation] = {}

    def answer(palindromes: PathDigits) -> Tensor:
        B = len(palindromes.digits)
        if B not in copies:
            copies[B] = matrix.repeated(B)
        states = network.embed(TASK.node_features(palindromes, marked=marked), copies[B])
        return functional.linear(
            states[TASK.length - 1 :: TASK.length], network.weight_y, network.bias_y
        )

    return answer


def _make_lstm(
    variant: str, seed: int
) -> tuple[SequenceClassifier, Callable[[PathDigits], Tensor]]:
    """Return an LSTM and how it answers: digits in order, or nodes in random order with links."""
    is_shuffled = variant == SHUFFLED
    width = SHUFFLED_WIDTH if is_shuffled else LSTM_WIDTH
    inputs = DIGITS + 1 + 2 * NAMES if is_shuffled else DIGITS
    weights = make_generator(seed, "weights")
    cell = LSTM(inputs, width, generator=weights)
    network = SequenceClassifier(cell, width, DIGITS, generator=weights)

    def answer(palindromes: PathDigits) -> Tensor:
        read = TASK.shuffled(palindromes) if is_shuffled else TASK.in_order(palindromes)
        scores: Tensor = network(read)
        return scores[:, -1]

    return network, answer


EXPERIMENT = Experiment(
    name="palindrome",
    question="3.4a",
    title="The palindrome as a path",
    task=(
        f"The palindrome of part 1, T = {TASK.length}, as a path: every digit is a node, the last "
        "one is blank and must say its digit, which is the first's. The LSTM reads the digits in "
        "order. All graph networks are given the path; **directed edges** lead only from the "
        "first to the last. *Marked*: the first node says that "
        "it is the first. *In random order*: the LSTM reads the nodes in random order, each with "
        "its name and those of its neighbours; to a graph network nothing changes. *Renamed*: with "
        "names that no node has in training. There are "
        "1,000 such palindromes: all are trained on and all are tested."
    ),
    metric="accuracy",
    unit="share of palindromes answered right",
    contestants={
        READER: (MAIN, SHUFFLED),
        GCN: (FEW, MAIN, MORE, WIDE, MARKED, SHUFFLED),
        DIRECTED: (FEW, MAIN),
    },
    cases=(
        Case(name=CASES[MAIN], chance=1 / DIGITS),
        Case(name=CASES[FEW], variant=FEW, role="further", chance=1 / DIGITS),
        Case(name=CASES[MORE], variant=MORE, role="further", chance=1 / DIGITS),
        Case(name=CASES[WIDE], variant=WIDE, role="further", chance=1 / DIGITS),
        Case(name=CASES[MARKED], variant=MARKED, role="further", chance=1 / DIGITS),
        Case(name=CASES[SHUFFLED], variant=SHUFFLED, role="further", chance=1 / DIGITS),
        Case(name=RENAMED, variant=SHUFFLED, role="losing", chance=1 / DIGITS),
    ),
    steps=1000,
    measure=measure,
    remarks={
        CASES[MAIN]: Remark(
            ahead=READER,
            behind=GCN,
            text=(
                "So many layers reach the first digit and are not enough by themselves. What "
                "arrives is a sum over all walks, of which one alone begins at the first node: "
                "every other digit weighs several times as much in it (the checks above say how "
                "much), and nothing says which of them is asked for."
            ),
        ),
        RENAMED: Remark(
            ahead=GCN,
            behind=READER,
            text=(
                "Names say nothing but who is whose neighbour. A graph network never sees them; "
                "the LSTM has learned to follow those that it met."
            ),
        ),
    },
)
