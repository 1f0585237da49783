import base64

import numpy as np
import pytest
import torch

from tests.app.remember.nets import make_net
from unroll.app.remember.picture import draw, drawn_steps, order_units, share_told
from unroll.probes import gate_activity


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_a_picture_is_the_gates_to_half_a_byte(cell: str) -> None:
    model, task = make_net(cell, 11)
    inputs = task.encode(torch.tensor([[3, 1, 4, 1, 5, 9, 5, 1, 4, 1, 3]])).inputs
    units, steps = torch.tensor([4, 0, 2]), torch.tensor([0, 5, 9])
    for part, activity in gate_activity(model, inputs).items():
        told = draw(part, activity[0], units, steps).as_dict()
        sent = np.frombuffer(base64.b64decode(told["values"]), np.uint8).reshape(3, 3).astype(float)
        is_share = part in ("i", "f", "o", "r", "z")
        assert told["kind"] == ("share" if is_share else "signed")
        shown = sent / 254 if is_share else (sent - 127) / 127 * told["largest"]
        wanted = activity[0].numpy()[[0, 5, 9]][:, [4, 0, 2]].T
        assert np.abs(shown - wanted).max() <= told["largest"] / 250
        all_steps = activity[0].numpy() if is_share else np.abs(activity[0].numpy())
        assert told["means"] == pytest.approx(all_steps.mean(1), abs=1e-4)


def test_of_a_long_sequence_first_and_last_step_are_drawn_and_200_in_all() -> None:
    steps = drawn_steps(999).tolist()
    assert (steps[0], steps[-1], len(set(steps))) == (0, 998, 200)
    assert max(np.diff(steps)) - min(np.diff(steps)) <= 1
    assert drawn_steps(200).tolist() == list(range(200))


def test_the_share_told_is_the_variance_between_groups_over_all_variance() -> None:
    groups = torch.tensor([0, 0, 1, 1, 2, 2])
    decided = groups.float() ** 2
    constant = torch.full((6,), 2.0)
    blind = torch.tensor([1.0, 2.0, 1.0, 2.0, 1.0, 2.0])
    half = torch.tensor([0.0, 2.0, 2.0, 4.0, 4.0, 6.0])  # between: 16, within: 6
    told = share_told(torch.stack([decided, constant, blind, half], 1), groups)
    assert told.tolist() == pytest.approx([1, 0, 0, 16 / 22])


def test_units_that_tell_the_first_digit_come_first() -> None:
    model, task = make_net("rnn", 2, "scalar")
    with torch.no_grad():
        # After one step a unit without input weight tells nothing of the digit.
        model.cell.get_parameter("weight_x")[[1, 4]] = 0
    assert set(order_units(model, task)[-2:].tolist()) == {1, 4}
