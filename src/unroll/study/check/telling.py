"""What `unroll check` prints: breaches first, each with its hint, then one line each."""

import textwrap
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from unroll.probes.likeness import find_family
from unroll.probes.rules import Finding
from unroll.report.terminal import terminal_width
from unroll.study.check.settings import CheckSettings
from unroll.study.words import count

_MARKS = {"broken": "✗", "untold": "?", "kept": "✓"}
LIKENESS = "as"
"""The rule of a comparison; it is listed with the rules and not counted among them."""
_NARROWEST, _WIDEST = 60, 120


def summarise(cell: str, settings: CheckSettings, findings: Sequence[Finding]) -> dict[str, Any]:
    """Return what was found under plain names, as `--json` prints it."""
    outcomes = Counter(one.outcome for one in findings if one.rule != LIKENESS)
    return {
        "cell": cell,
        "as": settings.as_,
        "input_size": settings.input_size,
        "hidden_size": settings.hidden_size,
        "seed": settings.seed,
        "kept": outcomes["kept"],
        "broken": outcomes["broken"],
        "untold": outcomes["untold"],
        "likeness": next((one.outcome for one in findings if one.rule == LIKENESS), None),
        "findings": [
            {"rule": one.rule, "outcome": one.outcome, "told": one.told, "hint": one.hint}
            for one in findings
        ],
    }


def tell(cell: str, settings: CheckSettings, findings: Sequence[Finding]) -> str:
    """Return what was found, as wide as the terminal."""
    width = min(max(terminal_width(), _NARROWEST), _WIDEST)
    sizes = f"D = {settings.input_size}, H = {settings.hidden_size}, seed {settings.seed}"
    verdict = _verdict(findings) + _likeness(findings, settings)
    lines = [f"{cell} {verdict} ({sizes})", ""]
    column = max(len(_name(one, settings)) for one in findings) + 2
    for outcome in ("broken", "untold", "kept"):
        among = [one for one in findings if one.outcome == outcome]
        for finding in among if outcome != "untold" else ():
            lines += _lines(finding, settings, column, width)
        for told, rules in _by_reason(among, settings).items() if outcome == "untold" else ():
            lines += _fold(f"{told}: {', '.join(rules)}", "? ", "  ", width)
        if outcome != "kept" and among:
            lines.append("")
    return "\n".join(lines).rstrip()


def _verdict(findings: Sequence[Finding]) -> str:
    outcomes = Counter(one.outcome for one in findings if one.rule != LIKENESS)
    rules = count(outcomes.total(), "rule")
    if outcomes["broken"]:
        return f"breaks {outcomes['broken']} of {rules}"
    return f"breaks none of {rules}" if outcomes["untold"] else f"keeps all {rules}"


def _likeness(findings: Sequence[Finding], settings: CheckSettings) -> str:
    """Return whether the cell is the one that it is compared with, which is no rule."""
    outcomes = [one.outcome for one in findings if one.rule == LIKENESS]
    if not outcomes or settings.as_ is None:
        return ""
    called = find_family(settings.as_).called
    words = {"kept": f"is {called}", "broken": f"is not {called}"}
    return f" and {words.get(outcomes[0], f'could not be compared with {called}')}"


def _name(finding: Finding, settings: CheckSettings) -> str:
    return f"as {settings.as_}" if finding.rule == LIKENESS else finding.rule


def _by_reason(findings: Sequence[Finding], settings: CheckSettings) -> dict[str, list[str]]:
    """Return the rules that could not be tried, by why."""
    reasons: dict[str, list[str]] = {}
    for one in findings:
        reasons.setdefault(one.told, []).append(_name(one, settings))
    return reasons


def _lines(finding: Finding, settings: CheckSettings, column: int, width: int) -> Iterator[str]:
    first = f"{_MARKS[finding.outcome]} {_name(finding, settings):{column}}"
    indent = " " * len(first)
    yield from _fold(finding.told, first, indent, width)
    if finding.hint:
        yield from _fold(finding.hint, f"{indent}→ ", f"{indent}  ", width)


def _fold(text: str, first: str, indent: str, width: int) -> list[str]:
    return textwrap.wrap(
        text,
        width,
        initial_indent=first,
        subsequent_indent=indent,
        break_on_hyphens=False,
        break_long_words=False,
    )
