"""Is a before b? A path without a direction cannot tell; a sequence, or an arrow, can."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from unroll.cells import LSTM
from unroll.graphs import Propagation, a_hat, graph_from_pairs
from unroll.models import SequenceClassifier
from unroll.models.graph_network import GraphNetwork
from unroll.models.pooled_graph_network import PooledGraphNetwork
from unroll.seeding import make_generator
from unroll.study.graphs.compare.contest import Contest
from unroll.study.graphs.compare.experiment import Case, Experiment, Remark
from unroll.tasks.order import LetterOrder, Words
from unroll.training.supervised import SupervisedSettings

LENGTH, LONGER = 8, 16
LETTERS = 6
LAYERS = LENGTH - 1
IDS = 16
GCN_WIDTH = 24
LSTM_WIDTH, ARCS_LSTM_WIDTH = 28, 16
TESTED = 500
GCN_RATE, LSTM_RATE = 1e-2, 2e-2
"""The best of a few for each."""
BATCH_SIZE = 64

GCN, DIRECTED, READER = "GCN", "GCN, directed edges", "LSTM"
IN_ORDER, SHUFFLED = "main", "shuffled"
TRAINED, FURTHER = f"{LENGTH} letters", f"{LONGER} letters"
ARCS = f"{LENGTH} letters, arcs in random order"

_SAME = 1e-9
"""Float64 scores that differ by less are equal but for rounding."""


def measure(
    variant: str, contestant: str, seed: int, steps: int, on_step: Callable[[int], object]
) -> dict[str, Any]:
    """Train one contestant on words, or on their arcs in random order, and test it."""
    cases = make_cases(variant, seed)
    network: SequenceClassifier | PooledGraphNetwork
    if contestant == READER:
        network, answer = _make_lstm(variant, seed)
    else:
        network = make_gcn(seed)
        answer = answer_on_paths(network, is_directed=contestant == DIRECTED)
    contest = Contest(
        network=network,
        answer=answer,
        draw=draw_words,
        cases=cases,
        seed=seed,
        batch_size=BATCH_SIZE,
    )
    rate = LSTM_RATE if contestant == READER else GCN_RATE
    values = contest.run(SupervisedSettings(steps=steps, rate=rate), on_step)
    checks = [check_reversal(network, cases[TRAINED])] if contestant == GCN else []
    return values | {"checks": checks, "notes": {"rate": rate, "batch_size": BATCH_SIZE}}


def draw_words(count: int, generator: torch.Generator) -> Words:
    """Draw words to train on, all of one length from 2 to LENGTH.

    An LSTM trained at one length alone may learn what holds at that length: trained on 8 letters
    and tested on 16, three of them answered 96, 51 and 50% right.
    """
    length = int(torch.randint(2, LENGTH + 1, (1,), generator=generator))
    return LetterOrder(length=length, alphabet=LETTERS).sample(count, generator)


def make_cases(variant: str, seed: int) -> dict[str, Words]:
    """Return what is tested on, by the case's name: words, and the same words reversed."""
    generator = make_generator(seed, "words to test on")
    lengths = {ARCS: LENGTH} if variant == SHUFFLED else {TRAINED: LENGTH, FURTHER: LONGER}
    cases = {}
    for name, length in lengths.items():
        words = LetterOrder(length=length, alphabet=LETTERS).sample(TESTED, generator)
        cases[name] = Words(*map(torch.cat, zip(words, words.reversed(), strict=True)))
    return cases


def answer_on_paths(
    network: PooledGraphNetwork, *, is_directed: bool, dtype: torch.dtype = torch.float32
) -> Callable[[Words], Tensor]:
    """Return how a graph network answers on paths, whose edges lead on only where directed."""

    def answer(words: Words) -> Tensor:
        B, T = words.letters.shape
        matrix = _path(T, is_directed=is_directed).to(dtype).repeated(B)
        letters = LetterOrder(length=T, alphabet=LETTERS).one_hot(words)
        scores: Tensor = network(letters.flatten(0, 1).to(dtype), matrix, T)
        return scores

    return answer


@torch.no_grad()
def check_reversal(network: torch.nn.Module, words: Words) -> dict[str, Any]:
    """Hold the scores of words, in float64, against those of the same words reversed."""
    exact = make_gcn(0).double()
    exact.load_state_dict(network.state_dict())
    answer = answer_on_paths(exact, is_directed=False, dtype=torch.float64)
    difference = float((answer(words) - answer(words.reversed())).abs().max())
    return {
        "claim": "The GCN gives a path and its reversal the same scores",
        "passed": difference < _SAME,
        "detail": f"largest difference over {len(words.letters)} paths, in float64: "
        f"{difference:.1e}",
    }


def _path(length: int, *, is_directed: bool) -> Propagation:
    pairs = [(place, place + 1) for place in range(length - 1)]
    return a_hat(graph_from_pairs(pairs, nodes=length, directed=is_directed))


def make_gcn(seed: int) -> PooledGraphNetwork:
    """Return an untrained network; the direction of the edges is a matter of its matrix."""
    layers = GraphNetwork(
        "gcn",
        input_size=LETTERS,
        hidden_size=GCN_WIDTH,
        output_size=2 * 2,
        layers=LAYERS,
        residual=True,
        generator=make_generator(seed, "weights"),
    )
    return PooledGraphNetwork(layers)


def _make_lstm(variant: str, seed: int) -> tuple[SequenceClassifier, Callable[[Words], Tensor]]:
    """Return an LSTM that reads letters, or arcs, and how it answers."""
    weights, names = (make_generator(seed, purpose) for purpose in ("weights", "names of places"))
    is_shuffled = variant == SHUFFLED
    width = ARCS_LSTM_WIDTH if is_shuffled else LSTM_WIDTH
    inputs = 2 * (IDS + LETTERS) if is_shuffled else LETTERS
    cell = LSTM(inputs, width, generator=weights)
    network = SequenceClassifier(cell, width, 2, generator=weights)

    def answer(words: Words) -> Tensor:
        task = LetterOrder(length=words.letters.shape[1], alphabet=LETTERS)
        read = task.arcs(words, IDS, names) if is_shuffled else task.one_hot(words)
        scores: Tensor = network(read)
        return scores[:, -1]

    return network, answer


EXPERIMENT = Experiment(
    name="before",
    question="3.4a",
    title="Which of two comes first",
    task=(
        "A word of random letters holds one a and one b: is a before b? The LSTM reads the word. "
        "The GCN is given the word as a path, one node a letter, and answers from what all nodes "
        "say together (their mean and their maximum): once on an undirected path, once with "
        "edges that lead from each letter to the next. Both are trained on 2 to 8 letters; each "
        "word is tested together with its reversal. In the losing variant, the LSTM is given "
        "the arrows of the directed path one by one in random order, with the names of both ends "
        "and their letters: to the graph nothing has changed."
    ),
    metric="accuracy",
    unit="share of words answered right",
    contestants={
        READER: (IN_ORDER, SHUFFLED),
        GCN: (IN_ORDER,),
        DIRECTED: (IN_ORDER, SHUFFLED),
    },
    cases=(
        Case(name=TRAINED, chance=1 / 2),
        Case(name=FURTHER, role="further", chance=1 / 2),
        Case(name=ARCS, variant=SHUFFLED, role="losing", chance=1 / 2),
    ),
    steps=600,
    measure=measure,
    remarks={
        TRAINED: Remark(
            is_by_construction=True,
            ahead=DIRECTED,
            behind=GCN,
            text=(
                "A path and its reversal are the same graph with its nodes numbered the other "
                "way round. Without a direction every GCN gives both the same answer, however "
                "deep it is, and one of the two is wrong."
            ),
        ),
        FURTHER: Remark(
            ahead=READER,
            behind=DIRECTED,
            text=(
                "With its 7 layers the directed GCN sees 7 letters back, and of all pairs of "
                "places in a word of 16 letters 30% are farther apart."
            ),
        ),
        ARCS: Remark(
            ahead=DIRECTED,
            behind=READER,
            text=(
                "The order that the LSTM lives by says nothing here: it has to join the arrows "
                "by the names of their ends."
            ),
        ),
    },
)
