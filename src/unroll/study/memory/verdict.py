"""Whether a network remembers because of what it learned, or because of how it began."""

from unroll.study.memory.series import Series

CONSTRUCTED = "remembered by construction, not learned"
BUILT = "it began as a memory, so this is not called learned"


def judge(trained: Series, control: Series) -> str:
    """Say whether training the recurrence did more than training the readout alone.

    What is learned lies above the last length that the control solves, but only as far as it was
    tested there: it has to have failed where the trained network has not.
    """
    reach, built, failed = trained.last_solved, control.last_solved, control.first_failed
    if trained.is_built and reach is not None and (built or 0) < reach:
        return f"{BUILT}; its control remembers {f'up to T = {built:,}' if built else 'nothing'}"
    if reach is None:
        return CONSTRUCTED if built else "neither remembers anything"
    if built and built >= reach:
        return CONSTRUCTED
    if failed is None or failed > reach:
        known = f"by construction it remembers up to T = {built:,} at least; " if built else ""
        return f"{known}its control was not tested further up to T = {reach:,}"
    if built:
        return f"by construction it remembers up to T = {built:,}; the rest is learned"
    return "what it remembers is learned"


def stuck(series: Series) -> str:
    """Say at which length of its curriculum a network got stuck, if all seeds did."""
    reached = [trial.record.lessons[-1][1] for trial in series.trials if trial.record.lessons]
    if not reached or max(reached) == series.trained_at:
        return ""
    return f" (it never gets past T = {max(reached)} of its curriculum)"
