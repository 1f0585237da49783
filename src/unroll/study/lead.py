"""The paragraphs at the head of a report: what came out, one paragraph for each part."""

from unroll.report.section import Part
from unroll.study.ablation.findings import ablation_lead
from unroll.study.bench.told import bench_lead
from unroll.study.graphs.headlines import graph_lead
from unroll.study.memory.blocks import MemoryBlocks
from unroll.study.memory.opening import opening_sentence
from unroll.study.memory.view import MemoryView
from unroll.study.parts import BENCH, GRAPHS, TEXT, THROUGH_TIME
from unroll.study.text.presets import SMOKE_TEXT
from unroll.study.text.summary import presets_asked, text_lead
from unroll.study.views import Views
from unroll.study.words import count, distance, join

_TASKS = {
    "palindrome": "A network reads the digits of a palindrome one by one and has to say the last, "
    "which is the first: the longer the palindrome, the further that digit has to travel.",
    "palindrome-half": "A network reads the digits of a palindrome one by one and has to say each "
    "digit of the second half, which mirrors the first: the longer the palindrome, the more there "
    "is to carry, and the further.",
}

_TOO_SHORT = (
    f"**Too short to mean anything:** the preset `{SMOKE_TEXT.preset}` does everything once, in "
    "seconds, to show that it works. None of its numbers says how well a network can do."
)


def write_lead(views: Views, *, is_running: bool) -> str:
    """Return what came out and what is left to do, marked up.

    Each paragraph begins with the name of its part where there is more than one.
    """
    ablation = ablation_lead(views.ablations, is_running=is_running)
    told: list[tuple[Part, str]] = [
        (THROUGH_TIME, _memory_lead(views) or ablation),
        (TEXT, text_lead(views.texts)),
        (GRAPHS, graph_lead(views.graphs)),
        (BENCH, bench_lead(views.benches)),
    ]
    found = [(part, text) for part, text in told if text]
    paragraphs = [f"**{part.title}.** {text}" if len(found) > 1 else text for part, text in found]
    if SMOKE_TEXT.preset in presets_asked(views.texts):
        paragraphs.insert(0, _TOO_SHORT)
    missing = max((view.missing for view in views.memory), default=0)
    if missing and not is_running:
        paragraphs.append(
            f"**Not finished:** {missing} trials of the last command are missing here; run it "
            "again to go on."
        )
    return "\n\n".join(paragraphs)


def _memory_lead(views: Views) -> str:
    if not views.memory:
        return ""
    view = (*views.plain, *views.memory)[0]
    sentences = [
        _TASKS[view.trials[0].settings.task],
        _horizons(view, views.labels),
        opening_sentence(views.memory, views.labels),
    ]
    return " ".join(sentence for sentence in sentences if sentence)


def _horizons(view: MemoryView, labels: dict[str, str]) -> str:
    """Say how far each cell remembers."""
    horizons = {cell: view.horizon(cell) for cell in view.cells}
    blocks = MemoryBlocks(view=view, labels=labels)
    told = join(f"{blocks.name(cell)} {_how_far(view, cell)}" for cell in horizons)
    seeds = max(len(horizon.readings) for horizon in horizons.values())
    over = f"medians of {count(seeds, 'seed')}" if seeds > 1 else "1 seed"
    recipe = f"recipe `{view.protocol['recipe']}`"
    if all(view.is_built(cell) for cell in view.cells):
        how = f"By initialisation, not by learning ({recipe})"
    else:
        how = f"Trained by {recipe}"
    return f"{how}, it remembers this far: {told} ({over})."


def _how_far(view: MemoryView, cell: str) -> str:
    """Return a cell's horizon in words; where it has none, what was tried."""
    horizon, tried = view.horizon(cell), sorted(view.by_length(cell))
    if horizon.median is not None:
        return f"**{distance(horizon)}**"
    only = "the only length tried" if len(tried) == 1 else f"tried: T = {join(tried)}"
    return f"**not even T = {tried[0]:,}** ({only})"
