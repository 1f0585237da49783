from itertools import pairwise

import pytest

from tests.report.samples import figures
from unroll.report.charts import Palette
from unroll.report.charts.palette import INK, NIGHT, PAPER, SOFT

BUILT_IN = ("rnn", "lstm", "gru")
LATER = ("peephole", "min-gru", "min-lstm", "linear")
OWN = tuple(f"mine.cells:Cell{index}" for index in range(6))


def luminance(colour: str) -> float:
    """Relative luminance as the web's accessibility guidelines define it."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Contrast ratio, from 1 to 21."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_a_cell_has_one_colour_in_all_figures() -> None:
    cells = ("gru", "mine", "rnn", "lstm")
    palette = Palette.of(cells)
    expected = {name: style.light for name, style in palette.styles.items()}
    for figure in figures(cells):
        layers = figure.spec.get("spec", figure.spec)["layer"]
        scales = [layer["encoding"]["color"]["scale"] for layer in layers if _is_coloured(layer)]
        assert scales
        for scale in scales:
            assert dict(zip(scale["domain"], scale["range"], strict=True)) == expected


def _is_coloured(layer: dict[str, dict[str, dict[str, str]]]) -> bool:
    return "field" in layer.get("encoding", {}).get("color", {})


def test_built_in_cells_look_alike_whatever_else_is_drawn() -> None:
    alone, among = Palette.of(["gru"]), Palette.of(["x", "y", "gru", "rnn"])
    assert alone.styles["gru"] == among.styles["gru"]
    assert list(among.styles) == ["rnn", "gru", "x", "y"]


def test_styles_differ_in_colour_mark_and_dash() -> None:
    styles = list(Palette.of([*BUILT_IN, *OWN]).styles.values())
    assert len(styles) == 9
    for field in ("light", "dark", "shape", "dash"):
        assert len({getattr(style, field) for style in styles}) == 9


def test_later_built_in_cells_look_alike_everywhere_and_apart_from_a_users() -> None:
    cells = [*BUILT_IN, *LATER, *OWN[:2]]
    styles = Palette.of(cells).styles
    for field in ("light", "dark", "shape", "dash"):
        assert len({getattr(style, field) for style in styles.values()}) == len(cells)
    assert all(Palette.of([name]).styles[name] == styles[name] for name in LATER)
    # Without them a user's cells look as they did before there were any.
    assert Palette.of(["rnn", OWN[0]]).styles[OWN[0]] == Palette.of(LATER).styles["peephole"]


def test_built_in_colours_can_be_told_apart_in_grey_print() -> None:
    greys = sorted(luminance(style.light) for style in Palette.of(BUILT_IN).styles.values())
    # 1.5 between neighbours is what a laser printer's grey steps keep apart.
    for dark, light in pairwise(greys):
        assert (light + 0.05) / (dark + 0.05) > 1.5


def test_colours_stand_out_from_their_ground() -> None:
    for style in Palette.of([*BUILT_IN, *OWN]).styles.values():
        # 3 is what the accessibility guidelines ask of a mark, 4.5 of a text.
        assert contrast(style.light, PAPER) > 3
        assert contrast(style.dark, NIGHT[PAPER]) > 3
    for text in (INK, SOFT):
        assert contrast(text, PAPER) > 4.5
        assert contrast(NIGHT[text], NIGHT[PAPER]) > 4.5


def test_more_cells_than_styles_are_still_drawn() -> None:
    assert len(Palette.of([f"cell{index}" for index in range(20)]).styles) == 20


def test_a_cell_that_the_palette_was_not_made_for_is_named() -> None:
    with pytest.raises(ValueError, match="lstm") as error:
        Palette.of(["rnn"]).select(["rnn", "lstm"])
    assert str(error.value) == "Palette: has no style for lstm: name it in `of`"


def test_optimisers_look_alike_in_every_chart_and_apart_from_one_another() -> None:
    palette = Palette.of_optimisers(["adam", "lion", "sgd"])
    assert list(palette.styles) == ["sgd", "adam", "lion"]
    styles = Palette.of_optimisers(["sgd", "momentum", "rmsprop", "adam"]).styles
    assert styles["adam"] == palette.styles["adam"]
    for field in ("light", "dark", "shape", "dash"):
        assert len({getattr(style, field) for style in styles.values()}) == 4
    greys = sorted(luminance(style.light) for style in styles.values())
    for dark, light in pairwise(greys):
        assert (light + 0.05) / (dark + 0.05) > 1.5


def test_series_take_their_styles_in_the_order_given() -> None:
    styles = list(Palette.of_series(f"series {index}" for index in range(6)).styles.values())
    for field in ("light", "dark", "shape"):
        assert len({getattr(style, field) for style in styles}) == 6
    assert list(Palette.of_series(["b", "a"]).styles.values()) == styles[:2]


def test_further_colours_stand_out_from_their_ground_and_have_one_for_the_night() -> None:
    optimisers = Palette.of_optimisers(["sgd", "momentum", "rmsprop", "adam"]).styles.values()
    series = Palette.of_series(map(str, range(6))).styles.values()
    for style in (*optimisers, *series):
        assert contrast(style.light, PAPER) > 3
        assert contrast(style.dark, NIGHT[PAPER]) > 3
        assert NIGHT[style.light] == style.dark
