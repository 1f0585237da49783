"""Question 2.1c: greedy, and temperatures."""

import statistics
from itertools import pairwise
from typing import Any

from unroll.report.markup import inert
from unroll.report.section import Block, Column, Equation, Prose, Section, Table
from unroll.study.text.sections.words import (
    NO_WORDS,
    PART,
    heading,
    quoted,
    word_cell,
    write_commands,
)
from unroll.study.text.sections.words import shown as as_shown
from unroll.study.text.view import Network, TextView, TrainingView
from unroll.study.text.written import LETTERS
from unroll.study.words import count, in_cell, join

TEMPERATURE_EQUATION = """p_i = frac{exp(x_i / T)}{Σ_j exp(x_j / T)}
τ = frac{1}{T}"""
TEXTS_SHOWN = 2
"""Texts at each temperature in the grid."""


def temperatures_section(view: TextView) -> Section | None:
    """Return the answer to 2.1c, or None while nothing is written."""
    shown = view.best(lambda training: bool(training.looked("writing")))
    if shown is None:
        return None
    networks = shown.looked("writing")
    return Section(
        number="2.1c",
        title=heading("Greedy, and how random a text may be", view),
        part=PART,
        blocks=(
            *_asked(),
            Prose(role="ran", text=_ran(shown, networks)),
            Prose(role="measured", text=_measured(networks)),
            _grid(networks[0]),
            _numbers(shown, networks),
            *write_commands(view, shown, "2.1c", "--temperature", "2"),
            Prose(role="follows", text=_follows(networks)),
        ),
    )


def _asked() -> tuple[Block, ...]:
    return (
        Prose(
            role="asked",
            text="Write greedily, taking the likeliest character each time, and by drawing at "
            "temperatures 0.5, 1 and 2. What does the temperature do?",
        ),
        Equation(text=TEMPERATURE_EQUATION),
        Prose(
            text="Scores $x$ are divided by a temperature T: small T makes the likeliest "
            "characters likelier still and ends in greedy, large T ends in drawing all characters "
            "alike. The assignment writes softmax(τ x), where a larger τ is *greedier*; "
            "everything here speaks of T, and the assignment's τ is 1/T: its τ = 0.5, 1 and 2 are "
            "T = 2, 1 and 0.5.",
        ),
    )


def _ran(shown: TrainingView, networks: list[Network]) -> str:
    writing = networks[0].writing or {}
    entry = writing["grid"][-1]
    length = len(entry["texts"][0]["text"])
    return (
        f"**{inert(shown.name)}**, the way of training of the lowest carried loss, "
        f"{count(len(networks), 'seed')}; the best weights of each. All texts go on after the same "
        f"beginning, {quoted(writing['prompt'])}, for {length} characters: one greedily, "
        f"{len(entry['texts'])} at each temperature. Prompts are chosen by a rule: "
        f"{inert(writing['rule'])}."
    )


def _measured(networks: list[Network]) -> str:
    shares = join(
        f"{_percent(_known(networks, temperature))} {_name(temperature)}"
        for temperature in _temperatures(networks[0])
    )
    return (
        f"Words of {LETTERS} letters or more that occur in the book: {shares} (medians). "
        f"{_loops(networks)}"
    )


def _known(networks: list[Network], temperature: float) -> float | None:
    """Return the median share of words of the book, of texts that have words; None without any."""
    texts = [text for network in networks for text in _texts(network, temperature)]
    shares: list[float] = [text["known"] for text in texts if text["number"]]
    return statistics.median(shares) if shares else None


def _percent(share: float | None) -> str:
    return NO_WORDS if share is None else f"{share:.0%}"


def _loops(networks: list[Network]) -> str:
    """Say whether greedy texts run into a loop."""
    texts = [text for network in networks for text in _texts(network, 0.0)]
    loops = [(text, text["loop"]) for text in texts if text["loop"] is not None]
    if not loops:
        return (
            f"None of the {count(len(texts), 'greedy text')} ends in a loop within its "
            f"{len(texts[0]['text'])} characters."
        )
    text, loop = loops[0]
    passage = text["text"][loop["start"] : loop["start"] + loop["period"]]
    drawn = [
        one
        for network in networks
        for temperature in _temperatures(network)
        if temperature
        for one in _texts(network, temperature)
    ]
    drawn_loops = sum(one["loop"] is not None for one in drawn)
    return (
        f"{len(loops)} of {count(len(texts), 'greedy text')} "
        f"{'ends' if len(loops) == 1 else 'end'} in a loop; the first, from character "
        f"{loop['start'] + 1} on, repeats {quoted(passage)} without end. Of "
        f"{count(len(drawn), 'drawn text')}, {drawn_loops} "
        f"{'does' if drawn_loops == 1 else 'do'}."
    )


def _grid(network: Network) -> Table:
    writing = network.writing or {}
    prompt = writing["prompt"]
    rows = [
        (_short_name(entry["temperature"]), f"{prompt}{as_shown(text['text'])}")
        for entry in writing["grid"]
        for text in entry["texts"][:TEXTS_SHOWN]
    ]
    if writing["truth"] is not None:
        rows.append(("the book", f"{prompt}{writing['truth']['text']}"))
    return Table(
        columns=(Column(title="T"), Column(title="text, the beginning given", verbatim=True)),
        rows=tuple(rows),
        caption=f"One beginning at every temperature, seed {network.seed}"
        + (", and how the book itself goes on." if writing["truth"] else "."),
    )


def _numbers(shown: TrainingView, networks: list[Network]) -> Table:
    rows = [
        (_short_name(temperature), *_counted(
            [text for network in networks for text in _texts(network, temperature)]
        ))
        for temperature in _temperatures(networks[0])
    ]  # fmt: skip
    truths = [t for n in networks if (t := (n.writing or {})["truth"]) is not None]
    if truths:
        rows.append(("the book", *_counted(truths)))
    return Table(
        columns=(
            Column(title="T"),
            Column(title="words of the book", numeric=True),
            Column(title="different words", numeric=True),
            Column(title="−log p, nats a character", numeric=True),
            Column(title="texts in a loop", numeric=True),
        ),
        rows=tuple(rows),
        caption=f"What was written by {inert(shown.name)}, median (lowest–highest) over texts and "
        f"{count(len(networks), 'seed')}. Words of the book: of those of {LETTERS} letters or "
        "more. −log p is the network's own, at T = 1, whatever temperature the text was drawn at.",
    )


def _counted(texts: list[dict[str, Any]]) -> tuple[str, str, str, str]:
    loops = sum(text["loop"] is not None for text in texts)
    return (
        word_cell(texts, "known"),
        word_cell(texts, "distinct"),
        in_cell([text["nats_per_char"] for text in texts], "{:.2f}"),
        f"{loops} of {len(texts)}",
    )


def _follows(networks: list[Network]) -> str:
    drawn = [temperature for temperature in _temperatures(networks[0]) if temperature]
    return (
        f"{_trend(networks, drawn)}{_sameness(networks, drawn)}A text at T = 1 is drawn as the "
        f"network takes the book to be; {_beside_book(networks)}no author always takes the "
        "likeliest next character."
    )


def _beside_book(networks: list[Network]) -> str:
    """Say whether greedy is likelier than the book, by the networks; nothing without both."""
    greedy = [text for network in networks for text in _texts(network, 0.0)]
    book = [t for n in networks if (t := (n.writing or {})["truth"]) is not None]
    ours, its = (
        [text["nats_per_char"] for text in texts if text["nats_per_char"] is not None]
        for texts in (greedy, book)
    )
    if not (ours and its):
        return ""
    mine, other = statistics.median(ours), statistics.median(its)
    way = "likelier" if round(mine, 2) < round(other, 2) else "no likelier"
    return (
        f"greedy is {way} than the book by its measure ({mine:.2f} against {other:.2f} nats a "
        "character): "
    )


def _trend(networks: list[Network], drawn: list[float]) -> str:
    """Say how words go with the temperature, as far as the shares told differ."""
    shares = [share for t in drawn if (share := _known(networks, t)) is not None]
    told = [round(100 * share) for share in shares]
    if len(told) < 2:
        return ""
    if len({*told}) == 1:
        return f"The share of words of the book is {told[0]}% at every temperature here. "
    if all(low > high for low, high in pairwise(told)):
        return "The higher the temperature, the fewer words are words. "
    return "The share of words of the book does not fall steadily with the temperature here. "


def _sameness(networks: list[Network], drawn: list[float]) -> str:
    """Say whether greedy repeats itself; nothing where a text has no words."""
    usual = 1.0 if 1.0 in drawn else drawn[-1]
    greedy, others = (
        [text for network in networks for text in _texts(network, temperature)]
        for temperature in (0.0, usual)
    )
    if not all(text["number"] for text in (*greedy, *others)):
        return ""
    same, other = (
        statistics.median(text["distinct"] for text in texts) for texts in (greedy, others)
    )
    if same < other:
        return (
            f"Greedy pays for its safety with sameness: {same:.0%} of its words differ, against "
            f"{other:.0%} at T = {usual:g}. "
        )
    return (
        f"Greedy is not more repetitive here: {same:.0%} of its words differ, against {other:.0%} "
        f"at T = {usual:g}. "
    )


def _temperatures(network: Network) -> list[float]:
    return [entry["temperature"] for entry in (network.writing or {})["grid"]]


def _texts(network: Network, temperature: float) -> list[dict[str, Any]]:
    grid = (network.writing or {})["grid"]
    return [t for entry in grid if entry["temperature"] == temperature for t in entry["texts"]]


def _name(temperature: float) -> str:
    return f"at T = {temperature:g}" if temperature else "greedily"


def _short_name(temperature: float) -> str:
    return f"{temperature:g}" if temperature else "greedy"
