"""The character model against PyTorch's own stacks, its stepping, and its dropout."""

import math
from typing import Any, NamedTuple

import pytest
import torch
from torch import Tensor, nn

from tests.cells.test_cell import CELLS, assert_close
from unroll.cells import GRU, LSTM, RNN, Cell
from unroll.errors import ConfigError, ShapeError
from unroll.models import CharacterModel, Dropout, DropoutMasks
from unroll.seeding import make_generator

V, H, B, T = 7, 5, 3, 11
PEERS: dict[type[Cell[Any]], Any] = {RNN: nn.RNN, LSTM: nn.LSTM, GRU: nn.GRU}
every_cell = pytest.mark.parametrize("kind", CELLS)
every_peer = pytest.mark.parametrize("kind", list(PEERS))
every_recurrent_matrix = pytest.mark.parametrize(
    "kind", [kind for kind in CELLS if issubclass(kind, Cell)]
)
every_input = pytest.mark.parametrize("embedding_size", [None, 4])


class Leaky(nn.Module):
    """A cell of the user's own, without a matrix `weight_h`."""

    class State(NamedTuple):
        h: Tensor

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__()
        self.hidden_size = hidden_size
        self.mix = nn.Parameter(torch.randn(input_size, hidden_size))

    def initial_state(self, batch_size: int) -> Any:
        return self.State(self.mix.new_zeros(batch_size, self.hidden_size))

    def forward(self, x: Tensor, state: Any) -> tuple[Tensor, Any]:
        h = 0.9 * state.h + x @ self.mix
        return h, self.State(h)


def make_model(
    kind: type[nn.Module] = LSTM,
    *,
    embedding_size: int | None = 4,
    engine: str = "auto",
    seed: int = 0,
    hidden_size: int = H,
) -> CharacterModel:
    torch.manual_seed(seed)
    make: Any = kind
    cells = [make(embedding_size or V, hidden_size), make(hidden_size, hidden_size)]
    model = CharacterModel(
        cells,
        hidden_size=hidden_size,
        vocabulary_size=V,
        embedding_size=embedding_size,
        engine=engine,
        generator=torch.Generator().manual_seed(seed),
    )
    return model.double()


def draw_ids(*shape: int) -> Tensor:
    return torch.randint(0, V, shape, generator=torch.Generator().manual_seed(1))


def as_peer(model: CharacterModel, kind: type[Cell[Any]]) -> nn.RNNBase:
    """Return PyTorch's two-layer stack with the same weights."""
    peer: nn.RNNBase = PEERS[kind](
        model.embedding_size or V, H, num_layers=2, batch_first=True
    ).double()
    with torch.no_grad():
        for n, cell in enumerate(model.cells):
            assert isinstance(cell, Cell)
            getattr(peer, f"weight_ih_l{n}").copy_(cell.weight_x)
            getattr(peer, f"weight_hh_l{n}").copy_(cell.weight_h)
            getattr(peer, f"bias_ih_l{n}").copy_(cell.bias)
            getattr(peer, f"bias_hh_l{n}").zero_()
            if isinstance(cell, GRU):
                getattr(peer, f"bias_hh_l{n}")[2 * H :] = cell.bias_nh
    return peer


def assert_states_close(got: Any, wanted: Any) -> None:
    for one, other in zip(got, wanted, strict=True):
        for part, other_part in zip(one, other, strict=True):
            assert_close(part, other_part)


@every_peer
@every_input
@pytest.mark.parametrize("engine", ["auto", "plain"])
def test_scores_equal_pytorchs_two_layers(
    kind: type[Cell[Any]], embedding_size: int | None, engine: str
) -> None:
    model, ids = make_model(kind, embedding_size=embedding_size, engine=engine), draw_ids(B, T)
    if model.weight_e is None:
        inputs = torch.eye(V, dtype=torch.float64)[ids]
    else:
        inputs = model.weight_e[ids]
    outputs, last = as_peer(model, kind)(inputs)
    scores, state = model(ids)
    assert_close(scores, nn.functional.linear(outputs, model.weight_p, model.bias_p))
    parts = last if kind is LSTM else (last,)
    assert_states_close(state, [[part[n] for part in parts] for n in range(2)])


@every_cell
@every_input
def test_gradients_equal_numeric_ones(kind: type[Cell[Any]], embedding_size: int | None) -> None:
    model, ids = make_model(kind, embedding_size=embedding_size, hidden_size=3), draw_ids(2, 3)
    names = [name for name, _ in model.named_parameters()]

    def scores(*parameters: Tensor) -> Tensor:
        given = dict(zip(names, parameters, strict=True))
        found: Tensor = torch.func.functional_call(model, given, (ids,))[0]
        return found

    assert torch.autograd.gradcheck(scores, tuple(model.parameters()))


@pytest.mark.parametrize("kind", [*CELLS, Leaky])
def test_two_halves_equal_the_whole(kind: type[nn.Module]) -> None:
    model, ids = make_model(kind), draw_ids(B, T)
    whole, end = model(ids)
    first, state = model(ids[:, :4])
    second, after = model(ids[:, 4:], state)
    assert_close(torch.cat([first, second], dim=1), whole)
    assert_states_close(after, end)
    # A passed state matters.
    assert not torch.allclose(model(ids[:, 4:])[0], second)


@pytest.mark.parametrize("kind", [*CELLS, Leaky])
@every_input
def test_stepping_equals_forward(kind: type[nn.Module], embedding_size: int | None) -> None:
    model, ids = make_model(kind, embedding_size=embedding_size), draw_ids(B, T)
    scores, end = model(ids)
    state = model.initial_state(B)
    for t in range(T):
        one, state = model.step(ids[:, t], state)
        assert_close(one, scores[:, t])
    assert_states_close(state, end)


@every_cell
def test_rows_are_independent(kind: type[Cell[Any]]) -> None:
    model, ids = make_model(kind), draw_ids(B, T)
    scores, _ = model(ids)
    changed = ids.clone()
    changed[1] = (ids[1] + 1) % V
    others, _ = model(changed)
    assert_close(others[[0, 2]], scores[[0, 2]])
    assert not torch.allclose(others[1], scores[1])
    for row in range(B):
        assert_close(model(ids[row : row + 1])[0][0], scores[row])


def test_embedded_characters_are_what_forward_reads() -> None:
    model, ids = make_model(), draw_ids(B, T)
    assert model.embed(ids).shape == (B, T, 4)
    assert torch.equal(model.score_embedded(model.embed(ids))[0], model(ids)[0])


def test_has_as_many_parameters_as_the_formula_says() -> None:
    wanted = V * 4 + 4 * (H * 4 + H * H + H) + 4 * (2 * H * H + H) + V * (H + 1)
    assert make_model().parameter_count == wanted


# --- dropout ---


@pytest.mark.parametrize("kind", [*CELLS, Leaky])
def test_without_masks_nothing_is_dropped_in_any_mode(kind: type[nn.Module]) -> None:
    model, ids = make_model(kind), draw_ids(B, T)
    training, _ = model.train()(ids)
    assert torch.equal(model.eval()(ids)[0], training)
    assert torch.equal(model(ids, None, DropoutMasks())[0], training)
    off = model.draw_masks(B, T, Dropout(), make_generator(0, "dropout"))
    assert off == DropoutMasks()
    assert Dropout().is_off
    assert not Dropout(recurrent=0.1).is_off


@every_input
def test_masks_keep_the_mean(embedding_size: int | None) -> None:
    model = make_model(embedding_size=embedding_size, hidden_size=64)
    dropout = Dropout(inputs=0.2, layers=0.5, recurrent=0.3)
    masks = model.draw_masks(50, 40, dropout, make_generator(0, "dropout"))
    assert masks.inputs is not None
    assert masks.layers is not None
    assert masks.recurrent is not None
    assert masks.inputs.shape == (50, 40, embedding_size or 1)
    assert [mask.shape for mask in masks.layers] == 2 * [(50, 40, 64)]
    assert [mask.shape for mask in masks.recurrent] == 2 * [(4 * 64, 64)]
    for share, mask in (
        (0.2, masks.inputs),
        *((0.5, mask) for mask in masks.layers),
        *((0.3, mask) for mask in masks.recurrent),
    ):
        kept = 1 / (1 - share)
        assert set(mask.flatten().tolist()) == {0.0, kept}
        # Four standard errors of a mean whose one number varies by share / (1 − share).
        assert abs(float(mask.mean()) - 1) < 4 * math.sqrt(share * kept / mask.numel())


def test_each_layer_and_each_time_step_has_its_own_mask() -> None:
    model = make_model(hidden_size=64)
    dropout = Dropout(layers=0.5, recurrent=0.5)
    masks = model.draw_masks(B, T, dropout, make_generator(0, "dropout"))
    assert masks.layers is not None
    assert masks.recurrent is not None
    assert not torch.equal(masks.layers[0], masks.layers[1])
    assert not torch.equal(masks.layers[0][:, 0], masks.layers[0][:, 1])
    assert not torch.equal(masks.recurrent[0], masks.recurrent[1])


def test_masks_come_from_their_own_generator_alone() -> None:
    model, dropout = make_model(), Dropout(inputs=0.5, layers=0.5, recurrent=0.5)
    before = torch.get_rng_state()
    first, again, other = (
        model.draw_masks(B, T, dropout, make_generator(seed, "dropout")) for seed in (1, 1, 2)
    )
    assert torch.equal(torch.get_rng_state(), before)
    ids = draw_ids(B, T)
    scores = [model(ids, None, masks)[0] for masks in (first, again, other)]
    assert torch.equal(scores[0], scores[1])
    assert not torch.equal(scores[0], scores[2])


@every_recurrent_matrix
@pytest.mark.parametrize("engine", ["auto", "plain"])
def test_dropout_equals_a_loop_with_the_masks_put_in_by_hand(
    kind: type[Cell[Any]], engine: str
) -> None:
    """The recurrent matrix is masked once, so that every time step goes through the same one."""
    model, ids = make_model(kind, engine=engine), draw_ids(B, T)
    dropout = Dropout(inputs=0.3, layers=0.4, recurrent=0.5)
    masks = model.draw_masks(B, T, dropout, make_generator(0, "dropout"))
    scores, end = model(ids, None, masks)

    by_hand = make_model(kind)
    assert by_hand.weight_e is not None
    assert masks.inputs is not None
    assert masks.layers is not None
    assert masks.recurrent is not None
    cells: list[Any] = list(by_hand.cells)
    with torch.no_grad():
        for cell, mask in zip(cells, masks.recurrent, strict=True):
            cell.weight_h.mul_(mask)
    states = list(by_hand.initial_state(B))
    for t in range(T):
        x = by_hand.weight_e[ids[:, t]] * masks.inputs[:, t]
        for n, cell in enumerate(cells):
            x, states[n] = cell(x, states[n])
            x = x * masks.layers[n][:, t]
        assert_close(scores[:, t], x @ by_hand.weight_p.T + by_hand.bias_p)
    assert_states_close(end, states)


@every_recurrent_matrix
def test_a_dropped_recurrent_weight_gets_no_gradient_and_stays(kind: type[Cell[Any]]) -> None:
    model, ids = make_model(kind), draw_ids(B, T)
    before = [parameter.clone() for parameter in model.parameters()]
    masks = model.draw_masks(B, T, Dropout(recurrent=0.5), make_generator(0, "dropout"))
    model(ids, None, masks)[0].square().sum().backward()
    assert masks.recurrent is not None
    for cell, mask in zip(model.cells, masks.recurrent, strict=True):
        assert isinstance(cell, Cell)
        gradient = cell.weight_h.grad
        assert gradient is not None
        assert torch.equal(gradient != 0, mask != 0)
    for parameter, as_before in zip(model.parameters(), before, strict=True):
        assert torch.equal(parameter, as_before)


# --- what is refused ---


@pytest.mark.parametrize("name", ["inputs", "layers", "recurrent"])
@pytest.mark.parametrize("share", [-0.1, 1.0, math.nan])
def test_a_share_that_cannot_be_dropped_is_refused(name: str, share: float) -> None:
    with pytest.raises(ConfigError) as caught:
        Dropout(**{name: share})
    assert str(caught.value) == f"dropout: {name} must be at least 0 and below 1, got {share}"


def test_recurrent_dropout_of_a_cell_without_a_matrix_is_refused() -> None:
    with pytest.raises(ConfigError) as caught:
        make_model(Leaky).draw_masks(B, T, Dropout(recurrent=0.1), make_generator(0, "dropout"))
    assert str(caught.value) == (
        "dropout: recurrent needs a matrix weight_h, and Leaky has none: "
        "leave recurrent dropout out"
    )


def test_ids_of_another_shape_are_told_in_full() -> None:
    with pytest.raises(ShapeError) as caught:
        make_model()(draw_ids(T))
    assert str(caught.value) == (
        "character model: ids must be (B, T), got (11,): expected 2 axes, got 1"
    )


def test_masks_of_another_piece_are_told_in_full() -> None:
    model = make_model()
    masks = model.draw_masks(B, T, Dropout(layers=0.5), make_generator(0, "dropout"))
    with pytest.raises(ShapeError) as caught:
        model(draw_ids(B, T - 1), None, masks)
    assert str(caught.value) == (
        f"character model: mask must be (B={B}, T={T - 1}, X), got ({B}, {T}, {H}): axis T differs"
    )
