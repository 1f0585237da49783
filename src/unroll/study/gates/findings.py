"""What the gates of one trained network do, in sentences that follow from the records."""

import statistics

from unroll.study.gates.plan import CLOSED, KEEP_GATE, MEMORY, OPEN
from unroll.study.gates.tables import ENDLESS, WRITTEN, chance_share, steps_text
from unroll.study.gates.view import GateLook
from unroll.study.memory.view import SOLVED_ACCURACY
from unroll.study.words import count, join

_CLEARLY = 0.05
"""Mean gates count as different from this difference on."""


def name_look(look: GateLook) -> str:
    """Return the name of a network in a sentence."""
    return f"{look.settings.cell.upper()}, seed {look.settings.seed}"


def conclude(look: GateLook) -> str:
    """Say what the gates of one trained network do, from what was measured of it."""
    sentences = [_switching(look)]
    if look.settings.cell == "lstm":
        sentences.append(_shielding(look))
    return " ".join(
        (*sentences, _keeping(look), _rewriting(look), _silencing(look), *_unsolved(look))
    )


def _switching(look: GateLook) -> str:
    """Say whether the gates came to be switches."""
    gates = [gate for gate in ("i", "f", "o", "r", "z") if gate in look.after.gates]
    before, after = (
        statistics.fmean(net.gates[g]["closed"] + net.gates[g]["open"] for g in gates)
        for net in (look.before, look.after)
    )
    way = "more" if after > before else "less" if after < before else "neither more nor less"
    return (
        f"In the trained {name_look(look)}, the gates {join(f'${gate}$' for gate in gates)} are "
        f"{way} like switches than before training: {after:.0%} of their values lie below "
        f"{CLOSED} or above {OPEN}, {before:.0%} did."
    )


def _shielding(look: GateLook) -> str:
    """Say whether the input gate keeps the distractors out."""
    sizes = look.after.gates["i"]["size"]
    first, later = sizes[0], statistics.fmean(sizes[1:])
    if later < first - _CLEARLY:
        text = "is more open at step 1 than afterwards, so that less is written of distractors"
    elif later > first + _CLEARLY:
        text = "does not shut the distractors out; it is more open after step 1 than at it"
    else:
        text = "does not tell the first digit from the distractors on average"
    return f"The input gate {text}: mean {first:.2f} at step 1, {later:.2f} after it."


def _keeping(look: GateLook) -> str:
    """Say what the keep gate alone would leave: 1/e, 37%, where τ is as long as the way."""
    distance, number = look.distance, len(look.after.constants)
    lasting = look.after.lasting(distance)
    most = "most" if 2 * lasting != number else "half of the"
    left = "37% or more" if 2 * lasting > number else "less than 37%"
    keep = KEEP_GATE[look.settings.cell]
    return (
        f"The median time constant is {_constant(look.after.median_constant)} "
        f"({steps_text(look.before.median_constant)} before training), and "
        f"{lasting} of {count(number, 'unit')} reach the T − 2 = {distance} that are needed "
        f"({look.before.lasting(distance)} before): by ${keep}$ alone, {most} units would "
        f"hold {left} of what step 1 wrote."
    )


def _constant(steps: float) -> str:
    """Return a time constant with its unit."""
    text = steps_text(steps)
    return text if text == ENDLESS else f"{text} steps"


def _rewriting(look: GateLook) -> str:
    """Say where the first digit is at the end, and whether it is written again on the way.

    From step 2 on the digit read says nothing of the first: what is written can know the first
    digit only from the state before.
    """
    cell = look.settings.cell
    memory, last = MEMORY[cell], look.settings.length - 1
    knowing = sum(share > 0.5 for share in look.after.digit_share)
    again, read = (look.after.by_step[kind][-1] for kind in ("written_first", "written_read"))
    where = (
        f"At step {last} the first digit explains more than half of the variance of ${memory}$ in "
        f"{knowing} of {count(len(look.after.digit_share), 'unit')}"
    )
    what = (
        f"it explains {again:.0%} of the variance of what that step writes, ${WRITTEN[cell]}$, "
        f"and the digit just read explains {read:.0%}"
    )
    if again > 0.5:
        verdict = "So the digit is still written again then, out of the network's own state"
    elif again > 5 * chance_share(look):
        verdict = "So the digit is in part still written again then, out of the network's own state"
    else:
        verdict = "So the digit is hardly written again by then"
    return f"{where}; {what}. {verdict}."


def _silencing(look: GateLook) -> str:
    """Say whether keeping alone, or writing alone, carries the digit."""
    kept, written = (look.after.silenced(silent, 2) for silent in ("written", "kept"))
    verdict = {
        (True, True): "either alone carries the digit",
        (True, False): "keeping alone carries the digit, writing alone does not solve the length",
        (False, True): "writing alone carries the digit, keeping alone does not solve the length",
        (False, False): "neither alone solves the length",
    }[kept >= SOLVED_ACCURACY, written >= SOLVED_ACCURACY]
    return (
        f"With nothing written from step 2 on it answers {kept:.3f} right, with nothing kept "
        f"from step 2 on {written:.3f}: {verdict}."
    )


def _unsolved(look: GateLook) -> list[str]:
    if look.is_solved:
        return []
    return [f"It has not solved T = {look.settings.length}, so none of this explains how one does."]
