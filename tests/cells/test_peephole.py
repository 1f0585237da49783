import torch

from tests.cells.test_cell import assert_close, make_cell
from unroll.cells import LSTM, LSTMState, Peephole, initialise, parse_initialisation


def test_without_peepholes_it_is_the_lstm() -> None:
    cell = make_cell(Peephole, 3, 5)
    reference = LSTM(3, 5).double()
    with torch.no_grad():
        cell.weight_c.zero_()
    weights = {name: part for name, part in cell.state_dict().items() if name != "weight_c"}
    reference.load_state_dict(weights)
    x = torch.randn(4, 3, dtype=torch.float64)
    state = LSTMState(*torch.randn(2, 4, 5, dtype=torch.float64))
    output, following = cell(x, state)
    wanted, wanted_state = reference(x, state)
    assert_close(output, wanted)
    assert_close(following.c, wanted_state.c)


def test_the_output_gate_sees_the_new_cell_state_and_the_others_the_old_one() -> None:
    cell = make_cell(Peephole, 1, 1)
    with torch.no_grad():
        for parameter in cell.parameters():
            parameter.zero_()
        cell.weight_c.copy_(torch.tensor([[1.0], [-2.0], [3.0]]))
        cell.bias[cell.gate_rows("g")] = 0.5
    c = torch.tensor([[0.7]], dtype=torch.float64)
    gates = cell.gates_at(torch.zeros(1, 1, dtype=torch.float64), LSTMState(c, c))
    new_c = 0.7 * torch.sigmoid(-2 * c) + torch.tanh(c.new_tensor(0.5)) * torch.sigmoid(c)
    assert_close(gates.c, new_c)
    assert_close(gates.i, torch.sigmoid(c))
    assert_close(gates.f, torch.sigmoid(-2 * c))
    assert_close(gates.o, torch.sigmoid(3 * new_c))


def test_an_initialisation_treats_peepholes_as_it_does_biases() -> None:
    cell = Peephole(2, 400)
    # Uniform within 1/√400, and seen to fill it: 1,200 draws.
    assert 0.045 < cell.weight_c.abs().max().item() <= 0.05
    initialise(cell, parse_initialisation("orthogonal"))
    assert not cell.weight_c.any()
    initialise(cell, parse_initialisation("forget-bias:5"))
    assert cell.weight_c.all()
    assert (cell.bias[cell.gate_rows("f")] == 5).all()
