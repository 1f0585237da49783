import io
from dataclasses import replace

from rich.console import Console

from tests.study.made_up import trial_record
from tests.study.running.test_trial import SETTINGS
from unroll.cells.source import find_cell
from unroll.study.running.display import MOST_LINES, Display
from unroll.study.running.trial_job import TrialJob

SOURCE = find_cell("rnn")


def job(seed: int) -> TrialJob:
    settings = replace(SETTINGS, length=10, seed=seed)
    return TrialJob(settings=settings, source=SOURCE, lengths=(10,), parameters=100)


def told(*, terminal: bool, quiet: bool = False) -> str:
    """Return what two trials print, the second of which fails."""
    stream = io.StringIO()
    console = Console(
        file=stream,
        force_terminal=terminal,
        width=80,
        quiet=quiet,
        highlight=False,
        color_system=None,
    )
    jobs = [job(0), job(1)]
    with Display(jobs, quiet=quiet, console=console) as display:
        display.stepped(jobs[0].settings.key, 5)
        display.tick()
        display.finished(jobs[0], trial_record("rnn", 10, 0), 0.25, None)
        failed = replace(
            trial_record("rnn", 10, 1, status="failed"), error="no [bold]luck", steps=0
        )
        display.finished(jobs[1], failed, None, None)
    return stream.getvalue()


def test_plain_lines_where_there_is_no_terminal() -> None:
    first, second = told(terminal=False).splitlines()
    assert first.startswith(
        "[1/2] rnn T=10 seed 0, rmsprop 0.001: accuracy 0.250 after 10 steps (all), 1.5 s; about "
    )
    assert first.endswith(" s left")
    assert second == "[2/2] rnn T=10 seed 1, rmsprop 0.001: failed: no [bold]luck"


def test_a_bar_with_the_time_left_in_a_terminal() -> None:
    text = told(terminal=True)
    assert "1/2 done, about" in text
    assert "[1/2] rnn T=10 seed 0" in text
    assert "[2/2] rnn T=10 seed 1, rmsprop 0.001: failed: no [bold]luck" in text


def test_many_trials_are_told_part_by_part() -> None:
    stream = io.StringIO()
    console = Console(file=stream, width=80, highlight=False, color_system=None)
    jobs = [job(seed) for seed in range(MOST_LINES + 1)]
    settings = replace(SETTINGS, length=30, initialisation="identity:1", trained="readout")
    jobs += [replace(jobs[0], settings=replace(settings, seed=seed)) for seed in range(3)]
    with Display(jobs, quiet=False, console=console) as display:
        for done in jobs:
            display.finished(done, trial_record("rnn", 10, 0), 0.25, None)
    first, second = stream.getvalue().splitlines()
    assert first.startswith("[25/28] rnn T=10, uniform, rmsprop: 25 trials, accuracy 0.250; ")
    assert second == (
        "[28/28] rnn T=30, identity:1, rmsprop, cell frozen: 3 trials, accuracy 0.250"
    )


def test_quiet_tells_nothing() -> None:
    assert told(terminal=False, quiet=True) == ""
    assert told(terminal=True, quiet=True) == ""
