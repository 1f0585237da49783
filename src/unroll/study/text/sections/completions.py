"""Question 2.2: sentences completed."""

import shlex

from unroll.report.markup import inert
from unroll.report.section import Column, Command, Prose, Section, Table
from unroll.study.text.prompts import CLASSIC
from unroll.study.text.sections.words import PART, heading
from unroll.study.text.sections.words import shown as as_shown
from unroll.study.text.view import TextView, TrainingView
from unroll.study.words import count, join

SHOWN = 200
"""Characters of a completion in the table; more of the book would say no more of the network."""


def completions_section(view: TextView) -> Section | None:
    """Return the answer to 2.2, or None while nothing is written."""
    shown = view.best(lambda training: bool(training.looked("writing")))
    if shown is None:
        return None
    network = shown.looked("writing")[0]
    writing = network.writing or {}
    completions = writing["completions"]
    has_classic = any(one["prompt"] == CLASSIC for one in completions)
    told = (
        f"The assignment's own, “{CLASSIC}”, is among them."
        if has_classic
        else f"The assignment's own, “{CLASSIC}”, is not among them: {_lacking(view, shown)} does "
        "not have all of its words, and what follows would say more of that than of the network."
    )
    prompt = completions[0]["prompt"]
    words = ["unroll", "text", "write", shown.directory, "--prompt", prompt, "--temperature", "0.5"]
    return Section(
        number="2.2",
        title=heading("A sentence to complete", view),
        part=PART,
        blocks=(
            Prose(
                role="asked",
                text="Complete a sentence that is given, to any length, from the command line.",
            ),
            Prose(
                role="ran",
                text=f"**{inert(shown.name)}**, seed {network.seed}, reads "
                f"{count(len(completions), 'beginning')} and goes on at T = 0.5 for "
                f"{len(completions[0]['text'])} characters. {_taken(view, shown)}{told} Beginnings "
                f"are chosen by a rule: {inert(writing['rule'])}. "
                "The network never read these sentences.",
            ),
            Command(text=shown.command, label="Train such a network"),
            Command(text=shlex.join(words), label="Let it complete a sentence of yours"),
            Prose(role="measured", text=_overlap(completions)),
            Table(
                columns=(
                    Column(title="beginning"),
                    Column(title="the network", verbatim=True),
                    Column(title="the book", verbatim=True),
                ),
                rows=tuple(
                    (one["prompt"], _cut(one["text"]), _cut(one["truth"]) or None)
                    for one in completions
                ),
                caption="Each beginning completed by the network, and by the book itself"
                f"{_shortened(completions)}.",
            ),
            Prose(role="follows", text=_follows(completions)),
        ),
    )


def _taken(view: TextView, shown: TrainingView) -> str:
    """Say how much of the book was taken, where it is not all."""
    whole = view.book["characters"]
    if shown.characters == whole:
        return ""
    return f"Of the book's {whole:,} characters only the first {shown.characters:,} were taken. "


def _lacking(view: TextView, shown: TrainingView) -> str:
    """Name what the network was trained on: a word that stands elsewhere is new to it."""
    part = "the book" if shown.characters == view.book["characters"] else "the part taken"
    size = shown.networks[0].trained["splits"]["training"]
    return f"what was trained on of {part}, its first {size:,} characters,"


def _shortened(completions: list[dict[str, str]]) -> str:
    """Say how many characters are shown, where any text is longer."""
    longest = max(len(one[of].rstrip()) for one in completions for of in ("text", "truth"))
    return f"; the first {SHOWN} characters" if longest > SHOWN else ""


def _cut(text: str) -> str:
    is_whole = len(text.rstrip()) <= SHOWN
    return as_shown(text) if is_whole else f"{text[:SHOWN].rstrip()} …"


def _agreeing(completions: list[dict[str, str]]) -> list[int]:
    """Return how many characters each completion shares with the book before they part."""
    found = []
    for one in completions:
        if one["truth"]:
            pairs = zip(one["text"], one["truth"], strict=False)
            found.append(next((n for n, (a, b) in enumerate(pairs) if a != b), len(one["truth"])))
    return found


def _overlap(completions: list[dict[str, str]]) -> str:
    agreeing = _agreeing(completions)
    if not agreeing:
        return "None of the beginnings is the book's, so that there is nothing to compare with."
    if not any(agreeing):
        return "Network and book part at the first character after each beginning."
    return (
        f"Before they part, network and book have {join(agreeing)} characters in common, in the "
        "order of the table."
    )


def _follows(completions: list[dict[str, str]]) -> str:
    agreeing = _agreeing(completions)
    own = (
        "None of the completions is the book's: the network goes on in its own words"
        if all(number < len(completions[0]["text"]) for number in agreeing)
        else "A completion is the book's to the last character, though the network never read it"
    )
    return (
        f"{own}. Any prompt and any length will do; a character that the book lacks is read as "
        "the unknown symbol, and the command says so."
    )
