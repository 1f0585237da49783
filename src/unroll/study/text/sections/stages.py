"""Question 2.1b: what a network writes at stages of its training, and what changes."""

import statistics
from itertools import pairwise
from typing import Any

from unroll.report.charts import Palette, known_words_by_stage
from unroll.report.markup import inert
from unroll.report.section import Column, Prose, Scalar, Section, Table
from unroll.study.reproduction import with_commands
from unroll.study.text.figure_rows import word_rows
from unroll.study.text.sections.words import PART, heading, study_commands, word_cell
from unroll.study.text.view import Network, TextView, TrainingView
from unroll.study.text.written import LETTERS
from unroll.study.words import count, join, spread

STAGES_SHOWN = 6
"""Stages in the table."""
LEVELS = (0.5, 0.9)
"""Shares of known words whose first stage is told."""


def stages_section(view: TextView, palette: Palette, suffix: str) -> Section | None:
    """Return the answer to 2.1b, or None while nothing is written."""
    written = [training for training in view.trainings if training.looked("writing")]
    shown = view.best(lambda training: bool(training.looked("writing")))
    if not written or shown is None:
        return None
    network = shown.looked("writing")[0]
    rows = word_rows(view)
    held_out = (network.writing or {})["held_out_words"]
    figures = (
        [
            known_words_by_stage(
                rows,
                palette=palette,
                held_out=held_out["known"] if held_out["number"] else None,
                figure_id=f"text-words{suffix}",
            )
        ]
        if rows
        else []
    )
    return Section(
        number="2.1b",
        title=heading("What it writes while it learns", view),
        part=PART,
        blocks=(
            Prose(
                role="asked",
                text="Let the network write at several stages of its training, from a random "
                "first character, texts shorter and longer than T. What changes?",
            ),
            Prose(role="ran", text=_ran(written, shown, network)),
            Prose(role="measured", text="\n\n".join(_growth(training) for training in written)),
            *with_commands(
                [*figures, _samples_table(shown, network)], study_commands(view, "2.1b")
            ),
            Prose(role="follows", text=_follows(shown, network)),
        ),
    )


def _ran(written: list[TrainingView], shown: TrainingView, network: Network) -> str:
    samples = _samples(_stages(network)[-1])
    lengths = [sample["length"] for sample in samples]
    places = join(f"{length} ({_against(length, shown.window)} T)" for length in lengths)
    number = max(stage["number"] for stage in _stages(network))
    return (
        f"Weights are kept at steps spaced evenly in their logarithm, from 0 to the last. At each, "
        "every network writes at temperature 1 from the same first characters, drawn at random "
        f"from the book for its seed: {places} characters for {inert(shown.name)}, whose T is "
        f"{shown.window}. So that what changes is not only shown, each also writes a longer text, "
        f"of up to {number:,} words, whose words are looked up in the text trained on "
        f"({count(sum(len(t.looked('writing')) for t in written), 'network')}). Words are runs of "
        f"letters; those of fewer than {LETTERS} are not looked up, for chance writes them too."
    )


def _against(length: int, window: int) -> str:
    if length == window:
        return "as long as"
    return "shorter than" if length < window else "longer than"


def _growth(training: TrainingView) -> str:
    """Say how the share of known words grows."""
    networks = training.looked("writing")
    firsts = [_stages(network)[0]["known"] for network in networks]
    lasts = [_stages(network)[-1]["known"] for network in networks]
    reached = []
    for level in LEVELS:
        steps = [_first_step(network, level) for network in networks]
        known = [step for step in steps if step is not None]
        if len(known) == len(steps):
            reached.append(f"{level:.0%} by step {statistics.median_low(known):,}")
        elif known:
            reached.append(f"{level:.0%} in {len(known)} of {count(len(steps), 'seed')}")
        else:
            reached.append(f"never {level:.0%}")
            break
    return (
        f"Of the words that **{inert(training.name)}** writes, "
        f"{spread([100 * share for share in firsts], '{:.0f}')}% occur in the book before the "
        f"first step and {spread([100 * share for share in lasts], '{:.0f}')}% after the last: "
        f"{join(reached)}."
    )


def _first_step(network: Network, level: float) -> int | None:
    """Return the first kept step from which on the share stays at a level."""
    found = None
    for stage in reversed(_stages(network)):
        if stage["known"] < level:
            break
        found = stage["step"]
    return found


def _samples_table(shown: TrainingView, network: Network) -> Table:
    stages = _spaced(_stages(network))
    rows: list[tuple[Scalar, ...]] = []
    for stage in stages:
        for index, sample in enumerate(_samples(stage)):
            rows.append(
                (
                    f"{stage['step']:,}" if not index else "",
                    word_cell([stage], "known") if not index else "",
                    sample["length"],
                    f"{sample['first']}{sample['text']}",
                )
            )
    return Table(
        columns=(
            Column(title="step", numeric=True),
            Column(title="known words", numeric=True),
            Column(title="length", numeric=True),
            Column(title="first character, and what the network made of it", verbatim=True),
        ),
        rows=tuple(rows),
        caption=f"Samples by stage: {inert(shown.name)}, seed {network.seed}, temperature 1, the "
        "same first characters at every stage. Known words: share of the words of a longer text, "
        f"of {LETTERS} letters or more, that occur in the book.",
    )


def _follows(shown: TrainingView, network: Network) -> str:
    """Say what changes, by what was counted."""
    stages = _stages(network)
    first, last = stages[0], stages[-1]
    fastest = max(
        pairwise(stages),
        key=lambda pair: pair[1]["known"] - pair[0]["known"],
    )
    held_out = (network.writing or {})["held_out_words"]["known"]
    gain = fastest[1]["known"] - fastest[0]["known"]
    if gain <= 0:
        return (
            f"In this budget the share of known words did not grow ({first['known']:.0%} before, "
            f"{last['known']:.0%} after): the network has not come as far as words."
        )
    side = "below" if last["known"] < held_out else "as high as or above"
    reach = (
        "It writes beyond T from the first stage on: the state goes on however far it was trained, "
        "so that texts longer than T need nothing else."
    )
    return (
        f"In {inert(shown.name)}, seed {network.seed}, the largest change lies between steps "
        f"{fastest[0]['step']:,} and {fastest[1]['step']:,}, where the share of known words goes "
        f"from {fastest[0]['known']:.0%} to {fastest[1]['known']:.0%}. At the end it is "
        f"{last['known']:.0%}, {side} that of held-out text, {held_out:.0%}, whose author also "
        f"uses words that the training part lacks. What stands between the words, sense, is not in "
        f"this number. {reach}"
    )


def _stages(network: Network) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (network.writing or {})["stages"]
    return found


def _samples(stage: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = stage["samples"]
    return found


def _spaced(stages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the first stage and the last ones: at those between, chance writes alike."""
    if len(stages) <= STAGES_SHOWN:
        return stages
    return [stages[0], *stages[1 - STAGES_SHOWN :]]
