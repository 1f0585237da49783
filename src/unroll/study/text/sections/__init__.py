"""The questions of part 2 answered: asked, ran, measured, follows."""

from collections.abc import Sequence
from dataclasses import replace

from unroll.report.charts import Palette
from unroll.report.section import Section
from unroll.study.text.sections.beams import beams_section
from unroll.study.text.sections.completions import completions_section
from unroll.study.text.sections.copying import copying_section
from unroll.study.text.sections.learning import learning_section
from unroll.study.text.sections.looking_back import looking_back_section
from unroll.study.text.sections.stages import stages_section
from unroll.study.text.sections.temperatures import temperatures_section
from unroll.study.text.view import TextView


def text_sections(views: Sequence[TextView]) -> tuple[Section, ...]:
    """Return every section that can be told from what is recorded, book by book."""
    several = len(views) > 1
    return tuple(
        section
        for index, view in enumerate(views)
        for section in _of_book(replace(view, is_named=several), f"-{index}" if index else "")
    )


def _of_book(view: TextView, suffix: str) -> list[Section]:
    palette = Palette.of_series(view.names)
    sections = (
        learning_section(view, palette, suffix),
        stages_section(view, palette, suffix),
        temperatures_section(view),
        completions_section(view),
        beams_section(view),
        copying_section(view, palette, suffix),
        looking_back_section(view, palette, suffix),
    )
    return [section for section in sections if section is not None]
