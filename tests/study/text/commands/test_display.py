"""What is told while a book is learned: in a terminal, elsewhere, and when nobody wants to know."""

import io

import pytest
from rich.console import Console

from unroll.study.text.commands.display import LINE_SECONDS, TrainingDisplay
from unroll.study.text.commands.stage_samples import StageSample
from unroll.training.characters.evaluation import Figures
from unroll.training.characters.history import History
from unroll.training.characters.run import Run
from unroll.training.characters.watcher import Point


class Clock:
    """A second for each time it is asked."""

    def __init__(self, step: float = 1.0) -> None:
        self.now, self.step = 0.0, step

    def __call__(self) -> float:
        self.now += self.step
        return self.now


def follow(run: Run, console: Console, *, quiet: bool = False, seconds: float = 1.0) -> str:
    """Tell a display of a training, and return all that it printed."""
    with TrainingDisplay(quiet=quiet, console=console, clock=Clock(seconds)) as display:
        display.started(run)
        display.noted("one [note]")
        display.sampled(StageSample(0, "T", 20, "he king\n\n sat   by"))
        for step in range(30, 300, 30):
            display.stepped(step, Point(3.0 / step, 0.5, 1234.5))
        display.evaluated(
            270, Point(1.5, 0.51, 1234.5), Figures(loss_nats=1.75, accuracy=0.49, predictions=100)
        )
        display.interrupted("so it goes on")
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def terminal(width: int) -> Console:
    return Console(
        file=io.StringIO(), force_terminal=True, width=width, color_system=None, highlight=False
    )


@pytest.mark.parametrize("width", [80, 160])
def test_a_terminal_shows_a_picture_that_fits(run: Run, width: int) -> None:
    told = follow(run, terminal(width))
    lines = [line.split("\x1b")[0] for line in told.replace("\r", "\n").splitlines()]
    assert max(map(len, lines)) <= width
    picture = told[told.rindex("held out") - 400 :]
    assert "270 of 300 steps, " in picture
    assert "1.500 nats, 2.16 bits, accuracy 0.51" in picture
    assert "1.750 nats, 2.52 bits, accuracy 0.49" in picture
    assert "1,234 characters/s" in picture
    assert "The king ⏎ ⏎ sat by" in picture
    assert "note: one [note]" in told


def test_the_time_left_is_that_of_the_steps_still_to_come(run: Run) -> None:
    display = TrainingDisplay(
        quiet=False, console=Console(file=io.StringIO(), width=80), clock=Clock(10.0)
    )
    display.started(run)
    display.stepped(100, Point(1.0, 0.5, 1.0))
    # At 10 s: 100 steps. At 20 s, 200; told at 30 s: 20 s for 100 steps, and 100 are left.
    display.evaluated(
        200, Point(1.0, 0.5, 1.0), Figures(loss_nats=1.0, accuracy=0.5, predictions=1)
    )
    assert isinstance(display._console.file, io.StringIO)
    assert "20 s left" in display._console.file.getvalue()


def test_a_run_that_goes_on_shows_what_came_of_it_so_far(run: Run) -> None:
    history = History(step=60)
    for step, loss in ((30, 2.5), (60, 2.0)):
        history.step = step
        history.add_point(loss, 0.25, 0.01)
    history.add_look(Figures(loss_nats=2.25, accuracy=0.375, predictions=9), None)
    console = terminal(80)
    with TrainingDisplay(quiet=False, console=console, clock=Clock()) as display:
        display.started(run)
        display.resumed(history)
        picture = console.file.getvalue()  # type: ignore[attr-defined]
    assert "60 of 300 steps, getting ready" in picture
    assert "2.000 nats, 2.89 bits, accuracy 0.25  █▁" in picture
    assert "2.250 nats, 3.25 bits, accuracy 0.38" in picture
    assert "not yet known" in picture
    console = Console(file=io.StringIO(), width=80)
    display = TrainingDisplay(quiet=False, console=console)
    display.resumed(history)
    assert console.file.getvalue() == "goes on from step 60\n"  # type: ignore[attr-defined]


def test_elsewhere_there_are_lines_and_not_too_many(run: Run) -> None:
    console = Console(file=io.StringIO(), width=80)
    told = follow(run, console)
    assert "\x1b" not in told
    assert "book      tales: " in told
    assert "writes by step 0: The king ⏎ ⏎ sat by\n" in told
    assert told.count("held out 1.750 nats, 2.52 bits, accuracy 0.49") == 1
    assert told.endswith("interrupted at step 270 of 300; so it goes on\n")
    display = TrainingDisplay(quiet=False, console=console, clock=Clock(LINE_SECONDS / 10))
    display.started(run)
    before = len(console.file.getvalue().splitlines())  # type: ignore[attr-defined]
    figures = Figures(loss_nats=1.0, accuracy=0.5, predictions=1)
    for step in range(1, 31):
        display.evaluated(step, Point(1.0, 0.5, 1.0), figures)
    after = len(console.file.getvalue().splitlines())  # type: ignore[attr-defined]
    assert after - before <= 8


def test_quiet_tells_nothing(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    with TrainingDisplay(quiet=True) as display:
        display.started(run)
        display.noted("a note")
        display.sampled(StageSample(0, "T", 20, "he king"))
        display.finished({})
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "")
