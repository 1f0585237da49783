"""Part 2 as one kind of measurement among others."""

from unroll.study.running.kind import Kind
from unroll.study.text.part import TextPart
from unroll.study.text.plan import plan_text
from unroll.study.text.summary import summarise_text, text_overview
from unroll.study.text.view import load_texts, view_text

TEXT = Kind(
    settings=TextPart,
    plan=plan_text,
    view=view_text,
    load=load_texts,
    is_told=lambda view: bool(view.trainings),
    summarise=summarise_text,
    tell=text_overview,
    succeeded=lambda view: bool(view.trainings),
)
