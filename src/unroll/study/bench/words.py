"""What the bench says before it begins, and how it names things."""

from collections.abc import Sequence

from unroll.study.bench.gradient import why_no_gradient
from unroll.study.bench.settings import (
    BATCH_SIZE,
    BESIDES,
    FEWER_SEEDS,
    SLOW_SECONDS,
    BenchSettings,
)
from unroll.study.bench.widths import INPUT_SIZE, Width
from unroll.study.words import count

MATCHED = {
    "parameters": f"parameters of the cell alone (at D = {INPUT_SIZE})",
    "state": "numbers carried from step to step",
}


def list_intentions(settings: BenchSettings, widths: Sequence[Width]) -> tuple[str, ...]:
    """Say what will be compared, and at which widths."""
    besides = [name for name in BESIDES if name in settings.tasks]
    lines = [
        f"bench: {', '.join(settings.cells)} on {', '.join((*settings.trained, *besides))}",
        f"widths matched by {MATCHED[settings.match]}:",
        *_table(widths, settings.match),
        *_left_out(settings, widths),
    ]
    if settings.trained:
        is_said = settings.seeds > FEWER_SEEDS
        fewer = f" ({FEWER_SEEDS} where one takes over {SLOW_SECONDS:.0f} s)" if is_said else ""
        lines.append(
            f"{count(len(settings.rates), 'rate')} once each, then the best with "
            f"{count(settings.seeds, 'seed')}{fewer}; {settings.budget:,} sequence-steps "
            f"a training, {BATCH_SIZE} sequences a batch, T grows to {settings.longest:,} at most"
        )
    return tuple(lines)


def _left_out(settings: BenchSettings, widths: Sequence[Width]) -> list[str]:
    """Say of which cells the gradient cannot be measured, before anything is."""
    reasons = {
        width.source.spec: why_no_gradient(width.source)
        for width in widths
        if "gradient" in settings.tasks
    }
    return [f"{cell}: no gradient over time: {why}" for cell, why in reasons.items() if why]


def _table(widths: Sequence[Width], match: str) -> list[str]:
    target = widths[0].measure(match)
    name_px = max(len(width.source.spec) for width in widths)
    return [
        f"  {width.source.spec:{name_px}}  {width.hidden_size:>6,} units"
        f"  {width.parameters:>9,} parameters  {width.state:>6,} carried"
        f"  {_off(width.measure(match), target)}".rstrip()
        for width in widths
    ]


def _off(value: int, target: int) -> str:
    """Return how far a count is from the first cell's.

    >>> _off(19_152, 19_200), _off(19_200, 19_200)
    ('-0.2%', '')
    """
    return "" if value == target else f"{100 * (value - target) / target:+.1f}%"
