import copy
import math
from threading import Event
from typing import Any

import pytest
import torch
from torch.nn import functional

from tests.app.remember.nets import make_net
from unroll.app.refusal import RefusedError
from unroll.app.remember.influence import influence, read_arrival
from unroll.models import SequenceClassifier
from unroll.seeding import make_generator
from unroll.tasks import Batch


def by_autograd(model: SequenceClassifier, batch: Batch) -> tuple[float, dict[str, list[float]]]:
    """Return ℓ and log10 ‖∂ℓ/∂s(t)‖ by one graph over all steps."""
    double = copy.deepcopy(model).double()
    cell: Any = double.cell
    state = cell.initial_state(1)
    states = []
    for x in batch.inputs.double().unbind(1):
        y, state = cell(x, state)
        states.append(state)
    loss = functional.cross_entropy(y @ double.weight_p.T + double.bias_p, batch.targets[:, 0])
    norms = {}
    for part in state._fields:
        kept = [getattr(one, part) for one in states]
        found = torch.autograd.grad(loss, kept, retain_graph=True)
        norms[part] = [math.log10(float(gradient.norm())) for gradient in found]
    return loss.item(), norms


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_what_arrives_is_what_automatic_differentiation_finds(cell: str) -> None:
    model, task = make_net(cell, 12)
    batch = task.encode(task.sample(1, "evaluation", make_generator(0, "test")))
    found = influence(model, batch, Event())
    loss, norms = by_autograd(model, batch)
    assert found["loss_nats"] == pytest.approx(loss)
    assert set(found["parts"]) == set(norms)
    for part, arrival in found["parts"].items():
        assert arrival["log10"] == pytest.approx(norms[part], abs=1e-4)


def test_the_model_stays_as_it_was() -> None:
    model, task = make_net("lstm", 7)
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    influence(model, task.encode(torch.tensor([[1, 2, 3, 4, 3, 2, 1]])), Event())
    assert all(torch.equal(tensor, before[name]) for name, tensor in model.state_dict().items())
    assert all(parameter.requires_grad for parameter in model.parameters())


def test_the_mark_is_the_first_fall_from_the_end_back() -> None:
    # At t = 1 it is large again, and at t = 2 exactly 0.
    arrival = read_arrival(torch.tensor([5.0, 0.0, 0.0009, 0.0011, 0.01, 1.0]).double())
    assert arrival.fallen_at == 3
    assert arrival.underflowed == 1
    assert arrival.log10[1] is None
    assert arrival.log10[5] == 0


def test_where_it_never_falls_there_is_no_mark() -> None:
    assert read_arrival(torch.tensor([0.5, 0.002, 1.0])).fallen_at is None


def test_a_closed_page_ends_the_work() -> None:
    model, task = make_net("gru", 9)
    stop = Event()
    stop.set()
    batch = task.encode(torch.tensor([[1, 2, 3, 4, 5, 4, 3, 2, 1]]))
    with pytest.raises(RefusedError) as refused:
        influence(model, batch, stop)
    assert str(refused.value) == "the page that asked was closed"
