import sys

import pytest

from tests.report.samples import CELLS, curve_rows, document, figures
from unroll.report.charts import Palette, loss_curves
from unroll.report.extra import MissingExtraError
from unroll.report.page import figure_svg, render


def test_render_without_the_extra_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    render.__globals__["_environment"].cache_clear()
    monkeypatch.setitem(sys.modules, "jinja2", None)
    with pytest.raises(MissingExtraError, match="jinja2") as error:
        render(document())
    assert str(error.value) == (
        "a report needs the package 'jinja2', which is not installed: "
        "pip install 'unroll-lab[report]'"
    )


def test_drawing_without_the_extra_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    figure = figures()[0]
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    with pytest.raises(MissingExtraError, match="'vl_convert'"):
        figure_svg(figure)


def test_charts_without_the_extra_say_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "altair", None)
    with pytest.raises(MissingExtraError, match="'altair'"):
        loss_curves(curve_rows(), palette=Palette.of(CELLS))
