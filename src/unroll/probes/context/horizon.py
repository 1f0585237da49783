"""The largest distance at which context still helps."""

from unroll.probes.context.losses import ContextLosses


def context_horizon(
    losses: ContextLosses, *, least_nats: float = 0.01
) -> tuple[int | None, int | None]:
    """Return the largest k that still helps, and the next tested one: None where there is none.

    k helps when k true characters rather than k/2 lower the loss by at least `least_nats`, and by
    two standard errors of that difference at least, so that chance does not pass for memory.
    For `Reading.last_passed` and `first_failed` of a Horizon in characters.
    """
    last = None
    gains = zip(losses.gain_nats, losses.gain_standard_error, strict=True)
    for n, (gain, error) in enumerate(gains):
        if gain >= max(least_nats, 2 * error):
            last = n
    following = 0 if last is None else last + 1
    return (
        None if last is None else losses.distances[last],
        losses.distances[following] if following < len(losses.distances) else None,
    )
