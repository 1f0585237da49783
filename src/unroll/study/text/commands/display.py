"""How a training goes on, told on standard error: a live picture in a terminal, lines elsewhere."""

import math
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from rich.console import Console, Group
from rich.live import Live
from rich.markup import escape
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from unroll.models.character_model import CharacterModel
from unroll.report.terminal import standard_error
from unroll.study.running.display import format_duration
from unroll.study.text.commands.introduce import introduce
from unroll.study.text.commands.sparkline import sparkline
from unroll.study.text.commands.stage_samples import StageSample, read_samples
from unroll.study.text.commands.units import bits
from unroll.training.characters.evaluation import Figures
from unroll.training.characters.history import History
from unroll.training.characters.run import Run
from unroll.training.characters.watcher import Point

REDRAW_SECONDS = 0.2
LINE_SECONDS = 5.0
"""Where there is no terminal, lines come no more often than this."""
_CURVE_WIDTH = 24
_LABEL_WIDTH = 8


class TrainingDisplay:
    """Watches a training for a person; `quiet` tells nothing.

    The time left is that of the steps still to be taken, at the mean pace so far.
    """

    def __init__(
        self,
        *,
        quiet: bool,
        console: Console | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._console = console or standard_error(quiet=quiet)
        self._is_live = self._console.is_terminal and not quiet
        self._clock = clock
        self._live: Live | None = None
        self._run: Run | None = None
        self._origin: tuple[int, float] | None = None
        self._step = 0
        self._drawn = self._told = float("-inf")
        self._losses: list[float] = []
        self._point: Point | None = None
        self._tuning: Figures | None = None
        self._sample: StageSample | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop()

    @property
    def step(self) -> int:
        """How many steps were taken, as far as is known here."""
        return self._step

    @property
    def steps(self) -> int | None:
        """How many there will be; None before it is decided."""
        return self._run.steps if self._run else None

    def say(self, text: str) -> None:
        """Print a line of its own."""
        self._console.print(escape(text), soft_wrap=not self._is_live)

    def started(self, run: Run) -> None:
        """Say what is trained, and on what."""
        self._run = run
        self._introduce(run)
        for kept in read_samples(run)[-1:]:
            self._sample = StageSample(step=kept["step"], **kept["samples"][-1])
        if self._is_live:
            self._live = Live(
                self._picture(), console=self._console, auto_refresh=False, transient=True
            )
            self._live.start()

    def resumed(self, history: History) -> None:
        """Take in what came of the sittings before this one."""
        self._step = history.step
        points = [point for point in history.curve if point["training_nats"] is not None]
        self._losses = [point["training_nats"] for point in points]
        for point in points[-1:]:
            # The pace of another sitting is not this one's.
            self._point = Point(point["training_nats"], point["training_accuracy"], math.nan)
        for point in [point for point in points if point["tuning_nats"] is not None][-1:]:
            self._tuning = Figures(
                loss_nats=point["tuning_nats"], accuracy=point["tuning_accuracy"], predictions=0
            )
        if self._live is None and self._step:
            self.say(f"goes on from step {self._step:,}")
        self._redraw(self._clock())

    def stepped(self, step: int, point: Point) -> None:
        """Take in how training goes."""
        now = self._clock()
        self._origin = self._origin or (step, now)
        self._step, self._point = step, point
        self._losses.append(point.loss_nats)
        self._redraw(now)

    def evaluated(self, step: int, training: Point, tuning: Figures) -> None:
        """Take in how well held-out text is predicted."""
        self._step, self._point, self._tuning = step, training, tuning
        now = self._clock()
        if self._live is None and now - self._told >= LINE_SECONDS:
            self._told = now
            self.say(self._line())
        self._redraw(now)

    def on_stage(self, step: int, model: CharacterModel) -> None:
        """Do nothing: what was written at a stage comes by `sampled`."""

    def sampled(self, sample: StageSample) -> None:
        """Take in what the model writes by now."""
        self._sample = sample
        if self._live is None:
            self.say(f"writes by step {sample.step:,}: {_in_one_line(sample.first + sample.text)}")
        self._redraw(self._clock())

    def saved(self, path: Path) -> None:
        """Do nothing: a save is no news."""

    def noted(self, text: str) -> None:
        """Print a note."""
        self.say(f"note: {text}")

    def finished(self, result: dict[str, Any]) -> None:  # noqa: ARG002 - told by the summary
        """End the picture."""
        self._stop()

    def interrupted(self, advice: str) -> None:
        """Say how far it came, and how to go on."""
        self._stop()
        where = f" at step {self._step:,} of {self.steps:,}" if self.steps else ""
        self.say(f"interrupted{where}; {advice}")

    def _introduce(self, run: Run) -> None:
        lines = introduce(run)
        if not self._is_live:
            for name, told in lines.items():
                for number, line in enumerate(told):
                    self.say(f"{'' if number else name:{_LABEL_WIDTH}}  {line}")
            return
        table = Table.grid(padding=(0, 2))
        table.add_column(style="bold", no_wrap=True, min_width=_LABEL_WIDTH)
        table.add_column(overflow="fold")
        for name, told in lines.items():
            table.add_row(name, escape("\n".join(told)))
        self._console.print(table)
        self._console.print()

    def _stop(self) -> None:
        if self._live:
            # What is drawn last is taken away line by line, and Ctrl-C's own ^C has moved a line.
            self._live.update(Text(""), refresh=True)
            self._live.stop()
            self._live = None

    def _redraw(self, now: float) -> None:
        if self._live and now - self._drawn >= REDRAW_SECONDS:
            self._drawn = now
            self._live.update(self._picture(), refresh=True)

    def _picture(self) -> Group:
        steps = self.steps or 1
        bar = Table.grid(padding=(0, 1))
        bar.add_row(
            ProgressBar(total=steps, completed=self._step, width=_CURVE_WIDTH),
            f"{self._step:,} of {steps:,} steps, {self._time_left()}",
        )
        rows = Table.grid(padding=(0, 2))
        rows.add_column(style="bold", no_wrap=True, min_width=_LABEL_WIDTH)
        rows.add_column(no_wrap=True, overflow="ellipsis")
        rows.add_row("", "")
        if self._point:
            # The fall of the first steps would flatten all that comes after it.
            curve = sparkline(self._losses[len(self._losses) // 5 :], _CURVE_WIDTH)
            rows.add_row("loss", f"{_figures(self._point)}  {curve}")
            rows.add_row("held out", _figures(self._tuning) if self._tuning else "not yet read")
            rows.add_row("pace", _pace(self._point))
        if self._sample:
            text = _in_one_line(self._sample.first + self._sample.text)
            rows.add_row("writes", Text(text, style="italic"))
            rows.add_row("", Text(f"at step {self._sample.step:,}", style="dim"))
        return Group(bar, rows)

    def _line(self) -> str:
        told = [f"step {self._step:,} of {self.steps or 0:,}"]
        if self._point:
            told.append(f"loss {_figures(self._point)}")
        if self._tuning:
            told.append(f"held out {_figures(self._tuning)}")
        if self._point:
            told.append(_pace(self._point))
        return "; ".join([*told, self._time_left()])

    def _time_left(self) -> str:
        if self._step == self.steps:
            return "reading the validation text"
        if self._origin is None or self._step <= self._origin[0]:
            return "getting ready"
        first, start = self._origin
        pace = (self._clock() - start) / (self._step - first)
        return f"{format_duration(pace * ((self.steps or 0) - self._step))} left"


def _pace(point: Point) -> str:
    speed = point.characters_per_second
    return "not yet known" if math.isnan(speed) else f"{speed:,.0f} characters/s"


def _figures(figures: Point | Figures) -> str:
    """Return a loss in both units, and the accuracy."""
    return (
        f"{figures.loss_nats:.3f} nats, {bits(figures.loss_nats):.2f} bits, "
        f"accuracy {figures.accuracy:.2f}"
    )


def _in_one_line(text: str) -> str:
    return " ".join(text.replace("\n", " ⏎ ").split())
