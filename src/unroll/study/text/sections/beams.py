"""Question 2.3: beam search, how it works and when it helps."""

import statistics
from typing import Any

from unroll.report.markup import inert
from unroll.report.section import Column, Equation, Prose, Scalar, Section, Table
from unroll.study.text.sections.words import (
    PART,
    heading,
    quoted,
    shown,
    word_cell,
    write_commands,
)
from unroll.study.text.view import Network, TextView, TrainingView
from unroll.study.words import count, in_cell, join, spread

BEAM_EQUATION = "log p(x_1 … x_n) = Σ_{t=1}^{n} log p(x_t | x_1 … x_{t-1})"
HOW = """Greedy looks one character ahead: it takes the likeliest, and never learns that another \
would have led to a likelier text. A **beam search** of width W keeps W texts at each step. Each \
is continued by every character, all continuations are ranked by the log probability of the whole \
text, and the W best are kept. W = 1 is greedy; W as large as all texts of that length would find \
the likeliest one. With a wider beam the text found is as a rule likelier, but not always: what \
is best after n characters may have been cut off before.

All texts here have the same length, so that log p ranks them. Where texts may end by themselves \
(`--until`), a sum of negative numbers favours the shortest, and log p is divided by the length."""


def beams_section(view: TextView) -> Section | None:
    """Return the answer to 2.3, or None while nothing is written."""
    shown = view.best(lambda training: bool(training.looked("writing")))
    if shown is None:
        return None
    networks = shown.looked("writing")
    return Section(
        number="2.3",
        title=heading("Beam search", view),
        part=PART,
        blocks=(
            Prose(
                role="asked",
                text="How does beam search work, when does it help, and what does it write at "
                "several widths?",
            ),
            Equation(text=BEAM_EQUATION),
            Prose(text=HOW),
            Prose(role="ran", text=_ran(shown, networks)),
            Prose(role="measured", text=_measured(networks)),
            _texts_table(networks[0]),
            _numbers_table(shown, networks),
            *write_commands(view, shown, "2.3", "--beams", str(_widths(networks[0])[-1])),
            Prose(role="follows", text=_follows(networks)),
        ),
    )


def _ran(shown: TrainingView, networks: list[Network]) -> str:
    beams = _beams(networks[0])
    prompts = list(dict.fromkeys(beam["prompt"] for beam in beams))
    return (
        f"**{inert(shown.name)}**, {count(len(networks), 'seed')}: from "
        f"{count(len(prompts), 'beginning')} each, widths {join(_widths(networks[0]))}, "
        f"{len(beams[0]['text'])} characters. Beside it, what the same networks drew at T = 1 "
        "from the first of these beginnings, and how the book goes on."
    )


def _measured(networks: list[Network]) -> str:
    widths = _widths(networks[0])
    narrow, wide = widths[0], widths[-1]
    better = _pairs(networks, narrow, wide)
    gained = [b["log_probability_nats"] - a["log_probability_nats"] for a, b in better]
    likelier = sum(gain > 1e-6 for gain in gained)
    less = [-gain for gain in gained if gain < -1e-6]
    equal = sum(abs(gain) <= 1e-6 for gain in gained)
    same = f", {equal} found the same" if equal else ""
    worse = (
        f" In {len(less)} of them the wider beam found a less likely text, by "
        f"{spread(less, '{:.1f}')} nats: a beam is not monotone in its width, "
        "for what is best in the end may stand behind "
        f"{wide} others on the way and is then cut off, where width {narrow} kept it."
        if less
        else ""
    )
    return (
        f"From width {narrow} to {wide} the text found became likelier in {likelier} of "
        f"{count(len(gained), 'search' if len(gained) == 1 else 'searche')}{same}. Gain in log p "
        f"over all of them: {spread(gained, '{:.1f}').replace('-', '−')} nats."
        f"{worse}"
    )


def _pairs(
    networks: list[Network], narrow: int, wide: int
) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Return what two widths made of the same beginning, of every network."""
    pairs = []
    for network in networks:
        found = {(beam["prompt"], beam["width"]): beam for beam in _beams(network)}
        prompts = dict.fromkeys(beam["prompt"] for beam in _beams(network))
        pairs += [(found[prompt, narrow], found[prompt, wide]) for prompt in prompts]
    return pairs


def _texts_table(network: Network) -> Table:
    beams = _beams(network)
    first = beams[0]["prompt"]
    return Table(
        columns=(
            Column(title="width", numeric=True),
            Column(title="log p, nats", numeric=True),
            Column(title="the best text found", verbatim=True),
        ),
        rows=tuple(
            (
                beam["width"],
                f"{beam['log_probability_nats']:.1f}".replace("-", "−"),
                f"{first}{shown(beam['text'])}",
            )
            for beam in beams
            if beam["prompt"] == first
        ),
        caption=f"After {quoted(first)}, seed {network.seed}. log p of the whole text, without the "
        "beginning, by the network itself.",
    )


def _numbers_table(shown: TrainingView, networks: list[Network]) -> Table:
    rows: list[tuple[Scalar, ...]] = [
        (f"beams, width {width}", *_counted([b for n in networks for b in _of(n, width)]))
        for width in _widths(networks[0])
    ]
    if drawn := _drawn(networks):
        rows.append(("drawn, T = 1", *_counted(drawn)))
    if truths := [t for n in networks if (t := (n.writing or {})["truth"]) is not None]:
        rows.append(("the book", *_counted(truths)))
    return Table(
        columns=(
            Column(title="text"),
            Column(title="texts", numeric=True),
            Column(title="nats a character", numeric=True),
            Column(title="different words", numeric=True),
            Column(title="in a loop", numeric=True),
        ),
        rows=tuple(rows),
        caption=f"How likely, and how repetitive: {inert(shown.name)}, all beginnings and seeds, "
        "median (lowest–highest). Nats a character: −log p over the length. "
        "Different words: as a share of all words of the text, where it has any.",
    )


def _counted(texts: list[dict[str, Any]]) -> tuple[int, str, str, str]:
    return (
        len(texts),
        in_cell([text["nats_per_char"] for text in texts], "{:.2f}"),
        word_cell(texts, "distinct"),
        str(sum(text["loop"] is not None for text in texts)),
    )


def _follows(networks: list[Network]) -> str:
    widths = _widths(networks[0])
    narrow, wide = widths[0], widths[-1]
    found = [beam for network in networks for beam in _of(network, wide)]
    drawn = _drawn(networks)
    likely = _median(found, "nats_per_char")
    parts = []
    if drawn:
        usual = _median(drawn, "nats_per_char")
        way = "likelier" if likely < usual else "no likelier"
        words, is_poorer = _richness(found, drawn)
        parts.append(
            f"At width {wide} a text costs {likely:.2f} nats a character, one drawn at T = 1 "
            f"costs {usual:.2f}: it is {way} by the network's own measure. {words}"
        )
        if likely < usual and is_poorer:
            parts.append(
                "So the likeliest text is not the best one here: nothing in a novel or a manual "
                "asks for the likeliest sentence, and what is likeliest is to say the same again."
            )
        elif likely < usual and is_poorer is not None:
            parts.append("Here the likelier text is not bought with sameness.")
    loops = sum(beam["loop"] is not None for beam in found)
    narrow_loops = sum(
        beam["loop"] is not None for network in networks for beam in _of(network, narrow)
    )
    parts.append(
        f"{loops} of {count(len(found), 'text')} of width {wide} end in a loop, and {narrow_loops} "
        f"of width {narrow}. That beam search helps where there is one right answer to be found, "
        "as in translation, is what the literature reports: it was not measured here."
    )
    return " ".join(parts)


def _richness(found: list[dict[str, Any]], drawn: list[dict[str, Any]]) -> tuple[str, bool | None]:
    """Say whose words differ more, and whether the drawn text's do; None if that cannot be told."""
    same, other = _distinct(found), _distinct(drawn)
    if other is None:
        return "What was drawn has no words to compare with.", None
    if same is None:
        return "It has no words at all, the drawn one has.", True
    is_poorer = round(100 * same) < round(100 * other)
    return (
        f"It has {'fewer' if is_poorer else 'no fewer'} different words ({same:.0%} of its words, "
        f"against {other:.0%}).",
        is_poorer,
    )


def _distinct(texts: list[dict[str, Any]]) -> float | None:
    """Return the median share of different words, of texts that have words; None without any."""
    known: list[float] = [text["distinct"] for text in texts if text["number"]]
    return statistics.median(known) if known else None


def _median(texts: list[dict[str, Any]], name: str) -> float:
    known = [text[name] for text in texts if text[name] is not None]
    return statistics.median(known) if known else float("inf")


def _drawn(networks: list[Network]) -> list[dict[str, Any]]:
    return [
        text
        for network in networks
        for entry in (network.writing or {})["grid"]
        if entry["temperature"] == 1.0
        for text in entry["texts"]
    ]


def _beams(network: Network) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (network.writing or {})["beams"]
    return found


def _of(network: Network, width: int) -> list[dict[str, Any]]:
    return [beam for beam in _beams(network) if beam["width"] == width]


def _widths(network: Network) -> list[int]:
    return sorted({beam["width"] for beam in _beams(network)})
