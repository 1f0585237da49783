import networkx
import pytest
from torch import Tensor

from unroll.errors import ConfigError
from unroll.seeding import make_generator
from unroll.tasks.images import SHAPES, ShapePictures, grid_pairs, turned

DRAWN = {
    "L": "#.... #.... #.... #.... #####",
    "T": "##### ..#.. ..#.. ..#.. ..#..",
    "U": "#...# #...# #...# #...# #####",
    "plus": "..#.. ..#.. ##### ..#.. ..#..",
    "ring": "##### #...# #...# #...# #####",
}


def box(pixels: Tensor) -> tuple[str, int, int]:
    """Return the least box round what is drawn, and its upper left corner."""
    on = pixels > 0.5
    rows, columns = on.any(1).nonzero().flatten(), on.any(0).nonzero().flatten()
    top, left = int(rows[0]), int(columns[0])
    inside = on[top : int(rows[-1]) + 1, left : int(columns[-1]) + 1]
    text = " ".join("".join("#" if pixel else "." for pixel in row) for row in inside)
    return text, top, left


def test_upright_shapes_in_the_middle() -> None:
    drawn = ShapePictures(noise=0.0).sample(400, make_generator(0, "test"))
    seen = set()
    for pixels, answer in zip(drawn.pixels, drawn.classes.tolist(), strict=True):
        text, top, left = box(pixels)
        rows = text.split()
        height, width = len(rows), len(rows[0])
        assert (top, left) == ((12 - height) // 2, (12 - width) // 2)
        seen.add((answer, height, width))
        if (height, width) == (5, 5):
            assert text == DRAWN[SHAPES[answer]]
    assert len(seen) == 5 * 3 * 3


def test_shifted_shapes_are_the_same_shapes_anywhere() -> None:
    drawn = ShapePictures(noise=0.0, is_shifted=True).sample(1000, make_generator(0, "test"))
    tops, lefts = set(), set()
    for pixels, answer in zip(drawn.pixels, drawn.classes.tolist(), strict=True):
        text, top, left = box(pixels)
        if len(text) == len(DRAWN["L"]):
            assert text == DRAWN[SHAPES[answer]]
            tops.add(top)
            lefts.add(left)
    assert tops == lefts == set(range(8))


def test_turned_shapes_are_upright_ones_turned() -> None:
    drawn = ShapePictures(noise=0.0, is_turned=True).sample(300, make_generator(0, "test"))
    for pixels, answer in zip(drawn.pixels, drawn.classes.tolist(), strict=True):
        ways = [box(pixels.rot90(-k))[0] for k in range(4)]
        if len(ways[0]) == len(DRAWN["L"]):
            assert DRAWN[SHAPES[answer]] in ways[1:]


def test_a_direction_is_the_number_of_quarters() -> None:
    task = ShapePictures(question="direction", noise=0.0)
    drawn = task.sample(300, make_generator(0, "test"))
    assert task.classes == 4
    back = turned(drawn.pixels, (4 - drawn.classes) % 4)
    texts = {box(pixels)[0] for pixels in back}
    assert {text for text in texts if len(text) == 29} == {DRAWN["T"]}
    assert len(texts) == 9


@pytest.mark.parametrize("question", ["shape", "direction"])
def test_classes_are_balanced_and_noise_is_as_loud_as_said(question: str) -> None:
    task = ShapePictures(question=question, noise=0.05)  # type: ignore[arg-type] # both are known
    drawn = task.sample(4000, make_generator(0, "test"))
    wanted = 4000 / task.classes
    assert ((drawn.classes.bincount() - wanted).abs() < 5 * wanted**0.5).all()
    # 576,000 numbers: the deviation is known to 0.1%.
    noise = drawn.pixels - drawn.pixels.round()
    assert float(noise.std()) == pytest.approx(0.05, rel=0.01)


def test_a_bordered_grid_is_that_of_networkx() -> None:
    wanted = networkx.convert_node_labels_to_integers(
        networkx.grid_2d_graph(4, 4), ordering="sorted"
    )
    assert {tuple(pair) for pair in grid_pairs(4, wraps=False).tolist()} == set(wanted.edges)


def test_in_a_wrapped_grid_all_pixels_have_four_neighbours() -> None:
    pairs = grid_pairs(5, wraps=True)
    wanted = networkx.grid_2d_graph(5, 5, periodic=True)
    wanted = networkx.convert_node_labels_to_integers(wanted, ordering="sorted")
    found = networkx.Graph(pairs.tolist())
    assert len(pairs) == 50
    assert {frozenset(edge) for edge in found.edges} == {frozenset(edge) for edge in wanted.edges}


def test_what_cannot_be_drawn_is_refused() -> None:
    with pytest.raises(ConfigError) as caught:
        ShapePictures(size=6)
    assert str(caught.value) == "images: size must be 7 pixels or more, got 6"
    with pytest.raises(ConfigError) as caught:
        ShapePictures(question="way")  # type: ignore[arg-type] # what is to be refused
    assert str(caught.value) == ("unknown question 'way': expected one of direction, shape")
    with pytest.raises(ConfigError) as caught:
        ShapePictures(question="direction", is_turned=True)
    assert str(caught.value) == (
        "images: where the direction is asked for, is_turned must be False"
    )
