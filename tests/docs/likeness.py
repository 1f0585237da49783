"""Whether a command prints what its page shows, whatever the numbers."""

import re


def masked(line: str) -> str:
    """Return a line with every number as #, and runs of blanks as one.

    >>> masked("[4/297] rnn T=20: 3 trials, accuracy 0.488 (0.202–0.789)")
    '[#/#] rnn T=#: # trials, accuracy # (#–#)'
    """
    return " ".join(re.sub(r"\d[\d,.]*(e[+-]?\d+)?", "#", line).split())


def missing(shown: tuple[str, ...], printed: str) -> list[str]:
    """Return the shown lines that hold no number and do not occur in what was printed.

    Lines cut short by … and lines of a book (with ⏎) are left out. So is what a model wrote, by
    who calls this.
    """
    occurs = {masked(line) for line in printed.splitlines()}
    fixed = (line for line in shown if not re.search(r"[\d…⏎]", line) and line.strip())
    return [line for line in fixed if masked(line) not in occurs]
