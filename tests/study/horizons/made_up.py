"""Made-up views of all three kinds, small enough to work out by hand what must be told."""

from collections.abc import Callable, Sequence
from typing import Any

from tests.study.graphs.made_up import hop_accuracy, hops_view
from tests.study.made_up_views import gradient_view, learned_view, memory_view, probe, trial
from tests.study.text.made_up import context, training
from tests.study.text.made_up import view as text_view
from unroll.study.gradients.view import GradientView, Probe
from unroll.study.graphs.view import GraphView
from unroll.study.memory.view import MemoryView
from unroll.study.text.view import TextView
from unroll.study.views import Views

START = {"encoding": "one-hot", "initialisation": "identity:1"}


def cliff(accuracies: dict[int, Sequence[float]], cell: str = "rnn") -> MemoryView:
    """Return a cell trained at each of these lengths, with one accuracy a seed."""
    return memory_view(
        [
            trial(cell, {length: accuracy}, length=length, seed=seed)
            for length, found in accuracies.items()
            for seed, accuracy in enumerate(found)
        ]
    )


def beyond(tested: dict[int, float], **settings: Any) -> MemoryView:
    """Return one network trained up to T = 6 and tested beyond."""
    return learned_view([tested], length=6, **settings)


def looked(norms: Sequence[float], seed: int = 0, trained_at: int | None = None) -> Probe:
    """Return a look at gradients, the norm of the first digit in front."""
    return probe("rnn", seed=seed, norms=norms, trained_at=trained_at)


def gradients(probes: Sequence[Probe]) -> GradientView:
    return gradient_view(probes)


def texts(horizon: int | None = 64, **values: Any) -> TextView:
    """Return a book's networks, whose context has these values too."""
    return text_view([training("quick", context=context(horizon=horizon) | values)])


def all_views(
    accuracy: Callable[[str, str, str, int], float] = hop_accuracy,
    *,
    hops: tuple[GraphView, ...] | None = None,
) -> Views:
    """Return a study of all three units, with a control and both ends of training."""
    start = {"hidden_size": 8, **START}
    return Views(
        memory=(
            cliff({3: (1.0, 1.0), 5: (1.0, 1.0), 6: (0.19, 0.1)}),
            beyond({6: 1.0, 31: 1.0, 101: 1.0}, **start),
            beyond({6: 0.1, 31: 0.1}, trained="readout", **start),
        ),
        gradients=(
            gradients(
                [
                    looked((1e-9, 1e-6, 1e-4, 1e-2, 1.0)),
                    looked((0.5, 0.5, 0.5, 0.5, 0.5), trained_at=5),
                    looked((1e-9, 1e-6, 1e-4, 1e-2, 2.0), trained_at=6),
                ]
            ),
        ),
        texts=(texts(),),
        graphs=hops if hops is not None else (hops_view(accuracy),),
    )
